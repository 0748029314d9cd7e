// Package number holds DynamoDB's number type: decimals of up to 38 significant digits with magnitudes from 1E-130 to
// 9.9999999999999999999999999999999999999E+125, positive, negative or zero (DynamoDB guide, "Data types: Number").
//
// A Decimal has one form for each number, so == is numeric equality and a Decimal serves as a map key. Numbers come
// from Parse, are written by String, compared by Compare and computed with Add and Sub, which are exact or refuse as
// the service does. AppendSortable writes bytes that sort as the numbers do, for keys.
package number

import "cmp"

const (
	// MaxDigits is the number of significant digits a number may have.
	MaxDigits = 38
	// MaxExponent is the decimal exponent of the first digit of the largest magnitudes.
	MaxExponent = 125
	// MinExponent is the decimal exponent of the first digit of the smallest magnitudes.
	MinExponent = -130

	limbDigits = 19
	limb       = 1e19 // what a limb of 19 digits counts up to
)

// Decimal is a DynamoDB number. The zero value is 0. Two Decimals are == exactly when they are the same number.
type Decimal struct {
	// the first 19 significant digits, left aligned, and the 19 after them; hi is 0 for the number 0 alone
	hi, lo uint64
	exp    int16 // decimal exponent of the first digit
	neg    bool
}

// Compare returns -1, 0 or 1 as d is less than, equal to or greater than e.
func (d Decimal) Compare(e Decimal) int {
	switch {
	case d.neg != e.neg:
		if d.neg {
			return -1
		}
		return 1
	case d.neg:
		return compareMagnitude(e, d)
	}
	return compareMagnitude(d, e)
}

func compareMagnitude(d, e Decimal) int {
	if d.hi == 0 || e.hi == 0 || d.exp == e.exp {
		if c := cmp.Compare(d.hi, e.hi); c != 0 {
			return c
		}
		return cmp.Compare(d.lo, e.lo)
	}
	return cmp.Compare(d.exp, e.exp)
}

// Neg returns -d.
func (d Decimal) Neg() Decimal {
	d.neg = !d.neg && d.hi != 0
	return d
}

// digitCount returns the number of significant digits, at least 1 unless d is 0.
func (d Decimal) digitCount() int {
	if d.lo != 0 {
		return 2*limbDigits - trailingZeros(d.lo)
	}
	return limbDigits - trailingZeros(d.hi)
}

// trailingZeros counts the zeros at the end of a limb; 19 for 0.
func trailingZeros(u uint64) int {
	if u == 0 {
		return limbDigits
	}
	if u%2 != 0 {
		return 0
	}
	n := 0
	if u%1e16 == 0 { // by constants, which needs no division
		u, n = u/1e16, 16
	}
	if u%1e8 == 0 {
		u, n = u/1e8, n+8
	}
	if u%1e4 == 0 {
		u, n = u/1e4, n+4
	}
	if u%100 == 0 {
		u, n = u/100, n+2
	}
	if u%10 == 0 {
		n++
	}
	return n
}

var pow10 = func() (p [limbDigits + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// FromInt returns the number n.
func FromInt(n int) Decimal {
	if n == 0 {
		return Decimal{}
	}
	magnitude := uint64(n)
	if n < 0 {
		magnitude = -magnitude
	}
	d := Decimal{hi: magnitude, exp: limbDigits - 1, neg: n < 0}
	for d.hi < limb/10 {
		d.hi *= 10
		d.exp--
	}
	return d
}
