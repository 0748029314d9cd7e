package codec

import (
	"reflect"
	"strconv"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/scalar"
)

// decoder is the state of one Decode.
type decoder struct {
	depth int // level of the value being decoded; an attribute's is 1
	hops  int // interfaces that pointed to something, so far
	day   scalar.Day
}

// decode writes av into the settable v, on top of what v holds: pointers, maps and slices with room are used again.
func (d *decoder) decode(n *gotype.Node, av types.AttributeValue, v reflect.Value) error {
	if isNil(av) {
		return errNilValue
	}
	if d.depth > maxDepth {
		return errTooDeep
	}
	if n.AddrUnmarshals && v.CanAddr() {
		return decodeCustom(n, av, v.Addr())
	}
	if _, isNull := av.(*types.AttributeValueMemberNULL); isNull {
		return d.decodeNull(n, av, v)
	}
	return d.decodeBody(n, av, v)
}

func decodeCustom(n *gotype.Node, av types.AttributeValue, pointer reflect.Value) error {
	err := pointer.Interface().(attributevalue.Unmarshaler).UnmarshalDynamoDBAttributeValue(av)
	if err != nil {
		return failure.Custom("UnmarshalDynamoDBAttributeValue", n.Type, err)
	}
	return nil
}

// decodeNull sets v to its zero value, or what an interface's pointer to a pointer points to.
func (d *decoder) decodeNull(n *gotype.Node, av types.AttributeValue, v reflect.Value) error {
	switch n.Shape {
	case gotype.Raw:
		if n.Type.Kind() == reflect.Interface {
			return d.decodeRaw(n, av, v)
		}
	case gotype.Any:
		if held := v.Elem(); held.Kind() == reflect.Pointer && !held.IsNil() && held.Elem().Kind() == reflect.Pointer {
			v = held.Elem()
		}
	}
	v.SetZero()
	return nil
}

// decodeBody writes av, which is not NULL, into v.
func (d *decoder) decodeBody(n *gotype.Node, av types.AttributeValue, v reflect.Value) error {
	switch n.Shape {
	case gotype.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(n.Type.Elem()))
		}
		if n.Unmarshals {
			return decodeCustom(n, av, v)
		}
		return d.decodeBody(n.Elem, av, v.Elem())
	case gotype.Raw:
		return d.decodeRaw(n, av, v)
	case gotype.Any:
		return d.decodeAny(n, av, v)
	}
	if n.Broken != nil {
		return &failure.Error{Reason: n.Broken.Error()}
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return decodeString(n, av.Value, v)
	case *types.AttributeValueMemberN:
		return decodeNumber(n, av.Value, v)
	case *types.AttributeValueMemberBOOL:
		if n.Shape != gotype.Bool {
			return failure.Mismatch("bool", n.Type)
		}
		v.SetBool(av.Value)
		return nil
	case *types.AttributeValueMemberB:
		return decodeBinary(n, av.Value, v)
	case *types.AttributeValueMemberM:
		return d.decodeMap(n, av.Value, v)
	case *types.AttributeValueMemberL:
		return d.decodeList(n, av.Value, v)
	case *types.AttributeValueMemberSS:
		return d.decodeSet(n, av, len(av.Value), v)
	case *types.AttributeValueMemberNS:
		return d.decodeSet(n, av, len(av.Value), v)
	case *types.AttributeValueMemberBS:
		return d.decodeSet(n, av, len(av.Value), v)
	}
	return &failure.Error{Reason: "is no member of types.AttributeValue that is known"}
}

func decodeString(n *gotype.Node, s string, v reflect.Value) error {
	if n.Options&gotype.AsString != 0 {
		return decodeNumber(n, s, v)
	}
	switch n.Shape {
	case gotype.String, gotype.Number:
		v.SetString(s)
		return nil
	case gotype.Time:
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return failure.Time(failure.ErrNotRFC3339)
		}
		setTime(v, t)
		return nil
	}
	return failure.Mismatch("string", n.Type)
}

