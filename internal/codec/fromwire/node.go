package fromwire

import (
	"maps"
	"reflect"
	"slices"

	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/jsonscan"
)

// node is a gotype.Node as one Reader uses it: with what that has learned, and the memory that it cuts values from.
type node struct {
	n       *gotype.Node
	shape   gotype.Shape // n's
	size    uintptr      // of a value
	elem    *node
	generic bool // the value is made as the SDK makes it, and decoded from there
	scalar  bool // the value is made of a text

	last     string // the string or number read last, which often comes again
	differed uint8  // how many in a row did not

	// of structs
	slots  []*slot
	byName map[string]int
	first  int // place of the slot that an item began with last time; -1 if that is not known
	round  uint32
	hidden map[string]bool

	slab     slab         // of pointers' targets, or of slices' elements
	slice    reflect.Type // the slab's
	together int          // how many a slab has

	names map[string]string // of a map's keys
	cell  any               // a pointer to the value of an entry, of maps of scalars
	key   reflect.Value     // an entry, of others
	value reflect.Value
	count int // of the list or map read last

	busy  bool // somewhere up the way to the value that is being decoded
	inner *node
}

// slot is one attribute that items of a struct have or had.
type slot struct {
	name    string
	prefix  string // how the attribute begins, up to the colon behind its type, or the quote behind that
	tag     byte   // that type
	attr    *gotype.Attribute
	node    *node
	next    int    // place of the slot that followed last time; -1 if that is not known
	round   uint32 // when it was met last
	capture int    // 1 + which of the options' captures it is
	changes int    // of tag
	hidden  bool
	misfit  bool // the name is that of a field but for its case
	quick   bool // a scalar of the struct itself, not captured
}

// maxLearned bounds how many attributes that T does not name are known by name.
const maxLearned = 64

type compiler struct{ built map[*gotype.Node]*node }

// item is the node of a whole item.
func (c *compiler) item(n *gotype.Node, o Options) *node {
	w := &node{n: n, shape: n.Shape, size: n.Size, generic: n.AddrUnmarshals, hidden: o.Hidden}
	c.fill(w)
	for i, name := range o.Capture {
		s, _ := w.slotOf([]byte(name))
		s.capture, s.quick = i+1, false
	}
	return w
}

// compile is the node of a value; what has structure is compiled once, since types may be recursive.
func (c *compiler) compile(n *gotype.Node) *node {
	if w := c.built[n]; w != nil {
		return w
	}
	w := &node{n: n, shape: n.Shape, size: n.Size, generic: isGeneric(n)}
	switch n.Shape {
	case gotype.Pointer, gotype.Slice, gotype.Array, gotype.Map, gotype.Struct:
		c.built[n] = w
	}
	if !w.generic {
		c.fill(w)
	}
	return w
}

// isGeneric tells a type whose values are made as the SDK makes them, and decoded from there.
func isGeneric(n *gotype.Node) bool {
	switch n.Shape {
	case gotype.Raw, gotype.Invalid:
		return true
	case gotype.Any:
		return n.Type.NumMethod() > 0 || n.Broken != nil
	}
	return n.Unmarshals || n.AddrUnmarshals || n.Broken != nil
}

func (c *compiler) fill(w *node) {
	switch w.n.Shape {
	case gotype.String, gotype.Number, gotype.Int, gotype.Uint, gotype.Float, gotype.Time:
		w.scalar = true
	case gotype.Pointer, gotype.Slice:
		w.elem = c.compile(w.n.Elem)
		w.slice = reflect.SliceOf(w.n.Elem.Type)
		w.together = min(slabBytes/max(int(w.elem.size), 1), 64)
	case gotype.Array, gotype.Map:
		w.elem = c.compile(w.n.Elem)
	case gotype.Struct:
		w.byName, w.first = map[string]int{}, -1
		for _, a := range w.n.Layout.Fields {
			s := &slot{name: a.Name, attr: a, node: c.compile(a.Node), tag: likely(a.Node)}
			s.quick = len(a.Way.Through) == 0 && (s.node.scalar || s.node.shape == gotype.Bool && !s.node.generic)
			w.add(s)
		}
		for i := range w.slots[:max(len(w.slots)-1, 0)] {
			w.slots[i].next = i + 1
		}
		if len(w.slots) > 0 {
			w.first = 0
		}
	}
}

