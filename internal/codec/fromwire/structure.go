package fromwire

import (
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/size"
)

// structure decodes the attributes of a map, whose opening bracket is read, into the struct at base.
func (r *Reader) structure(w *node, base unsafe.Pointer) bool {
	if r.depth > size.MaxDepth {
		return false
	}
	w = w.enter()
	w.round++
	var unknown map[string]types.AttributeValue
	ok := r.attributes(w, base, &unknown)
	if ok && w.n.Layout.Unknown != nil {
		*(*map[string]types.AttributeValue)(w.n.Layout.Unknown.Way.From(base)) = unknown
	}
	w.busy = false
	return ok
}

// attributes is structure for the node that is in use. What T does not name goes to unknown, where T has a place for
// it.
func (r *Reader) attributes(w *node, base unsafe.Pointer, unknown *map[string]types.AttributeValue) bool {
	if r.in.Take('}') {
		return true
	}
	link := &w.first // where the attribute that comes next is remembered
	for {
		s, content := w.guess(*link), byte(0)
		if s != nil && r.in.Word(s.prefix) {
			content = s.tag
			if s.quick && s.round != w.round {
				end := r.quick(s, unsafe.Add(base, s.attr.Way.Offset))
				if end > 0 && end+1 < len(r.in.Body) && r.in.Body[end] == '}' {
					r.in.At = end + 2
					s.round = w.round
					link = &s.next
					switch r.in.Body[end+1] {
					case ',':
						continue
					case '}':
						return true
					}
					return false
				}
			}
		} else if s, content = r.unexpected(w, link); s == nil {
			return false
		}
		if s.round == w.round || s.misfit {
			return false // given twice, or a name that differs in case only
		}
		s.round = w.round
		link = &s.next
		start := r.in.At
		if s.attr == nil {
			if !r.unnamed(w, s, content, unknown) {
				return false
			}
		} else if !r.content(s.node, content, s.attr.Way.From(base)) {
			return false
		}
		if s.capture > 0 && !r.captureAt(s.capture-1, content, start) {
			return false
		}
		if !r.in.Take('}') {
			return false
		}
		more, ok := r.in.More('}')
		if !more || !ok {
			return ok
		}
	}
}

// unexpected reads an attribute's name and its type, and notes in link which slot that is, for next time; nil if it is
// not sure.
func (r *Reader) unexpected(w *node, link *int) (s *slot, tag byte) {
	name, ok := r.in.Quoted()
	if !ok || !r.in.Take(':') {
		return nil, 0
	}
	s, *link = w.slotOf(name) // the name may be scratch
	if tag = r.tag(); tag == 0 {
		return nil, 0
	}
	s.expect(tag)
	return s, tag
}

// unnamed reads the content of an attribute that T does not name.
func (r *Reader) unnamed(w *node, s *slot, tag byte, unknown *map[string]types.AttributeValue) bool {
	if w.n.Layout.Unknown == nil || s.hidden {
		return r.skip(tag)
	}
	av, ok := r.raw(tag)
	if !ok {
		return false
	}
	if *unknown == nil {
		*unknown = map[string]types.AttributeValue{}
	}
	(*unknown)[s.name] = av
	return true
}
