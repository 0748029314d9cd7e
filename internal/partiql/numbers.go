package partiql

import (
	"math"
	"strconv"
	"strings"

	"github.com/monotable/monotable/internal/number"
)

// NumberFault says what is wrong with a number whose exponent is that of no decimal, nil for others. The service reads
// numbers as decimals with an exponent of 32 bits, and wraps around where the largest of them are too large.
func NumberFault(text string) error {
	digits, exponentText, ok := strings.Cut(strings.ToLower(text), "e")
	if !ok {
		return nil
	}
	digits = strings.TrimLeft(digits, "+-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return nil
	}
	exponent, err := strconv.ParseInt(exponentText, 10, 64)
	if err != nil && strings.Trim(strings.TrimLeft(exponentText, "+-"), "0123456789") != "" {
		return nil
	}
	scale := int64(len(fraction)) - exponent
	if err != nil || exponent != int64(int32(exponent)) || scale != int64(int32(scale)) {
		return refuse("The parameter cannot be converted to a numeric value: %s", text)
	}
	significant := strings.TrimLeft(whole+fraction, "0")
	if significant != "" && int64(len(significant))-scale > math.MaxInt32 {
		return refuse("%s", number.ErrUnderflow)
	}
	return nil
}
