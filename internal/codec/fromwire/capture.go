package fromwire

import (
	"encoding/base64"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Captured is an attribute of the item read last, as text: a string's, a number's, or a binary's base64.
type Captured struct {
	Type string // S, N or B; "" where there is no such attribute, or one of another type
	Text []byte // a part of the body
	Null bool   // there is an attribute, of another type
}

// Captured is attribute i of those that the options name, in the item read last.
func (r *Reader) Captured(i int) Captured { return r.captured[i] }

// captureAt keeps the text of an attribute whose content began at start.
func (r *Reader) captureAt(i int, tag byte, start int) bool {
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
	return !slices.Contains(c.Text, '\\')
}

// captureFrom captures from an item that was decoded as a map.
func (r *Reader) captureFrom(item map[string]types.AttributeValue) {
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