func decodeNumber(n *gotype.Node, text string, v reflect.Value) error {
	switch n.Shape {
	case gotype.Int, gotype.Uint, gotype.Float:
		return scalar.SetNumber(v, text)
	case gotype.String, gotype.Number:
		v.SetString(text)
		return nil
	case gotype.Time:
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return failure.Time(failure.ErrNotEpoch)
		}
		setTime(v, time.Unix(seconds, 0))
		return nil
	}
	return failure.Mismatch("number", n.Type)
}

func setTime(v reflect.Value, t time.Time) {
	if v.Type() == gotype.TimeType {
		*v.Addr().Interface().(*time.Time) = t
		return
	}
	v.Set(reflect.ValueOf(t).Convert(v.Type()))
}

func decodeBinary(n *gotype.Node, b []byte, v reflect.Value) error {
	switch n.Shape {
	case gotype.Bytes:
		if v.IsNil() || v.Cap() < len(b) {
			v.SetBytes(append(make([]byte, 0, len(b)), b...))
			return nil
		}
		v.SetLen(len(b))
		copy(v.Bytes(), b)
		return nil
	case gotype.ByteArray:
		if len(b) != v.Len() {
			return failure.Mismatch("binary of another length", n.Type)
		}
		copy(v.Bytes(), b)
		return nil
	}
	return failure.Mismatch("binary", n.Type)
}

// resize makes room for the elements of a list or set. An array must have room for all of them.
func resize(n *gotype.Node, v reflect.Value, what string, count int) error {
	switch n.Shape {
	case gotype.Slice, gotype.Bytes:
		switch {
		case v.Cap() < count:
			v.SetZero()
			v.Grow(count)
		case v.IsNil():
			v.Set(reflect.MakeSlice(n.Type, 0, 0))
		}
		v.SetLen(count)
		return nil
	case gotype.Array, gotype.ByteArray:
		if count > v.Len() {
			return failure.Mismatch("longer "+what, n.Type)
		}
		return nil
	}
	return failure.Mismatch(what, n.Type)
}

func (d *decoder) decodeList(n *gotype.Node, list []types.AttributeValue, v reflect.Value) error {
	if err := resize(n, v, "list", len(list)); err != nil {
		return err
	}
	d.depth++
	defer func() { d.depth-- }()
	for i, av := range list {
		if err := d.decode(n.Elem, av, v.Index(i)); err != nil {
			return failure.AtIndex(i, err)
		}
	}
	return nil
}

// decodeSet decodes a set of so many elements. An element with an Unmarshaler of its own is handed the whole set, and a
// slice ends with it: so does attributevalue.
func (d *decoder) decodeSet(n *gotype.Node, set types.AttributeValue, count int, v reflect.Value) error {
	if err := resize(n, v, TypeName(set), count); err != nil {
		return err
	}
	for i := range count {
		whole, err := d.decodeMember(n.Elem, set, i, v.Index(i))
		if err != nil {
			return failure.AtIndex(i, err)
		}
		if whole {
			if v.Kind() == reflect.Slice {
				v.SetLen(i + 1)
			}
			return nil
		}
	}
	return nil
}

// decodeMember writes element i of a set into v; whole tells that an Unmarshaler has taken the set.
func (d *decoder) decodeMember(
	n *gotype.Node, set types.AttributeValue, i int, v reflect.Value,
) (whole bool, err error) {
	switch {
	case n.AddrUnmarshals:
		return true, decodeCustom(n, set, v.Addr())
	case n.Shape == gotype.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(n.Type.Elem()))
		}
		if n.Unmarshals {
			return true, decodeCustom(n, set, v)
		}
		return d.decodeMember(n.Elem, set, i, v.Elem())
	case n.Shape == gotype.Any:
		if pointer, err := d.held(n, v); pointer != nil || err != nil {
			if err != nil {
				return false, err
			}
			return d.decodeMember(pointer, set, i, v.Elem())
		}
	}
	switch set := set.(type) {
	case *types.AttributeValueMemberSS:
		if n.Shape == gotype.Any {
			return false, d.setAny(n, &types.AttributeValueMemberS{Value: set.Value[i]}, v)
		}
		return false, decodeString(n, set.Value[i], v)
	case *types.AttributeValueMemberNS:
		if n.Shape == gotype.Any {
			return false, d.setAny(n, &types.AttributeValueMemberN{Value: set.Value[i]}, v)
		}
		return false, decodeNumber(n, set.Value[i], v)
	case *types.AttributeValueMemberBS:
		if n.Shape == gotype.Any {
			return false, d.setAny(n, &types.AttributeValueMemberB{Value: set.Value[i]}, v)
		}
		return false, decodeBinary(n, set.Value[i], v)
	}
	return false, failure.Mismatch(TypeName(set), n.Type)
}

