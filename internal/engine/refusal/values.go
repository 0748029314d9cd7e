package refusal

import (
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/wire"
)

// What is said of values. The newer words were captured from us-east-1 between June and October 2026, the older ones
// from BatchWriteItem, TransactWriteItems and Scan there, and before from all operations.

// NotANumber is the refusal of a number's text for which number.Parse has an error.
func NotANumber(text string, err error) error {
	said := func(words string) func() error { return func() error { return Invalid(words) } }
	switch {
	case errors.Is(err, number.ErrSyntax) && text == "":
		return TwoWays(said(err.Error()), said(err.Error()+": "))
	case errors.Is(err, number.ErrSyntax):
		return Invalid(err.Error() + ": " + wire.Shown(text))
	case errors.Is(err, number.ErrOverflow) && overflowsScale(text):
		return TwoWays(said(number.ErrUnderflow.Error()), said(err.Error()))
	}
	return Invalid(err.Error())
}

// overflowsScale tells a number whose exponent is the largest of 32 bits: the older front end adds the digits to it,
// and comes out at the other end.
func overflowsScale(text string) bool {
	at := strings.LastIndexAny(text, "eE")
	power, err := strconv.ParseInt(text[at+1:], 10, 64)
	return at >= 0 && err == nil && power == math.MaxInt32
}

// StringTwice is the refusal of a set of strings with one of them twice. The newer front end sorts them.
func StringTwice(members []string) error {
	const words = "Input collection [%s] contains duplicates."
	return TwoWays(
		func() error { return InvalidParameter(words, wire.Listed(members, wire.Text)) },
		func() error {
			sorted := slices.Clone(members)
			slices.Sort(sorted)
			return InvalidParameter(words, wire.Listed(sorted, quoted))
		})
}

// NumberTwice is the refusal of a set of numbers with one of them twice.
func NumberTwice() error {
	return TwoWays(func() error { return Invalid("Input collection contains duplicates") },
		func() error { return InvalidParameter("Input collection contains duplicates.") })
}

// BinaryTwice is the refusal of a set of binaries with one of them twice. The older front end sorts them, by bytes with
// a sign.
func BinaryTwice(members [][]byte) error {
	const words = "Input collection [%s]of type BS contains duplicates."
	return TwoWays(
		func() error {
			sorted := slices.Clone(members)
			slices.SortFunc(sorted, compareSigned)
			return InvalidParameter(words, wire.Listed(sorted, base64.StdEncoding.EncodeToString))
		},
		func() error {
			return InvalidParameter(words, wire.ListedBy(",", members,
				func(b []byte) string { return quoted(base64.StdEncoding.EncodeToString(b)) }))
		})
}

func compareSigned(a, b []byte) int {
	return slices.CompareFunc(a, b, func(x, y byte) int { return int(int8(x)) - int(int8(y)) })
}

func quoted(text string) string { return string(wire.AppendString(nil, text)) }
