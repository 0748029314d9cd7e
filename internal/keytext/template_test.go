package keytext

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	template, err := Parse("{{ORDER}}#{customer.address.city|lower|raw}#{price:8.2|desc}{at|date}")
	require.NoError(t, err)
	fields := template.Fields()
	for i := range fields {
		fields[i].offset = 0
	}
	assert.Equal(t, []Ref{
		{Path: "customer.address.city", Lower: true, Raw: true},
		{Path: "price", Digits: 8, Decimals: 2, Desc: true},
		{Path: "at", Unit: "date"},
	}, fields)
	assert.Equal(t, "{ORDER}#", template.Lead())
	assert.Equal(t, []string{"#", "", ""}, template.after)
	assert.Equal(t, "{{ORDER}}#{customer.address.city|lower|raw}#{price:8.2|desc}{at|date}", template.String())
	fields[0].Path = "changed"
	assert.Equal(t, "customer.address.city", template.Fields()[0].Path)
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
		reason string
	}{
		{"", 0, "empty"},
		{"a\xff", 0, "UTF-8"},
		{"ORDER#{id", 6, `"{" without "}"`},
		{"ORDER#{a{b}", 6, `"{" without "}"`},
		{"ORDER#}", 6, `"}" without "{"`},
		{"{}", 1, "name of an attribute"},
		{"{a..b}", 1, "name of an attribute"},
		{"{.a}", 1, "name of an attribute"},
		{"{:3}", 1, "name of an attribute"},
		{"X#{stars:}", 9, "digits, 1 to 126"},
		{"X#{stars:0}", 9, "digits, 1 to 126"},
		{"X#{stars:1025}", 9, "digits, 1 to 126"},
		{"X#{stars:-3}", 9, "digits, 1 to 126"},
		{"X#{stars:3:4}", 9, "digits, 1 to 126"},
		{"X#{stars:3.}", 9, "decimals, 0 to 130"},
		{"X#{stars:3.131}", 9, "decimals, 0 to 130"},
		{"X#{id|}", 6,
			`unknown modifier ""; there are lower, upper, desc, plain, raw, shard:10, and for times year, month`},
		{"X#{id|lower|reverse}", 12, `unknown modifier "reverse"`},
		{"X#{id|lower|upper}", 12, "one case"},
		{"X#{at|s|ms}", 8, "one precision"},
		{"X#{n:3|plain}", 7, "without padding"},
		{"X#{n|desc|plain}", 10, "no descending order"},
		{"X#{n|plain|desc}", 11, "no descending order"},
	} {
		_, err := Parse(c.text)
		var e *Error
		if assert.ErrorAs(t, err, &e, c.text) {
			assert.Equal(t, c.offset, e.Offset, c.text)
			assert.Contains(t, err.Error(), c.reason, c.text)
		}
	}
}

