package keytext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Op is what is asked of a field.
type Op uint8

// The conditions on a field.
const (
	Eq         Op = iota // equal to a value
	Between              // From one value UpTo another
	From                 // a value or more
	After                // more than a value
	UpTo                 // a value or less
	Before               // less than a value
	BeginsWith           // a string that begins with a value
)

var opNames = [...]string{"Eq", "Between", "From", "After", "UpTo", "Before", "BeginsWith"}

// String is the condition's name.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("Op(%d)", uint8(o))
}

// End is one bound of a field: From or After below, UpTo or Before above. The zero End is none.
type End struct {
	Op    Op
	Value Value
}

func (e End) set() bool  { return e.Op != Eq }
func (e End) open() bool { return e.Op == After || e.Op == Before }

// Condition is a condition on the field behind the given ones: Eq, BeginsWith, or a range, whose Op only names it.
type Condition struct {
	Op        Op
	Value     Value // of Eq and BeginsWith
	Low, High End   // of a range: one of them or both
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

// nothing holds for no key, since none is empty.
var nothing = Range{Compare: Below, High: "\x00"}

// Range is the condition on keys whose first fields are before, and whose next field is as c says, in the order of its
// values whether the field ascends or descends. Values of a folded string are compared folded, and those with a string
// of a width may be shorter than it, but for Eq. An *Error names the field where it does not order, or where a value
// cannot be in a key, is finer than the field's precision, or the upper end is less than the lower one.
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
	found, reason := r.find(c)
	if reason != "" {
		return Range{}, b.template.refuse(r.Ref, reason)
	}
	return found, nil
}

// ranger makes the bounds of one field behind a prefix that all keys meant begin with.
type ranger struct {
	*segment
	prefix string
}

func (r ranger) find(c Condition) (found Range, reason string) {
	switch {
	case c.Op > BeginsWith:
		return found, fmt.Sprintf("there is no condition %s", c.Op)
	case c.Op == Eq:
		text, reason := r.text(c.Value, false)
		if r.last {
			return Range{Compare: Equals, Low: text}, reason
		}
		return Range{Compare: Begins, Low: text + r.after}, reason
	case c.Op == BeginsWith:
		if r.kind != String || r.form == raw || r.form == sharded {
			return found, "BeginsWith can be asked of strings, and neither of a raw one with something behind it nor of a shard"
		}
		text, reason := r.text(c.Value, true)
		return Range{Compare: Begins, Low: text}, reason
	case !r.ordered():
		return found, fmt.Sprintf("its text groups and does not sort, so that %s cannot be asked of it%s", c.Op,
			r.remedy())
	}
	low, reason := r.endOf(c.Low)
	if reason != "" {
		return found, reason
	}
	high, reason := r.endOf(c.High)
	if reason != "" {
		return found, reason
	}
	if r.Desc {
		low, high = high, low
	}
	if low.set && high.set {
		if low.text > high.text {
			return found, fmt.Sprintf("the ends of %s are the wrong way round", c.Op)
		}
		if low.text == high.text && (low.open || high.open) {
			return nothing, ""
		}
	}
	return r.between(low, high), ""
}

// remedy is what makes a field sort that does not, in words for the end of a sentence.
func (r ranger) remedy() string {
	switch {
	case r.form == plain:
		return "; without plain it can"
	case r.form == escaped || r.form == raw:
		return fmt.Sprintf("; put it last, or give it a width, as in {%s:26}", r.Path)
	case r.form == hexed:
		return "; put it last"
	}
	return ""
}

// textEnd is an end of a range of texts, in their order: the key up to the field of that value.
type textEnd struct {
	text      string
	set, open bool
}

func (r ranger) endOf(e End) (end textEnd, reason string) {
	if !e.set() {
		return end, ""
	}
	text, reason := r.text(e.Value, true)
	return textEnd{text, true, e.open()}, reason
}

// text is the key up to the field with value v, without what is behind it. A string of a width may be shorter where it
// is to be a part of one.
func (r ranger) text(v Value, part bool) (text, reason string) {
	s := *r.segment
	if part && s.form == sized && v.kind == String {
		s.form = verbatim
		if len(s.fold(v.text)) > s.Digits {
			return "", fmt.Sprintf("it has at most the %d bytes that the template gives it", s.Digits)
		}
	}
	key, reason := s.append([]byte(r.prefix), v)
	switch {
	case reason != "":
		return "", reason
	case len(key)+len(r.after) > maxKey:
		return "", fmt.Sprintf("with it a key would have more than %d bytes", maxKey)
	case r.kind == Time && r.form != sharded:
		if cut, ok := r.decode(string(key[len(r.prefix):])); !ok || !cut.time.Equal(v.time) {
			return "", "its precision in the template is coarser than the time it is compared with; cut that to it"
		}
	}
	return string(key), ""
}

