package engine

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// PackedItem is an item as the engine stores it: immutable, in one piece, its attributes in the order of their names, its
// numbers normalised and its sets sorted, so that two items are equal exactly when their packed forms are. The zero
// PackedItem is no item.
//
// The form is: number of attributes, bytes as the service counts them, then each attribute as name length, name, attribute
// bytes as the service counts them, value length, value. Lengths and counts are varints.
type PackedItem string

// packedValue is one value of a PackedItem: a tag and what it holds.
type packedValue string

// The tags of packed values. Strings, numbers and binaries are followed by their length and their bytes, a number as the text
// that the service returns; sets by their count and their members in the same way; lists by their count and values; maps by
// their count and their names and values.
const (
	tagString    = 'S'
	tagNumber    = 'N'
	tagBinary    = 'B'
	tagTrue      = 'T'
	tagFalse     = 'F'
	tagNull      = '0'
	tagStringSet = 's'
	tagNumberSet = 'n'
	tagBinarySet = 'b'
	tagList      = 'L'
	tagMap       = 'M'
)

// packedReader walks over a packed form.
type packedReader struct{ rest string }

// uvarint takes a number off the front. The packer alone writes packed forms, so that none is malformed.
func (r *packedReader) uvarint() int {
	if c := r.rest[0]; c < 0x80 {
		r.rest = r.rest[1:]
		return int(c)
	}
	var v uint
	for i, shift := 0, 0; ; i, shift = i+1, shift+7 {
		c := r.rest[i]
		v |= uint(c&0x7f) << shift
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return int(v)
		}
	}
}

// text takes a length and that many bytes off the front.
func (r *packedReader) text() string {
	n := r.uvarint()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// attribute takes one attribute of an item off the front.
func (r *packedReader) attribute() (name string, size int, value packedValue) {
	name = r.text()
	size = r.uvarint()
	return name, size, packedValue(r.text())
}

// open reads an item's header and gives the number of its attributes, its size and a reader of its attributes.
func (p PackedItem) open() (attributes, size int, r packedReader) {
	r.rest = string(p)
	if p == "" {
		return 0, 0, r
	}
	attributes = r.uvarint()
	size = r.uvarint()
	return attributes, size, r
}

// Size gives the item's bytes as the service counts them, names included, without the 100 bytes of storage overhead.
func (p PackedItem) Size() int {
	_, size, _ := p.open()
	return size
}

// value finds an attribute's packed value.
func (p PackedItem) value(name string) (packedValue, bool) {
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

// Attribute decodes one attribute, so that conditions can read a PackedItem as an expr.Item.
func (p PackedItem) Attribute(name string) (types.AttributeValue, bool) {
	v, ok := p.value(name)
	if !ok {
		return nil, false
	}
	return v.decode(), true
}

// scalar gives the tag and the text of a string, number or binary, and false for other values.
func (v packedValue) scalar() (tag byte, text string, ok bool) {
	switch v[0] {
	case tagString, tagNumber, tagBinary:
		r := packedReader{string(v[1:])}
		return v[0], r.text(), true
	}
	return v[0], "", false
}

// project gives the item with the attributes that keep approves.
func (p PackedItem) project(keep func(name string) bool) PackedItem {
	n, _, r := p.open()
	k := getPacker()
	defer k.free()
	body := k.buf
	kept, bytes := 0, 0
	for range n {
		before := r.rest
		name, size, _ := r.attribute()
		if keep(name) {
			kept++
			bytes += size
			body = append(body, before[:len(before)-len(r.rest)]...)
		}
	}
	k.buf = body
	return k.finish(kept, bytes)
}