func TestBindErrors(t *testing.T) {
	kinds := map[string]Kind{"s": String, "s2": String, "i": Int, "u": Uint, "f": Float, "n": Number, "t": Time,
		"b": Bool, "x": Bytes}
	kindOf := func(path string) (Kind, bool) { k, ok := kinds[path]; return k, ok }
	for text, reason := range map[string]string{
		"{gone}":        "no attribute of that name",
		"{f}":           "a float must say its digits before and after the point, as in {f:8.2}",
		"{n}":           "a number must say its digits",
		"{i:20}":        "an integer has at most 19 digits",
		"{u:21}":        "an unsigned integer has at most 20 digits",
		"{i:3.1}":       "an integer has no decimals: {i:3}",
		"{t:20|unix}":   "at most 19 digits",
		"{f:127.1}":     "a float has at most 126 digits",
		"{n:127}":       "a number has at most 126 digits",
		"{s:3.1}":       "a string's width is a number of bytes: {s:3}",
		"{s:3|raw}":     "a string of a width is never escaped: write {s:3} without raw",
		"{s:3|desc}":    "a string has no descending text",
		"{s:3|date}":    "date is a precision of times",
		"{b:3}":         "digits are for numbers",
		"{t:3}":         "digits are for numbers",
		"{x:3}":         "digits are for numbers",
		"{s|plain}":     "plain is for numbers",
		"{t|plain}":     "plain is for numbers",
		"{s|desc}":      "a string has no descending text",
		"{x|desc}":      "bytes has no descending text",
		"{i|lower}":     "lower and upper are for strings",
		"{t|raw}":       "raw is for strings",
		"{s|date}":      "date is a precision of times",
		"{s}{i}":        "put a literal between them",
		"{s|raw}{i}":    "put a literal between them",
		"{i|plain}{s}":  "put a literal between them",
		"{x}{s}":        "put a literal between them",
		"{s}-{s2}":      "or write {s|raw}",
		"{s}%{s2}":      `starts with '%'`,
		"{s}éa":         "no letter",
		"{s}٣":          "no digit",
		"{s}:{s2}":      "or write {s|raw}",
		"{i|plain}0{s}": "as a number may go on",
		"{i|plain}.{s}": "as a number may go on",
		"{x}a{s}":       "as hex may go on",
	} {
		template, err := Parse(text)
		require.NoError(t, err, text)
		_, err = template.Bind(kindOf)
		var e *Error
		if assert.ErrorAs(t, err, &e, text) {
			assert.Equal(t, -1, e.Offset)
			assert.Equal(t, template.fields[0].Path, e.Field, text)
			assert.Contains(t, err.Error(), reason, text)
		}
	}
	for _, text := range []string{"PROFILE", "{s}", "{s|raw}-{s2|raw}x", "{i}{u}{t}{b}{f:2.1}{n:3}{s}",
		"{s:26}{s2:3|lower}a{i}", "{s:1024}", "{s:3|shard:4}",
		"{i|plain}-{i|plain}:{s}", "{x}g", "{s} {s}",
		"{t|unix}{t:10|unixms}{t|date}{s|lower}"} {
		template, err := Parse(text)
		require.NoError(t, err, text)
		_, err = template.Bind(kindOf)
		assert.NoError(t, err, text)
	}
}

func TestErrorText(t *testing.T) {
	_, err := Parse("A#{id")
	assert.EqualError(t, err, `key template "A#{id", byte 2: "{" without "}"; a brace in the text is written "{{"`)
	cause := errors.New("cause")
	template, err := Parse("A#{id}")
	require.NoError(t, err)
	b, err := template.Bind(func(string) (Kind, bool) { return String, true })
	require.NoError(t, err)
	_, err = b.Format(func(int) (Value, error) { return Value{}, cause })
	assert.ErrorIs(t, err, cause)
	assert.EqualError(t, err, `key template "A#{id}", field "id": its value cannot be had: cause`)
}

func TestOverlaps(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"PROFILE", "PROFILE", true},
		{"PROFILE", "PROFILES", false},
		{"CUSTOMER#{id}", "ORDER#{id}", false},
		{"CUSTOMER#{id}", "CUSTOMER#{id}#ORDER#{o}", true}, // the last string is verbatim and may be anything
		{"CUSTOMER#{id}#", "CUSTOMER#{id}#ORDER#{o}", false},
		{"A#{id}#X", "A#{id}#Y", false},
		{"A#{id}#LINE#{n}", "A#{id}#NOTE#{n}", false},               // id escapes "#"
		{"A#{id|raw}#LINE#{n}", "A#{id|raw}#NOTE#{n}", true},        // a raw id has "#" as long as no "#LINE#" is in it
		{"A#{id|raw}#{n:3}", "A#{id|raw}#B{n:3}", false},            // but not where "#" is all that is behind it
		{"{id}", "PROFILE", true},                                   // natural keys
		{"{stars:3}", "{at|date}", false},                           // seven characters and ten
		{"{stars:3}", "{price:3.2}", false},                         // the point
		{"{stars:3}", "{id}", true},                                 //
		{"{stars:3|desc}", "{price:4|desc}", false},                 // :007 and 9992
		{"{stars:3}", "{price:4}", true},                            // -992, and a string of four bytes
		{"{at|s}", "{at|ms}", false},                                // times of two lengths
		{"{at|date|desc}", "{at|date}", true},                       //
		{"{at|date}", "2024-13-99", true},                           // no month, and yet the pattern takes it
		{"{at|unix}", "{at|date}", true},                            //
		{"{stars:3}", "ABC", true},                                  // it may be a string of three bytes
		{"{stars:3}", "ABCD", false},                                //
		{"{stars:3|desc}", "ABC", false},                            //
		{"{id:5}{n:3}", "{id:6}#{n:3}", false},                      // eight or nine bytes, and ten or eleven
		{"{n|plain}", "-5", true},                                   //
		{"{n|plain}", "5a", false},                                  //
		{"{at}", "2024-01-01T00:00:00.000000000Z", true},            //
		{"{a}→{b}", "→→→", true},                                    // a separator of several bytes is not told apart
		{"ORDER#{at|date}#{id}", "ORDER#{id}#{at|date}#{n}", true},  //
		{"ORDER#{at|date}#A#{id}", "ORDER#{at|date}#B#{id}", false}, //
	} {
		a, err := Parse(c.a)
		require.NoError(t, err)
		b, err := Parse(c.b)
		require.NoError(t, err)
		assert.Equal(t, c.want, Overlaps(a, b), "%s and %s", c.a, c.b)
		assert.Equal(t, c.want, Overlaps(b, a), "%s and %s", c.b, c.a)
	}
}

