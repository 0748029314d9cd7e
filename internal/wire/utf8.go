package wire

import (
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// CheckText refuses an input of the SDK in which a text is not valid UTF-8. JSON cannot carry such a text: encoders put U+FFFD for
// what is wrong, so that two keys become one. The error is what the service says of a body with such bytes in it, and names the
// place, not the text.
func CheckText(in any) error {
	v := reflect.ValueOf(in).Elem()
	place, bad := textOf(v.Type()).find(v)
	if !bad {
		return nil
	}
	return &Error{Code: CodeSerialization, Message: v.Type().Name() + place + " is not valid UTF-8"}
}

// textFinder looks for a text that is not valid UTF-8 and gives its place within the value. A nil one has no texts to look at.
type textFinder func(reflect.Value) (place string, bad bool)

func (find textFinder) find(v reflect.Value) (string, bool) {
	if find == nil {
		return "", false
	}
	return find(v)
}

var textFinders sync.Map // reflect.Type -> func() textFinder

// textOf gives the finder of a type, made once.
func textOf(t reflect.Type) textFinder {
	if made, ok := textFinders.Load(t); ok {
		return made.(func() textFinder)()
	}
	made, _ := textFinders.LoadOrStore(t, sync.OnceValue(func() textFinder { return newTextFinder(t) }))
	return made.(func() textFinder)()
}

func newTextFinder(t reflect.Type) textFinder {
	switch t {
	case valueType:
		return func(v reflect.Value) (string, bool) {
			value, _ := v.Interface().(types.AttributeValue)
			return textInValue(value)
		}
	case itemType:
		return func(v reflect.Value) (string, bool) {
			return textInMap(v.Interface().(map[string]types.AttributeValue), textInValue)
		}
	case metadataType:
		return nil
	}
	switch t.Kind() {
	case reflect.String:
		return func(v reflect.Value) (string, bool) { return "", !utf8.ValidString(v.String()) }
	case reflect.Pointer:
		return textInPointer(textOf(t.Elem()))
	case reflect.Slice:
		return textInSlice(textOf(t.Elem()))
	case reflect.Map:
		return textInMembers(textOf(t.Elem()))
	case reflect.Struct:
		return textInStruct(t)
	}
	return nil
}

func textInPointer(elem textFinder) textFinder {
	if elem == nil {
		return nil
	}
	return func(v reflect.Value) (string, bool) {
		if v.IsNil() {
			return "", false
		}
		return elem(v.Elem())
	}
}

func textInSlice(elem textFinder) textFinder {
	if elem == nil {
		return nil
	}
	return func(v reflect.Value) (string, bool) {
		for i := range v.Len() {
			if place, bad := elem(v.Index(i)); bad {
				return index(i) + place, true
			}
		}
		return "", false
	}
}

func textInMembers(elem textFinder) textFinder {
	return func(v reflect.Value) (string, bool) {
		for each := v.MapRange(); each.Next(); {
			name := each.Key().String()
			if !utf8.ValidString(name) {
				return badName(name), true
			}
			if place, bad := elem.find(each.Value()); bad {
				return key(name) + place, true
			}
		}
		return "", false
	}
}

func textInStruct(t reflect.Type) textFinder {
	type member struct {
		index int
		place string
		text  textFinder
	}
	var members []member
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		if text := textOf(f.Type); text != nil {
			members = append(members, member{i, "." + f.Name, text})
		}
	}
	if members == nil {
		return nil
	}
	return func(v reflect.Value) (string, bool) {
		for i := range members {
			m := &members[i]
			if place, bad := m.text(v.Field(m.index)); bad {
				return m.place + place, true
			}
		}
		return "", false
	}
}

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

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func key(name string) string { return "[" + strconv.Quote(name) + "]" }

func badName(name string) string { return ": the name " + strconv.Quote(name) }