// short tells whether text ends before the width of its field does, so that no key's field is that.
func (r ranger) short(text string) bool { return r.form == sized && len(text) < len(r.prefix)+r.Digits }

// between holds for the keys with the prefix whose field is between two ends.
func (r ranger) between(low, high textEnd) Range {
	start := r.prefix
	if low.set {
		start = low.text
	}
	if low.open {
		var ok bool
		if start, ok = r.behind(low.text); !ok {
			return nothing
		}
	}
	if start == "" {
		return r.below(high)
	}
	if !high.set && r.prefix == "" {
		return Range{Compare: AtLeast, Low: start}
	}
	end := endOfAll(r.prefix)
	switch {
	case high.open:
		end = r.ahead(high.text)
	case high.set:
		end, _ = r.end(high.text)
	}
	if start > end {
		return nothing
	}
	return Range{Compare: Within, Low: start, High: end}
}

// below holds for the keys, of whatever prefix, whose field is below an end.
func (r ranger) below(high textEnd) Range {
	if high.open { // no other key is equal to text, and one whose field is that is not meant
		return Range{Compare: Below, High: high.text}
	}
	end, in := r.end(high.text)
	if in {
		return Range{Compare: AtMost, High: end}
	}
	return Range{Compare: Below, High: end}
}

// end is an inclusive end of the keys whose field is that of text or before it, and whether it can be a key of them:
// when not, no key of the template is equal to it.
func (r ranger) end(text string) (end string, in bool) {
	switch {
	case r.short(text):
		return text, false
	case r.last:
		return text, true
	}
	if end, ok := successor(text + r.after); ok && len(end) <= maxKey {
		return end, false
	}
	return filled(text+r.after, maxKey), true
}

// endOfAll is an inclusive end of the keys that begin with a prefix and have more behind it.
func endOfAll(prefix string) string {
	if end, ok := successor(prefix); ok && len(end) <= maxKey {
		return end
	}
	return filled(prefix, maxKey)
}

// behind is a start of the keys whose field is behind that of text; not ok says that there can be none.
func (r ranger) behind(text string) (start string, ok bool) {
	switch {
	case r.short(text):
		return text, true
	case r.last && r.form == verbatim:
		return Next(text)
	case r.last && r.form == hexed:
		start = text + "0"
	default:
		start, ok = successor(text)
		if !ok {
			return "", false
		}
	}
	return shortened(start)
}

// ahead is an inclusive end of the keys whose field is before that of text. BETWEEN needs one that is in, and so one
// between text and the keys before it.
func (r ranger) ahead(text string) string {
	switch {
	case !r.last, r.short(text): // no key is equal to text, since more is behind it
		return text
	case r.form == verbatim:
		return predecessor(text, maxKey)
	case r.form == sized:
		return predecessor(text, len(text))
	case r.form == hexed:
		return nudged(text) + "g" // behind every hex digit
	}
	return nudged(text)
}

// nudged has the character before the last one in its place, which is ASCII: fields of one width have no text between
// the two.
func nudged(text string) string {
	end := len(text) - 1
	return text[:end] + string(rune(text[end]-1))
}

// Next is the first text behind this one that fits in a sort key; there is none where this is the last.
func Next(text string) (next string, ok bool) { return shortened(text + "\x00") }

// Previous is the last text before this one that fits in a sort key; "" where this is the first.
func Previous(text string) string { return predecessor(text, maxKey) }

// shortened is the first text from this one on that fits in a sort key.
func shortened(text string) (first string, ok bool) {
	for len(text) > maxKey {
		end := maxKey
		for !utf8.RuneStart(text[end]) {
			end--
		}
		// In the bytes that are left only texts that are before it can follow, since their characters are shorter.
		if text, ok = successor(text[:end]); !ok {
			return "", false
		}
	}
	return text, true
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

// predecessor is the last text of at most so many bytes that is before this one.
func predecessor(text string, most int) string {
	r, n := utf8.DecodeLastRuneInString(text)
	text = text[:len(text)-n]
	if r == 0 {
		return text
	}
	r--
	if r == behindSurrogates-1 {
		r = surrogates - 1
	}
	return filled(text+string(r), most)
}

// filled is the last text of at most so many bytes that begins with this one.
func filled(text string, most int) string {
	for _, filler := range []string{lastRune, "\uffff", "\u07ff", "\x7f"} {
		text += strings.Repeat(filler, max(0, most-len(text))/len(filler))
	}
	return text
}

// Code points that UTF-8 does not have.
const (
	surrogates       = 0xD800
	behindSurrogates = 0xE000
)
