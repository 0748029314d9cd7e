package monotable

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/keytext"
	"github.com/monotable/monotable/internal/number"
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

// quietError is an ErrKey whose cause may hold values: it is in the chain, and not in the text.
type quietError struct {
	text  string
	cause error
}

func (e quietError) Error() string   { return e.text }
func (e quietError) Unwrap() []error { return []error{ErrKey, e.cause} }

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
	if text == "" {
		return "", errUnset{p.name}
	}
	return text, p.checkSize(len(text))
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

// in is the key attribute's value in v, of which item is the encoding: a natural one is there already.
func (p *keyPart) in(item attributes, v reflect.Value) (types.AttributeValue, error) {
	if p.natural() && p.fields[0].field != nil {
		if value := item[p.name]; value != nil {
			if fv, ok := p.fields[0].field.Value(v); !ok || unset(fv) {
				return nil, errUnset{p.name}
			}
			return value, p.check(value)
		}
	}
	return p.of(v)
}

// check tells whether a value can be this key attribute.
func (p *keyPart) check(value types.AttributeValue) error {
	if attr.Absent(value) {
		return errUnset{p.name}
	}
	var got types.ScalarAttributeType
	var bytes int
	switch v := value.(type) {
	case *types.AttributeValueMemberNULL:
		return errUnset{p.name}
	case *types.AttributeValueMemberS:
		if !attr.ValidText(v.Value) {
			return keyError("%s %s", p.name, attr.NotText)
		}
		got, bytes = types.ScalarAttributeTypeS, len(v.Value)
	case *types.AttributeValueMemberN:
		if _, err := number.Parse(v.Value); err != nil {
			return keyError("%s is not a number that DynamoDB can hold", p.name)
		}
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
	return p.checkSize(bytes)
}

// checkSize refuses what is longer than this key attribute may be.
func (p *keyPart) checkSize(bytes int) error {
	if bytes > p.most {
		return keyError("%s has %d bytes, and at most %d are allowed", p.name, bytes, p.most)
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
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		return v.Type().ConvertibleTo(timeType) && timeOf(v).IsZero()
	}
	return false
}

// timeOf is the time of a value of a type made of time.Time.
func timeOf(v reflect.Value) time.Time {
	if v.Type() == timeType && v.CanAddr() {
		return *v.Addr().Interface().(*time.Time) // which does not allocate
	}
	return v.Convert(timeType).Interface().(time.Time)
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
	switch f.kind {
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
		at := timeOf(v)
		if f.field.UnixTime { // as it is stored, and so as it is read
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
	if v.Kind() == reflect.String {
		return f.textOfString(v.String())
	}
	if marshaler, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := marshaler.MarshalText()
		if err != nil {
			return keytext.Value{}, quietError{ErrKey.Error() + ": " + f.path + ": its MarshalText failed", err}
		}
		if len(text) == 0 {
			return keytext.Value{}, errUnset{f.path}
		}
		return f.textOfString(string(text))
	}
	encoded, _, err := f.field.Encode(v)
	if err != nil {
		return keytext.Value{}, keyError("%s: %w", f.path, err)
	}
	s, ok := encoded.(*types.AttributeValueMemberS)
	if !ok {
		return keytext.Value{}, keyError("%s is stored as %s: a template takes strings of such a type", f.path, typeName(encoded))
	}
	return f.textOfString(s.Value)
}

// textOfString is a string as a template takes it.
func (f *keyField) textOfString(s string) (keytext.Value, error) {
	if !attr.ValidText(s) {
		return keytext.Value{}, keyError("%s %s", f.path, attr.NotText)
	}
	return keytext.OfString(s), nil
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

// absentValue is what a template takes for an attribute that is not there: T's zero where that is a value, else nothing.
func (f *keyField) absentValue() (value keytext.Value, set bool) {
	zero := reflect.Zero(f.field.Type)
	if unset(zero) {
		return value, false
	}
	value, err := f.textValue(zero)
	return value, err == nil
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
