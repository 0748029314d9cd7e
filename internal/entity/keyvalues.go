package entity

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/keytext"
	"github.com/monotable/monotable/internal/number"
)

// unsetError is ErrKey for a key attribute whose value is missing: an absent or empty string or binary, nil, or a zero
// time.
type unsetError struct{ what string }

func (e unsetError) Error() string { return "key: " + e.what + " is not set" }
func (e unsetError) Unwrap() error { return ErrKey }

// Missing is ErrKey for what is missing.
func Missing(what string) error { return unsetError{what} }

// IsUnset tells a missing value from one that is wrong.
func IsUnset(err error) bool {
	var unset unsetError
	return errors.As(err, &unset)
}

// ErrKey: a key cannot be made of what was given, or a request would put an index key out of step.
var ErrKey = cause.Key

// quietError is an ErrKey whose cause may hold values: it is in the chain, and not in the text.
type quietError struct {
	text  string
	cause error
}

func (e quietError) Error() string   { return e.text }
func (e quietError) Unwrap() []error { return []error{ErrKey, e.cause} }

// KeyError is ErrKey with its cause.
func KeyError(format string, args ...any) error { return cause.Of(ErrKey, format, args...) }

var (
	TimeType          = reflect.TypeFor[time.Time]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

// Of is the key attribute's value in v.
func (p *Part) Of(v reflect.Value) (types.AttributeValue, error) {
	if p.Natural() {
		return p.naturalOf(v)
	}
	text, err := p.TextOf(func(i int) (keytext.Value, bool, error) { return p.Fields[i].Value(v) })
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberS{Value: text}, nil
}

// TextOf formats the template from its fields' values.
func (p *Part) TextOf(value func(i int) (v keytext.Value, set bool, err error)) (string, error) {
	values := make([]keytext.Value, len(p.Fields))
	for i := range p.Fields {
		v, set, err := value(i)
		if err != nil {
			return "", err
		}
		if !set {
			return "", unsetError{p.Fields[i].Path + ", which key " + p.Name + " is made of,"}
		}
		values[i] = v
	}
	text, err := p.Text.Format(func(i int) (keytext.Value, error) { return values[i], nil })
	if err != nil {
		return "", KeyError("%s: %w", p.Name, err)
	}
	if text == "" {
		return "", unsetError{p.Name}
	}
	return text, p.CheckSize(len(text))
}

// naturalOf is T's own attribute as a key: zero numbers and false are values, even where omitempty would leave them
// out.
func (p *Part) naturalOf(v reflect.Value) (types.AttributeValue, error) {
	f := &p.Fields[0]
	var value types.AttributeValue
	if f.Field == nil {
		value = ItemOf(v)[p.Name]
	} else {
		fv, ok := f.Field.Value(v)
		if !ok || Unset(fv) {
			return nil, unsetError{p.Name}
		}
		var present bool
		var err error
		if value, present, err = f.Field.Encode(fv); err == nil && !present {
			value, err = f.Field.EncodeAny(fv.Interface())
		}
		if err != nil {
			return nil, KeyError("%s: %w", p.Name, err)
		}
	}
	if err := p.Check(value); err != nil {
		return nil, err
	}
	return value, p.Begins(value)
}

// in is the key attribute's value in v, of which item is the encoding: a natural one is there already.
func (p *Part) in(item attr.Item, v reflect.Value) (types.AttributeValue, error) {
	if p.Natural() && p.Fields[0].Field != nil {
		if value := item[p.Name]; value != nil {
			if fv, ok := p.Fields[0].Field.Value(v); !ok || Unset(fv) {
				return nil, unsetError{p.Name}
			}
			if err := p.Check(value); err != nil {
				return nil, err
			}
			return value, p.Begins(value)
		}
	}
	return p.Of(v)
}

// Check tells whether a value can be this key attribute.
func (p *Part) Check(value types.AttributeValue) error {
	if attr.Absent(value) {
		return unsetError{p.Name}
	}
	var got types.ScalarAttributeType
	var bytes int
	switch v := value.(type) {
	case *types.AttributeValueMemberNULL:
		return unsetError{p.Name}
	case *types.AttributeValueMemberS:
		if !attr.ValidText(v.Value) {
			return KeyError("%s %s", p.Name, attr.NotText)
		}
		got, bytes = types.ScalarAttributeTypeS, len(v.Value)
	case *types.AttributeValueMemberN:
		if _, err := number.Parse(v.Value); err != nil {
			return KeyError("%s is not a number that DynamoDB can hold", p.Name)
		}
		got, bytes = types.ScalarAttributeTypeN, 1
	case *types.AttributeValueMemberB:
		got, bytes = types.ScalarAttributeTypeB, len(v.Value)
	}
	if got != p.Scalar {
		return KeyError("%s is of type %s, not %s", p.Name, p.Scalar, TypeName(value))
	}
	if bytes == 0 {
		return unsetError{p.Name}
	}
	return p.CheckSize(bytes)
}

// CheckSize refuses what is longer than this key attribute may be.
func (p *Part) CheckSize(bytes int) error {
	if bytes > p.most {
		return KeyError("%s has %d bytes, and at most %d are allowed", p.Name, bytes, p.most)
	}
	return nil
}

// TypeName is the wire name of a value's type: "S", "NULL".
func TypeName(v types.AttributeValue) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", v), "*types.AttributeValueMember")
}

