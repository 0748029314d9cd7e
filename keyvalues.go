package monotable

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/keytext"
)

// Bounds of key values in bytes (DynamoDB developer guide, "Quotas in Amazon DynamoDB").
const (
	maxPartitionKeyBytes = 2048
	maxSortKeyBytes      = 1024
)

// errUnset is ErrKey for a key attribute whose value is missing: an absent or empty string or binary, nil, or a zero time.
type errUnset struct{ what string }

func (e errUnset) Error() string { return ErrKey.Error() + ": " + e.what + " is not set" }
func (e errUnset) Unwrap() error { return ErrKey }

// isUnset tells a missing value from one that is wrong.
func isUnset(err error) bool {
	var unset errUnset
	return errors.As(err, &unset)
}

func keyError(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrKey}, args...)...)
}

var (
	timeType          = reflect.TypeFor[time.Time]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

// of is the key attribute's value in v.
func (p *keyPart) of(v reflect.Value) (types.AttributeValue, error) {
	if p.natural() {
		return p.naturalOf(v)
	}
	text, err := p.textOf(func(i int) (keytext.Value, bool, error) { return p.fields[i].value(v) })
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberS{Value: text}, nil
}

// textOf formats the template from its fields' values.
func (p *keyPart) textOf(value func(i int) (v keytext.Value, set bool, err error)) (string, error) {
	values := make([]keytext.Value, len(p.fields))
	for i := range p.fields {
		v, set, err := value(i)
		if err != nil {
			return "", err
		}
		if !set {
			return "", errUnset{p.fields[i].path + ", which key " + p.name + " is made of,"}
		}
		values[i] = v
	}
	text, err := p.text.Format(func(i int) (keytext.Value, error) { return values[i], nil })
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrKey, p.name, err)
	}
	return text, nil
}

// naturalOf is T's own attribute as a key: zero numbers and false are values, even where omitempty would leave them out.
func (p *keyPart) naturalOf(v reflect.Value) (types.AttributeValue, error) {
	f := &p.fields[0]
	var value types.AttributeValue
	if f.field == nil {
		value = v.Interface().(Item)[p.name]
	} else {
		fv, ok := f.field.Value(v)
		if !ok || unset(fv) {
			return nil, errUnset{p.name}
		}
		var present bool
		var err error
		if value, present, err = f.field.Encode(fv); err == nil && !present {
			value, err = f.field.EncodeAny(fv.Interface())
		}
		if err != nil {
			return nil, keyError("%s: %w", p.name, err)
		}
	}
	return value, p.check(value)
}

// check tells whether a value can be this key attribute.
func (p *keyPart) check(value types.AttributeValue) error {
	var got types.ScalarAttributeType
	var bytes int
	switch v := value.(type) {
	case nil:
		return errUnset{p.name}
	case *types.AttributeValueMemberNULL:
		return errUnset{p.name}
	case *types.AttributeValueMemberS:
		got, bytes = types.ScalarAttributeTypeS, len(v.Value)
	case *types.AttributeValueMemberN:
		got, bytes = types.ScalarAttributeTypeN, 1
	case *types.AttributeValueMemberB:
		got, bytes = types.ScalarAttributeTypeB, len(v.Value)
	}
	if got != p.scalar {
		return keyError("%s is of type %s, not %s", p.name, p.scalar, typeName(value))
	}
	if bytes == 0 {
		return errUnset{p.name}
	}
	if bytes > maxPartitionKeyBytes {
		return keyError("%s has %d bytes, a partition key has at most %d and a sort key %d", p.name, bytes, maxPartitionKeyBytes, maxSortKeyBytes)
	}
	return nil
}

// typeName is the wire name of a value's type: "S", "NULL".
func typeName(v types.AttributeValue) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", v), "*types.AttributeValueMember")
}

// unset tells a field without a value: an empty string or binary, nil, a zero time. Zero numbers and false are values.
func unset(v reflect.Value) bool {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return true
		}
		v = v.Elem()
	}
	switch {
	case v.Type() == timeType || v.Type().ConvertibleTo(timeType) && v.Kind() == reflect.Struct:
		return v.Convert(timeType).Interface().(time.Time).IsZero()
	case v.Kind() == reflect.String, v.Kind() == reflect.Slice, v.Kind() == reflect.Map:
		return v.Len() == 0
	}
	return false
}

// value is the field of v as a template takes it.
func (f *keyField) value(v reflect.Value) (keytext.Value, bool, error) {
	fv, ok := f.field.Value(v)
	if !ok || unset(fv) {
		return keytext.Value{}, false, nil
	}
	value, err := f.textValue(fv)
	return value, err == nil, err
}

