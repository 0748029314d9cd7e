package number

// Sortable bytes: a lead byte with sign and base-100 exponent, base-100 digits, an end byte. The lead of a positive
// number is 0x80 plus its exponent, counted from the smallest; its digits are 1 to 100 and its end is 0. A negative
// number has the complement of all that. Zero is 0x80 0x00, which no positive number is, for its digits cannot be none.
const (
	maxPairs = (MaxDigits + 2) / 2 // 38 digits behind an even exponent's half pair

	leadZero = 0x80
	minPair  = MinExponent / 2 // the smallest base-100 exponent
)

// AppendSortable appends 2 to 22 bytes that sort, as bytes, like the numbers they stand for. They are self-delimiting,
// so that more can follow them in a composite key. DecodeSortable reads them back.
func (d Decimal) AppendSortable(dst []byte) []byte {
	if d.hi == 0 {
		return append(dst, leadZero, 0)
	}
	var flip byte
	if d.neg {
		flip = 0xff
	}
	var buffer [MaxDigits]byte
	digits := d.digits(&buffer)
	dst = append(dst, flip^byte(leadZero+int(d.exp>>1)-minPair))
	if d.exp&1 == 0 {
		dst = append(dst, flip^(digits[0]+1))
		digits = digits[1:]
	}
	for ; len(digits) >= 2; digits = digits[2:] {
		dst = append(dst, flip^(10*digits[0]+digits[1]+1))
	}
	if len(digits) == 1 {
		dst = append(dst, flip^(10*digits[0]+1))
	}
	return append(dst, flip)
}

// DecodeSortable reads the number that AppendSortable wrote at the start of b and returns it with the bytes behind it.
// It returns ErrSyntax for bytes that AppendSortable does not write.
func DecodeSortable(b []byte) (d Decimal, rest []byte, err error) {
	if len(b) < 2 {
		return Decimal{}, nil, ErrSyntax
	}
	if b[0] == leadZero && b[1] == 0 {
		return Decimal{}, b[2:], nil
	}
	var flip byte
	if b[0] < leadZero {
		d.neg, flip = true, 0xff
	}
	exponent := 2 * (int(b[0]^flip) - leadZero + minPair)
	var digits [2 * maxPairs]byte
	n, i := 0, 1
	for ; ; i++ {
		if i == len(b) {
			return Decimal{}, nil, ErrSyntax
		}
		pair := b[i] ^ flip
		if pair == 0 {
			break
		}
		if pair > 100 || n == len(digits) {
			return Decimal{}, nil, ErrSyntax
		}
		digits[n], digits[n+1] = (pair-1)/10, (pair-1)%10
		n += 2
	}
	if n == 0 || digits[n-2] == 0 && digits[n-1] == 0 {
		return Decimal{}, nil, ErrSyntax
	}
	first := 0
	if digits[0] == 0 {
		first = 1
	} else {
		exponent++
	}
	significant := digits[first:min(first+MaxDigits, len(digits))]
	if significant[0] == 0 {
		return Decimal{}, nil, ErrSyntax
	}
	for _, beyond := range digits[first+len(significant):] {
		if beyond != 0 {
			return Decimal{}, nil, ErrSyntax
		}
	}
	for j, c := range significant {
		if j < limbDigits {
			d.hi = 10*d.hi + uint64(c)
		} else {
			d.lo = 10*d.lo + uint64(c)
		}
	}
	if d, err = d.withExponent(exponent); err != nil {
		return Decimal{}, nil, ErrSyntax
	}
	return d, b[i+1:], nil
}