// Unset tells a field without a value: an empty string or binary, nil, a zero time. Zero numbers and false are values.
func Unset(v reflect.Value) bool {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return true
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		return v.Type().ConvertibleTo(TimeType) && TimeOf(v).IsZero()
	}
	return false
}

// TimeOf is the time of a value of a type made of time.Time.
func TimeOf(v reflect.Value) time.Time {
	if v.Type() == TimeType && v.CanAddr() {
		return *v.Addr().Interface().(*time.Time) // which does not allocate
	}
	return v.Convert(TimeType).Interface().(time.Time)
}

// Value is the field of v as a template takes it.
func (f *Field) Value(v reflect.Value) (keytext.Value, bool, error) {
	fv, ok := f.Field.Value(v)
	if !ok || Unset(fv) {
		return keytext.Value{}, false, nil
	}
	value, err := f.textValue(fv)
	return value, err == nil, err
}

// textValue is a set value of the field's type as a template takes it.
func (f *Field) textValue(v reflect.Value) (keytext.Value, error) {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch f.Kind {
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
		at := TimeOf(v)
		if f.Field.UnixTime { // as it is stored, and so as it is read
			at = time.Unix(at.Unix(), 0)
		}
		return keytext.OfTime(at), nil
	case keytext.Bytes:
		if v.Kind() == reflect.Array {
			c := reflect.New(v.Type()).Elem()
			c.Set(v)
			return keytext.OfBytes(c.Bytes()), nil
		}
		return keytext.OfBytes(v.Bytes()), nil
	}
	marshals := f.Field.Kind == codec.Custom // what its Marshaler makes is what is stored
	if v.Kind() == reflect.String && !marshals {
		return f.textOfString(v.String())
	}
	if marshaler, ok := v.Interface().(encoding.TextMarshaler); ok && !marshals {
		text, err := marshaler.MarshalText()
		if err != nil {
			return keytext.Value{}, quietError{"key: " + f.Path + ": its MarshalText failed", err}
		}
		if len(text) == 0 {
			return keytext.Value{}, unsetError{f.Path}
		}
		return f.textOfString(string(text))
	}
	encoded, _, err := f.Field.Encode(v)
	if err != nil {
		return keytext.Value{}, KeyError("%s: %w", f.Path, err)
	}
	s, ok := encoded.(*types.AttributeValueMemberS)
	if !ok {
		return keytext.Value{}, KeyError("%s is stored as %s: a template takes strings of such a type", f.Path,
			TypeName(encoded))
	}
	return f.textOfString(s.Value)
}

// textOfString is a string as a template takes it.
func (f *Field) textOfString(s string) (keytext.Value, error) {
	if !attr.ValidText(s) {
		return keytext.Value{}, KeyError("%s %s", f.Path, attr.NotText)
	}
	return keytext.OfString(s), nil
}

// FromAny is an operand that a caller gave for the field, as a template takes it.
func (f *Field) FromAny(x any) (keytext.Value, error) {
	encoded, err := f.Field.EncodeAny(x)
	if err != nil {
		return keytext.Value{}, KeyError("%s: %w", f.Path, err)
	}
	value, set, err := f.FromEncoded(encoded)
	if err == nil && !set {
		err = unsetError{f.Path}
	}
	return value, err
}

// FromEncoded is an encoded value of the field, as a template takes it.
func (f *Field) FromEncoded(encoded types.AttributeValue) (keytext.Value, bool, error) {
	v := reflect.New(f.Field.Type).Elem()
	if err := f.Field.Decode(encoded, v); err != nil {
		return keytext.Value{}, false, KeyError("%s: %w", f.Path, err)
	}
	if Unset(v) {
		return keytext.Value{}, false, nil
	}
	value, err := f.textValue(v)
	return value, err == nil, err
}

// AbsentValue is what a template takes for an attribute that is not there: T's zero where that is a value, else
// nothing. An entry of a map that is not there has no value.
func (f *Field) AbsentValue() (value keytext.Value, set bool) {
	zero := reflect.Zero(f.Field.Type)
	if f.InMap || Unset(zero) {
		return value, false
	}
	value, err := f.textValue(zero)
	return value, err == nil
}

// textKind is the kind of a template's field; false for what no key text can be made of.
func textKind(f *codec.Field) (keytext.Kind, bool) {
	t := DerefType(f.Type)
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

// ScalarOf is the type under which a field's values are stored as a key; "" for what cannot be told from the Go type.
func ScalarOf(f *codec.Field) types.ScalarAttributeType {
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
	return ScalarOf(f) != "" || f.Kind == codec.Custom || f.Kind == codec.Any || f.Kind == codec.Raw
}

// DerefType is what a pointer type points to, however far, or the type itself.
func DerefType(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
