// Package expr is DynamoDB's expression language: conditions, filters, key conditions, updates and projections, with
// the service's rules and its error messages (DynamoDB guide, "Using expressions in DynamoDB").
//
// A request's names and values make a Scope; its expressions are parsed in it, and CheckUnused ends the parsing. Parsed
// expressions are immutable and safe for concurrent use. The service parses a request's expressions in this order:
// condition or filter, projection, key condition, and update before condition; then it looks for unused names and
// values, and only then at the table.
//
// Rules and messages were asked of DynamoDB Local 3.1.0. Where the guide or the live service are known to differ, they
// are followed instead:
//   - UPDATED_OLD and UPDATED_NEW hold the touched paths alone; Local returns the whole attributes that they lie in.
//   - CONVERT and SIZE are reserved words; Local takes them.
//   - Sums and differences are written without zeros at the end; Local writes 0.50 and 0.00.
//   - A bad number is "The parameter cannot be converted to a numeric value: …", more than 38 digits is "Attempting to
//     store more than 38 significant digits in a Number", and duplicates in a string set end with a full stop.
//   - The limit of an expression's text counts bytes; Local counts UTF-16 units.
//   - Digits are ASCII; Local takes those of any script.
//   - A value placeholder as a step of a path is an undefined name; Local answers "Internal server error" if the value
//     is defined.
//   - Binary bounds of BETWEEN are shown in base64; Local shows a Java buffer.
//   - Two paths that overlap are the pair that is told; Local can name another path of the expression as the second.
//   - Of several actions that the item shows to be wrong the first is told; Local tells any, by the hashes of their
//     attributes.
//   - Two key conditions on one attribute are refused as an invalid KeyConditionExpression, and a difference of more
//     than 38 digits is an overflow (captured from us-east-1, October 2026); Local leaves the first words away and
//     calls the second too precise.
//   - The types that attribute_type lists for an operand that is a path are in Local 3.1.0's order; other versions have
//     others.
package expr

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// Scope holds one request's names and values and remembers which of them were used. It is not safe for concurrent use.
type Scope struct {
	names      map[string]string
	values     map[string]types.AttributeValue
	usedNames  map[string]bool
	usedValues map[string]bool
	bytes      int
	untyped    bool // what ADD and DELETE are given may be of any type
	mistyped   bool // some of it was of a type that they cannot take
}

// Untyped lets ADD and DELETE be given operands of any type, for who is to put others in their place. Mistyped then
// tells whether some must be.
func (s *Scope) Untyped() { s.untyped = true }

// Mistyped tells whether an update was parsed whose ADD or DELETE the service would refuse for its operand's type.
func (s *Scope) Mistyped() bool { return s.mistyped }

// NewScope checks ExpressionAttributeNames and ExpressionAttributeValues, of which nil means that the request had none.
// The scope and what is parsed in it read both maps and do not change them.
func NewScope(names map[string]string, values map[string]types.AttributeValue) (*Scope, error) {
	const inNames, inValues = "ExpressionAttributeNames", "ExpressionAttributeValues"
	if names != nil && len(names) == 0 {
		return nil, refuse("%s must not be empty", inNames)
	}
	if values != nil && len(values) == 0 {
		return nil, refuse("%s must not be empty", inValues)
	}
	nameKeys, valueKeys := sortedKeys(names), sortedKeys(values)
	for _, key := range nameKeys {
		if err := checkPlaceholder(key, '#'); err != nil {
			if len(key) > size.MaxPlaceholder {
				err = faultf("%s size of key: %d", err, len(key))
			}
			return nil, refuse("%s contains invalid key: %s", inNames, err)
		}
	}
	for _, key := range valueKeys {
		if err := checkPlaceholder(key, ':'); err != nil {
			return nil, refuse("%s contains invalid key: %s", inValues, err)
		}
	}
	nameBytes, valueBytes := 0, 0
	for _, key := range valueKeys {
		if err := CheckValue(values[key]); err != nil {
			return nil, refuseValue(key, "%s contains invalid value: %s for key %s", inValues, err, key)
		}
		valueBytes += size.Attribute(key, values[key])
	}
	for _, key := range nameKeys {
		if err := checkName(names[key]); err != nil {
			return nil, refuse("%s contains invalid value: %s for key %s", inNames, err, key)
		}
		nameBytes += len(key) + len(names[key])
	}
	switch {
	case nameBytes > size.MaxSubstitutes:
		return nil, refuse("%s exceeds max size", inNames)
	case valueBytes > size.MaxSubstitutes:
		return nil, refuse("%s exceeds max size", inValues)
	case nameBytes+valueBytes > size.MaxSubstitutes:
		return nil, refuse("Combined size of %s and %s exceeds max size", inNames, inValues)
	}
	return &Scope{
		names: names, values: values,
		usedNames: make(map[string]bool, len(names)), usedValues: make(map[string]bool, len(values)),
	}, nil
}

