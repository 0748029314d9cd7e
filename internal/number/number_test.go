package number

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func mustParse(t require.TestingT, text string) Decimal {
	d, err := Parse(text)
	require.NoError(t, err, text)
	return d
}

func TestParse(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for _, c := range []struct {
		text, want string
		err        error
	}{
		{text: "1", want: "1"},
		{text: "-1", want: "-1"},
		{text: "+1", want: "1"},
		{text: "001", want: "1"},
		{text: "1.", want: "1"},
		{text: ".1", want: "0.1"},
		{text: "-.5", want: "-0.5"},
		{text: "1e5", want: "100000"},
		{text: "1E+5", want: "100000"},
		{text: "1e-5", want: "0.00001"},
		{text: "1e+00005", want: "100000"},
		{text: "1e0000000000000000000005", want: "100000"},
		{text: "-0", want: "0"},
		{text: "-0.0e5", want: "0"},
		{text: "0e125", want: "0"},
		{text: "0.0e126", want: "0"},
		{text: "0e-130", want: "0"},
		{text: "0." + strings.Repeat("0", 130), want: "0"},
		{text: "0e126", err: ErrOverflow},
		{text: "-0e126", err: ErrOverflow},
		{text: "0e-131", err: ErrUnderflow},
		{text: "0.0e-130", err: ErrUnderflow},
		{text: "0e99999999999", err: ErrOverflow},
		{text: "1e2147483648", err: ErrOverflow},
		{text: "1e-2147483648", err: ErrUnderflow},
		{text: "1.5e-2147483647", err: ErrUnderflow},
		{text: "1e99999999999", err: ErrOverflow},
		{text: "1e-99999999999", err: ErrUnderflow},
		{text: "1e9223372036854775807", err: ErrOverflow},
		{text: "1e-9223372036854775808", err: ErrUnderflow},
		{text: "1e+0000000000000000000000000000126", err: ErrOverflow},
		{text: "123.450", want: "123.45"},
		{text: "1200.0", want: "1200"},
		{text: "1E125", want: "1" + strings.Repeat("0", 125)},
		{text: nines + "e88", want: nines + strings.Repeat("0", 88)},
		{text: nines + "e87", want: nines + strings.Repeat("0", 87)},
		{text: "-" + nines + "e89", err: ErrOverflow},
		{text: "1e126", err: ErrOverflow},
		{text: "1e2147483647", err: ErrOverflow},
		{text: "1" + strings.Repeat("0", 200), err: ErrOverflow},
		{text: "1e-130", want: "0." + strings.Repeat("0", 129) + "1"},
		{text: "-1.5e-130", want: "-0." + strings.Repeat("0", 129) + "15"},
		{text: "1e-131", err: ErrUnderflow},
		{text: "9.9e-131", err: ErrUnderflow},
		{text: nines, want: nines},
		{text: "1" + strings.Repeat("0", 50), want: "1" + strings.Repeat("0", 50)},
		{text: "1." + strings.Repeat("0", 50), want: "1"},
		{text: strings.Repeat("0", 500) + "1", want: "1"},
		{text: nines + "9", err: ErrPrecision},
		{text: nines + "9e200", err: ErrPrecision},
		{text: nines + "9e-200", err: ErrPrecision},
		{text: nines + ".5", err: ErrPrecision},
		{text: "1" + strings.Repeat("0", 37) + "1", err: ErrPrecision},
		{text: "0." + strings.Repeat("0", 64) + nines, want: "0." + strings.Repeat("0", 64) + nines},
	} {
		d, err := Parse(c.text)
		if c.err != nil {
			assert.ErrorIs(t, err, c.err, c.text)
			assert.Equal(t, Decimal{}, d)
			continue
		}
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, d.String(), c.text)
	}
}

func TestParseRefusesWhatIsNotANumber(t *testing.T) {
	for _, text := range []string{
		"", " ", "1 ", " 1", "abc", "NaN", "Infinity", "-Infinity", "1_000", "0x10", "1f", "1d", "1L", "1e", "e1", ".",
		"-",
		"+", "--1", "1e1.5", "1e9223372036854775808", "1e-9223372036854775809", "0e99999999999999999999", "1e+-5",
		"1e1_0",
		"1,000", "1e+", "1e-", "1.2.3", "1\x00", "١", strings.Repeat("9", 39) + "x",
	} {
		_, err := Parse(text)
		assert.ErrorIs(t, err, ErrSyntax, "%q", text)
	}
}

