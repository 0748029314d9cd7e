package codec

import (
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
)

// maxDepth is how many levels an attribute's value may have: a scalar has one, a list of scalars two (DynamoDB guide,
// "Constraints: Attributes").
const maxDepth = 32

// maxHops bounds pointers that lead to pointers, so that a cycle of them is an error.
const maxHops = 256

// encoder is the state of one Encode.
type encoder struct {
	depth int // level of the value being encoded; an attribute's is 1
	hops  int
}

var errTooDeep = marshalFailure("nested deeper than 32 levels, or in a cycle", nil)

func null() types.AttributeValue { return &types.AttributeValueMemberNULL{Value: true} }

// encode returns the attribute value of v, nil if the attribute is omitted. It obeys the options for zero values and then
// follows one pointer or interface: a pointer to zero is not a zero value.
func (n *node) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	zero, nullable := isZero(v)
	switch {
	case zero && n.options&omitEmpty != 0:
		return nil, nil
	case e.depth > maxDepth:
		return nil, errTooDeep
	case zero && (nullable || n.options&nullEmpty != 0):
		return null(), nil
	}
	switch n.shape {
	case shapePointer:
		return n.elem.encodeBody(e, v.Elem())
	case shapeAny:
		return n.encodeHeld(e, v.Elem())
	}
	return n.encodeBody(e, v)
}

// isZero tells a zero value in attributevalue's sense, where structs and arrays are never zero, and whether it is one of the
// nils that become NULL.
func isZero(v reflect.Value) (zero, nullable bool) {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Interface, reflect.Pointer:
		isNil := v.IsNil()
		return isNil, isNil
	case reflect.String, reflect.Array:
		return v.Len() == 0, false
	case reflect.Struct:
		return false, false
	}
	return v.IsZero() || v.CanFloat() && v.Float() == 0, false // -0 is zero, too
}

// encodeHeld encodes what an interface holds.
func (n *node) encodeHeld(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	held, err := nodeOf(v.Type(), n.options)
	if err != nil {
		return nil, marshalFailure(err.Error(), nil)
	}
	return held.encodeBody(e, v)
}

// encodeBody encodes v whatever its zero-ness: by the type's own Marshaler, else by its shape.
func (n *node) encodeBody(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if n.marshals != noMethod {
		av, err := n.encodeCustom(e, v)
		if av != nil || err != nil {
			return av, err
		}
	}
	if n.broken != nil {
		return nil, marshalFailure(n.broken.Error(), nil)
	}
	switch n.shape {
	case shapeString:
		return &types.AttributeValueMemberS{Value: v.String()}, nil
	case shapeInt:
		return n.numeral(strconv.FormatInt(v.Int(), 10)), nil
	case shapeUint:
		return n.numeral(strconv.FormatUint(v.Uint(), 10)), nil
	case shapeFloat:
		return n.encodeFloat(v.Float())
	case shapeNumber:
		return n.encodeNumber(v.String())
	case shapeBool:
		return &types.AttributeValueMemberBOOL{Value: v.Bool()}, nil
	case shapeTime:
		return n.encodeTime(timeOf(v))
	case shapeBytes, shapeByteArray:
		return &types.AttributeValueMemberB{Value: copyBytes(v)}, nil
	case shapeSlice, shapeArray:
		return n.encodeSlice(e, v)
	case shapeMap:
		return n.encodeMap(e, v)
	case shapeStruct:
		e.depth++
		m, err := n.encodeStruct(e, v)
		e.depth--
		if err != nil {
			return nil, err
		}
		return &types.AttributeValueMemberM{Value: m}, nil
	case shapePointer:
		return n.encodePointee(e, v)
	case shapeAny: // behind a pointer; attributevalue drops it
		return n.encode(e, v)
	case shapeRaw:
		return n.encodeRaw(e, v)
	}
	return nil, marshalFailure("DynamoDB has no type for "+n.typ.String(), nil)
}

// encodeCustom asks the type's own Marshaler; nil without an error leaves the value to its shape.
func (n *node) encodeCustom(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	switch {
	case n.typ.Kind() != reflect.Pointer && n.typ.Name() != "" && v.CanAddr():
		v = v.Addr()
	case n.marshals == addrMethod:
		return nil, nil
	case v.Kind() == reflect.Pointer && v.IsNil():
		return null(), nil // the method may want a value
	}
	av, err := v.Interface().(attributevalue.Marshaler).MarshalDynamoDBAttributeValue()
	if err != nil {
		return nil, customFailure("MarshalDynamoDBAttributeValue", n.typ, err)
	}
	if av == nil {
		return nil, nil
	}
	return av, checkRaw(av, e.depth)
}

// encodePointee encodes what the second of two pointers points to. As in attributevalue, it is asked anew whether that is zero.
func (n *node) encodePointee(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if v.IsNil() {
		if n.options&omitEmpty != 0 && n.options&omitEmptyElem != 0 {
			return nil, nil
		}
		return null(), nil
	}
	if e.hops++; e.hops > maxHops {
		return nil, marshalFailure("pointers lead in a cycle", nil)
	}
	defer func() { e.hops-- }()
	return n.elem.encode(e, v.Elem())
}

// numeral is a number, or a string if the option says so.
func (n *node) numeral(text string) types.AttributeValue {
	if n.options&asString != 0 {
		return &types.AttributeValueMemberS{Value: text}
	}
	return &types.AttributeValueMemberN{Value: text}
}

func (n *node) encodeFloat(f float64) (types.AttributeValue, error) {
	if n.options&asString == 0 {
		if size := math.Abs(f); !(size < 1e126) || size != 0 && size < 1e-130 {
			return nil, marshalFailure("a float that DynamoDB's numbers do not reach", nil)
		}
	}
	bits := 64
	if n.typ.Kind() == reflect.Float32 {
		bits = 32
	}
	return n.numeral(strconv.FormatFloat(f, 'f', -1, bits)), nil
}

