package codec

// SkipJSON returns where the JSON value at text[at:] ends, blanks before it included. It is false if there is no well-formed
// value, or one that is nested deeper than maxSkip.
func SkipJSON(text []byte, at int) (end int, ok bool) {
	t := wireText{body: text, at: at}
	var space [64]byte
	open := space[:0] // the brackets that are to come
	for {
		t.blanks()
		if t.at >= len(t.body) {
			return 0, false
		}
		switch c := t.body[t.at]; c {
		case '{', '[':
			if t.at++; len(open) == maxSkip {
				return 0, false
			}
			if t.blanks(); !t.take(c + 2) { // '}' is '{' + 2, and ']' is '[' + 2
				open = append(open, c+2)
				if c == '{' && !t.name() {
					return 0, false
				}
				continue
			}
		default:
			if !t.scalar(c) {
				return 0, false
			}
		}
		for more := false; !more; {
			if len(open) == 0 {
				return t.at, true
			}
			closing := open[len(open)-1]
			t.blanks()
			if more, ok = t.more(closing); !ok {
				return 0, false
			}
			if !more {
				open = open[:len(open)-1]
			} else if t.blanks(); closing == '}' && !t.name() {
				return 0, false
			}
		}
	}
}

// maxSkip bounds how deeply a value that is skipped may nest: an item has 32 levels, of three brackets each at most.
const maxSkip = 128

func (t *wireText) blanks() {
	for t.at < len(t.body) {
		switch t.body[t.at] {
		case ' ', '\t', '\r', '\n':
			t.at++
		default:
			return
		}
	}
}

// name skips a member's name and its colon.
func (t *wireText) name() bool {
	if t.at >= len(t.body) || t.body[t.at] != '"' || !t.skipString() {
		return false
	}
	t.blanks()
	return t.take(':')
}

// scalar skips a string, a number, true, false or null, of which c is the first byte.
func (t *wireText) scalar(c byte) bool {
	switch c {
	case '"':
		return t.skipString()
	case 't':
		return t.word("true")
	case 'f':
		return t.word("false")
	case 'n':
		return t.word("null")
	}
	return t.number()
}

// skipString skips a string, escapes and all.
func (t *wireText) skipString() bool {
	for t.at++; ; {
		end, _ := special(t.body, t.at)
		if t.at = end; end >= len(t.body) {
			return false
		}
		switch t.body[end] {
		case '"':
			t.at++
			return true
		case '\\':
			if _, ok := t.escape(); !ok {
				return false
			}
		default:
			return false
		}
	}
}

// number skips a JSON number.
func (t *wireText) number() bool {
	t.take('-')
	if !t.take('0') && !t.digits() {
		return false
	}
	if t.take('.') && !t.digits() {
		return false
	}
	if t.take('e') || t.take('E') {
		if !t.take('+') {
			t.take('-')
		}
		return t.digits()
	}
	return true
}

func (t *wireText) digits() bool {
	start := t.at
	for t.at < len(t.body) && '0' <= t.body[t.at] && t.body[t.at] <= '9' {
		t.at++
	}
	return t.at > start
}

// Members walks the object at text[at:], blanks before it included, and returns where it ends. each is given a member's name as
// it is in the text and where its value begins, and returns where that ends. Members is false where each is, where the text is
// not well-formed, or where a name has an escape.
func Members(text []byte, at int, each func(name []byte, at int) (end int, ok bool)) (end int, ok bool) {
	t := wireText{body: text, at: at}
	if t.blanks(); !t.take('{') {
		return 0, false
	}
	if t.blanks(); t.take('}') {
		return t.at, true
	}
	for {
		t.blanks()
		start := t.at + 1
		if !t.name() {
			return 0, false
		}
		size, _ := special(text[start:t.at], 0)
		if text[start+size] != '"' {
			return 0, false
		}
		t.blanks()
		if t.at, ok = each(text[start:start+size], t.at); !ok {
			return 0, false
		}
		t.blanks()
		if more, ok := t.more('}'); !more || !ok {
			return t.at, ok
		}
	}
}

// Elements walks the array at text[at:] likewise.
func Elements(text []byte, at int, each func(at int) (end int, ok bool)) (end int, ok bool) {
	t := wireText{body: text, at: at}
	if t.blanks(); !t.take('[') {
		return 0, false
	}
	if t.blanks(); t.take(']') {
		return t.at, true
	}
	for {
		t.blanks()
		if t.at, ok = each(t.at); !ok {
			return 0, false
		}
		t.blanks()
		if more, ok := t.more(']'); !more || !ok {
			return t.at, ok
		}
	}
}
