package attr

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/monotable/monotable/internal/number"
)

// fewElements is how many elements are compared with one another faster than they are hashed.
const fewElements = 4

var seed = maphash.MakeSeed()

// StringsTwice tells whether a set of strings has an element twice.
func StringsTwice(set []string) bool {
	if len(set) <= fewElements {
		for i := 1; i < len(set); i++ {
			if slices.Contains(set[:i], set[i]) {
				return true
			}
		}
		return false
	}
	var space [16 * fewElements]uint32
	places := placesFor(len(set), space[:])
	mask := len(places) - 1
	for i, s := range set {
		at := int(maphash.String(seed, s)) & mask
		for ; places[at] != 0; at = (at + 1) & mask {
			if j := places[at]; set[j-1] == s {
				return true
			}
		}
		places[at] = uint32(i + 1)
	}
	return false
}

// BinariesTwice tells whether a set of binaries has an element twice.
func BinariesTwice(set [][]byte) bool {
	if len(set) <= fewElements {
		for i, b := range set {
			for _, other := range set[:i] {
				if bytes.Equal(b, other) {
					return true
				}
			}
		}
		return false
	}
	var space [16 * fewElements]uint32
	places := placesFor(len(set), space[:])
	mask := len(places) - 1
	for i, b := range set {
		at := int(maphash.Bytes(seed, b)) & mask
		for ; places[at] != 0; at = (at + 1) & mask {
			if j := places[at]; bytes.Equal(set[j-1], b) {
				return true
			}
		}
		places[at] = uint32(i + 1)
	}
	return false
}

// NumbersTwice tells whether a set of numbers has an element twice, be it in two texts: 1 and 1.0 are one number.
func NumbersTwice(set []string) bool {
	for i, text := range set {
		if shortest(text) {
			continue
		}
		normal := slices.Clone(set) // seldom: this library and the service write numbers in one way
		for j := i; j < len(normal); j++ {
			normal[j] = Number(normal[j])
		}
		return StringsTwice(normal)
	}
	return StringsTwice(set)
}

// Number is the text that the service would return for a number; a text that is no number stays as it is.
func Number(text string) string {
	if shortest(text) {
		return text
	}
	d, err := number.Parse(text)
	if err != nil {
		return text
	}
	return d.String()
}

// shortest tells the text of a number that no shorter one is equal to, and that has no exponent: two of these are equal
// only if they are the same.
func shortest(text string) bool {
	digits := text
	if digits != "" && digits[0] == '-' {
		digits = digits[1:]
	}
	whole, point := 0, -1
	for i := range len(digits) {
		switch c := digits[i]; {
		case '0' <= c && c <= '9':
		case c == '.' && point < 0:
			point = i
		default:
			return false
		}
		if point < 0 {
			whole = i + 1
		}
	}
	switch {
	case whole == 0, whole > 1 && digits[0] == '0':
		return false
	case point < 0:
		return digits != "0" || len(text) == 1
	}
	return point < len(digits)-1 && digits[len(digits)-1] != '0'
}

// placesFor is a table with room for so many elements, found by their hashes: a place holds one more than an element's
// index, or 0. Its size is a power of two.
func placesFor(elements int, space []uint32) []uint32 {
	size := len(space)
	for size < 2*elements {
		size *= 2
	}
	if size == len(space) {
		return space
	}
	return make([]uint32, size)
}