// textValue is a set value of the field's type as a template takes it.
func (f *keyField) textValue(v reflect.Value) (keytext.Value, error) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	kind, _ := textKind(f.field)
	switch kind {
	case keytext.Int:
		return keytext.OfInt(v.Int()), nil
	case keytext.Uint:
		return keytext.OfUint(v.Uint()), nil
	case keytext.Float:
		if v.Kind() == reflect.Float32 {
			return keytext.OfFloat32(float32(v.Float())), nil
		}
		return keytext.OfFloat(v.Float()), nil
	case keytext.Number:
		return keytext.OfNumber(v.String()), nil
	case keytext.Bool:
		return keytext.OfBool(v.Bool()), nil
	case keytext.Time:
		return keytext.OfTime(v.Convert(timeType).Interface().(time.Time)), nil
	case keytext.Bytes:
		if v.Kind() == reflect.Array {
			c := reflect.New(v.Type()).Elem()
			c.Set(v)
			return keytext.OfBytes(c.Bytes()), nil
		}
		return keytext.OfBytes(v.Bytes()), nil
	}
	if v.Kind() == reflect.String {
		return keytext.OfString(v.String()), nil
	}
	if marshaler, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := marshaler.MarshalText()
		if err != nil {
			return keytext.Value{}, keyError("%s: %w", f.path, err)
		}
		return keytext.OfString(string(text)), nil
	}
	encoded, _, err := f.field.Encode(v)
	if err != nil {
		return keytext.Value{}, keyError("%s: %w", f.path, err)
	}
	s, ok := encoded.(*types.AttributeValueMemberS)
	if !ok {
		return keytext.Value{}, keyError("%s is stored as %s: a template takes strings of such a type", f.path, typeName(encoded))
	}
	return keytext.OfString(s.Value), nil
}

// fromAny is an operand that a caller gave for the field, as a template takes it.
func (f *keyField) fromAny(x any) (keytext.Value, error) {
	encoded, err := f.field.EncodeAny(x)
	if err != nil {
		return keytext.Value{}, keyError("%s: %w", f.path, err)
	}
	value, set, err := f.fromEncoded(encoded)
	if err == nil && !set {
		err = errUnset{f.path}
	}
	return value, err
}

// fromEncoded is an encoded value of the field, as a template takes it.
func (f *keyField) fromEncoded(encoded types.AttributeValue) (keytext.Value, bool, error) {
	v := reflect.New(f.field.Type).Elem()
	if err := f.field.Decode(encoded, v); err != nil {
		return keytext.Value{}, false, keyError("%s: %w", f.path, err)
	}
	if unset(v) {
		return keytext.Value{}, false, nil
	}
	value, err := f.textValue(v)
	return value, err == nil, err
}

// textKind is the kind of a template's field; false for what no key text can be made of.
func textKind(f *codec.Field) (keytext.Kind, bool) {
	t := derefType(f.Type)
	switch f.Kind {
	case codec.Time:
		return keytext.Time, true
	case codec.Bool:
		return keytext.Bool, true
	case codec.Int:
		return keytext.Int, true
	case codec.Uint:
		return keytext.Uint, true
	case codec.Float:
		return keytext.Float, true
	case codec.Number:
		return keytext.Number, true
	}
	switch {
	case t.Implements(textMarshalerType), f.Kind == codec.String, f.Kind == codec.Custom:
		return keytext.String, true
	case f.Kind == codec.Bytes:
		return keytext.Bytes, true
	}
	return keytext.None, false
}

// scalarOf is the type under which a field's values are stored as a key; "" for what cannot be told from the Go type.
func scalarOf(f *codec.Field) types.ScalarAttributeType {
	switch f.Kind {
	case codec.String:
		return types.ScalarAttributeTypeS
	case codec.Time:
		if f.UnixTime {
			return types.ScalarAttributeTypeN
		}
		return types.ScalarAttributeTypeS
	case codec.Int, codec.Uint, codec.Float, codec.Number:
		if f.AsString {
			return types.ScalarAttributeTypeS
		}
		return types.ScalarAttributeTypeN
	case codec.Bytes:
		return types.ScalarAttributeTypeB
	}
	return ""
}

// keyable tells whether values of the field can be keys at all.
func keyable(f *codec.Field) bool {
	return scalarOf(f) != "" || f.Kind == codec.Custom || f.Kind == codec.Any || f.Kind == codec.Raw
}

func derefType(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
