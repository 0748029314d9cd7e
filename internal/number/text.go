package number

// maxText is the length of the longest text: a minus, a zero, a point, 129 zeros and 38 digits.
const maxText = 3 + (-MinExponent - 1) + MaxDigits

// String returns the number as the service writes it: plain digits without an exponent, without zeros in front, or
// behind the point's last digit.
func (d Decimal) String() string {
	var b [maxText]byte
	return string(d.AppendText(b[:0]))
}

// AppendText appends what String returns.
func (d Decimal) AppendText(dst []byte) []byte {
	if d.hi == 0 {
		return append(dst, '0')
	}
	if d.neg {
		dst = append(dst, '-')
	}
	var buffer [MaxDigits]byte
	digits := d.digits(&buffer)
	for i := range digits {
		digits[i] += '0'
	}
	if d.exp < 0 {
		dst = append(dst, '0', '.')
		dst = appendZeros(dst, int(-d.exp)-1)
		return append(dst, digits...)
	}
	whole := int(d.exp) + 1
	if whole >= len(digits) {
		dst = append(dst, digits...)
		return appendZeros(dst, whole-len(digits))
	}
	dst = append(dst, digits[:whole]...)
	dst = append(dst, '.')
	return append(dst, digits[whole:]...)
}

func appendZeros(dst []byte, n int) []byte {
	for ; n > 0; n-- {
		dst = append(dst, '0')
	}
	return dst
}

// digits writes the significant digits of d, 0 to 9 each, into buffer and returns the part of it that holds them, none
// of them a zero at the end.
func (d Decimal) digits(buffer *[MaxDigits]byte) []byte {
	n := d.digitCount()
	putDigits(buffer[:limbDigits], d.hi)
	if n > limbDigits {
		putDigits(buffer[limbDigits:], d.lo)
	}
	return buffer[:n]
}

// putDigits writes the 19 digits of a limb.
func putDigits(dst []byte, u uint64) {
	_ = dst[limbDigits-1]
	for i := limbDigits - 1; i > 0; i -= 2 {
		pair := u % 100
		u /= 100
		dst[i] = byte(pair % 10)
		dst[i-1] = byte(pair / 10)
	}
	dst[0] = byte(u)
}
