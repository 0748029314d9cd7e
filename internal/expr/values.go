package expr

import (
	"bytes"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// CheckValue says what makes a value none: nothing or a bad number in it, an empty set or one with duplicates, NULL
// that is false, a nameless map entry, nesting too deep. The error's text is the service's message, without the
// parameter it is about and without values.
func CheckValue(v types.AttributeValue) error { return checkValue(v, 0) }

func checkValue(v types.AttributeValue, depth int) error {
	if message := wire.NoValue(v); message != "" {
		return faultf("%s", message)
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS, *types.AttributeValueMemberB, *types.AttributeValueMemberBOOL:
		return nil
	case *types.AttributeValueMemberN:
		_, err := parseNumber(v.Value)
		return err
	case *types.AttributeValueMemberNULL:
		if !v.Value {
			return faultf("One or more parameter values were invalid: Null attribute value types must have the value " +
				"of true")
		}
		return nil
	case *types.AttributeValueMemberSS:
		return checkStrings(v.Value)
	case *types.AttributeValueMemberNS:
		return checkNumbers(v.Value)
	case *types.AttributeValueMemberBS:
		return checkBinaries(v.Value)
	case *types.AttributeValueMemberL:
		if depth == size.MaxNesting {
			return errDepth
		}
		for _, e := range v.Value {
			if err := checkValue(e, depth+1); err != nil {
				return err
			}
		}
		return nil
	case *types.AttributeValueMemberM:
		if depth == size.MaxNesting {
			return errDepth
		}
		return checkMap(v.Value, depth+1)
	}
	return faultf(wire.MessageEmpty)
}

func checkStrings(set []string) error {
	if len(set) == 0 {
		return faultf("One or more parameter values were invalid: An string set  may not be empty")
	}
	if repeats(set, strings.Compare) {
		return faultf("One or more parameter values were invalid: Input collection [%s] contains duplicates.",
			hidden(wire.Listed(set, wire.Text)))
	}
	return nil
}

func checkNumbers(set []string) error {
	if len(set) == 0 {
		return faultf("One or more parameter values were invalid: An number set  may not be empty")
	}
	numbers := make([]number.Decimal, len(set))
	for i, text := range set {
		var err error
		if numbers[i], err = parseNumber(text); err != nil {
			return err
		}
	}
	if repeats(numbers, number.Decimal.Compare) {
		return faultf("Input collection contains duplicates")
	}
	return nil
}

func checkBinaries(set [][]byte) error {
	if len(set) == 0 {
		return faultf("One or more parameter values were invalid: Binary sets should not be empty")
	}
	if repeats(set, bytes.Compare) {
		return faultf("One or more parameter values were invalid: Input collection of type BS contains duplicates.")
	}
	return nil
}

// checkMap checks names and values that stand in depth lists and maps.
func checkMap(m map[string]types.AttributeValue, depth int) error {
	names := sortedKeys(m)
	for _, name := range names {
		if m[name] == nil {
			return faultf("%s: %s is null", wire.MessageNull, hidden(wire.Shown(name)))
		}
	}
	for _, name := range names {
		if err := checkName(name); err != nil {
			return err
		}
		if err := checkValue(m[name], depth); err != nil {
			return err
		}
	}
	return nil
}

var errDepth = faultf(wire.MessageNesting)

// checkName says what makes an attribute name none.
func checkName(name string) error {
	if name == "" {
		return faultf("Empty attribute name")
	}
	if len(name) > size.MaxName {
		return faultf("Attribute name is too large, must be less than %d bytes", size.MaxName+1)
	}
	return nil
}

func parseNumber(text string) (number.Decimal, error) {
	d, err := number.Parse(text)
	if err == number.ErrSyntax && text != "" {
		return d, faultf("%s: %s", err, hidden(wire.Shown(text)))
	}
	if err != nil {
		return d, faultf("%s", err.Error())
	}
	return d, nil
}

// repeats says whether two elements are equal.
func repeats[E any](elements []E, compare func(a, b E) int) bool {
	if len(elements) < 2 {
		return false
	}
	sorted := slices.SortedFunc(slices.Values(elements), compare)
	for i := range len(sorted) - 1 {
		if compare(sorted[i], sorted[i+1]) == 0 {
			return true
		}
	}
	return false
}

// typeName returns the short name of a value's type, as DynamoDB JSON has it; "" for nil.
func typeName(v types.AttributeValue) string {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return "S"
	case *types.AttributeValueMemberN:
		return "N"
	case *types.AttributeValueMemberB:
		return "B"
	case *types.AttributeValueMemberBOOL:
		return "BOOL"
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberSS:
		return "SS"
	case *types.AttributeValueMemberNS:
		return "NS"
	case *types.AttributeValueMemberBS:
		return "BS"
	case *types.AttributeValueMemberL:
		return "L"
	case *types.AttributeValueMemberM:
		return "M"
	}
	return ""
}

// Clone returns a deep copy of a value that shares nothing with it but strings. Numbers come out as the service writes
// them.
func Clone(v types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: normal(v.Value)}
	case *types.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}
	case *types.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: v.Value}
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Clone(v.Value)}
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: each(v.Value, normal)}
	case *types.AttributeValueMemberBS:
		return &types.AttributeValueMemberBS{Value: each(v.Value, slices.Clone[[]byte])}
	case *types.AttributeValueMemberL:
		return &types.AttributeValueMemberL{Value: each(v.Value, Clone)}
	case *types.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: cloneMap(v.Value)}
	}
	return nil
}

func cloneMap(m map[string]types.AttributeValue) map[string]types.AttributeValue {
	copied := make(map[string]types.AttributeValue, len(m))
	for name, v := range m {
		copied[name] = Clone(v)
	}
	return copied
}

// each maps a slice.
func each[E, F any](elements []E, to func(E) F) []F {
	all := make([]F, len(elements))
	for i, e := range elements {
		all[i] = to(e)
	}
	return all
}

// normal returns a number's text as the service writes it, and what is no number as it is.
func normal(text string) string {
	d, err := number.Parse(text)
	if err != nil {
		return text
	}
	var b [192]byte
	written := d.AppendText(b[:0])
	if string(written) == text {
		return text
	}
	return string(written)
}

// Depth returns how many lists and maps lie in each other in a value.
func Depth(v types.AttributeValue) int { return depth(v) }

// depth returns how many lists and maps lie in each other in a value.
func depth(v types.AttributeValue) int {
	deepest := 0
	switch v := v.(type) {
	case *types.AttributeValueMemberL:
		for _, e := range v.Value {
			deepest = max(deepest, depth(e))
		}
	case *types.AttributeValueMemberM:
		for _, e := range v.Value {
			deepest = max(deepest, depth(e))
		}
	default:
		return 0
	}
	return 1 + deepest
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
