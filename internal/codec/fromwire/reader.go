package fromwire

import (
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/jsonscan"
	"github.com/monotable/monotable/internal/codec/scalar"
)

// Reader decodes items from DynamoDB JSON as it comes over the wire, straight into values of a plan's type. It knows
// the form that the service writes, guesses from each item what the next one looks like, and gives up on whatever else
// it meets: the same item decoded by the SDK and then by Plan.Decode has the same value, or the error that is to be
// reported. It is not safe for concurrent use.
type Reader struct {
	in      jsonscan.Text
	plan    *codec.Plan // nil for items as maps
	root    *node       // likewise
	options Options
	depth   int // level of the value being decoded; an attribute's is 1

	captured []Captured

	chunk   []byte     // what short strings are cut from
	strings []string   // what lists of strings are cut from
	bytes   []byte     // what short binaries are cut from
	listed  []string   // elements of the list being read
	array   []byte     // bytes of the array being read
	day     scalar.Day // of the time read last
}

// Options say how a Reader decodes.
type Options struct {
	// OwnMemory gives each string, binary and pointer memory of its own. Without it short ones share chunks of up to 32
	// KB: one that is kept keeps its chunk.
	OwnMemory bool

	// Capture names top-level attributes whose texts Captured tells, whether T names them or not.
	Capture []string

	// Hidden are top-level attributes that are not for the place for attributes that T does not name.
	Hidden map[string]bool
}

// NewReader makes a reader of items of p's type, or, if p is nil, of items as maps.
func NewReader(p *codec.Plan, o Options) *Reader {
	r := &Reader{plan: p, options: o, captured: make([]Captured, len(o.Capture))}
	if p != nil {
		c := compiler{built: map[*gotype.Node]*node{}}
		r.root = c.item(p.Root(), o)
	}
	return r
}

// Forget drops what the reader holds of bodies and values, and keeps what it has learned.
func (r *Reader) Forget() {
	r.in.Body, r.chunk, r.strings, r.bytes = nil, nil, nil, nil
	clear(r.listed)
	clear(r.captured)
	if r.root != nil {
		r.root.forget(map[*node]bool{})
	}
}
