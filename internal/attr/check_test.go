package attr_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/codectest"
	"github.com/monotable/monotable/internal/size"
)

type (
	item = map[string]types.AttributeValue
	null = types.AttributeValueMemberNULL
)

func s(v string) types.AttributeValue     { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue     { return &types.AttributeValueMemberN{Value: v} }
func m(v item) types.AttributeValue       { return &types.AttributeValueMemberM{Value: v} }
func ss(v ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: v} }
func ns(v ...string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: v} }
func bs(v ...[]byte) types.AttributeValue { return &types.AttributeValueMemberBS{Value: v} }
func l(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}

// places put a text into every place of an item that has one.
var places = map[string]func(string) item{
	"S":          func(text string) item { return item{"a": s(text)} },
	"SS":         func(text string) item { return item{"a": ss("x", text)} },
	"L":          func(text string) item { return item{"a": l(s("x"), l(s(text)))} },
	"M":          func(text string) item { return item{"a": m(item{"x": m(item{"y": s(text)})})} },
	"key":        func(text string) item { return item{"a": m(item{text: n("1")})} },
	"name":       func(text string) item { return item{text: n("1")} },
	"key inside": func(text string) item { return item{"a": l(m(item{"b": m(item{text: s("x")})}))} },
}

// Text that passes arrives as it is; text that does not arrives as another one.
func TestTextThatTheWireCarries(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				text := rapid.OneOf(
					rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
					rapid.SampledFrom([]string{"k\xff", "k\xfe", "\xed\xa0\x80", "\xc0\x80", "\u2028", "\ufffd", "\x00",
						"é", "\xf4\x90\x80\x80", strings.Repeat("a", 40) + "\x80"}),
				).Draw(t, "text")
				if text == "" || name == "SS" && text == "x" {
					return
				}
				arrived := strings.Contains(fmt.Sprintf("%q", codectest.Sent(t, place(text))), fmt.Sprintf("%q", text))
				err := attr.CheckItem(place(text))
				require.Equal(t, arrived, err == nil, "%q: %v", text, err)
				if err != nil {
					assert.Contains(t, err.Error(), "not UTF-8")
					assert.True(t, utf8.ValidString(err.Error()))
				}
			})
		})
	}
	assert.Equal(t, codectest.Sent(t, item{"a": s("k\xff")}), codectest.Sent(t, item{"a": s("k\xfe")}), "why it matters")
}

// Sets are compared with every pair of their elements, numbers by their value as rational numbers.
func TestTwice(t *testing.T) {
	text := rapid.SampledFrom([]string{"a", "b", "", "é", "a\x00", "longer text of a set", "longer text of a sea"})
	wide := rapid.Map(rapid.IntRange(0, 300), func(i int) string { return fmt.Sprint("w", i) })
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SliceOfN(rapid.OneOf(text, wide), 0, 60).Draw(t, "set")
		twice := false
		binaries := make([][]byte, len(set))
		for i := range set {
			binaries[i] = []byte(set[i])
			for j := range i {
				twice = twice || set[i] == set[j]
			}
		}
		require.Equal(t, twice, attr.StringsTwice(set))
		require.Equal(t, twice, attr.BinariesTwice(binaries))
		if len(set) > 0 {
			require.Equal(t, twice, attr.Check(ss(set...)) != nil)
			require.Equal(t, twice, attr.Check(bs(binaries...)) != nil)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SliceOfN(numbers(), 1, 40).Draw(t, "set")
		twice := false
		for i := range set {
			for j := range i {
				twice = twice || rat(t, set[i]).Cmp(rat(t, set[j])) == 0
			}
		}
		was := slices.Clone(set)
		require.Equal(t, twice, attr.NumbersTwice(set), "%q", set)
		require.Equal(t, twice, attr.Check(ns(set...)) != nil)
		require.Equal(t, was, set)
	})
}

func numbers() *rapid.Generator[string] {
	odd := rapid.SampledFrom([]string{"0", "-0", "0.0", "00", "1", "1.0", "01", "1e0", "10e-1", "+1", "-1", "-1.50",
		"-1.5", ".5", "0.5", "5e-1", "100", "1e2", "1E+2", "12345678901234567890"})
	return rapid.OneOf(odd, rapid.Map(rapid.IntRange(-300, 300), func(i int) string { return fmt.Sprint(i) }))
}

func rat(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	require.True(t, ok, text)
	return r
}

func TestEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := numbers().Draw(t, "a"), numbers().Draw(t, "b")
		require.Equal(t, rat(t, a).Cmp(rat(t, b)) == 0, attr.Equal(n(a), n(b)))
		require.Equal(t, rat(t, a).Cmp(rat(t, b)) == 0,
			attr.Equal(l(m(item{"x": ns(a, "1000")})), l(m(item{"x": ns("1e3", b)}))))
	})
	for _, pair := range [][2]types.AttributeValue{
		{s("1"), n("1")}, {nil, s("")}, {(*types.AttributeValueMemberB)(nil), s("")}, {ss("a", "a"), ss("a", "b")},
		{m(nil), l()}, {m(item{"a": n("1")}), m(item{"b": n("1")})},
		{bs([]byte("a")), ss("a")}, {&types.AttributeValueMemberBOOL{}, &types.AttributeValueMemberBOOL{Value: true}},
		{l(n("1")), l(n("1"), n("1"))},
	} {
		assert.False(t, attr.Equal(pair[0], pair[1]), "%v", pair)
		assert.False(t, attr.Equal(pair[1], pair[0]), "%v", pair)
	}
	assert.True(t, attr.Equal(nil, (*types.AttributeValueMemberS)(nil)))
	assert.True(t, attr.Equal(ss("b", "a"), ss("a", "b")))
}

func TestWhatDynamoDBCannotHold(t *testing.T) {
	deep := s("bottom")
	for range size.MaxDepth - 1 {
		deep = l(deep)
	}
	require.NoError(t, attr.Check(deep))
	for _, c := range []struct {
		av   types.AttributeValue
		want string
	}{
		{nil, "is a nil AttributeValue"},
		{(*null)(nil), "is a nil AttributeValue"},
		{(*types.AttributeValueMemberM)(nil), "is a nil AttributeValue"},
		{l(n("1"), nil), "attribute [1]: is a nil AttributeValue"},
		{m(item{"secret": nil}), "attribute {key}: is a nil AttributeValue"},
		{m(item{"secret": l(n("1"), m(item{"secret": n("secret")}))}), "attribute {key}[1]{key}: is no number"},
		{n("secret"), "is no number that DynamoDB can hold"},
		{ns("1", "secret"), "attribute [1]: is no number"},
		{n(strings.Repeat("1", 39)), "is no number that DynamoDB can hold"},
		{&null{}, "is a NULL that is not true"},
		{ss(), "is an empty set"}, {ns(), "is an empty set"}, {bs(), "is an empty set"},
		{ns("7", "7.0"), "is a set with an element twice"},
		{m(item{"": s("x")}), "has an empty name"},
		{l(deep), "nested deeper than 32 levels"},
		{&types.UnknownUnionMember{Tag: "secret"}, "is no member of types.AttributeValue that is known"},
	} {
		err := attr.Check(c.av)
		require.ErrorContains(t, err, c.want)
		assert.NotContains(t, err.Error(), "secret")
		assert.ErrorContains(t, attr.CheckItem(item{"a.b": c.av}), strings.TrimPrefix(c.want, "attribute "))
	}
	var failed *attr.Error
	require.ErrorAs(t, attr.CheckItem(item{"a.b": m(item{"c": l(nil)})}), &failed)
	assert.Equal(t, attr.Error{Path: `a\.b.c[0]`, Shown: `a\.b{key}[0]`, Reason: attr.NilValue}, *failed)
	assert.Error(t, attr.CheckItem(item{"": s("x")}))
	assert.Error(t, attr.CheckName("\xff"))
	assert.NoError(t, attr.CheckName("é"))
	assert.NoError(t, attr.CheckLevel(s("x"), size.MaxDepth))
	assert.Error(t, attr.CheckLevel(l(), size.MaxDepth))
}

func TestValidText(t *testing.T) {
	for n := range 70 { // a byte that is not ASCII at every place of texts of every length
		for at := range n {
			for _, odd := range []string{"\x80", "é", "\xff", "\x00"} {
				text := strings.Repeat("a", at) + odd + strings.Repeat("a", n-at)
				require.Equal(t, utf8.ValidString(text), attr.ValidText(text), "%q", text)
			}
		}
		require.True(t, attr.ValidText(strings.Repeat("a", n)))
	}
}

func BenchmarkValidText(b *testing.B) {
	for _, count := range []int{3, 10, 18, 30, 100, 1000} {
		text := strings.Repeat("x", count)
		b.Run(fmt.Sprint(count, "/attr"), func(b *testing.B) {
			for b.Loop() {
				attr.ValidText(text)
			}
		})
		b.Run(fmt.Sprint(count, "/utf8"), func(b *testing.B) {
			for b.Loop() {
				utf8.ValidString(text)
			}
		})
	}
}

func BenchmarkTwice(b *testing.B) {
	for _, count := range []int{3, 8, 16, 100, 1000} {
		set := make([]string, count)
		for i := range set {
			set[i] = fmt.Sprint("element ", i)
		}
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if attr.StringsTwice(set) {
					b.Fatal("there is none")
				}
			}
		})
	}
}
