package jsonscan

// Skip returns where the JSON value at text[at:] ends, blanks before it included. It is false if there is no
// well-formed value, or one that is nested deeper than maxSkip.
func Skip(text []byte, at int) (end int, ok bool) {
	t := Text{Body: text, At: at}
	var space [64]byte
	open := space[:0] // the brackets that are to come
	for {
		t.blanks()
		if t.At >= len(t.Body) {
			return 0, false
		}
		switch c := t.Body[t.At]; c {
		case '{', '[':
			if t.At++; len(open) == maxSkip {
				return 0, false
			}
			if t.blanks(); !t.Take(c + 2) { // '}' is '{' + 2, and ']' is '[' + 2
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
				return t.At, true
			}
			closing := open[len(open)-1]
			t.blanks()
			if more, ok = t.More(closing); !ok {
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

func (t *Text) blanks() {
	for t.At < len(t.Body) {
		switch t.Body[t.At] {
		case ' ', '\t', '\r', '\n':
			t.At++
		default:
			return
		}
	}
}

// name skips a member's name and its colon.
func (t *Text) name() bool {
	if t.At >= len(t.Body) || t.Body[t.At] != '"' || !t.skipString() {
		return false
	}
	t.blanks()
	return t.Take(':')
}

// scalar skips a string, a number, true, false or null, of which c is the first byte.
func (t *Text) scalar(c byte) bool {
	switch c {
	case '"':
		return t.skipString()
	case 't':
		return t.Word("true")
	case 'f':
		return t.Word("false")
	case 'n':
		return t.Word("null")
	}
	return t.number()
}

// skipString skips a string, escapes and all.
func (t *Text) skipString() bool {
	for t.At++; ; {
		end, _ := Special(t.Body, t.At)
		if t.At = end; end >= len(t.Body) {
			return false
		}
		switch t.Body[end] {
		case '"':
			t.At++
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
func (t *Text) number() bool {
	t.Take('-')
	if !t.Take('0') && !t.digits() {
		return false
	}
	if t.Take('.') && !t.digits() {
		return false
	}
	if t.Take('e') || t.Take('E') {
		if !t.Take('+') {
			t.Take('-')
		}
		return t.digits()
	}
	return true
}

func (t *Text) digits() bool {
	start := t.At
	for t.At < len(t.Body) && '0' <= t.Body[t.At] && t.Body[t.At] <= '9' {
		t.At++
	}
	return t.At > start
}

// Members walks the object at text[at:], blanks before it included, and returns where it ends. each is given a member's
// name as it is in the text and where its value begins, and returns where that ends. Members is false where each is,
// where the text is not well-formed, or where a name has an escape.
func Members(text []byte, at int, each func(name []byte, at int) (end int, ok bool)) (end int, ok bool) {
	t := Text{Body: text, At: at}
	if t.blanks(); !t.Take('{') {
		return 0, false
	}
	if t.blanks(); t.Take('}') {
		return t.At, true
	}
	for {
		t.blanks()
		start := t.At + 1
		if !t.name() {
			return 0, false
		}
		size, _ := Special(text[start:t.At], 0)
		if text[start+size] != '"' {
			return 0, false
		}
		t.blanks()
		if t.At, ok = each(text[start:start+size], t.At); !ok {
			return 0, false
		}
		t.blanks()
		if more, ok := t.More('}'); !more || !ok {
			return t.At, ok
		}
	}
}

// Elements walks the array at text[at:] likewise.
func Elements(text []byte, at int, each func(at int) (end int, ok bool)) (end int, ok bool) {
	t := Text{Body: text, At: at}
	if t.blanks(); !t.Take('[') {
		return 0, false
	}
	if t.blanks(); t.Take(']') {
		return t.At, true
	}
	for {
		t.blanks()
		if t.At, ok = each(t.At); !ok {
			return 0, false
		}
		t.blanks()
		if more, ok := t.More(']'); !more || !ok {
			return t.At, ok
		}
	}
}
