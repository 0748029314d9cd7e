package engine

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// decoder makes SDK values of packed ones. Strings and numbers, the most frequent values, are cut from blocks; each stands
// alone, and one of them kept keeps its block.
type decoder struct {
	block   int // values in a block
	strings []types.AttributeValueMemberS
	numbers []types.AttributeValueMemberN
}

// pageBlock is the block size for pages of items.
const pageBlock = 64

// Map decodes the item. Its strings are cut from the packed item, so that one of them kept keeps the whole of it. It returns
// nil for no item.
func (p PackedItem) Map() map[string]types.AttributeValue {
	n, _, _ := p.open()
	d := decoder{block: min(n, pageBlock)}
	return d.item(p)
}

// decodeAll decodes the items of a page.
func decodeAll(items []PackedItem) []map[string]types.AttributeValue {
	d := decoder{block: pageBlock}
	decoded := make([]map[string]types.AttributeValue, len(items))
	for i, p := range items {
		decoded[i] = d.item(p)
	}
	return decoded
}

func (d *decoder) item(p PackedItem) map[string]types.AttributeValue {
	if p == "" {
		return nil
	}
	n, _, r := p.open()
	item := make(map[string]types.AttributeValue, n)
	for range n {
		name, _, v := r.attribute()
		in := packedReader{string(v)}
		item[name] = d.value(&in)
	}
	return item
}

// decode makes one value.
func (v packedValue) decode() types.AttributeValue {
	d := decoder{block: 1}
	return d.value(&packedReader{string(v)})
}

func (d *decoder) value(r *packedReader) types.AttributeValue {
	tag := r.rest[0]
	r.rest = r.rest[1:]
	switch tag {
	case tagString:
		if len(d.strings) == 0 {
			d.strings = make([]types.AttributeValueMemberS, d.block)
		}
		s := &d.strings[0]
		d.strings = d.strings[1:]
		s.Value = r.text()
		return s
	case tagNumber:
		if len(d.numbers) == 0 {
			d.numbers = make([]types.AttributeValueMemberN, (d.block+2)/3) // fewer than strings
		}
		n := &d.numbers[0]
		d.numbers = d.numbers[1:]
		n.Value = r.text()
		return n
	case tagBinary:
		return &types.AttributeValueMemberB{Value: []byte(r.text())}
	case tagTrue:
		return &types.AttributeValueMemberBOOL{Value: true}
	case tagFalse:
		return &types.AttributeValueMemberBOOL{}
	case tagNull:
		return &types.AttributeValueMemberNULL{Value: true}
	case tagStringSet:
		return &types.AttributeValueMemberSS{Value: r.texts()}
	case tagNumberSet:
		return &types.AttributeValueMemberNS{Value: r.texts()}
	case tagBinarySet:
		members := make([][]byte, r.uvarint())
		for i := range members {
			members[i] = []byte(r.text())
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
			name := r.text()
			m[name] = d.value(r)
		}
		return &types.AttributeValueMemberM{Value: m}
	}
}

func (r *packedReader) texts() []string {
	texts := make([]string, r.uvarint())
	for i := range texts {
		texts[i] = r.text()
	}
	return texts
}
