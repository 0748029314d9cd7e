package number

import "math/bits"

// window is room for an exact sum: 57 digits, the most significant limb first. Digits of the smaller addend beyond it
// cannot be part of a sum of 38 digits: the lead of the larger one, at most one digit of it cancelled, is too far in
// front.
type window [3]uint64

// Add returns d + e, exact, or ErrPrecision, ErrOverflow or ErrUnderflow where the service refuses the sum.
func (d Decimal) Add(e Decimal) (Decimal, error) {
	if e.hi == 0 {
		return d, nil
	}
	if d.hi == 0 {
		return e, nil
	}
	if compareMagnitude(d, e) < 0 {
		d, e = e, d
	}
	a := window{d.hi, d.lo}
	b, exact := shiftRight(window{e.hi, e.lo}, int(d.exp)-int(e.exp))
	if !exact {
		return Decimal{}, ErrPrecision
	}
	if d.neg == e.neg {
		return sum(a, b, d)
	}
	return difference(a, b, d)
}

// Sub returns d - e, exact, with the errors of Add.
func (d Decimal) Sub(e Decimal) (Decimal, error) { return d.Add(e.Neg()) }

// sum adds two windows; like gives the sign and the exponent.
func sum(a, b window, like Decimal) (Decimal, error) {
	var carry uint64
	for i := len(a) - 1; i >= 0; i-- {
		s, over := bits.Add64(a[i], b[i], carry)
		carry = 0
		if over != 0 || s >= limb {
			s -= limb
			carry = 1
		}
		a[i] = s
	}
	exponent := int(like.exp)
	if carry != 0 {
		var exact bool
		if a, exact = shiftRight(a, 1); !exact {
			return Decimal{}, ErrPrecision
		}
		a[0] += limb / 10
		exponent++
	}
	return a.decimal(like.neg, exponent)
}

// difference subtracts b from a, which is not smaller; like gives the sign and the exponent.
func difference(a, b window, like Decimal) (Decimal, error) {
	var borrow uint64
	for i := len(a) - 1; i >= 0; i-- {
		s, under := bits.Sub64(a[i], b[i], borrow)
		if under != 0 {
			s += limb
		}
		a[i], borrow = s, under
	}
	if a == (window{}) {
		return Decimal{}, nil
	}
	exponent := int(like.exp)
	for a[0] == 0 {
		a[0], a[1], a[2] = a[1], a[2], 0
		exponent -= limbDigits
	}
	lead := 0
	for a[0] < pow10[limbDigits-1-lead] {
		lead++
	}
	if lead > 0 {
		low, high := pow10[lead], pow10[limbDigits-lead]
		a[0] = a[0]*low + a[1]/high
		a[1] = a[1]%high*low + a[2]/high
		a[2] = a[2] % high * low
		exponent -= lead
	}
	return a.decimal(like.neg, exponent)
}

// decimal makes a number of left-aligned digits.
func (w window) decimal(neg bool, exponent int) (Decimal, error) {
	if w[2] != 0 {
		return Decimal{}, ErrPrecision
	}
	return Decimal{hi: w[0], lo: w[1], neg: neg}.withExponent(exponent)
}

// shiftRight moves the digits of w right by n places and says whether all that fell out at the end were zeros.
func shiftRight(w window, n int) (shifted window, exact bool) {
	if n >= len(w)*limbDigits {
		return window{}, w == window{}
	}
	exact = true
	for ; n >= limbDigits; n -= limbDigits {
		exact = exact && w[2] == 0
		w[0], w[1], w[2] = 0, w[0], w[1]
	}
	if n > 0 {
		low, high := pow10[n], pow10[limbDigits-n]
		exact = exact && w[2]%low == 0
		w[2] = w[2]/low + w[1]%low*high
		w[1] = w[1]/low + w[0]%low*high
		w[0] /= low
	}
	return w, exact
}
