// Package packed holds items as the engine stores them, each in one immutable string, and says of values why they are
// none.
package packed

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Item is an item as the engine stores it: immutable, in one piece, its attributes in the order of their names, its
// numbers normalised and its sets sorted, so that two items are equal exactly when their packed forms are. The zero
// Item is no item.
//
// The form is: number of attributes, bytes as the service counts them, then each attribute as name length, name,
// attribute bytes as the service counts them, value length, value. Lengths and counts are varints. The lengths of
// names, strings, numbers and binaries are doubled, and one more if JSON needs no escapes for the bytes that follow.
type Item string

// Value is one value of an Item: a tag and what it holds.
type Value string

// Tag gives the value's tag.
func (v Value) Tag() byte { return v[0] }

// The tags of packed values. Strings, numbers and binaries are followed by their length and their bytes, a number as
// the text that the service returns; sets by their count and their members in the same way; lists by their count and
// values; maps by their count and their names and values.
const (
	TagString    = 'S'
	TagNumber    = 'N'
	TagBinary    = 'B'
	TagTrue      = 'T'
	TagFalse     = 'F'
	TagNull      = '0'
	TagStringSet = 's'
	TagNumberSet = 'n'
	TagBinarySet = 'b'
	tagList      = 'L'
	tagMap       = 'M'
)

// reader walks over a packed form.
type reader struct {
	form string
	at   int
}

// uvarint reads a number. The packer alone writes packed forms, so that none is malformed.
func (r *reader) uvarint() int {
	c := r.form[r.at]
	r.at++
	if c < 0x80 {
		return int(c)
	}
	return r.longUvarint(c)
}

// longUvarint reads the rest of a number whose first byte is c.
func (r *reader) longUvarint(c byte) int {
	v := int(c & 0x7f)
	for shift := 7; ; shift += 7 {
		c := r.form[r.at]
		r.at++
		v |= int(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

// tag reads the tag of a value.
func (r *reader) tag() byte {
	c := r.form[r.at]
	r.at++
	return c
}

// bytes reads that many bytes.
func (r *reader) bytes(n int) string {
	s := r.form[r.at : r.at+n]
	r.at += n
	return s
}

// text reads a length and that many bytes. It is plain if JSON needs no escapes for it.
func (r *reader) text() (s string, plain bool) {
	n := r.uvarint()
	return r.bytes(n >> 1), n&1 != 0
}

// attribute reads one attribute of an item.
func (r *reader) attribute() (name string, size int, value Value) {
	name, _ = r.text()
	size = r.uvarint()
	return name, size, Value(r.bytes(r.uvarint()))
}

// open reads an item's header and gives the number of its attributes, its size and a reader of its attributes.
func (p Item) open() (attributes, size int, r reader) {
	r.form = string(p)
	if p == "" {
		return 0, 0, r
	}
	attributes = r.uvarint()
	size = r.uvarint()
	return attributes, size, r
}

// Size gives the item's bytes as the service counts them, names included, without the 100 bytes of storage overhead.
func (p Item) Size() int {
	_, size, _ := p.open()
	return size
}

// Value finds an attribute's packed value.
func (p Item) Value(name string) (Value, bool) {
	n, _, r := p.open()
	for range n {
		found, _, v := r.attribute()
		if found == name {
			return v, true
		}
		if found > name {
			break
		}
	}
	return "", false
}

// Attribute decodes one attribute, so that conditions can read a Item as an expr.Item.
func (p Item) Attribute(name string) (types.AttributeValue, bool) {
	v, ok := p.Value(name)
	if !ok {
		return nil, false
	}
	return v.decode(), true
}

// Scalar gives the tag and the text of a string, number or binary, and false for other values.
func (v Value) Scalar() (tag byte, text string, ok bool) {
	switch v[0] {
	case TagString, TagNumber, TagBinary:
		r := reader{form: string(v), at: 1}
		text, _ := r.text()
		return v[0], text, true
	}
	return v[0], "", false
}

// Project gives the item with the attributes that keep approves.
func (p Item) Project(keep func(name string) bool) Item {
	n, _, r := p.open()
	k := getPacker()
	defer k.free()
	body := k.buf
	kept, bytes := 0, 0
	for range n {
		start := r.at
		name, size, _ := r.attribute()
		if keep(name) {
			kept++
			bytes += size
			body = append(body, r.form[start:r.at]...)
		}
	}
	k.buf = body
	return k.finish(kept, bytes)
}

func (p Item) Scalar(name string) (byte, string, bool) {
	v, ok := p.Value(name)
	if !ok {
		return 0, "", false
	}
	return v.Scalar()
}
