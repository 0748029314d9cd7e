package gotype

import (
	"unicode"
	"unicode/utf8"
)

// foldName maps names that strings.EqualFold holds equal to one name.
func foldName(name string) string { return string(appendFold(nil, name)) }

func appendFold(dst []byte, name string) []byte {
	for _, r := range name {
		dst = utf8.AppendRune(dst, foldRune(r))
	}
	return dst
}

// foldRune is the smallest of the runes that r equals when case is ignored.
func foldRune(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r
	case 'a' <= r && r <= 'z' && r != 'k' && r != 's':
		return r - 'a' + 'A'
	}
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}

// Fold returns the field whose name differs from this one in case only.
func (l *Layout) Fold(name string) *Attribute {
	var space [64]byte
	return l.folded[string(appendFold(space[:0], name))]
}

// Find returns the field of that name; else the one whose name differs in case only.
func (l *Layout) Find(name string) *Attribute {
	if a := l.ByName[name]; a != nil {
		return a
	}
	return l.Fold(name)
}
