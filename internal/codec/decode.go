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
func (n *node) decode(d *decoder, av types.AttributeValue, v reflect.Value) error {
	if isNil(av) {
		return errNilValue
	}
	if d.depth > maxDepth {
		return errTooDeep
	}
	if n.addrUnmarshals && v.CanAddr() {
		return n.decodeCustom(av, v.Addr())
	}
	if _, isNull := av.(*types.AttributeValueMemberNULL); isNull {
		return n.decodeNull(d, av, v)
	}
	return n.decodeBody(d, av, v)
}

func (n *node) decodeCustom(av types.AttributeValue, pointer reflect.Value) error {
	err := pointer.Interface().(attributevalue.Unmarshaler).UnmarshalDynamoDBAttributeValue(av)
	if err != nil {
		return customFailure("UnmarshalDynamoDBAttributeValue", n.typ, err)
	}
	return nil
}

// decodeNull sets v to its zero value, or what an interface's pointer to a pointer points to.
func (n *node) decodeNull(d *decoder, av types.AttributeValue, v reflect.Value) error {
	switch n.shape {
	case shapeRaw:
		if n.typ.Kind() == reflect.Interface {
			return n.decodeRaw(d, av, v)
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
func (n *node) decodeBody(d *decoder, av types.AttributeValue, v reflect.Value) error {
	switch n.shape {
	case shapePointer:
		if v.IsNil() {
			v.Set(reflect.New(n.typ.Elem()))
		}
		if n.unmarshals {
			return n.decodeCustom(av, v)
		}
		return n.elem.decodeBody(d, av, v.Elem())
	case shapeRaw:
		return n.decodeRaw(d, av, v)
	case shapeAny:
		return n.decodeAny(d, av, v)
	}
	if n.broken != nil {
		return &Error{Reason: n.broken.Error()}
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return n.decodeString(av.Value, v)
	case *types.AttributeValueMemberN:
		return n.decodeNumber(av.Value, v)
	case *types.AttributeValueMemberBOOL:
		if n.shape != shapeBool {
			return mismatch("bool", n.typ)
		}
		v.SetBool(av.Value)
		return nil
	case *types.AttributeValueMemberB:
		return n.decodeBinary(av.Value, v)
	case *types.AttributeValueMemberM:
		return n.decodeMap(d, av.Value, v)
	case *types.AttributeValueMemberL:
		return n.decodeList(d, av.Value, v)
	case *types.AttributeValueMemberSS:
		return n.decodeSet(d, av, len(av.Value), v)
	case *types.AttributeValueMemberNS:
		return n.decodeSet(d, av, len(av.Value), v)
	case *types.AttributeValueMemberBS:
		return n.decodeSet(d, av, len(av.Value), v)
	}
	return &Error{Reason: "is no member of types.AttributeValue that is known"}
}

func (n *node) decodeString(s string, v reflect.Value) error {
	if n.options&asString != 0 {
		return n.decodeNumber(s, v)
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

func (n *node) decodeNumber(text string, v reflect.Value) error {
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

// setNumber writes a number's text into an integer or a float.
func setNumber(v reflect.Value, text string) error {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return numberFailure(v.Type(), err)
		}
		if v.OverflowInt(i) {
			return overflow(v.Type())
		}
		v.SetInt(i)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return numberFailure(v.Type(), err)
		}
		if v.OverflowFloat(f) {
			return overflow(v.Type())
		}
		v.SetFloat(f)
	default:
		u, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return numberFailure(v.Type(), err)
		}
		if v.OverflowUint(u) {
			return overflow(v.Type())
		}
		v.SetUint(u)
	}
	return nil
}

func setTime(v reflect.Value, t time.Time) {
	if v.Type() == timeType {
		*v.Addr().Interface().(*time.Time) = t
		return
	}
	v.Set(reflect.ValueOf(t).Convert(v.Type()))
}

func (n *node) decodeBinary(b []byte, v reflect.Value) error {
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
func (n *node) resize(v reflect.Value, what string, count int) error {
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

func (n *node) decodeList(d *decoder, list []types.AttributeValue, v reflect.Value) error {
	if err := n.resize(v, "list", len(list)); err != nil {
		return err
	}
	d.depth++
	defer func() { d.depth-- }()
	for i, av := range list {
		if err := n.elem.decode(d, av, v.Index(i)); err != nil {
			return atIndex(i, err)
		}
	}
	return nil
}

// decodeSet decodes a set of so many elements. An element with an Unmarshaler of its own is handed the whole set, and a slice ends
// with it: so does attributevalue.
func (n *node) decodeSet(d *decoder, set types.AttributeValue, count int, v reflect.Value) error {
	if err := n.resize(v, TypeName(set), count); err != nil {
		return err
	}
	for i := range count {
		whole, err := n.elem.decodeMember(d, set, i, v.Index(i))
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
func (n *node) decodeMember(d *decoder, set types.AttributeValue, i int, v reflect.Value) (whole bool, err error) {
	switch {
	case n.addrUnmarshals:
		return true, n.decodeCustom(set, v.Addr())
	case n.shape == shapePointer:
		if v.IsNil() {
			v.Set(reflect.New(n.typ.Elem()))
		}
		if n.unmarshals {
			return true, n.decodeCustom(set, v)
		}
		return n.elem.decodeMember(d, set, i, v.Elem())
	case n.shape == shapeAny:
		if pointer, err := n.held(d, v); pointer != nil || err != nil {
			if err != nil {
				return false, err
			}
			return pointer.decodeMember(d, set, i, v.Elem())
		}
	}
	switch set := set.(type) {
	case *types.AttributeValueMemberSS:
		if n.shape == shapeAny {
			return false, n.setAny(d, &types.AttributeValueMemberS{Value: set.Value[i]}, v)
		}
		return false, n.decodeString(set.Value[i], v)
	case *types.AttributeValueMemberNS:
		if n.shape == shapeAny {
			return false, n.setAny(d, &types.AttributeValueMemberN{Value: set.Value[i]}, v)
		}
		return false, n.decodeNumber(set.Value[i], v)
	case *types.AttributeValueMemberBS:
		if n.shape == shapeAny {
			return false, n.setAny(d, &types.AttributeValueMemberB{Value: set.Value[i]}, v)
		}
		return false, n.decodeBinary(set.Value[i], v)
	}
	return false, mismatch(TypeName(set), n.typ)
}

func (n *node) decodeMap(d *decoder, m map[string]types.AttributeValue, v reflect.Value) error {
	if n.shape != shapeMap && n.shape != shapeStruct {
		return mismatch("map", n.typ)
	}
	d.depth++
	defer func() { d.depth-- }()
	if n.shape == shapeStruct {
		return n.layout.decode(d, m, v)
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
		if err := n.elem.decode(d, av, elem); err != nil {
			return atKey(name, err)
		}
		v.SetMapIndex(key, elem)
	}
	return nil
}

// decode writes attributes into the fields of struct v that have their names.
func (l *layout) decode(d *decoder, m map[string]types.AttributeValue, v reflect.Value) error {
	matched := 0
	base := addressOf(v)
	for _, a := range l.fields {
		av, ok := m[a.name]
		if !ok {
			continue
		}
		matched++
		if a.plain && a.node.decodePlain(d, av, unsafe.Add(base, a.way.offset)) {
			continue
		}
		if err := a.node.decode(d, av, a.place(v)); err != nil {
			return at(a.name, err)
		}
	}
	if l.unknown == nil && (matched == len(m) || matched == len(l.fields)) {
		return nil
	}
	return l.decodeRest(d, m, v, len(m)-matched)
}

// decodeRest sees to the attributes that no field has the exact name of. One that differs in case from a field without an
// attribute fills that field, the first by name if there are several. All go to the unknown place, if there is one.
func (l *layout) decodeRest(d *decoder, m map[string]types.AttributeValue, v reflect.Value, count int) error {
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
		if err := a.node.decode(d, m[name], a.place(v)); err != nil {
			return at(name, err)
		}
	}
	if l.unknown != nil {
		place := l.unknown.place(v)
		place.Set(reflect.ValueOf(unknown).Convert(place.Type()))
	}
	return nil
}
