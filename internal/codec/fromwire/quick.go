package fromwire

import (
	"unsafe"

	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/jsonscan"
	"github.com/monotable/monotable/internal/codec/scalar"
)

// quick decodes the content of an attribute that is as expected, and mostly is, into p, and returns where it ends. 0
// leaves it to content, errors among it.
func (r *Reader) quick(s *slot, p unsafe.Pointer) (end int) {
	body, at := r.in.Body, r.in.At
	switch s.node.shape {
	case gotype.Bool:
		switch {
		case len(body)-at >= 4 && string(body[at:at+4]) == "true":
			*(*bool)(p) = true
			return at + 4
		case len(body)-at >= 5 && string(body[at:at+5]) == "false":
			return at + 5
		}
		return 0
	case gotype.Int:
		negative := at < len(body) && body[at] == '-'
		if negative {
			at++
		}
		start, i := at, int64(0)
		for ; at < len(body); at++ {
			c := body[at] - '0'
			if c > 9 {
				break
			}
			i = i*10 + int64(c)
		}
		if at == len(body) || body[at] != '"' || at == start || at-start > 18 {
			return 0
		}
		if negative {
			i = -i
		}
		if !scalar.SetInt(p, s.node.size, i) {
			return 0
		}
		return at + 1
	}
	end, ascii := jsonscan.Special(body, at)
	if end >= len(body) || body[end] != '"' || !ascii {
		return 0
	}
	text := body[at:end]
	if s.node.shape == gotype.String {
		*(*string)(p) = r.again(s.node, text)
	} else if !r.textInto(s.node, s.tag, text, p) {
		return 0
	}
	return end + 1
}
