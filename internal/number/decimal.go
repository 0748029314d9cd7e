// Package number holds DynamoDB's number type: decimals of up to 38 significant digits with magnitudes from 1E-130 to
// 9.9999999999999999999999999999999999999E+125, positive, negative or zero (DynamoDB guide, "Data types: Number").
//
// A Decimal is always in one canonical form, so == is numeric equality and it serves as a map key.
package number

// Decimal is a DynamoDB number. The zero value is 0. Two Decimals are == exactly when they are the same number.
type Decimal struct {
	hi, lo uint64 // the first 19 significant digits, left aligned, and the 19 after them
	exp    int16  // decimal exponent of the first digit
	neg    bool
}
