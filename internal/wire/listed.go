package wire

import (
	"strings"
	"unicode/utf8"
)

// maxShown is how many bytes of a value a message shows. The service shows all of it, and takes less.
const maxShown = 4 << 10

// Shown is a text as messages show it: cut off, and with dots behind it, where it is long.
func Shown(text string) string {
	if len(text) <= maxShown {
		return text
	}
	end := maxShown
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// Listed joins what show gives of elements as messages list them, as far as Shown shows it.
func Listed[E any](elements []E, show func(E) string) string { return ListedBy(", ", elements, show) }

// ListedBy is Listed with something else between the elements.
func ListedBy[E any](separator string, elements []E, show func(E) string) string {
	var b strings.Builder
	for i, e := range elements {
		if i > 0 {
			b.WriteString(separator)
		}
		if b.WriteString(show(e)); b.Len() > maxShown {
			break
		}
	}
	return Shown(b.String())
}

// Text is a text itself, for Listed.
func Text(s string) string { return s }