func (w *node) add(s *slot) int {
	s.next = -1
	s.begin()
	w.slots = append(w.slots, s)
	w.byName[s.name] = len(w.slots) - 1
	return len(w.slots) - 1
}

// begin makes the slot's prefix. A name that JSON would write otherwise has none.
func (s *slot) begin() {
	if end, ascii := jsonscan.Special([]byte(s.name), 0); end == len(s.name) && ascii {
		s.prefix = `"` + s.name + `":{"` + tagNames[s.tag] + `":`
		if s.tag <= tagB {
			s.prefix += `"`
		}
	}
}

// maxExpected bounds how often a slot's mind is changed about the type of attribute that it expects.
const maxExpected = 16

// expect notes that the attribute came with that type, where T's does not say which.
func (s *slot) expect(tag byte) {
	open := s.attr == nil || s.node.generic || s.node.n.Shape == gotype.Any
	if open && tag != s.tag && tag != tagNULL && s.changes < maxExpected {
		s.changes++
		s.tag = tag
		s.begin()
	}
}

// setTags are the types of attributes that slices and arrays are stored as.
var setTags = [...]byte{
	gotype.NoSet: tagL, gotype.StringSet: tagSS, gotype.NumberSet: tagNS, gotype.BinarySet: tagBS,
}

// likely is the type of attribute that a node's values are mostly stored as.
func likely(n *gotype.Node) byte {
	switch n.Shape {
	case gotype.Pointer:
		return likely(n.Elem)
	case gotype.Int, gotype.Uint, gotype.Float, gotype.Number:
		if n.Options&gotype.AsString == 0 {
			return tagN
		}
	case gotype.Time:
		if n.Options&gotype.UnixTime != 0 {
			return tagN
		}
	case gotype.Bool:
		return tagBOOL
	case gotype.Bytes, gotype.ByteArray:
		return tagB
	case gotype.Slice, gotype.Array:
		return setTags[n.Set()]
	case gotype.Map, gotype.Struct:
		return tagM
	}
	return tagS
}

// guess is the slot at that place.
func (w *node) guess(at int) *slot {
	if at < 0 || w.slots[at].prefix == "" {
		return nil
	}
	return w.slots[at]
}

// slotOf finds the slot of an attribute, and learns one that is new; -1 if there are too many.
func (w *node) slotOf(name []byte) (*slot, int) {
	if at, ok := w.byName[string(name)]; ok {
		return w.slots[at], at
	}
	l := w.n.Layout
	s := &slot{name: string(name), tag: tagS, misfit: l.Fold(string(name)) != nil, hidden: w.hidden[string(name)]}
	if len(w.slots)-len(l.Fields) >= maxLearned {
		return s, -1
	}
	at := w.add(s)
	return s, at
}

// enter returns w, or a copy if w is in use up the way.
func (w *node) enter() *node {
	for w.busy {
		if w.inner == nil {
			copied := *w
			copied.busy = false
			copied.slots = slices.Clone(w.slots)
			for i, s := range w.slots {
				slot := *s
				copied.slots[i] = &slot
			}
			copied.byName = make(map[string]int, len(w.byName))
			maps.Copy(copied.byName, w.byName)
			copied.names, copied.cell, copied.key, copied.value = nil, nil, reflect.Value{}, reflect.Value{}
			w.inner = &copied
		}
		w = w.inner
	}
	w.busy = true
	return w
}

// forget drops all values.
func (w *node) forget(seen map[*node]bool) {
	if w == nil || seen[w] {
		return
	}
	seen[w] = true
	w.last, w.differed, w.slab, w.busy = "", 0, slab{}, false
	w.names, w.cell, w.key, w.value = nil, nil, reflect.Value{}, reflect.Value{}
	w.elem.forget(seen)
	w.inner.forget(seen)
	for _, s := range w.slots {
		s.node.forget(seen)
	}
}
