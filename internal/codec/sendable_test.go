package codec_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

// What the wire would carry as something else, and what the service would refuse, is found before anything is sent.

// spoken is a map key by its MarshalText.
type spoken struct{ Text string }

func (s spoken) MarshalText() ([]byte, error)     { return []byte(s.Text), nil }
func (s *spoken) UnmarshalText(text []byte) error { s.Text = string(text); return nil }

// keyed gives a map that has its text as a name, and in a set.
type keyed struct{ Text string }

func (k keyed) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if k.Text == "" {
		return l(), nil
	}
	return m(item{"list": l(m(item{k.Text: n("1")}))}), nil
}

// listed gives a set with its text.
type listed struct{ Text string }

func (k listed) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberSS{Value: []string{"other", k.Text}}, nil
}

type wordy struct {
	S        string
	Title    codectest.Heading
	Ptr      *string
	PP       **codectest.Heading
	Omit     string `dynamodbav:",omitempty"`
	Strings  []string
	Titles   [2]codectest.Heading
	SS       []string            `dynamodbav:",stringset"`
	SST      []codectest.Heading `dynamodbav:",stringset"`
	SSP      []*string           `dynamodbav:",stringset"`
	SSA      []any               `dynamodbav:",stringset"`
	Map      map[string]string
	Keys     map[string]int
	Named    map[codectest.Heading]int
	ByMethod map[codectest.Shouted]int
	ByText   map[spoken]int
	Deep     map[string][]map[string]*string
	Any      any
	Anys     []any
	In       struct{ S string }
	Custom   codectest.WriteOnly
	CustomP  *codectest.WriteOnly
	Keyed    keyed
	Listed   listed
	Raw      types.AttributeValue
	RawS     *types.AttributeValueMemberS
	RawSS    *types.AttributeValueMemberSS
	Raws     []types.AttributeValue
	RawM     map[string]types.AttributeValue
	Item     item
	NumText  json.Number           `dynamodbav:",string"`
	Number   attributevalue.Number `dynamodbav:",omitempty"`
	Rest     item                  `monotable:"unknown"`
}

// wordyWith puts a text into each place of a wordy, one at a time.
func wordyWith(text string) map[string]wordy {
	p, tp := &text, codectest.Heading(text)
	pp := &tp
	return map[string]wordy{
		"S": {S: text}, "Title": {Title: tp}, "Ptr": {Ptr: p}, "PP": {PP: &pp}, "Omit": {Omit: text},
		"Strings": {Strings: []string{"", text}},
		"Titles":  {Titles: [2]codectest.Heading{1: tp}}, "SS": {SS: []string{"x", text}},
		"SST": {SST: []codectest.Heading{tp}}, "SSP": {SSP: []*string{p}}, "SSA": {SSA: []any{text, "x"}},
		"Map": {Map: map[string]string{"x": text}}, "Keys": {Keys: map[string]int{text: 1}},
		"Named":    {Named: map[codectest.Heading]int{tp: 1}},
		"ByMethod": {ByMethod: map[codectest.Shouted]int{codectest.Shouted(text): 1}},
		"ByText":   {ByText: map[spoken]int{{text}: 1}},
		"Deep":     {Deep: map[string][]map[string]*string{"x": {nil, {"y": p}}}},
		"Any":      {Any: []any{map[string]any{"x": text}}},
		"Any key":  {Any: map[string]any{text: 1}}, "Anys": {Anys: []any{tp}}, "In": {In: struct{ S string }{text}},
		"Custom":  {Custom: codectest.WriteOnly{Text: text}},
		"CustomP": {CustomP: &codectest.WriteOnly{Text: text}}, "Keyed": {Keyed: keyed{text}},
		"Listed": {Listed: listed{text}}, "Raw": {Raw: m(item{"x": l(s(text))})},
		"Raw key": {Raw: m(item{text: s("x")})}, "RawS": {RawS: &types.AttributeValueMemberS{Value: text}},
		"RawSS": {RawSS: &types.AttributeValueMemberSS{Value: []string{"x", text}}},
		"Raws":  {Raws: []types.AttributeValue{s(text)}},
		"RawM":  {RawM: item{"x": s(text)}}, "RawM key": {RawM: item{text: s("x")}}, "Item": {Item: item{"x": s(text)}},
		"NumText": {NumText: json.Number(text)}, "Rest": {Rest: item{"rest": s(text)}},
		"Rest key": {Rest: item{text: s("x")}}, "Rest deep": {Rest: item{"rest": m(item{text: s("x")})}},
	}
}