func (d *decoder) decodeMap(n *gotype.Node, m map[string]types.AttributeValue, v reflect.Value) error {
	if n.Shape != gotype.Map && n.Shape != gotype.Struct {
		return failure.Mismatch("map", n.Type)
	}
	d.depth++
	defer func() { d.depth-- }()
	if n.Shape == gotype.Struct {
		return d.decodeStruct(n.Layout, m, v)
	}
	if v.IsNil() {
		v.Set(reflect.MakeMapWithSize(n.Type, len(m)))
	}
	key, elem := reflect.New(n.Type.Key()).Elem(), reflect.New(n.Type.Elem()).Elem() // SetMapIndex copies them
	for name, av := range m {
		key.SetZero()
		if err := n.Key.Decode(name, key); err != nil {
			return failure.AtKey(name, err)
		}
		elem.SetZero()
		if err := d.decode(n.Elem, av, elem); err != nil {
			return failure.AtKey(name, err)
		}
		v.SetMapIndex(key, elem)
	}
	return nil
}

// decodeStruct writes attributes into the fields of struct v that have their names.
func (d *decoder) decodeStruct(l *gotype.Layout, m map[string]types.AttributeValue, v reflect.Value) error {
	matched := 0
	base := gotype.AddressOf(v)
	for _, a := range l.Fields {
		av, ok := m[a.Name]
		if !ok {
			continue
		}
		matched++
		if a.Plain && d.decodePlain(a.Node, av, unsafe.Add(base, a.Way.Offset)) {
			continue
		}
		if err := d.decode(a.Node, av, a.Place(v)); err != nil {
			return failure.At(a.Name, err)
		}
	}
	if l.Unknown == nil && (matched == len(m) || matched == len(l.Fields)) {
		return nil
	}
	return d.decodeRest(l, m, v, len(m)-matched)
}

// decodeRest sees to the attributes that no field has the exact name of. One that differs in case from a field without
// an attribute fills that field, the first by name if there are several. All go to the unknown place, if there is one.
func (d *decoder) decodeRest(l *gotype.Layout, m map[string]types.AttributeValue, v reflect.Value, count int) error {
	var unknown map[string]types.AttributeValue
	if l.Unknown != nil && count > 0 {
		unknown = make(map[string]types.AttributeValue, count)
	}
	var folded map[*gotype.Attribute]string
	for name, av := range m {
		if l.ByName[name] != nil {
			continue
		}
		if unknown != nil {
			if err := checkRaw(av, d.depth); err != nil {
				return failure.At(name, err)
			}
			unknown[name] = av
		}
		a := l.Fold(name)
		if a == nil {
			continue
		}
		if _, exact := m[a.Name]; exact {
			continue
		}
		if folded == nil {
			folded = map[*gotype.Attribute]string{}
		}
		if first, ok := folded[a]; !ok || name < first {
			folded[a] = name
		}
	}
	for _, a := range l.Fields {
		name, ok := folded[a]
		if !ok {
			continue
		}
		if err := d.decode(a.Node, m[name], a.Place(v)); err != nil {
			return failure.At(name, err)
		}
	}
	if l.Unknown != nil {
		place := l.Unknown.Place(v)
		place.Set(reflect.ValueOf(unknown).Convert(place.Type()))
	}
	return nil
}

func (d *decoder) decodeRaw(n *gotype.Node, av types.AttributeValue, v reflect.Value) error {
	if err := checkRaw(av, d.depth); err != nil {
		return err
	}
	given := reflect.ValueOf(av)
	if !given.Type().AssignableTo(n.Type) {
		return failure.Mismatch(TypeName(av), n.Type)
	}
	v.Set(given)
	return nil
}