// decimals draws numbers over the whole range, near each other as often as far apart.
func decimals() *rapid.Generator[Decimal] {
	text := rapid.Custom(func(t *rapid.T) string {
		digits := rapid.StringMatching(`[1-9][0-9]{0,37}`)
		spread := rapid.OneOf(rapid.IntRange(-3, 3), rapid.IntRange(-45, 45),
			rapid.IntRange(MinExponent, MaxExponent-37))
		sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
		d := rapid.OneOf(digits, rapid.StringMatching(`9{1,38}|10{0,37}|10{0,36}[1-9]|[0-9]`)).Draw(t, "digits")
		return sign + d + "e" + big.NewInt(int64(spread.Draw(t, "exponent"))).String()
	})
	return rapid.Map(text, func(text string) Decimal {
		d, err := Parse(text)
		if err != nil {
			panic(err)
		}
		return d
	})
}

func rat(d Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		panic("not a number: " + d.String())
	}
	return r
}

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := decimals().Draw(t, "d")
		assert.Equal(t, d, mustParse(t, d.String()))
		text := d.String()
		assert.Equal(t, text, strings.TrimPrefix(text, "+"))
		if strings.Contains(text, ".") {
			assert.NotEqual(t, byte('0'), text[len(text)-1])
		}
	})
}

func TestCompareIsNumericOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, e := decimals().Draw(t, "d"), decimals().Draw(t, "e")
		assert.Equal(t, rat(d).Cmp(rat(e)), d.Compare(e))
		assert.Equal(t, d == e, d.Compare(e) == 0)
	})
}

func TestSortableOrderIsNumericOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, e := decimals().Draw(t, "d"), decimals().Draw(t, "e")
		a, b := d.AppendSortable(nil), e.AppendSortable(nil)
		assert.Equal(t, d.Compare(e), bytes.Compare(a, b), "%x %x", a, b)
		// Self-delimiting: what follows never changes the order.
		assert.Equal(t, d.Compare(e), bytes.Compare(append(a[:len(a):len(a)], 0xff), append(b[:len(b):len(b)], 0xff)))
		assert.LessOrEqual(t, len(a), 22)
		back, rest, err := DecodeSortable(append(a, "rest"...))
		require.NoError(t, err)
		assert.Equal(t, d, back)
		assert.Equal(t, "rest", string(rest))
	})
}

func TestDecodeSortableRefusesForeignBytes(t *testing.T) {
	for _, b := range [][]byte{
		nil, {0x80}, {0x80, 1, 0}, {0x90, 0}, {0x90, 2}, {0x90, 101, 0}, {0x90, 1, 2, 0}, {0x90, 2, 1, 0},
		append(bytes.Repeat([]byte{100}, 23), 0), {0x7f, 0xff},
		append(append([]byte{0x90}, bytes.Repeat([]byte{50}, 19)...), 2, 0), // a fortieth digit behind 39
	} {
		_, _, err := DecodeSortable(b)
		assert.ErrorIs(t, err, ErrSyntax, "%x", b)
	}
}

// exact gives the answer that Add owes, from exact arithmetic.
func exact(sum *big.Rat) (Decimal, error) {
	if sum.Sign() == 0 {
		return Decimal{}, nil // which with so many digits behind the point would be too small
	}
	return Parse(sum.FloatString(-MinExponent + MaxDigits))
}

func TestAddAndSubAreExactOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, e := decimals().Draw(t, "d"), decimals().Draw(t, "e")
		want, wantErr := exact(new(big.Rat).Add(rat(d), rat(e)))
		got, err := d.Add(e)
		assert.Equal(t, wantErr, err, "%s + %s", d, e)
		assert.Equal(t, want, got, "%s + %s", d, e)
		want, wantErr = exact(new(big.Rat).Sub(rat(d), rat(e)))
		got, err = d.Sub(e)
		assert.Equal(t, wantErr, err, "%s - %s", d, e)
		assert.Equal(t, want, got, "%s - %s", d, e)
	})
}

