package monotable

import (
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/number"
)

func tooDeep(path string) error {
	return &AttributeError{Path: path, Reason: "nested deeper than 32 levels"}
}

func notANumber(path string) error {
	return &AttributeError{Path: path, Reason: "not a number that DynamoDB can hold: 38 digits, 1E-130 to 9.99E+125"}
}

// checkItem finds what DynamoDB could not hold: values that are nil or of no type, numbers that are none, text that is not
// UTF-8, empty sets and sets with an element twice, and too many levels.
func checkItem(item map[string]types.AttributeValue, in string, depth int) error {
	for _, name := range slices.Sorted(maps.Keys(item)) {
		path := joinPath(in, codec.EscapeName(name))
		if name == "" {
			return &AttributeError{Path: in, Reason: "a name is empty"}
		}
		if !utf8.ValidString(name) {
			return &AttributeError{Path: in, Reason: "a name is not UTF-8"}
		}
		if err := checkValue(item[name], path, depth); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(av types.AttributeValue, path string, depth int) error {
	if absent(av) {
		return &AttributeError{Path: path, Reason: "is a nil AttributeValue"}
	}
	if depth > maxItemDepth {
		return tooDeep(path)
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return checkText(av.Value, path)
	case *types.AttributeValueMemberN:
		return checkNumber(av.Value, path)
	case *types.AttributeValueMemberB, *types.AttributeValueMemberBOOL:
		return nil
	case *types.AttributeValueMemberNULL:
		if !av.Value {
			return &AttributeError{Path: path, Reason: "is a NULL that is not true"}
		}
		return nil
	case *types.AttributeValueMemberSS:
		return checkSet(av.Value, path, func(s string) string { return s }, checkText)
	case *types.AttributeValueMemberNS:
		return checkSet(av.Value, path, normalNumber, checkNumber)
	case *types.AttributeValueMemberBS:
		return checkSet(av.Value, path, func(b []byte) string { return string(b) }, func([]byte, string) error { return nil })
	case *types.AttributeValueMemberL:
		if depth == maxItemDepth {
			return tooDeep(path)
		}
		for n, elem := range av.Value {
			if err := checkValue(elem, path+"["+strconv.Itoa(n)+"]", depth+1); err != nil {
				return err
			}
		}
		return nil
	case *types.AttributeValueMemberM:
		if depth == maxItemDepth {
			return tooDeep(path)
		}
		return checkItem(av.Value, path, depth+1)
	}
	return &AttributeError{Path: path, Reason: "has a type that DynamoDB does not have"}
}

func checkText(s, path string) error {
	if !utf8.ValidString(s) {
		return &AttributeError{Path: path, Reason: "is not UTF-8"}
	}
	return nil
}

func checkNumber(text, path string) error {
	if _, err := number.Parse(text); err != nil {
		return notANumber(path)
	}
	return nil
}

// checkSet checks the elements of a set; key tells them apart.
func checkSet[E any](set []E, path string, key func(E) string, check func(E, string) error) error {
	if len(set) == 0 {
		return &AttributeError{Path: path, Reason: "is an empty set"}
	}
	seen := make(map[string]bool, len(set))
	for n, e := range set {
		if err := check(e, path+"["+strconv.Itoa(n)+"]"); err != nil {
			return err
		}
		if seen[key(e)] {
			return &AttributeError{Path: path, Reason: "is a set with an element twice"}
		}
		seen[key(e)] = true
	}
	return nil
}
