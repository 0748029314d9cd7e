package number

import (
	"bytes"
	"math"
	"math/bits"
	"strconv"
)

// Size returns the bytes that the service counts for the number, 1 to 21: it stores base-100 digits, an exponent, and a
// mark behind negative digits that do not fill their room.
func (d Decimal) Size() int {
	if d.hi == 0 {
		return 1
	}
	return sizeOf(d.digitCount(), int(d.exp), d.neg)
}

// sizeOf is the bytes of a number of so many significant digits, the first of which has a decimal exponent.
func sizeOf(digits, exponent int, negative bool) int {
	if exponent&1 == 0 {
		digits++ // an even exponent leaves the first base-100 digit half filled
	}
	pairs := (digits + 1) / 2
	if negative && pairs < maxPairs {
		return 2 + pairs
	}
	return 1 + pairs
}

// IntSize is the Size of an integer.
func IntSize(n int64) int {
	if n < 0 {
		return integerSize(-uint64(n), true)
	}
	return integerSize(uint64(n), false)
}

// UintSize is the Size of an unsigned integer.
func UintSize(n uint64) int { return integerSize(n, false) }

func integerSize(magnitude uint64, negative bool) int {
	if magnitude == 0 {
		return 1
	}
	digits := digitsOf(magnitude)
	return sizeOf(digits-trailingZeros(magnitude), digits-1, negative)
}

// digitsOf counts the digits of an integer that is not zero.
func digitsOf(magnitude uint64) int {
	digits := bits.Len64(magnitude) * 1233 >> 12 // of the power of two below it, or one less
	if magnitude >= pow10[digits] {
		digits++
	}
	return digits
}

// FloatSize is the Size of a finite float of 32 or 64 bits, as its shortest decimal is stored.
func FloatSize(f float64, size int) int {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 && (size == 64 || math.Abs(f) < 1<<24) {
		return IntSize(int64(f))
	}
	if size == 64 {
		// A decimal of at most 15 digits that reads back as f is the shortest one, for no two of them are one float. An
		// integer divided by a power of ten is what such a decimal reads as, since both are exact and the quotient is
		// rounded once.
		if units := math.Round(math.Abs(f) * 1e6); units >= 1 && units < 1e15 && units/1e6 == math.Abs(f) {
			digits := digitsOf(uint64(units))
			return sizeOf(digits-trailingZeros(uint64(units)), digits-1-6, f < 0)
		}
	}
	var space [32]byte
	text := strconv.AppendFloat(space[:0], math.Abs(f), 'e', -1, size) // d.ddde-07
	e := bytes.IndexByte(text, 'e')
	digits := max(1, e-1)
	exponent := 0
	for _, c := range text[e+2:] {
		exponent = 10*exponent + int(c-'0')
	}
	return sizeOf(digits, exponent, f < 0) // whether the exponent is even does not depend on its sign
}