func (n *node) encodeNumber(text string) (types.AttributeValue, error) {
	if n.options&asString == 0 {
		if _, err := number.Parse(text); err != nil {
			return nil, marshalFailure("text that is not one of DynamoDB's numbers", nil)
		}
	}
	return n.numeral(text), nil
}

func (n *node) encodeTime(t time.Time) (types.AttributeValue, error) {
	if n.options&unixTime != 0 {
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(t.Unix(), 10)}, nil
	}
	if year := t.Year(); year < 0 || year > 9999 {
		return nil, marshalFailure("a time whose year RFC 3339 cannot write", nil)
	}
	return &types.AttributeValueMemberS{Value: t.Format(time.RFC3339Nano)}, nil
}

// timeOf is the time of a value of a type made of time.Time.
func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() && v.Type() == timeType {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Convert(timeType).Interface().(time.Time)
}

// copyBytes copies a slice or array of bytes, of a named byte type, too.
func copyBytes(v reflect.Value) []byte {
	b := make([]byte, v.Len())
	if v.Kind() == reflect.Slice {
		copy(b, v.Bytes())
		return b
	}
	if v.CanAddr() {
		copy(b, v.Bytes())
		return b
	}
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	return b
}

func (n *node) encodeMap(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	e.depth++
	defer func() { e.depth-- }()
	m := make(map[string]types.AttributeValue, v.Len())
	for entry := v.MapRange(); entry.Next(); {
		name, err := n.key.encode(entry.Key())
		if err != nil {
			return nil, err
		}
		if _, taken := m[name]; taken {
			return nil, at(name, marshalFailure("two map keys have this name", nil))
		}
		elem, err := n.encodeElem(e, entry.Value())
		if err != nil {
			return nil, at(name, err)
		}
		if elem != nil {
			m[name] = elem
		}
	}
	return &types.AttributeValueMemberM{Value: m}, nil
}

// encodeElem encodes an element of a list or map. A nil types.AttributeValue there is a mistake, unlike one that is a field.
func (n *node) encodeElem(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if n.elem.shape == shapeRaw && v.IsNil() && n.elem.options&(omitEmpty|nullEmpty) == 0 {
		return nil, errNilValue
	}
	return n.elem.encode(e, v)
}

func (n *node) encodeSlice(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	set := n.set()
	if set != List && v.Len() == 0 {
		return null(), nil // DynamoDB has no empty sets
	}
	if set == List {
		e.depth++
		defer func() { e.depth-- }()
	}
	elems := make([]types.AttributeValue, 0, v.Len())
	for i := range v.Len() {
		elem, err := n.encodeElem(e, v.Index(i))
		if err != nil {
			return nil, atIndex(i, err)
		}
		if elem == nil {
			continue
		}
		if !set.takes(elem) {
			return nil, atIndex(i, marshalFailure("a "+typeName(elem)+" cannot be an element of a "+set.String(), nil))
		}
		elems = append(elems, elem)
	}
	return set.collect(elems), nil
}

// takes tells whether an element may be in a set of kind k, or in a list.
func (k Kind) takes(elem types.AttributeValue) bool {
	switch elem := elem.(type) {
	case *types.AttributeValueMemberS:
		return k == StringSet || k == List
	case *types.AttributeValueMemberN:
		return k == NumberSet || k == List
	case *types.AttributeValueMemberB:
		return k == BinarySet && elem.Value != nil || k == List
	}
	return k == List
}

// collect makes a set, or a list, of elements that it takes.
func (k Kind) collect(elems []types.AttributeValue) types.AttributeValue {
	switch k {
	case StringSet:
		set := make([]string, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberS).Value
		}
		return &types.AttributeValueMemberSS{Value: set}
	case NumberSet:
		set := make([]string, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberN).Value
		}
		return &types.AttributeValueMemberNS{Value: set}
	case BinarySet:
		set := make([][]byte, len(elems))
		for i, elem := range elems {
			set[i] = elem.(*types.AttributeValueMemberB).Value
		}
		return &types.AttributeValueMemberBS{Value: set}
	}
	return &types.AttributeValueMemberL{Value: elems}
}

// encodeStruct returns the attributes of a struct, those from its unknown place included.
func (n *node) encodeStruct(e *encoder, v reflect.Value) (map[string]types.AttributeValue, error) {
	m := make(map[string]types.AttributeValue, len(n.layout.fields))
	for _, a := range n.layout.fields {
		field, ok := a.value(v)
		if !ok {
			continue
		}
		av, err := a.node.encode(e, field)
		if err != nil {
			return nil, at(a.name, err)
		}
		if av != nil {
			m[a.name] = av
		}
	}
	if n.layout.unknown == nil {
		return m, nil
	}
	return m, n.layout.addUnknown(e, v, m)
}

// addUnknown adds the attributes that the struct does not name.
func (l *layout) addUnknown(e *encoder, v reflect.Value, m map[string]types.AttributeValue) error {
	place, ok := l.unknown.value(v)
	if !ok {
		return nil
	}
	for name, av := range place.Convert(rawMapType).Interface().(map[string]types.AttributeValue) {
		switch {
		case l.byName[name] != nil:
			return at(name, marshalFailure("is a field of its own and also in "+l.unknown.goName, nil))
		case name == "":
			return marshalFailure(errEmptyKey.Error(), nil)
		}
		if err := checkRaw(av, e.depth); err != nil {
			return at(name, err)
		}
		m[name] = av
	}
	return nil
}
