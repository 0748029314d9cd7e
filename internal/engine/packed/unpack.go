package packed

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// decoder makes SDK values of packed ones. The most frequent of them are cut from blocks; each stands alone, and one of
// them kept keeps its block.
type decoder struct {
	block   int // strings in a block
	strings []types.AttributeValueMemberS
	numbers []types.AttributeValueMemberN
	bools   []types.AttributeValueMemberBOOL
	nulls   []types.AttributeValueMemberNULL
}

// next cuts a value from a block, or from a new one of n values.
func next[T any](block *[]T, n int) *T {
	if len(*block) == 0 {
		*block = make([]T, n)
	}
	v := &(*block)[0]
	*block = (*block)[1:]
	return v
}

// pageBlock is the block size for pages of items.
const pageBlock = 64

// Map decodes the item. Its strings are cut from the packed item, so that one of them kept keeps the whole of it. It
// returns nil for no item.
func (p Item) Map() map[string]types.AttributeValue {
	n, _, _ := p.open()
	d := decoder{block: min(n, pageBlock)}
	return d.item(p)
}

// DecodeAll decodes the items of a page.
func DecodeAll(items []Item) []map[string]types.AttributeValue {
	d := decoder{block: pageBlock}
	decoded := make([]map[string]types.AttributeValue, len(items))
	for i, p := range items {
		decoded[i] = d.item(p)
	}
	return decoded
}

func (d *decoder) item(p Item) map[string]types.AttributeValue {
	if p == "" {
		return nil
	}
	n, _, r := p.open()
	item := make(map[string]types.AttributeValue, n)
	for range n {
		name, _ := r.text()
		r.uvarint() // the attribute's size
		r.uvarint() // the value's length
		item[name] = d.value(&r)
	}
	return item
}

// decode makes one value.
func (v Value) decode() types.AttributeValue {
	d := decoder{block: 1}
	return d.value(&reader{form: string(v)})
}

func (d *decoder) value(r *reader) types.AttributeValue {
	switch tag := r.tag(); tag {
	case TagString:
		s := next(&d.strings, d.block)
		s.Value, _ = r.text()
		return s
	case TagNumber:
		n := next(&d.numbers, (d.block+2)/3) // fewer than strings
		n.Value, _ = r.text()
		return n
	case TagTrue, TagFalse:
		b := next(&d.bools, (d.block+7)/8)
		b.Value = tag == TagTrue
		return b
	case TagNull:
		null := next(&d.nulls, (d.block+15)/16)
		null.Value = true
		return null
	case TagBinary:
		return &types.AttributeValueMemberB{Value: r.binary()}
	case TagStringSet:
		return &types.AttributeValueMemberSS{Value: r.texts()}
	case TagNumberSet:
		return &types.AttributeValueMemberNS{Value: r.texts()}
	case TagBinarySet:
		members := make([][]byte, r.uvarint())
		for i := range members {
			members[i] = r.binary()
		}
		return &types.AttributeValueMemberBS{Value: members}
	case tagList:
		list := make([]types.AttributeValue, r.uvarint())
		for i := range list {
			list[i] = d.value(r)
		}
		return &types.AttributeValueMemberL{Value: list}
	default: // tagMap
		n := r.uvarint()
		m := make(map[string]types.AttributeValue, n)
		for range n {
			name, _ := r.text()
			m[name] = d.value(r)
		}
		return &types.AttributeValueMemberM{Value: m}
	}
}

func (r *reader) texts() []string {
	texts := make([]string, r.uvarint())
	for i := range texts {
		texts[i], _ = r.text()
	}
	return texts
}

func (r *reader) binary() []byte {
	s, _ := r.text()
	return []byte(s)
}
