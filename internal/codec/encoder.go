package codec

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/scalar"
)

// encoder is the state of one Encode. The strings and numbers of a struct, and the texts of numbers and times, are
// allocated together: one that is kept keeps the others.
type encoder struct {
	depth     int  // level of the value being encoded; an attribute's is 1
	hops      int  // pointers to pointers, so far
	unchecked bool // what is made is not to be sent: text need not be UTF-8, and a set may have an element twice

	members []types.AttributeValueMemberS // room for those to come
	texts   strings.Builder
	day     scalar.Day // of the time written last
}

func (e *encoder) reserve(r gotype.Room) {
	if len(e.members) == 0 && r.Members > 1 {
		e.members = make([]types.AttributeValueMemberS, r.Members)
	}
	if e.texts.Cap()-e.texts.Len() < r.Texts/2 {
		e.texts = strings.Builder{}
		e.texts.Grow(r.Texts)
	}
}

// s is the attribute value of a string that the wire carries.
func (e *encoder) s(text string) types.AttributeValue { return e.member(text) }

// checkedS is the attribute value of any string.
func (e *encoder) checkedS(text string) (types.AttributeValue, error) {
	if !e.carries(text) {
		return nil, failure.ErrNotText
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
		return &failure.Error{
			Path: wrong.Path, Shown: wrong.Shown, Reason: wrong.Reason, Err: &attributevalue.InvalidMarshalError{},
		}
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