// Size returns the bytes of the expressions parsed so far, and of the names and values that they use, each as often as
// it is used: what a transaction is charged for them.
func (s *Scope) Size() int {
	if s == nil {
		return 0
	}
	return s.bytes
}

// checkPlaceholder says what is wrong with a key of names or values. Like the service it lets white space stand around
// a placeholder, which no expression can then use.
func checkPlaceholder(key string, sign byte) error {
	const space = " \t\r\n"
	switch trimmed := strings.Trim(key, space); {
	case key == "":
		return faultf("The expression attribute map contains an empty key;")
	case len(key) > size.MaxPlaceholder:
		return faultf("The expression attribute map contains a key that is too long;")
	case len(trimmed) < 2 || trimmed[0] != sign || nameLength(trimmed[1:]) != len(trimmed)-1:
		return faultf("Syntax error; key: \"%s\"", key)
	}
	return nil
}

// name resolves a name placeholder.
func (s *Scope) name(placeholder string) (string, error) {
	name, ok := s.names[placeholder]
	if !ok {
		return "", faultf("An expression attribute name used in the document path is not defined; attribute name: %s",
			placeholder)
	}
	s.usedNames[placeholder] = true
	s.bytes += len(name)
	return name, nil
}

// value resolves a value placeholder.
func (s *Scope) value(placeholder string) (*Value, error) {
	v, ok := s.values[placeholder]
	if !ok {
		return nil, faultf("An expression attribute value used in expression is not defined; attribute value: %s",
			placeholder)
	}
	s.usedValues[placeholder] = true
	s.bytes += size.Value(v)
	return &Value{Placeholder: placeholder, Value: v, datum: datumOf(v)}, nil
}

// CheckUnused returns an error if a name or a value was used by none of the expressions parsed so far.
func (s *Scope) CheckUnused() error {
	if err := checkUnused("ExpressionAttributeNames", s.names, s.usedNames); err != nil {
		return err
	}
	return checkUnused("ExpressionAttributeValues", s.values, s.usedValues)
}

func checkUnused[V any](parameter string, all map[string]V, used map[string]bool) error {
	if len(used) == len(all) {
		return nil
	}
	var unused []string
	for key := range all {
		if !used[key] {
			unused = append(unused, key)
		}
	}
	return refuse("Value provided in %s unused in expressions: keys: {%s}", parameter,
		wire.Listed(hashOrder(unused, len(all)), wire.Text))
}

// hashOrder orders some of a request's placeholders as the service tells them: as a Java hash set that was made of all
// of them does. Those of one bucket are sorted, where the service has them in the order of the request.
func hashOrder(keys []string, all int) []string {
	buckets := uint32(16)
	for buckets < uint32(float64(all)/0.75+1) {
		buckets *= 2
	}
	bucket := func(key string) uint32 {
		var hash uint32
		for _, c := range []byte(key) { // placeholders are ASCII
			hash = 31*hash + uint32(c)
		}
		return (hash ^ hash>>16) & (buckets - 1)
	}
	slices.Sort(keys)
	slices.SortStableFunc(keys, func(a, b string) int { return int(bucket(a)) - int(bucket(b)) })
	return keys
}

// parse makes a parser of an expression of that kind and runs read with it. What read returns as a fault is told as the
// expression's.
func (s *Scope) parse(kind Kind, text string, read func(*parser) error) error {
	before := s.bytes
	s.bytes += len(text)
	var err error
	switch {
	case text == "":
		err = faultf("The expression can not be empty;")
	case len(text) > size.MaxExpression:
		err = faultf("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	default:
		err = read(&parser{text: text, tokens: lex(text)})
		if err == nil && s.bytes-before > size.MaxExpressionUse {
			err = faultf("Expression size has exceeded the maximum allowed size;")
		}
	}
	if f, ok := err.(fault); ok {
		return refuse("Invalid %s: %s", kind, f)
	}
	return err
}
