package keytext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Op is what a Condition asks of a field.
type Op uint8

// The conditions on a field.
const (
	Eq         Op = iota // equal to Value
	Between              // from Value to To, both in
	From                 // Value or more
	Before               // less than Value
	BeginsWith           // a string that begins with Value
)

var opNames = [...]string{"Eq", "Between", "From", "Before", "BeginsWith"}

// String is the condition's name.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("Op(%d)", uint8(o))
}

// Condition is a condition on the field behind the given ones.
type Condition struct {
	Op    Op
	Value Value
	To    Value // of Between
}

// Compare is how a key condition compares a key with the texts of a Range.
type Compare uint8

// The comparisons, each with its form in a KeyConditionExpression.
const (
	Equals  Compare = iota // key = Low
	Begins                 // begins_with(key, Low)
	Within                 // key BETWEEN Low AND High
	AtLeast                // key >= Low
	AtMost                 // key <= High
	Below                  // key < High
)

// Range is a condition on the key's text. It holds for exactly those of the template's keys that are meant, and may
// hold for keys of other templates.
type Range struct {
	Compare   Compare
	Low, High string
}

// maxKey is the most bytes of a sort key (Developer Guide, "Quotas": 1024).
const maxKey = 1024

// Range is the condition on keys whose first fields are before, and whose next field is as c says, in the order of its
// values whether the field ascends or descends. Values of a folded string are compared folded. An *Error names the
// field where it does not order, or where a value cannot be in a key, is finer than the field's precision, or To is
// less than Value.
func (b *Bound) Range(before []Value, c Condition) (Range, error) {
	if len(before) >= len(b.segments) {
		return Range{}, &Error{Template: b.template.text, Offset: -1,
			Reason: fmt.Sprintf("it has no field %d for %s to be about",
				len(before)+1, c.Op)}
	}
	prefix, err := b.prefix(nil, before)
	if err != nil {
		return Range{}, err
	}
	r := ranger{segment: &b.segments[len(before)], prefix: string(prefix)}
	text, reason := r.text(c.Value)
	if reason != "" {
		return Range{}, b.template.refuse(r.Ref, reason)
	}
	switch {
	case c.Op == Eq:
		if r.last {
			return Range{Compare: Equals, Low: text}, nil
		}
		return Range{Compare: Begins, Low: text + r.after}, nil
	case c.Op == BeginsWith:
		if r.kind != String || r.form == raw || r.form == sharded {
			return Range{}, b.template.refuse(r.Ref,
				"BeginsWith can be asked of strings, and neither of a raw one with something behind it nor of a shard")
		}
		return Range{Compare: Begins, Low: text}, nil
	case c.Op > BeginsWith:
		return Range{}, b.template.refuse(r.Ref, fmt.Sprintf("there is no condition %s", c.Op))
	case !b.Ordered(len(before)):
		return Range{}, b.template.refuse(r.Ref,
			fmt.Sprintf("its text groups and does not sort, so that %s cannot be asked of it", c.Op))
	}
	switch c.Op {
	case From:
		if r.Desc {
			return r.upTo(text), nil
		}
		return r.since(text), nil
	case Before:
		if r.Desc {
			return r.since(r.behind(text)), nil
		}
		return r.below(text), nil
	}
	to, reason := r.text(c.To)
	if reason != "" {
		return Range{}, b.template.refuse(r.Ref, reason)
	}
	if r.Desc {
		text, to = to, text
	}
	if text > to {
		return Range{}, b.template.refuse(r.Ref, "the ends of Between are the wrong way round")
	}
	high, _ := r.end(to)
	return Range{Compare: Within, Low: text, High: high}, nil
}

// ranger makes the bounds of one field behind a prefix that all keys meant begin with.
type ranger struct {
	*segment
	prefix string
}

// text is the key up to the field with value v, without what is behind it.
func (r ranger) text(v Value) (text, reason string) {
	key, reason := r.append([]byte(r.prefix), v)
	if reason != "" {
		return "", reason
	}
	if r.kind == Time && r.form != sharded {
		if cut, ok := r.decode(string(key[len(r.prefix):])); !ok || !cut.time.Equal(v.time) {
			return "", "its precision in the template is coarser than the time it is compared with; cut that to it"
		}
	}
	return string(key), ""
}

// since holds for keys with the prefix that are not less than low.
func (r ranger) since(low string) Range {
	if high, ok := successor(r.prefix); ok {
		return Range{Compare: Within, Low: low, High: high}
	}
	return Range{Compare: AtLeast, Low: low}
}

// upTo holds for keys with the prefix whose field is not behind that of text.
func (r ranger) upTo(text string) Range {
	high, in := r.end(text)
	switch {
	case r.prefix != "":
		return Range{Compare: Within, Low: r.prefix, High: high}
	case in:
		return Range{Compare: AtMost, High: high}
	}
	return Range{Compare: Below, High: high}
}

// end is an inclusive end of the keys whose field is that of text, and whether it can be a key of them: when not, no
// key of the template is equal to it.
func (r ranger) end(text string) (end string, in bool) {
	if r.last {
		return text, true
	}
	end, ok := successor(text + r.after)
	if !ok { // every character is the last there is
		return text + r.after + strings.Repeat(lastRune, maxKey/utf8.UTFMax), true
	}
	return end, false
}

// below holds for keys with the prefix whose field is before that of text. BETWEEN needs an end that is in, and so one
// between text and the keys before it.
func (r ranger) below(text string) Range {
	if r.prefix == "" {
		return Range{Compare: Below, High: text}
	}
	high := text
	switch {
	case !r.last: // no key is equal to text, since more is behind it
	case r.form == verbatim:
		high = predecessor(text)
	case r.form == hexed:
		high = nudge(text, -1) + "g" // behind every hex digit
	default:
		high = nudge(text, -1)
	}
	return Range{Compare: Within, Low: r.prefix, High: high}
}

// behind is a start of the keys whose field, of fixed width, is behind that of text.
func (r ranger) behind(text string) string { return nudge(text, +1) }

// nudge moves the last character, which is ASCII: fields of one width have no text between the result and the given
// one.
func nudge(text string, by int) string {
	end := len(text) - 1
	return text[:end] + string(rune(int(text[end])+by))
}

const lastRune = string(utf8.MaxRune)

// successor is the first text behind all that begin with text; there is none where every character is the last there
// is.
func successor(text string) (string, bool) {
	text = strings.TrimRight(text, lastRune)
	if text == "" {
		return "", false
	}
	r, n := utf8.DecodeLastRuneInString(text)
	r++
	if r == surrogates {
		r = behindSurrogates
	}
	return text[:len(text)-n] + string(r), true
}

// predecessor is the last text before this one that fits in a sort key.
func predecessor(text string) string {
	r, n := utf8.DecodeLastRuneInString(text)
	text = text[:len(text)-n]
	if r == 0 {
		return text
	}
	r--
	if r == behindSurrogates-1 {
		r = surrogates - 1
	}
	text += string(r)
	for _, filler := range []string{lastRune, "\uffff", "\u07ff", "\x7f"} {
		text += strings.Repeat(filler, max(0, maxKey-len(text))/len(filler))
	}
	return text
}

// Code points that UTF-8 does not have.
const (
	surrogates       = 0xD800
	behindSurrogates = 0xE000
)
