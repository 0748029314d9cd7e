package keytext

import "unicode/utf8"

// Pattern is a template, whatever kinds its fields have, or one whose fields have kinds.
type Pattern interface{ pattern() []atom }

// Overlaps tells whether one text could be a key of both of two templates, bound or not. It never says false where one
// could; it may say true of templates that their values would tell apart.
func Overlaps(a, b Pattern) bool {
	x, y := a.pattern(), b.pattern()
	// Walk both patterns at once, over every text that fits both so far: a place is how far each has come.
	width := len(y) + 1
	seen := make([]bool, (len(x)+1)*width)
	queue := []int{0}
	seen[0] = true
	visit := func(i, j int) {
		if at := i*width + j; !seen[at] {
			seen[at] = true
			queue = append(queue, at)
		}
	}
	for len(queue) > 0 {
		at := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		i, j := at/width, at%width
		if i == len(x) && j == len(y) {
			return true
		}
		if i < len(x) && x[i].optional {
			visit(i+1, j)
		}
		if j < len(y) && y[j].optional {
			visit(i, j+1)
		}
		if i == len(x) || j == len(y) || !x[i].meets(y[j].set) {
			continue
		}
		// One byte that both take: each then stays, where it may repeat, or goes on.
		visit(i+1, j+1)
		if x[i].repeats {
			visit(i, j+1)
		}
		if y[j].repeats {
			visit(i+1, j)
		}
	}
	return false
}

// atom is a place in a pattern: a byte out of a set, once; it may repeat, or be left out.
type atom struct {
	set      byteSet
	repeats  bool
	optional bool
}

func (a atom) meets(set byteSet) bool { return a.set.meets(set) }

type byteSet [4]uint64

func (s byteSet) with(chars string) byteSet {
	for _, c := range []byte(chars) {
		s[c/64] |= 1 << (c % 64)
	}
	return s
}

func (s byteSet) without(c byte) byteSet {
	s[c/64] &^= 1 << (c % 64)
	return s
}

func (s byteSet) meets(t byteSet) bool {
	return s[0]&t[0]|s[1]&t[1]|s[2]&t[2]|s[3]&t[3] != 0
}

var (
	anyByte = byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} // of strings
	digits  = byteSet{}.with("0123456789")
	signs   = byteSet{}.with("-:")
	inPlain = digits.with("-.")
	inTime  = digits.with("-:.TZ")
)

// pattern takes every key that the template can make, with fields of any kind, and some that it cannot.
func (t *Template) pattern() []atom { return t.patternOf(func(int) Kind { return None }) }

// pattern takes every key that the template can make, and some that it cannot.
func (b *Bound) pattern() []atom { return b.template.patternOf(b.Kind) }

func (t *Template) patternOf(kindOf func(i int) Kind) []atom {
	p := literal(nil, t.lead)
	for i, field := range t.fields {
		p = append(p, field.pattern(kindOf(i), t.after[i])...)
		p = literal(p, t.after[i])
	}
	return p
}

// BeginningWith is a template of all texts that begin so. It is for Overlaps alone.
func BeginningWith(prefix string) *Template {
	return &Template{text: prefix, lead: prefix, fields: []Ref{{Raw: true}}, after: []string{""}}
}

func literal(p []atom, text string) []atom {
	for _, c := range []byte(text) {
		p = append(p, atom{set: byteSet{}.with(string([]byte{c}))})
	}
	return p
}

// pattern is that of one field; of the kind None it is of any.
func (f Ref) pattern(kind Kind, after string) []atom {
	switch {
	case f.Shards > 0:
		return []atom{{set: digits, repeats: true}}
	case f.Plain:
		return []atom{{set: inPlain, repeats: true}}
	case f.Digits > 0:
		return f.widthPattern(kind)
	case units[f.Unit] > 0:
		return clockPattern(units[f.Unit])
	case f.Unit != "" || f.Desc:
		return []atom{{set: inTime, repeats: true}}
	}
	// A string escapes the first character behind it, and other kinds have none that may be there; a raw string can
	// have it, unless it is all that is behind it.
	set := anyByte
	if after != "" && after[0] < utf8.RuneSelf && !special(rune(after[0])) && (!f.Raw || len(after) == 1) {
		set = set.without(after[0])
	}
	return []atom{{set: set, repeats: true}}
}

// widthPattern takes numbers of so many digits, and strings of so many bytes.
func (f Ref) widthPattern(kind Kind) (p []atom) {
	one := digits
	if kind == String || kind == None && f.Decimals == 0 && !f.Desc && f.Unit == "" {
		one = anyByte
	}
	if kind != String {
		p = append(p, atom{set: signs, optional: true})
	}
	for range f.Digits {
		p = append(p, atom{set: one})
	}
	if f.Decimals > 0 {
		p = literal(p, ".")
		for range f.Decimals {
			p = append(p, atom{set: digits})
		}
	}
	return p
}

// clockPattern takes times of so many characters.
func clockPattern(chars int) []atom {
	var p []atom
	for _, c := range []byte(zeroClock[:chars]) {
		if c == '0' {
			p = append(p, atom{set: digits})
		} else {
			p = literal(p, string([]byte{c}))
		}
	}
	if chars > dateChars {
		p = literal(p, "Z")
	}
	return p
}
