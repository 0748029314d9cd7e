package codec

import (
	"reflect"
	"strconv"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// decoder is the state of one Decode.
type decoder struct {
	depth int // level of the value being decoded; an attribute's is 1
	hops  int // interfaces that pointed to something, so far
	day   dayOf
}

// decode writes av into the settable v, on top of what v holds: pointers, maps and slices with room are used again.
func (d *decoder) decode(n *node, av types.AttributeValue, v reflect.Value) error {
	if isNil(av) {
		return errNilValue
	}
	if d.depth > maxDepth {
		return errTooDeep
	}
	if n.addrUnmarshals && v.CanAddr() {
		return decodeCustom(n, av, v.Addr())
	}
	if _, isNull := av.(*types.AttributeValueMemberNULL); isNull {
		return d.decodeNull(n, av, v)
	}
	return d.decodeBody(n, av, v)
}

func decodeCustom(n *node, av types.AttributeValue, pointer reflect.Value) error {
	err := pointer.Interface().(attributevalue.Unmarshaler).UnmarshalDynamoDBAttributeValue(av)
	if err != nil {
		return customFailure("UnmarshalDynamoDBAttributeValue", n.typ, err)
	}
	return nil
}

// decodeNull sets v to its zero value, or what an interface's pointer to a pointer points to.
func (d *decoder) decodeNull(n *node, av types.AttributeValue, v reflect.Value) error {
	switch n.shape {
	case shapeRaw:
		if n.typ.Kind() == reflect.Interface {
			return d.decodeRaw(n, av, v)
		}
	case shapeAny:
		if held := v.Elem(); held.Kind() == reflect.Pointer && !held.IsNil() && held.Elem().Kind() == reflect.Pointer {
			v = held.Elem()
		}
	}
	v.SetZero()
	return nil
}

// decodeBody writes av, which is not NULL, into v.
func (d *decoder) decodeBody(n *node, av types.AttributeValue, v reflect.Value) error {
	switch n.shape {
	case shapePointer:
		if v.IsNil() {
			v.Set(reflect.New(n.typ.Elem()))
		}
		if n.unmarshals {
			return decodeCustom(n, av, v)
		}
		return d.decodeBody(n.elem, av, v.Elem())
	case shapeRaw:
		return d.decodeRaw(n, av, v)
	case shapeAny:
		return d.decodeAny(n, av, v)
	}
	if n.broken != nil {
		return &Error{Reason: n.broken.Error()}
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return decodeString(n, av.Value, v)
	case *types.AttributeValueMemberN:
		return decodeNumber(n, av.Value, v)
	case *types.AttributeValueMemberBOOL:
		if n.shape != shapeBool {
			return mismatch("bool", n.typ)
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
	return &Error{Reason: "is no member of types.AttributeValue that is known"}
}

func decodeString(n *node, s string, v reflect.Value) error {
	if n.options&asString != 0 {
		return decodeNumber(n, s, v)
	}
	switch n.shape {
	case shapeString, shapeNumber:
		v.SetString(s)
		return nil
	case shapeTime:
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return timeFailure(errNotRFC3339)
		}
		setTime(v, t)
		return nil
	}
	return mismatch("string", n.typ)
}

func decodeNumber(n *node, text string, v reflect.Value) error {
	switch n.shape {
	case shapeInt, shapeUint, shapeFloat:
		return setNumber(v, text)
	case shapeString, shapeNumber:
		v.SetString(text)
		return nil
	case shapeTime:
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return timeFailure(errNotEpoch)
		}
		setTime(v, time.Unix(seconds, 0))
		return nil
	}
	return mismatch("number", n.typ)
}

func setTime(v reflect.Value, t time.Time) {
	if v.Type() == timeType {
		*v.Addr().Interface().(*time.Time) = t
		return
	}
	v.Set(reflect.ValueOf(t).Convert(v.Type()))
}

func decodeBinary(n *node, b []byte, v reflect.Value) error {
	switch n.shape {
	case shapeBytes:
		if v.IsNil() || v.Cap() < len(b) {
			v.SetBytes(append(make([]byte, 0, len(b)), b...))
			return nil
		}
		v.SetLen(len(b))
		copy(v.Bytes(), b)
		return nil
	case shapeByteArray:
		if len(b) != v.Len() {
			return mismatch("binary of another length", n.typ)
		}
		copy(v.Bytes(), b)
		return nil
	}
	return mismatch("binary", n.typ)
}

// resize makes room for the elements of a list or set. An array must have room for all of them.
func resize(n *node, v reflect.Value, what string, count int) error {
	switch n.shape {
	case shapeSlice, shapeBytes:
		switch {
		case v.Cap() < count:
			v.SetZero()
			v.Grow(count)
		case v.IsNil():
			v.Set(reflect.MakeSlice(n.typ, 0, 0))
		}
		v.SetLen(count)
		return nil
	case shapeArray, shapeByteArray:
		if count > v.Len() {
			return mismatch("longer "+what, n.typ)
		}
		return nil
	}
	return mismatch(what, n.typ)
}

func (d *decoder) decodeList(n *node, list []types.AttributeValue, v reflect.Value) error {
	if err := resize(n, v, "list", len(list)); err != nil {
		return err
	}
	d.depth++
	defer func() { d.depth-- }()
	for i, av := range list {
		if err := d.decode(n.elem, av, v.Index(i)); err != nil {
			return atIndex(i, err)
		}
	}
	return nil
}

// decodeSet decodes a set of so many elements. An element with an Unmarshaler of its own is handed the whole set, and a slice ends
// with it: so does attributevalue.
func (d *decoder) decodeSet(n *node, set types.AttributeValue, count int, v reflect.Value) error {
	if err := resize(n, v, TypeName(set), count); err != nil {
		return err
	}
	for i := range count {
		whole, err := d.decodeMember(n.elem, set, i, v.Index(i))
		if err != nil {
			return atIndex(i, err)
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
func (d *decoder) decodeMember(n *node, set types.AttributeValue, i int, v reflect.Value) (whole bool, err error) {
	switch {
	case n.addrUnmarshals:
		return true, decodeCustom(n, set, v.Addr())
	case n.shape == shapePointer:
		if v.IsNil() {
			v.Set(reflect.New(n.typ.Elem()))
		}
		if n.unmarshals {
			return true, decodeCustom(n, set, v)
		}
		return d.decodeMember(n.elem, set, i, v.Elem())
	case n.shape == shapeAny:
		if pointer, err := d.held(n, v); pointer != nil || err != nil {
			if err != nil {
				return false, err
			}
			return d.decodeMember(pointer, set, i, v.Elem())
		}
	}
	switch set := set.(type) {
	case *types.AttributeValueMemberSS:
		if n.shape == shapeAny {
			return false, d.setAny(n, &types.AttributeValueMemberS{Value: set.Value[i]}, v)
		}
		return false, decodeString(n, set.Value[i], v)
	case *types.AttributeValueMemberNS:
		if n.shape == shapeAny {
			return false, d.setAny(n, &types.AttributeValueMemberN{Value: set.Value[i]}, v)
		}
		return false, decodeNumber(n, set.Value[i], v)
	case *types.AttributeValueMemberBS:
		if n.shape == shapeAny {
			return false, d.setAny(n, &types.AttributeValueMemberB{Value: set.Value[i]}, v)
		}
		return false, decodeBinary(n, set.Value[i], v)
	}
	return false, mismatch(TypeName(set), n.typ)
}

func (d *decoder) decodeMap(n *node, m map[string]types.AttributeValue, v reflect.Value) error {
	if n.shape != shapeMap && n.shape != shapeStruct {
		return mismatch("map", n.typ)
	}
	d.depth++
	defer func() { d.depth-- }()
	if n.shape == shapeStruct {
		return d.decodeStruct(n.layout, m, v)
	}
	if v.IsNil() {
		v.Set(reflect.MakeMapWithSize(n.typ, len(m)))
	}
	key, elem := reflect.New(n.typ.Key()).Elem(), reflect.New(n.typ.Elem()).Elem() // SetMapIndex copies them
	for name, av := range m {
		key.SetZero()
		if err := n.key.decode(name, key); err != nil {
			return atKey(name, err)
		}
		elem.SetZero()
		if err := d.decode(n.elem, av, elem); err != nil {
			return atKey(name, err)
		}
		v.SetMapIndex(key, elem)
	}
	return nil
}

// decodeStruct writes attributes into the fields of struct v that have their names.
func (d *decoder) decodeStruct(l *layout, m map[string]types.AttributeValue, v reflect.Value) error {
	matched := 0
	base := addressOf(v)
	for _, a := range l.fields {
		av, ok := m[a.name]
		if !ok {
			continue
		}
		matched++
		if a.plain && d.decodePlain(a.node, av, unsafe.Add(base, a.way.offset)) {
			continue
		}
		if err := d.decode(a.node, av, a.place(v)); err != nil {
			return at(a.name, err)
		}
	}
	if l.unknown == nil && (matched == len(m) || matched == len(l.fields)) {
		return nil
	}
	return d.decodeRest(l, m, v, len(m)-matched)
}

// decodeRest sees to the attributes that no field has the exact name of. One that differs in case from a field without an
// attribute fills that field, the first by name if there are several. All go to the unknown place, if there is one.
func (d *decoder) decodeRest(l *layout, m map[string]types.AttributeValue, v reflect.Value, count int) error {
	var unknown map[string]types.AttributeValue
	if l.unknown != nil && count > 0 {
		unknown = make(map[string]types.AttributeValue, count)
	}
	var folded map[*attribute]string
	for name, av := range m {
		if l.byName[name] != nil {
			continue
		}
		if unknown != nil {
			if err := checkRaw(av, d.depth); err != nil {
				return at(name, err)
			}
			unknown[name] = av
		}
		a := l.fold(name)
		if a == nil {
			continue
		}
		if _, exact := m[a.name]; exact {
			continue
		}
		if folded == nil {
			folded = map[*attribute]string{}
		}
		if first, ok := folded[a]; !ok || name < first {
			folded[a] = name
		}
	}
	for _, a := range l.fields {
		name, ok := folded[a]
		if !ok {
			continue
		}
		if err := d.decode(a.node, m[name], a.place(v)); err != nil {
			return at(name, err)
		}
	}
	if l.unknown != nil {
		place := l.unknown.place(v)
		place.Set(reflect.ValueOf(unknown).Convert(place.Type()))
	}
	return nil
}

func (d *decoder) decodeRaw(n *node, av types.AttributeValue, v reflect.Value) error {
	if err := checkRaw(av, d.depth); err != nil {
		return err
	}
	given := reflect.ValueOf(av)
	if !given.Type().AssignableTo(n.typ) {
		return mismatch(TypeName(av), n.typ)
	}
	v.Set(given)
	return nil
}
