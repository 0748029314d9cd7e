package codec

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

// encoder is the state of one Encode. The strings and numbers of a struct, and the texts of numbers and times, are allocated
// together: one that is kept keeps the others.
type encoder struct {
	depth     int  // level of the value being encoded; an attribute's is 1
	hops      int  // pointers to pointers, so far
	unchecked bool // what is made is not to be sent: text need not be UTF-8, and a set may have an element twice

	members []types.AttributeValueMemberS // room for those to come
	texts   strings.Builder
	day     dayOf // of the time written last
}

// room tells how much a struct's fields are likely to need.
type room struct{ members, texts int }

func (e *encoder) reserve(r room) {
	if len(e.members) == 0 && r.members > 1 {
		e.members = make([]types.AttributeValueMemberS, r.members)
	}
	if e.texts.Cap()-e.texts.Len() < r.texts/2 {
		e.texts = strings.Builder{}
		e.texts.Grow(r.texts)
	}
}

// s is the attribute value of a string that the wire carries.
func (e *encoder) s(text string) types.AttributeValue { return e.member(text) }

// checkedS is the attribute value of any string.
func (e *encoder) checkedS(text string) (types.AttributeValue, error) {
	if !e.carries(text) {
		return nil, errNotText
	}
	return e.s(text), nil
}

// carries tells whether text reaches the service as it is.
func (e *encoder) carries(text string) bool { return e.unchecked || attr.ValidText(text) }

// check finds what is wrong with a value that was not made here.
func (e *encoder) check(av types.AttributeValue) error {
	if e.unchecked {
		return checkRaw(av, e.depth)
	}
	return foreign(attr.CheckLevel(av, e.depth))
}

// foreign is an error of what is no value of T's own.
func foreign(err error) error {
	if wrong, ok := err.(*attr.Error); ok {
		return &Error{Path: wrong.Path, Shown: wrong.Shown, Reason: wrong.Reason, Err: &attributevalue.InvalidMarshalError{}}
	}
	return err
}

// n is a number's attribute value, which is made as a string's is.
func (e *encoder) n(text string) types.AttributeValue {
	return (*types.AttributeValueMemberN)(e.member(text))
}

func (e *encoder) member(text string) *types.AttributeValueMemberS {
	if len(e.members) == 0 {
		return &types.AttributeValueMemberS{Value: text}
	}
	av := &e.members[0]
	e.members = e.members[1:]
	av.Value = text
	return av
}

// text is a string of what b holds.
func (e *encoder) text(b []byte) string {
	start := e.texts.Len()
	if e.texts.Cap()-start < len(b) {
		return string(b)
	}
	e.texts.Write(b)
	return e.texts.String()[start:]
}

// need estimates the room for one value of the type, as long as it is told by the type alone.
func (n *node) need() (r room) {
	for n.shape == shapePointer && n.elem != nil && !n.custom() {
		n = n.elem
	}
	if n.custom() {
		return room{}
	}
	switch n.shape {
	case shapeString:
		return room{members: 1}
	case shapeInt, shapeUint, shapeFloat:
		return room{members: 1, texts: 8}
	case shapeNumber:
		return room{members: 1}
	case shapeTime:
		if n.options&unixTime != 0 {
			return room{members: 1, texts: 10}
		}
		return room{members: 1, texts: 30}
	case shapeStruct:
		if n.layout != nil {
			return n.layout.room
		}
	}
	return room{}
}

// maxRoom bounds what is reserved for the elements of a list or map at a time.
const maxRoom = 64

// needs is the room for so many values of the type.
func (n *node) needs(count int) room {
	r, count := n.need(), min(count, maxRoom)
	return room{members: count * r.members, texts: count * r.texts}
}

// needs is the room for a struct's own fields.
func (l *layout) needs() (r room) {
	for _, a := range l.fields {
		if t, _, _ := pointee(a.typ); t.Kind() == reflect.Struct && shapeOf(t) == shapeStruct {
			continue // that reserves for itself
		}
		one := a.node.need()
		r.members, r.texts = r.members+one.members, r.texts+one.texts
	}
	return r
}
