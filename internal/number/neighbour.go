package number

// Next returns the least number that is greater than d; ok is false where there is none.
func (d Decimal) Next() (next Decimal, ok bool) {
	switch {
	case d.hi == 0:
		return Decimal{hi: limb / 10, exp: MinExponent}, true
	case d.neg:
		less := d.Neg().lessened()
		return less.Neg(), true
	}
	return d.increased()
}

// Previous returns the greatest number that is less than d; ok is false where there is none.
func (d Decimal) Previous() (previous Decimal, ok bool) {
	previous, ok = d.Neg().Next()
	return previous.Neg(), ok
}

// increased is a positive number with one more in the 38th digit.
func (d Decimal) increased() (Decimal, bool) {
	if d.lo++; d.lo < limb {
		return d, true
	}
	d.lo = 0
	if d.hi++; d.hi < limb {
		return d, true
	}
	d.hi = limb / 10
	d.exp++
	return d, d.exp <= MaxExponent
}

// lessened is the number before a positive one: with one less in the 38th digit, which a power of ten takes from the
// digit behind, and 0 before the smallest.
func (d Decimal) lessened() Decimal {
	switch {
	case d.lo > 0:
		d.lo--
	case d.hi > limb/10:
		d.hi, d.lo = d.hi-1, limb-1
	case d.exp == MinExponent:
		return Decimal{}
	default:
		d = Decimal{hi: limb - 1, lo: limb - 1, exp: d.exp - 1}
	}
	return d
}

// Least is the least number of all.
var Least = Decimal{hi: limb - 1, lo: limb - 1, exp: MaxExponent, neg: true}
