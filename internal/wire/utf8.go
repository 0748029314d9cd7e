package wire

import (
	"reflect"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// CheckText refuses an input of the SDK in which a text is not valid UTF-8. JSON cannot carry such a text: encoders put
// U+FFFD for what is wrong, so that two keys become one. The error is what the service says of a body with such bytes
// in it, and names the place, not the text.
func CheckText(in any) error {
	place, bad := texts.find(in)
	if !bad {
		return nil
	}
	return &Error{Code: CodeSerialization, Message: place + " is not valid UTF-8"}
}

var (
	namesType       = reflect.TypeFor[map[string]string]()
	textPointerType = reflect.TypeFor[*string]()
)

// texts finds a text that is not valid UTF-8.
var texts = walker{special: func(t reflect.Type) (finder, bool) {
	switch t {
	case valueType:
		return func(v reflect.Value) (string, bool) {
			value, _ := v.Interface().(types.AttributeValue)
			return textInValue(value)
		}, true
	case itemType:
		return func(v reflect.Value) (string, bool) {
			return textInMap(v.Interface().(map[string]types.AttributeValue), textInValue)
		}, true
	case namesType:
		return func(v reflect.Value) (string, bool) {
			return textInMap(v.Interface().(map[string]string), textInString)
		}, true
	case textPointerType:
		return func(v reflect.Value) (string, bool) {
			text, _ := v.Interface().(*string)
			return "", text != nil && !utf8.ValidString(*text)
		}, true
	}
	if t.Kind() == reflect.String {
		return func(v reflect.Value) (string, bool) { return "", !utf8.ValidString(v.String()) }, true
	}
	return nil, false
}, names: true}

// textInValue looks at an attribute value. One that holds nothing has no text.
func textInValue(v types.AttributeValue) (place string, bad bool) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return ".S", v != nil && !utf8.ValidString(v.Value)
	case *types.AttributeValueMemberN:
		return ".N", v != nil && !utf8.ValidString(v.Value)
	case *types.AttributeValueMemberSS:
		if v != nil {
			return textInList(".SS", v.Value, textInString)
		}
	case *types.AttributeValueMemberNS:
		if v != nil {
			return textInList(".NS", v.Value, textInString)
		}
	case *types.AttributeValueMemberL:
		if v != nil {
			return textInList(".L", v.Value, textInValue)
		}
	case *types.AttributeValueMemberM:
		if v != nil {
			place, bad = textInMap(v.Value, textInValue)
			return ".M" + place, bad
		}
	}
	return "", false
}

func textInString(s string) (string, bool) { return "", !utf8.ValidString(s) }

func textInList[E any](place string, elements []E, text func(E) (string, bool)) (string, bool) {
	for i, e := range elements {
		if within, bad := text(e); bad {
			return place + index(i) + within, true
		}
	}
	return "", false
}

func textInMap[E any](m map[string]E, text func(E) (string, bool)) (string, bool) {
	for name, e := range m {
		if !utf8.ValidString(name) {
			return badName(name), true
		}
		if place, bad := text(e); bad {
			return key(name) + place, true
		}
	}
	return "", false
}