// arrives tells whether an item that holds text arrives with it, by what the SDK's client sends and encoding/json
// reads.
func arrives(t require.TestingT, in item, text string) bool {
	shown := fmt.Sprintf("%q", text)
	return strings.Contains(fmt.Sprintf("%q", codectest.Sent(t, in)), shown[1:len(shown)-1])
}

func TestTextThatTheWireCannotCarry(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[wordy]())
	require.NoError(t, err)
	for place := range wordyWith("text") {
		t.Run(place, func(t *testing.T) {
			for _, text := range []string{
				// these arrive as others
				"k\xff", "k\xfe", "\xc0\x80", "\xed\xa0\x80\xed\xb0\x80", strings.Repeat("long ", 20) + "\x80",
				"SECRET\xff",
				"Pāli", "\u2028", "🐟", "\ufffd", "\x00", strings.Repeat("é", 40),
			} {
				if place == "ByMethod" {
					text = strings.ToUpper(text)
				}
				v := wordyWith(text)[place]
				in, err := p.EncodeUnchecked(reflect.ValueOf(v))
				require.NoError(t, err)
				arrived := arrives(t, in, text)
				require.Equal(t, utf8.ValidString(text), arrived, "%q", text)
				for _, v := range []reflect.Value{reflect.ValueOf(v), reflect.ValueOf(&v).Elem()} {
					_, err = p.Encode(v)
					require.Equal(t, arrived, err == nil, "%q: %v", text, err)
					if err != nil {
						assert.Contains(t, err.Error(), "not UTF-8")
						assert.NotContains(t, err.Error(), "SECRET")
						assert.True(t, utf8.ValidString(err.Error()))
						if name, _, _ := strings.Cut(place, " "); name != "Rest" {
							assert.Contains(t, err.Error(), "attribute "+name)
						}
					}
				}
			}
		})
	}
}

func TestOperandsThatTheWireCannotCarry(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[wordy]())
	require.NoError(t, err)
	field := func(path ...string) *codec.Field {
		f, ok := p.Lookup(path...)
		require.True(t, ok)
		return f
	}
	bad := codectest.Heading("x\xff")
	for _, c := range []struct {
		field   *codec.Field
		operand any
	}{
		{field("S"), "x\xff"}, {field("S"), bad}, {field("S"), &bad}, {field("Title"), "x\xff"},
		{field("In", "S"), "x\xff"}, {field("SS"), []string{"x\xff"}},
		{field("SS"), []string{"a", "b", "a"}}, {field("SST"), []string{"a", "a"}},
		{field("Map"), map[string]string{"x\xff": ""}}, {field("Map"), map[codectest.Heading]string{"x": "x\xff"}},
		{field("Map", "x"), "x\xff"}, {field("Any"), "x\xff"}, {field("Any"), map[string]any{"x\xff": 1}},
		{field("Raw"), "x\xff"}, {field("S"), s("x\xff")},
		{field("SS"), &types.AttributeValueMemberSS{Value: []string{"a", "a"}}},
		{field("Raw"), &types.AttributeValueMemberNS{Value: []string{"1", "1.0"}}},
		{field("Custom"), codectest.WriteOnly{Text: "x\xff"}}, {field("Strings"), []any{"x\xff"}},
	} {
		_, err := c.field.EncodeAny(c.operand)
		require.Error(t, err, "%s %#v", c.field.GoName, c.operand)
		assert.True(t, strings.Contains(err.Error(), "not UTF-8") ||
			strings.Contains(err.Error(), "an element twice"), err.Error())
		if v := reflect.ValueOf(c.operand); v.Type() == c.field.Type {
			_, _, err = c.field.Encode(v)
			assert.Error(t, err)
		}
		if _, list := c.operand.([]string); !list {
			_, err = codec.EncodeValue(c.operand)
			assert.Error(t, err)
		}
	}
	got, err := field("S").EncodeAny("fine")
	require.NoError(t, err)
	assert.Equal(t, s("fine"), got)
	_, err = codec.Of(reflect.StructOf([]reflect.StructField{{Name: "F", Type: reflect.TypeFor[string](),
		Tag: `dynamodbav:"x\xff"`}}))
	assert.ErrorContains(t, err, "an attribute's name is UTF-8")
}

type crowds struct {
	SS  []string                `dynamodbav:",stringset"`
	SSN []codectest.Heading     `dynamodbav:",stringset"`
	SSP []*string               `dynamodbav:",stringset"`
	SSA [3]any                  `dynamodbav:",stringset"`
	SST []time.Time             `dynamodbav:",stringset"`
	NS  []int                   `dynamodbav:",numberset"`
	NSF []float64               `dynamodbav:",numberset"`
	NSN []attributevalue.Number `dynamodbav:",numberset"`
	NSA []any                   `dynamodbav:",numberset"`
	NSC []codectest.Money       `dynamodbav:",numberset"`
	BS  [][]byte
	BSA [][2]byte `dynamodbav:",binaryset"`
	Any any       `dynamodbav:",numberset"`
	Raw types.AttributeValue
	In  map[string][]raws
}

