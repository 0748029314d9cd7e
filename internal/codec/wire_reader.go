package codec

import (
	"encoding/base64"
	"reflect"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/jsonscan"
	"github.com/monotable/monotable/internal/codec/scalar"
)

// WireReader decodes items from DynamoDB JSON as it comes over the wire, straight into values of a plan's type. It knows the
// form that the service writes, guesses from each item what the next one looks like, and gives up on whatever else it meets:
// the same item decoded by the SDK and then by Plan.Decode has the same value, or the error that is to be reported. It is not
// safe for concurrent use.
type WireReader struct {
	in      jsonscan.Text
	plan    *Plan     // nil for items as maps
	root    *wireNode // likewise
	options WireOptions
	depth   int // level of the value being decoded; an attribute's is 1

	captured []Captured

	chunk   []byte     // what short strings are cut from
	strings []string   // what lists of strings are cut from
	bytes   []byte     // what short binaries are cut from
	listed  []string   // elements of the list being read
	array   []byte     // bytes of the array being read
	day     scalar.Day // of the time read last
}

// WireOptions say how a WireReader decodes.
type WireOptions struct {
	// OwnMemory gives each string, binary and pointer memory of its own. Without it short ones share chunks of up to 32 KB: one that
	// is kept keeps its chunk.
	OwnMemory bool

	// Capture names top-level attributes whose texts Captured tells, whether T names them or not.
	Capture []string

	// Hidden are top-level attributes that are not for the place for attributes that T does not name.
	Hidden map[string]bool
}

// Captured is an attribute of the item read last, as text: a string's, a number's, or a binary's base64.
type Captured struct {
	Type string // S, N or B; "" where there is no such attribute, or one of another type
	Text []byte // a part of the body
	Null bool   // there is an attribute, of another type
}

// NewWireReader makes a reader of items of p's type, or, if p is nil, of items as maps.
func NewWireReader(p *Plan, o WireOptions) *WireReader {
	r := &WireReader{plan: p, options: o, captured: make([]Captured, len(o.Capture))}
	if p != nil {
		c := wireCompiler{built: map[*gotype.Node]*wireNode{}}
		r.root = c.item(p.Root(), o)
	}
	return r
}

// Forget drops what the reader holds of bodies and values, and keeps what it has learned.
func (r *WireReader) Forget() {
	r.in.Body, r.chunk, r.strings, r.bytes = nil, nil, nil, nil
	clear(r.listed)
	clear(r.captured)
	if r.root != nil {
		r.root.forget(map[*wireNode]bool{})
	}
}

// Item decodes the item at body[at:] into the settable v, a zero value of the plan's type, and returns where it ends. If it is
// not sure it returns false, and v may hold anything.
func (r *WireReader) Item(body []byte, at int, v reflect.Value) (end int, ok bool) {
	return r.item(body, at, gotype.AddressOf(v))
}

func (r *WireReader) item(body []byte, at int, p unsafe.Pointer) (end int, ok bool) {
	r.in.Body, r.in.At, r.depth = body, at, 1
	clear(r.captured)
	if r.root.generic {
		m, ok := r.rawMap()
		r.captureFrom(m)
		return r.in.At, ok && r.plan.Decode(m, r.root.at(p)) == nil
	}
	ok = r.in.Take('{') && r.structure(r.root, p)
	return r.in.At, ok
}

// Attributes decodes the item at body[at:] as a map, as the SDK would.
func (r *WireReader) Attributes(body []byte, at int) (item map[string]types.AttributeValue, end int, ok bool) {
	r.in.Body, r.in.At, r.depth = body, at, 1
	clear(r.captured)
	item, ok = r.rawMap()
	r.captureFrom(item)
	return item, r.in.At, ok
}

// Captured is attribute i of those that the options name, in the item read last.
func (r *WireReader) Captured(i int) Captured { return r.captured[i] }

