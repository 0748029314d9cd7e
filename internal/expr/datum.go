package expr

import (
	"bytes"
	"strings"
	"unicode/utf16"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
)

// datum is a value ready to be compared: a number is parsed. The zero datum is an attribute that does not exist.
type datum struct {
	value   types.AttributeValue // nil for a number that stands in no attribute
	number  number.Decimal
	numeric bool
}

func datumOf(v types.AttributeValue) datum {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		if d, err := number.Parse(n.Value); err == nil {
			return datum{v, d, true}
		}
	}
	return datum{value: v}
}

func (d datum) exists() bool { return d.value != nil || d.numeric }

// compare orders two strings, numbers or binaries; ok says whether they are of one such type.
func (d datum) compare(e datum) (order int, ok bool) {
	if d.numeric || e.numeric {
		if !d.numeric || !e.numeric {
			return 0, false
		}
		return d.number.Compare(e.number), true
	}
	switch a := d.value.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := e.value.(*types.AttributeValueMemberS); ok {
			return strings.Compare(a.Value, b.Value), true
		}
	case *types.AttributeValueMemberB:
		if b, ok := e.value.(*types.AttributeValueMemberB); ok {
			return bytes.Compare(a.Value, b.Value), true
		}
	}
	return 0, false
}

// equal says whether two values that exist are the same: numbers by value, sets whatever their order.
func (d datum) equal(e datum) bool {
	if d.numeric || e.numeric {
		return d.numeric && e.numeric && d.number == e.number
	}
	return equal(d.value, e.value)
}

// equal is datum.equal of values.
func equal(v, w types.AttributeValue) bool {
	switch a := v.(type) {
	case *types.AttributeValueMemberS:
		b, ok := w.(*types.AttributeValueMemberS)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberN:
		b, ok := w.(*types.AttributeValueMemberN)
		return ok && equalNumbers(a.Value, b.Value)
	case *types.AttributeValueMemberB:
		b, ok := w.(*types.AttributeValueMemberB)
		return ok && bytes.Equal(a.Value, b.Value)
	case *types.AttributeValueMemberBOOL:
		b, ok := w.(*types.AttributeValueMemberBOOL)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberNULL:
		_, ok := w.(*types.AttributeValueMemberNULL)
		return ok
	case *types.AttributeValueMemberSS:
		b, ok := w.(*types.AttributeValueMemberSS)
		return ok && sameSet(a.Value, b.Value, stringKey)
	case *types.AttributeValueMemberNS:
		b, ok := w.(*types.AttributeValueMemberNS)
		return ok && sameSet(a.Value, b.Value, numberKey)
	case *types.AttributeValueMemberBS:
		b, ok := w.(*types.AttributeValueMemberBS)
		return ok && sameSet(a.Value, b.Value, binaryKey)
	case *types.AttributeValueMemberL:
		b, ok := w.(*types.AttributeValueMemberL)
		if !ok || len(a.Value) != len(b.Value) {
			return false
		}
		for i, e := range a.Value {
			if !equal(e, b.Value[i]) {
				return false
			}
		}
		return true
	case *types.AttributeValueMemberM:
		b, ok := w.(*types.AttributeValueMemberM)
		if !ok || len(a.Value) != len(b.Value) {
			return false
		}
		for name, e := range a.Value {
			if !equal(e, b.Value[name]) {
				return false
			}
		}
		return true
	}
	return false
}

func equalNumbers(a, b string) bool {
	if a == b {
		return true
	}
	x, xErr := number.Parse(a)
	y, yErr := number.Parse(b)
	return xErr == nil && yErr == nil && x == y
}

// The keys by which elements of sets are the same.
func stringKey(s string) string { return s }
func binaryKey(b []byte) string { return string(b) }
func numberKey(text string) number.Decimal {
	d, _ := number.Parse(text) // sets hold numbers only
	return d
}

// smallSet is how many elements are compared one by one.
const smallSet = 8

// sameSet says whether two sets have the same elements.
func sameSet[E any, K comparable](a, b []E, key func(E) K) bool {
	if len(a) != len(b) {
		return false
	}
	has := members(b, key)
	for _, e := range a {
		if !has(key(e)) {
			return false
		}
	}
	return true
}

// members returns a test of whether a set has an element.
func members[E any, K comparable](set []E, key func(E) K) func(K) bool {
	if len(set) <= smallSet {
		return func(k K) bool {
			for _, e := range set {
				if key(e) == k {
					return true
				}
			}
			return false
		}
	}
	all := make(map[K]bool, len(set))
	for _, e := range set {
		all[key(e)] = true
	}
	return func(k K) bool { return all[k] }
}

// contains says whether a string or binary holds another, or a set or list holds an element.
func (d datum) contains(e datum) bool {
	switch c := d.value.(type) {
	case *types.AttributeValueMemberS:
		part, ok := e.value.(*types.AttributeValueMemberS)
		return ok && strings.Contains(c.Value, part.Value)
	case *types.AttributeValueMemberB:
		part, ok := e.value.(*types.AttributeValueMemberB)
		return ok && bytes.Contains(c.Value, part.Value)
	case *types.AttributeValueMemberSS:
		element, ok := e.value.(*types.AttributeValueMemberS)
		return ok && has(c.Value, stringKey, element.Value)
	case *types.AttributeValueMemberNS:
		return e.numeric && has(c.Value, numberKey, e.number)
	case *types.AttributeValueMemberBS:
		element, ok := e.value.(*types.AttributeValueMemberB)
		return ok && has(c.Value, binaryKey, string(element.Value))
	case *types.AttributeValueMemberL:
		for _, element := range c.Value {
			if datumOf(element).equal(e) {
				return true
			}
		}
	}
	return false
}

func has[E any, K comparable](set []E, key func(E) K, k K) bool {
	for _, e := range set {
		if key(e) == k {
			return true
		}
	}
	return false
}

// beginsWith says whether a string or binary begins with another.
func (d datum) beginsWith(e datum) bool {
	switch v := d.value.(type) {
	case *types.AttributeValueMemberS:
		prefix, ok := e.value.(*types.AttributeValueMemberS)
		return ok && strings.HasPrefix(v.Value, prefix.Value)
	case *types.AttributeValueMemberB:
		prefix, ok := e.value.(*types.AttributeValueMemberB)
		return ok && bytes.HasPrefix(v.Value, prefix.Value)
	}
	return false
}

// utf16Length counts characters as the service does, those beyond the Basic Multilingual Plane twice.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// size is the function of that name: characters of a string, bytes of a binary, elements of what has elements. Other
// types have none.
func (d datum) size() datum {
	n := -1
	switch v := d.value.(type) {
	case *types.AttributeValueMemberS:
		n = utf16Length(v.Value)
	case *types.AttributeValueMemberB:
		n = len(v.Value)
	case *types.AttributeValueMemberSS:
		n = len(v.Value)
	case *types.AttributeValueMemberNS:
		n = len(v.Value)
	case *types.AttributeValueMemberBS:
		n = len(v.Value)
	case *types.AttributeValueMemberL:
		n = len(v.Value)
	case *types.AttributeValueMemberM:
		n = len(v.Value)
	}
	if n < 0 {
		return datum{}
	}
	return datum{number: number.FromInt(n), numeric: true}
}

// typeName returns the short name of the type, "" for what does not exist.
func (d datum) typeName() string {
	if d.numeric {
		return "N"
	}
	return typeName(d.value)
}
