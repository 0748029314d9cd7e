package fromwire

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/gotype"
	"github.com/monotable/monotable/internal/codec/scalar"
	"github.com/monotable/monotable/internal/size"
)

// raw reads what follows the type of an attribute value, and returns the value as the SDK would.
func (r *Reader) raw(tag byte) (types.AttributeValue, bool) {
	switch tag {
	case tagS:
		text, ok := r.in.Text()
		return &types.AttributeValueMemberS{Value: r.keep(text)}, ok
	case tagN:
		text, ok := r.in.Text()
		return &types.AttributeValueMemberN{Value: r.keep(text)}, ok
	case tagB:
		b, ok := r.keepBinary()
		return &types.AttributeValueMemberB{Value: b}, ok
	case tagBOOL:
		b, ok := r.in.Boolean()
		return &types.AttributeValueMemberBOOL{Value: b}, ok
	case tagNULL:
		b, ok := r.in.Boolean()
		return &types.AttributeValueMemberNULL{Value: b}, ok
	case tagSS:
		list, ok := r.textSet()
		return &types.AttributeValueMemberSS{Value: list}, ok
	case tagNS:
		list, ok := r.textSet()
		return &types.AttributeValueMemberNS{Value: list}, ok
	case tagBS:
		set, ok := elements(r, r.binaryElement)
		return &types.AttributeValueMemberBS{Value: set}, ok
	}
	if r.depth >= size.MaxDepth {
		return nil, false
	}
	r.depth++
	var av types.AttributeValue
	var ok bool
	if tag == tagM {
		var m map[string]types.AttributeValue
		m, ok = r.rawMap()
		av = &types.AttributeValueMemberM{Value: m}
	} else {
		var list []types.AttributeValue
		list, ok = elements(r, r.rawValue)
		av = &types.AttributeValueMemberL{Value: list}
	}
	r.depth--
	return av, ok
}

func (r *Reader) rawValue() (types.AttributeValue, bool) {
	tag := r.tag()
	if tag == 0 {
		return nil, false
	}
	av, ok := r.raw(tag)
	return av, ok && r.in.Take('}')
}

// rawMap reads a map of attribute values.
func (r *Reader) rawMap() (map[string]types.AttributeValue, bool) {
	m := map[string]types.AttributeValue{}
	ok := r.members(func(name []byte) bool {
		key := r.keep(name)
		av, ok := r.rawValue()
		m[key] = av
		return ok
	})
	return m, ok
}

// skip reads what follows the type of an attribute value, and refuses what the SDK would refuse.
func (r *Reader) skip(tag byte) bool {
	switch tag {
	case tagS, tagN:
		_, ok := r.in.Text()
		return ok
	case tagBOOL, tagNULL:
		_, ok := r.in.Boolean()
		return ok
	}
	_, ok := r.raw(tag)
	return ok
}

// generic reads what follows the type of an attribute value as the Go value that an interface is given.
func (r *Reader) generic(tag byte, o gotype.Options) (any, bool) {
	switch tag {
	case tagS, tagN:
		text, ok := r.in.Text()
		if !ok {
			return nil, false
		}
		if tag == tagS && o&gotype.AsString == 0 {
			return r.keep(text), true
		}
		f, ok := scalar.ParseFloat(text)
		return f, ok
	case tagBOOL:
		b, ok := r.in.Boolean()
		return b, ok
	case tagNULL:
		_, ok := r.in.Boolean()
		return nil, ok
	case tagB:
		b, ok := r.keepBinary()
		return b, ok
	case tagSS:
		list, ok := r.textSet()
		return list, ok
	case tagNS:
		list, ok := elements(r, func() (float64, bool) {
			text, ok := r.in.Quoted()
			if !ok {
				return 0, false
			}
			return scalar.ParseFloat(text)
		})
		return list, ok
	case tagBS:
		list, ok := elements(r, r.binaryElement)
		return list, ok
	}
	if r.depth >= size.MaxDepth {
		return nil, false
	}
	r.depth++
	x, ok := r.genericContainer(tag)
	r.depth--
	return x, ok
}

// genericContainer is generic for a list or a map.
func (r *Reader) genericContainer(tag byte) (any, bool) {
	read := func() (any, bool) {
		tag := r.tag()
		if tag == 0 {
			return nil, false
		}
		x, ok := r.generic(tag, 0)
		return x, ok && r.in.Take('}')
	}
	if tag == tagL {
		list, ok := elements(r, read)
		return list, ok
	}
	m := map[string]any{}
	ok := r.members(func(name []byte) bool {
		key := r.keep(name)
		x, ok := read()
		m[key] = x
		return ok
	})
	return m, ok
}
