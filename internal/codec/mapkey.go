package codec

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// mapKey turns a Go map's keys into attribute names and back.
type mapKey struct {
	typ       reflect.Type
	plain     bool // a string without methods that would change it
	marshal   bool // encoding.TextMarshaler
	unmarshal bool // encoding.TextUnmarshaler
}

var (
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	stringerType        = reflect.TypeFor[fmt.Stringer]()
	formatterType       = reflect.TypeFor[fmt.Formatter]()
	errorType           = reflect.TypeFor[error]()
)

func mapKeyOf(t reflect.Type) (*mapKey, error) {
	k := &mapKey{
		typ:       t,
		marshal:   t.Implements(textMarshalerType),
		unmarshal: t.Kind() != reflect.Interface && (t.Implements(textUnmarshalerType) || reflect.PointerTo(t).Implements(textUnmarshalerType)),
	}
	basic := false
	switch t.Kind() {
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		basic = true
	}
	if !(basic || k.marshal && k.unmarshal) {
		return nil, &TypeError{Type: t, Reason: "a map's key is a string, a number, a bool, or a type with MarshalText and UnmarshalText, not " + t.String()}
	}
	k.plain = t.Kind() == reflect.String && !k.marshal &&
		!t.Implements(stringerType) && !t.Implements(formatterType) && !t.Implements(errorType)
	return k, nil
}

var errEmptyKey = errors.New("a map key cannot be empty")

// encode returns the attribute name of a key.
func (k *mapKey) encode(v reflect.Value) (name string, err error) {
	switch {
	case k.plain:
		name = v.String()
	case k.marshal:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return "", marshalFailure("a map key cannot be a nil pointer", nil)
		}
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return "", marshalFailure("MarshalText of map key type "+k.typ.String()+" failed", err)
		}
		name = string(text)
	default:
		name = fmt.Sprint(v.Interface()) // with the type's own String method, as attributevalue does
	}
	if name == "" {
		return "", marshalFailure(errEmptyKey.Error(), &attributevalue.InvalidMarshalError{})
	}
	return name, nil
}

// decode writes the key of an attribute name into a zero value of its type.
func (k *mapKey) decode(name string, key reflect.Value) error {
	err := k.decodeInto(name, key)
	if err != nil {
		return &Error{
			Reason: "the name does not suit a map key of Go type " + k.typ.String(),
			Err:    &attributevalue.UnmarshalTypeError{Value: "map key", Type: k.typ, Err: err},
		}
	}
	return nil
}

func (k *mapKey) decodeInto(name string, key reflect.Value) error {
	if k.unmarshal {
		if key.Kind() == reflect.Pointer {
			key.Set(reflect.New(k.typ.Elem()))
			return key.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(name))
		}
		return key.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(name))
	}
	switch key.Kind() {
	case reflect.String:
		key.SetString(name)
		return nil
	case reflect.Bool:
		b, err := strconv.ParseBool(name)
		if err != nil {
			return err
		}
		key.SetBool(b)
		return nil
	}
	return setNumber(key, name)
}
