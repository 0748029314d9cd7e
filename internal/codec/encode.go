package codec

import (
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/scalar"
	"github.com/monotable/monotable/internal/number"
)

// encode returns the attribute value of v, nil if the attribute is omitted. It obeys the options for zero values and
// then follows one pointer or interface: a pointer to zero is not a zero value.
func (e *encoder) encode(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	zero, nullable := isZero(v)
	switch {
	case omitted(n, v, zero):
		return nil, nil
	case e.depth > maxDepth:
		return nil, errTooDeep
	case zero && (nullable || n.Options&gotype.NullEmpty != 0):
		return null(), nil
	}
	switch n.Shape {
	case gotype.Pointer:
		return e.encodeBody(n.Elem, v.Elem())
	case gotype.Any:
		return e.encodeHeld(n, v.Elem())
	}
	return e.encodeBody(n, v)
}

// omitted tells whether a value is left out because it is zero.
func omitted(n *gotype.Node, v reflect.Value, zero bool) bool {
	switch {
	case n.Options&gotype.OmitEmpty != 0 && zero:
		return true
	case n.Options&gotype.OmitZero == 0:
		return false
	case v.CanInterface():
		if own, ok := v.Interface().(interface{ IsZero() bool }); ok {
			return own.IsZero()
		}
	}
	return v.IsZero() || v.CanFloat() && v.Float() == 0
}

// isZero tells a zero value in attributevalue's sense, where structs and arrays are never zero, and whether it is one
// of the nils that become NULL.
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
func (e *encoder) encodeHeld(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	held, err := gotype.Of(v.Type(), n.Options)
	if err != nil {
		return nil, failure.Marshal(err.Error(), nil)
	}
	return e.encodeBody(held, v)
}

// encodeBody encodes v whatever its zero-ness: by the type's own Marshaler, else by its shape.
func (e *encoder) encodeBody(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	if n.Marshals != gotype.NoMethod {
		av, err := e.encodeCustom(n, v)
		if av != nil || err != nil {
			return av, err
		}
	}
	if n.Broken != nil {
		return nil, failure.Marshal(n.Broken.Error(), nil)
	}
	switch n.Shape {
	case gotype.String:
		return e.checkedS(v.String())
	case gotype.Int, gotype.Uint, gotype.Float, gotype.Number:
		text, err := e.numberText(n, v)
		if err != nil {
			return nil, err
		}
		if n.Options&gotype.AsString != 0 {
			return e.checkedS(text)
		}
		return e.n(text), nil
	case gotype.Bool:
		return &types.AttributeValueMemberBOOL{Value: v.Bool()}, nil
	case gotype.Time:
		return e.encodeTime(n, timeOf(v))
	case gotype.Bytes, gotype.ByteArray:
		return &types.AttributeValueMemberB{Value: copyBytes(v)}, nil
	case gotype.Slice, gotype.Array:
		return e.encodeSlice(n, v)
	case gotype.Map:
		return e.encodeMap(n, v)
	case gotype.Struct:
		if e.depth == maxDepth {
			return nil, errTooDeep
		}
		e.depth++
		m, err := e.encodeStruct(n, v)
		e.depth--
		if err != nil {
			return nil, err
		}
		return &types.AttributeValueMemberM{Value: m}, nil
	case gotype.Pointer:
		return e.encodePointee(n, v)
	case gotype.Any: // behind a pointer; attributevalue drops it
		return e.encode(n, v)
	case gotype.Raw:
		return e.encodeRaw(n, v)
	}
	return nil, failure.Marshal("DynamoDB has no type for "+n.Type.String(), nil)
}

// encodeCustom asks the type's own Marshaler; nil without an error leaves the value to its shape.
func (e *encoder) encodeCustom(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	switch {
	case n.Type.Kind() != reflect.Pointer && n.Type.Name() != "" && v.CanAddr():
		v = v.Addr()
	case n.Marshals == gotype.AddrMethod:
		return nil, nil
	case v.Kind() == reflect.Pointer && v.IsNil():
		return null(), nil // the method may want a value
	}
	av, err := v.Interface().(attributevalue.Marshaler).MarshalDynamoDBAttributeValue()
	if err != nil {
		return nil, failure.Custom("MarshalDynamoDBAttributeValue", n.Type, err)
	}
	if av == nil {
		return nil, nil
	}
	return av, e.check(av)
}

func (e *encoder) encodeRaw(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	av, _ := v.Interface().(types.AttributeValue)
	return av, e.check(av)
}

// encodePointee encodes what the second of two pointers points to. As in attributevalue, it is asked anew whether that
// is zero.
func (e *encoder) encodePointee(n *gotype.Node, v reflect.Value) (types.AttributeValue, error) {
	if v.IsNil() {
		if n.Options&gotype.OmitEmpty != 0 && n.Options&gotype.OmitEmptyElem != 0 {
			return nil, nil
		}
		return null(), nil
	}
	if e.hops++; e.hops > maxHops {
		return nil, failure.Marshal("pointers lead in a cycle", nil)
	}
	defer func() { e.hops-- }()
	return e.encode(n.Elem, v.Elem())
}

// numberText is a number's text.
func (e *encoder) numberText(n *gotype.Node, v reflect.Value) (string, error) {
	var space [32]byte
	switch n.Shape {
	case gotype.Int:
		i := v.Int()
		if 0 <= i && i < 100 {
			return strconv.FormatInt(i, 10), nil // does not allocate
		}
		return e.text(strconv.AppendInt(space[:0], i, 10)), nil
	case gotype.Uint:
		return e.text(strconv.AppendUint(space[:0], v.Uint(), 10)), nil
	case gotype.Float:
		f, bits := v.Float(), 64
		if n.Type.Kind() == reflect.Float32 {
			bits = 32
		}
		if n.Options&gotype.AsString == 0 {
			if !scalar.InReach(f) {
				return "", failure.Marshal("a float that DynamoDB's numbers do not reach", nil)
			}
		}
		return e.text(strconv.AppendFloat(space[:0], f, 'f', -1, bits)), nil
	}
	text := v.String()
	if n.Options&gotype.AsString == 0 {
		if _, err := number.Parse(text); err != nil {
			return "", failure.Marshal("text that is not one of DynamoDB's numbers", nil)
		}
	}
	return text, nil
}

func (e *encoder) encodeTime(n *gotype.Node, t time.Time) (types.AttributeValue, error) {
	var space [len(time.RFC3339Nano)]byte
	if n.Options&gotype.UnixTime != 0 {
		return e.n(e.text(strconv.AppendInt(space[:0], t.Unix(), 10))), nil
	}
	if t.Location() == time.UTC {
		if text, ok := e.day.Append(space[:0], t); ok {
			return e.s(e.text(text)), nil
		}
	}
	if !scalar.WritesZone(t) {
		t = t.UTC()
	}
	if year := t.Year(); year < 0 || year > 9999 {
		return nil, failure.Marshal("a time whose year RFC 3339 cannot write", nil)
	}
	return e.s(e.text(t.AppendFormat(space[:0], time.RFC3339Nano))), nil
}

// timeOf is the time of a value of a type made of time.Time.
func timeOf(v reflect.Value) time.Time {
	if v.CanAddr() && v.Type() == gotype.TimeType {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Convert(gotype.TimeType).Interface().(time.Time)
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