// Kinds tell apart what the templates alone could not.
func TestOverlapsOfKinds(t *testing.T) {
	for _, c := range []struct {
		a      string
		aKinds []Kind
		b      string
		bKinds []Kind
		want   bool
	}{
		{"{n:3}", []Kind{Int}, "ABC", nil, false},
		{"{n:3}", []Kind{String}, "ABC", nil, true},
		{"{n:3}", []Kind{String}, "ABCD", nil, false},
		{"{n:3}", []Kind{Int}, "{m:4}", []Kind{Int}, false}, // -992 and 0992
		{"{n:3}", []Kind{String}, "{m:4}", []Kind{String}, false},
		{"{n:3}", []Kind{String}, "{m:3}", []Kind{Int}, true},
		{"{n:3}", []Kind{String}, "{m:2}", []Kind{Int}, true},
		{"{n:3}", []Kind{String}, "{m:4}", []Kind{Int}, false},
		{"A#{n:3}#X", []Kind{String}, "A#{m}#Y", []Kind{String}, false},
		{"A#{n:3}", []Kind{String}, "A#{m}#", []Kind{String}, true},
		{"A#{n:3|lower}", []Kind{String}, "A#abc", nil, true},
		{"A#{n:3|shard:9}", []Kind{String}, "A#abc", nil, false},
	} {
		a, b := bind(t, c.a, c.aKinds...), bind(t, c.b, c.bKinds...)
		assert.Equal(t, c.want, Overlaps(a, b), "%s and %s", c.a, c.b)
		assert.Equal(t, c.want, Overlaps(b, a), "%s and %s", c.b, c.a)
		if c.want {
			assert.True(t, Overlaps(a.template, b), "%s and %s", c.a, c.b)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"ORDER#{placed_at}#{id}", "{{a}}{b:3|desc}", "{a.b:8.2}", "{a|raw}-{b|lower}", "{a",
		"}", "{at|unix|plain}x"} {
		f.Add(text, uint64(0x12345678))
	}
	f.Fuzz(func(t *testing.T, text string, kinds uint64) {
		template, err := Parse(text)
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
			require.True(t, e.Offset >= 0 && e.Offset <= len(text), "%q: %d", text, e.Offset)
			return
		}
		require.Equal(t, text, template.String())
		require.Len(t, template.after, len(template.fields))
		if len(text) < 200 {
			require.True(t, Overlaps(template, template))
		}
		b, err := template.Bind(func(string) (Kind, bool) {
			kinds = kinds>>4 | kinds<<60
			return Kind(kinds % 10), true
		})
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
			return
		}
		_, err = b.Parse(strings.Repeat("0", len(text)%64))
		if err != nil {
			var e *Error
			require.ErrorAs(t, err, &e)
		}
	})
}
