// Package attr knows DynamoDB's attribute values: which of them the service can hold, which are equal, and how a path
// to one is written.
package attr

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is the attributes of an item, or of a key, by name.
type Item = map[string]types.AttributeValue

// Absent tells a nil AttributeValue, and a nil member of the union.
func Absent(av types.AttributeValue) bool {
	switch av := av.(type) {
	case nil:
		return true
	case *types.AttributeValueMemberS:
		return av == nil
	case *types.AttributeValueMemberN:
		return av == nil
	}
	return reflect.ValueOf(av).IsNil()
}

// SomeKey stands in a path for the name of an entry of a map. A struct's attribute names are the program's own; a map's
// keys may be data, such as e-mail addresses, and data does not belong into the text of an error.
const SomeKey = "{key}"

var nameEscapes = strings.NewReplacer(`\`, `\\`, `.`, `\.`, `[`, `\[`)

// EscapeName writes an attribute's name as an element of a path: with a backslash before each dot, bracket and
// backslash that is part of the name.
func EscapeName(name string) string { return nameEscapes.Replace(name) }

// Join puts a path behind a name: "pets" and "[0].name" are "pets[0].name".
func Join(name, path string) string {
	switch {
	case path == "" || name == "":
		return name + path
	case path[0] == '[' || strings.HasPrefix(path, SomeKey):
		return name + path
	}
	return name + "." + path
}
