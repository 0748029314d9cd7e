package number

import "strconv"

// Error is a refusal of Parse, Add or Sub. Its text is the message of the service's ValidationException; behind that of
// ErrSyntax the service writes a colon, a space and the text, unless that is empty. DynamoDB Local words ErrSyntax "A
// value provided cannot be converted into a number" and ErrPrecision "DynamoDB only supports precision up to 38
// digits".
type Error string

// Error returns the service's message.
func (e Error) Error() string { return string(e) }

const (
	// ErrSyntax means that a text is not a number.
	ErrSyntax Error = "The parameter cannot be converted to a numeric value"
	// ErrOverflow means a magnitude of 1E+126 or more.
	ErrOverflow Error = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	// ErrUnderflow means a magnitude other than zero below 1E-130.
	ErrUnderflow Error = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	// ErrPrecision means more than 38 significant digits. It goes before overflow and underflow.
	ErrPrecision Error = "Attempting to store more than 38 significant digits in a Number"
)

// Parse reads a number as the service does: an optional sign, ASCII digits with an optional point, an optional
// exponent; no spaces, and at least one digit. It returns ErrSyntax, ErrPrecision, ErrOverflow or ErrUnderflow. A zero
// has a magnitude as well: that of a one in the place of its last digit, so that 0e126 overflows.
func Parse(text string) (Decimal, error) {
	var d Decimal
	i := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		d.neg = text[0] == '-'
		i = 1
	}
	var (
		significant int  // digits from the first that is not zero
		whole       int  // of these, those before the point
		fraction    int  // digits behind the point
		digits      bool // any digit at all
		point       bool
		precision   bool // a digit other than zero beyond the 38th
	)
	for ; i < len(text); i++ {
		c := text[i] - '0'
		if c > 9 {
			if text[i] != '.' || point {
				break
			}
			point = true
			continue
		}
		digits = true
		if point {
			fraction++
		}
		if c == 0 && significant == 0 {
			continue
		}
		if !point {
			whole++
		}
		switch {
		case significant < limbDigits:
			d.hi = 10*d.hi + uint64(c)
		case significant < MaxDigits:
			d.lo = 10*d.lo + uint64(c)
		case c != 0:
			precision = true
		}
		significant++
	}
	if !digits {
		return Decimal{}, ErrSyntax
	}
	return d.scaled(text[i:], significant, whole, fraction, precision)
}

// scaled aligns the digits that Parse has read and takes in the exponent behind them.
func (d Decimal) scaled(rest string, significant, whole, fraction int, precision bool) (Decimal, error) {
	exponent := 0
	if rest != "" {
		var ok bool
		if exponent, ok = parseExponent(rest); !ok {
			return Decimal{}, ErrSyntax
		}
	}
	if significant == 0 {
		_, err := Decimal{}.withExponent(exponent - fraction)
		return Decimal{}, err
	}
	if precision {
		return Decimal{}, ErrPrecision
	}
	if significant < limbDigits {
		d.hi *= pow10[limbDigits-significant]
	} else if significant < MaxDigits {
		d.lo *= pow10[MaxDigits-significant]
	}
	first := exponent + whole - 1
	if whole == 0 {
		first = exponent - 1 - (fraction - significant)
	}
	return d.withExponent(first)
}

// parseExponent reads an exponent: the letter, an optional sign, digits. Like the service it takes one beyond 64 bits
// for bad syntax. One that is far out of range comes back as another that is.
func parseExponent(text string) (exponent int, ok bool) {
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	power, err := strconv.ParseInt(text[1:], 10, 64)
	if err != nil {
		return 0, false
	}
	const far = 1 << 30 // more than any text has digits
	return int(max(-far, min(power, far))), true
}

// withExponent returns d, whose digits are left aligned, with the exponent of its first digit, if that is in range.
func (d Decimal) withExponent(exponent int) (Decimal, error) {
	if exponent > MaxExponent {
		return Decimal{}, ErrOverflow
	}
	if exponent < MinExponent {
		return Decimal{}, ErrUnderflow
	}
	d.exp = int16(exponent)
	return d, nil
}