func TestAddAtTheLimits(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for _, c := range []struct {
		a, b, want string
		err        error
	}{
		{a: "1e125", b: "1", err: ErrPrecision},
		{a: "1e125", b: "9e125", err: ErrOverflow},
		{a: "-9e125", b: "-9e125", err: ErrOverflow},
		{a: "1", b: "1e-37", want: "1." + strings.Repeat("0", 36) + "1"},
		{a: "1", b: "1e-38", err: ErrPrecision},
		{a: "1", b: "-1e-38", want: "0." + nines},
		{a: nines, b: "1", want: "1" + strings.Repeat("0", 38)},
		{a: nines, b: "2", err: ErrPrecision},
		{a: "1e37", b: "-0.5", want: strings.Repeat("9", 37) + ".5"},
		{a: "5e-130", b: "-4.5e-130", err: ErrUnderflow},
		{a: "1e-130", b: "-1e-130", want: "0"},
		{a: "1e125", b: "1e-130", err: ErrPrecision},
		{a: nines + "e88", b: "1e88", err: ErrOverflow},
		{a: nines + "e88", b: "1e87", err: ErrPrecision},
	} {
		got, err := mustParse(t, c.a).Add(mustParse(t, c.b))
		if c.err != nil {
			assert.ErrorIs(t, err, c.err, "%s + %s", c.a, c.b)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, got.String(), "%s + %s", c.a, c.b)
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]int{
		"0": 1, "1": 2, "-1": 3, "10": 2, "100": 2, "110": 3, "0.1": 2, "0.012": 3, "0.01": 2, "12": 2, "123": 3,
		"-123":                  4,
		strings.Repeat("9", 38): 20, "-" + strings.Repeat("9", 38): 21, strings.Repeat("9", 38) + "e1": 21,
		"-" + strings.Repeat("9", 38) + "e1": 21,
	} {
		assert.Equal(t, want, mustParse(t, text).Size(), text)
	}
}

func TestFromInt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int().Draw(t, "n")
		assert.Equal(t, mustParse(t, strconv.Itoa(n)), FromInt(n))
	})
	for _, n := range []int{0, 1, -1, 10, math.MaxInt, math.MinInt} {
		assert.Equal(t, mustParse(t, strconv.Itoa(n)), FromInt(n))
	}
}

func TestNeg(t *testing.T) {
	assert.Equal(t, Decimal{}, Decimal{}.Neg())
	assert.Equal(t, FromInt(-7), FromInt(7).Neg())
	assert.Equal(t, FromInt(7), FromInt(-7).Neg())
}

func TestNothingAllocates(t *testing.T) {
	long := strings.Repeat("9", 38)
	var buffer [maxText]byte
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		d, _ := Parse(long)
		e, _ := Parse("-1.5e-3")
		d.Compare(e)
		d.AppendSortable(buffer[:0])
		d.AppendText(buffer[:0])
		_, _ = e.Add(e)
		_ = d.Size()
	}))
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"1", "-1.50e-3", "1e125", "9e-130", ".", "1e", strings.Repeat("9", 38)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			require.Equal(t, Decimal{}, d)
			return
		}
		require.Equal(t, d, mustParse(t, d.String()))
		back, rest, err := DecodeSortable(d.AppendSortable(nil))
		require.NoError(t, err)
		require.Empty(t, rest)
		require.Equal(t, d, back)
		require.GreaterOrEqual(t, d.Size(), 1)
		require.LessOrEqual(t, d.Size(), 21)
	})
}

func FuzzDecodeSortable(f *testing.F) {
	f.Add([]byte{0x80, 0})
	f.Add([]byte{0xc0, 2, 0, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, rest, err := DecodeSortable(b)
		if err == nil {
			require.Equal(t, b, append(d.AppendSortable(nil), rest...))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"1", "1763769600", "-12345.678", strings.Repeat("9", 38)} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendSortable(b *testing.B) {
	for _, text := range []string{"1", "1763769600", strings.Repeat("9", 38)} {
		b.Run(text, func(b *testing.B) {
			d := mustParse(b, text)
			var buffer [32]byte
			b.ReportAllocs()
			for b.Loop() {
				d.AppendSortable(buffer[:0])
			}
		})
	}
}

func BenchmarkString(b *testing.B) {
	for _, text := range []string{"1", "1763769600", "-12345.678", strings.Repeat("9", 38)} {
		b.Run(text, func(b *testing.B) {
			d := mustParse(b, text)
			var buffer [maxText]byte
			b.ReportAllocs()
			for b.Loop() {
				d.AppendText(buffer[:0])
			}
		})
	}
}
