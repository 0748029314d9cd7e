package gotype

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/scalar"
)

// MapKey turns a Go map's keys into attribute names and back.
type MapKey struct {
	Type      reflect.Type
	Plain     bool // a string without methods that would change it
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

// MapKeyOf tells how keys of that type are written. It refuses types whose keys have no text, or cannot be read back.
func MapKeyOf(t reflect.Type) (*MapKey, error) {
	k := &MapKey{
		Type:    t,
		marshal: t.Implements(textMarshalerType),
		unmarshal: t.Kind() != reflect.Interface &&
			(t.Implements(textUnmarshalerType) || reflect.PointerTo(t).Implements(textUnmarshalerType)),
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
		return nil, &failure.TypeError{Type: t, Reason: "a map's key is a string, a number, a bool, " +
			"or a type with MarshalText and UnmarshalText, not " + t.String()}
	}
	k.Plain = t.Kind() == reflect.String && !k.marshal &&
		!t.Implements(stringerType) && !t.Implements(formatterType) && !t.Implements(errorType)
	return k, nil
}

// Encode returns the attribute name of a key.
func (k *MapKey) Encode(v reflect.Value) (name string, err error) {
	switch {
	case k.Plain:
		name = v.String()
	case k.marshal:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return "", failure.Marshal("a map key cannot be a nil pointer", nil)
		}
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return "", failure.Marshal("MarshalText of map key type "+k.Type.String()+" failed", err)
		}
		name = string(text)
	default:
		name = fmt.Sprint(v.Interface()) // with the type's own String method, as attributevalue does
	}
	if name == "" {
		return "", failure.ErrNoName
	}
	return name, nil
}

// Decode writes the key of an attribute name into a zero value of its type.
func (k *MapKey) Decode(name string, key reflect.Value) error {
	err := k.decodeInto(name, key)
	if err != nil {
		return &failure.Error{
			Reason: "the name does not suit a map key of Go type " + k.Type.String(),
			Err:    &attributevalue.UnmarshalTypeError{Value: "map key", Type: k.Type, Err: err},
		}
	}
	return nil
}

func (k *MapKey) decodeInto(name string, key reflect.Value) error {
	if k.unmarshal {
		if key.Kind() == reflect.Pointer {
			key.Set(reflect.New(k.Type.Elem()))
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
	return scalar.SetNumber(key, name)
}