// structure decodes the attributes of a map, whose opening bracket is read, into the struct at base.
func (r *WireReader) structure(w *wireNode, base unsafe.Pointer) bool {
	if r.depth > attr.MaxDepth {
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

func (r *WireReader) attributes(w *wireNode, base unsafe.Pointer, unknown *map[string]types.AttributeValue) bool {
	if r.in.Take('}') {
		return true
	}
	link := &w.first // where the attribute that comes next is remembered
	for {
		s, content := w.guess(*link), byte(0)
		if s != nil && r.in.Word(s.prefix) {
			content = s.tag
			if s.quick && s.round != w.round {
				if end := r.quick(s, unsafe.Add(base, s.attr.Way.Offset)); end > 0 && end+1 < len(r.in.Body) && r.in.Body[end] == '}' {
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
		} else {
			name, ok := r.in.Quoted()
			if !ok || !r.in.Take(':') {
				return false
			}
			s, *link = w.slotOf(name) // the name may be scratch
			if content = r.tag(); content == 0 {
				return false
			}
			s.expect(content)
		}
		if s.round == w.round || s.misfit {
			return false // given twice, or a name that differs in case only
		}
		s.round = w.round
		link = &s.next
		start := r.in.At
		switch {
		case s.attr != nil:
			if !r.content(s.node, content, s.attr.Way.From(base)) {
				return false
			}
		case w.n.Layout.Unknown != nil && !s.hidden:
			av, ok := r.raw(content)
			if !ok {
				return false
			}
			if *unknown == nil {
				*unknown = map[string]types.AttributeValue{}
			}
			(*unknown)[s.name] = av
		default:
			if !r.skip(content) {
				return false
			}
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

// captureAt keeps the text of an attribute whose content began at start.
func (r *WireReader) captureAt(i int, tag byte, start int) bool {
	c := &r.captured[i]
	switch tag {
	case tagS:
		c.Type = "S"
	case tagN:
		c.Type = "N"
	case tagB:
		c.Type = "B"
	default:
		c.Null = true
		return true
	}
	c.Text = r.in.Body[start : r.in.At-1]
	for _, b := range c.Text {
		if b == '\\' {
			return false
		}
	}
	return true
}

// captureFrom captures from an item that was decoded as a map.
func (r *WireReader) captureFrom(item map[string]types.AttributeValue) {
	for i, name := range r.options.Capture {
		switch v := item[name].(type) {
		case nil:
		case *types.AttributeValueMemberS:
			r.captured[i] = Captured{Type: "S", Text: []byte(v.Value)}
		case *types.AttributeValueMemberN:
			r.captured[i] = Captured{Type: "N", Text: []byte(v.Value)}
		case *types.AttributeValueMemberB:
			r.captured[i] = Captured{Type: "B", Text: base64.StdEncoding.AppendEncode(nil, v.Value)}
		default:
			r.captured[i] = Captured{Null: true}
		}
	}
}

// Tags of attribute values.
const (
	tagS byte = iota + 1
	tagN
	tagB
	tagBOOL
	tagNULL
	tagM
	tagL
	tagSS
	tagNS
	tagBS
)

var tagNames = [...]string{tagS: "S", tagN: "N", tagB: "B", tagBOOL: "BOOL", tagNULL: "NULL", tagM: "M", tagL: "L", tagSS: "SS", tagNS: "NS", tagBS: "BS"}

// tag reads the beginning of an attribute value, as far as the colon behind its type, or the quote behind that where a text
// follows; 0 if that is not one.
func (r *WireReader) tag() byte {
	b := r.in.Body[r.in.At:]
	if len(b) < 6 || b[0] != '{' || b[1] != '"' {
		return 0
	}
	var tag byte
	switch b[2] {
	case 'S':
		if tag = tagS; b[3] == 'S' {
			tag = tagSS
		}
	case 'N':
		switch b[3] {
		case 'S':
			tag = tagNS
		case 'U':
			tag = tagNULL
		default:
			tag = tagN
		}
	case 'B':
		switch b[3] {
		case 'S':
			tag = tagBS
		case 'O':
			tag = tagBOOL
		default:
			tag = tagB
		}
	case 'M':
		tag = tagM
	case 'L':
		tag = tagL
	default:
		return 0
	}
	r.in.At += 2
	if !r.in.Word(tagNames[tag]) || !r.in.Word(`":`) || tag <= tagB && !r.in.Take('"') {
		return 0
	}
	return tag
}