// A set with an element twice is refused wherever it is, and no other set: every pair is compared, numbers as rational
// ones.
func TestSetsWithAnElementTwice(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[crowds]())
	require.NoError(t, err)
	scalar := func(t *rapid.T) types.AttributeValue {
		if rapid.Bool().Draw(t, "of numbers") {
			set := rapid.SliceOfN(rapid.SampledFrom([]string{"1", "1.0", "10e-1", "-0", "0", "7", "70", "7e1",
				"99999999999999999999", "1e20"}), 1, 4).Draw(t, "set")
			return &types.AttributeValueMemberNS{Value: set}
		}
		return &types.AttributeValueMemberSS{Value: rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "c", "A"}),
			1, 4).Draw(t, "set")}
	}
	refused, fine := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var v crowds
		codectest.DrawValue(t, reflect.ValueOf(&v).Elem())
		v.In = nil
		for i := range v.SSA {
			v.SSA[i] = rapid.SampledFrom([]any{"a", codectest.Heading("a"), "b", "c"}).Draw(t, "any string")
		}
		v.NSA, v.Any, v.Raw = nil, []any{1, 2.5}, scalar(t)
		for range rapid.IntRange(0, 3).Draw(t, "numbers") {
			v.NSA = append(v.NSA, rapid.SampledFrom([]any{1, 1.0, attributevalue.Number("1.00"), uint8(2), 2.5, 3}).
				Draw(t, "any number"))
		}
		v.NS = rapid.SliceOfN(rapid.IntRange(0, 900), 0, 12).Draw(t, "ints")
		if rapid.Bool().Draw(t, "short") { // most long sets have an element twice
			of := reflect.ValueOf(&v).Elem()
			for _, f := range of.Fields() {
				if f.Kind() == reflect.Slice && f.Len() > 1 {
					f.SetLen(1)
				}
			}
			v.SSA = [3]any{"a", "b", "c"}
			v.Raw = &types.AttributeValueMemberNS{Value: []string{"1", "2"}}
		}
		if rapid.Bool().Draw(t, "nested") {
			v.In = map[string][]raws{"x": {{One: scalar(t), List: []types.AttributeValue{}, Map: item{}}}}
		}
		made, err := p.EncodeUnchecked(reflect.ValueOf(v))
		if err != nil {
			return // a set cannot have a NULL
		}
		twice := anyTwice(m(made))
		_, err = p.Encode(reflect.ValueOf(&v).Elem())
		require.Equal(t, twice, err != nil, "%v %v", made, err)
		if err != nil {
			require.ErrorContains(t, err, "is a set with an element twice")
			refused++
			return
		}
		fine++
	})
	assert.Positive(t, refused)
	assert.Positive(t, fine)
	for _, v := range []crowds{{SS: []string{"SECRET", "SECRET"}},
		{In: map[string][]raws{"SECRET": {{One: &types.AttributeValueMemberSS{Value: []string{"SECRET", "SECRET"}}}}}}} {
		_, err := p.Encode(reflect.ValueOf(v))
		assert.NotContains(t, err.Error(), "SECRET")
	}
	_, err = p.Encode(reflect.ValueOf(crowds{SS: []string{"a", "a"}}))
	assert.EqualError(t, err, "attribute SS: is a set with an element twice")
}

// anyTwice looks for a set with two equal elements.
func anyTwice(av types.AttributeValue) bool {
	pairs := func(n int, same func(i, j int) bool) bool {
		for i := range n {
			for j := range i {
				if same(i, j) {
					return true
				}
			}
		}
		return false
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberSS:
		return pairs(len(av.Value), func(i, j int) bool { return av.Value[i] == av.Value[j] })
	case *types.AttributeValueMemberBS:
		return pairs(len(av.Value), func(i, j int) bool { return string(av.Value[i]) == string(av.Value[j]) })
	case *types.AttributeValueMemberNS:
		return pairs(len(av.Value), func(i, j int) bool {
			a, _ := new(big.Rat).SetString(av.Value[i])
			b, _ := new(big.Rat).SetString(av.Value[j])
			return a.Cmp(b) == 0
		})
	case *types.AttributeValueMemberL:
		if slices.ContainsFunc(av.Value, anyTwice) {
			return true
		}
	case *types.AttributeValueMemberM:
		for _, elem := range av.Value {
			if anyTwice(elem) {
				return true
			}
		}
	}
	return false
}
