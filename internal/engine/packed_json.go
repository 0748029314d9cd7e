package engine

import "github.com/monotable/monotable/internal/wire"

// AppendJSON appends the item as DynamoDB JSON; it appends nothing for no item.
func (p PackedItem) AppendJSON(dst []byte) []byte {
	if p == "" {
		return dst
	}
	n, _, r := p.open()
	dst = append(dst, '{')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		name, _, v := r.attribute()
		dst = append(wire.AppendString(dst, name), ':')
		dst = appendValueJSON(dst, &packedReader{string(v)})
	}
	return append(dst, '}')
}

func appendValueJSON(dst []byte, r *packedReader) []byte {
	tag := r.rest[0]
	r.rest = r.rest[1:]
	switch tag {
	case tagString:
		dst = wire.AppendString(append(dst, `{"S":`...), r.text())
	case tagNumber: // digits, point and sign need no escapes
		dst = append(append(append(dst, `{"N":"`...), r.text()...), '"')
	case tagBinary:
		dst = wire.AppendBinary(append(dst, `{"B":`...), []byte(r.text()))
	case tagTrue:
		dst = append(dst, `{"BOOL":true`...)
	case tagFalse:
		dst = append(dst, `{"BOOL":false`...)
	case tagNull:
		dst = append(dst, `{"NULL":true`...)
	case tagStringSet:
		dst = r.appendSet(append(dst, `{"SS":[`...), wire.AppendString)
	case tagNumberSet:
		dst = r.appendSet(append(dst, `{"NS":[`...), wire.AppendString)
	case tagBinarySet:
		dst = r.appendSet(append(dst, `{"BS":[`...), func(dst []byte, s string) []byte { return wire.AppendBinary(dst, []byte(s)) })
	case tagList:
		dst = append(dst, `{"L":[`...)
		for i := range r.uvarint() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValueJSON(dst, r)
		}
		dst = append(dst, ']')
	case tagMap:
		dst = append(dst, `{"M":{`...)
		for i := range r.uvarint() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(wire.AppendString(dst, r.text()), ':')
			dst = appendValueJSON(dst, r)
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

func (r *packedReader) appendSet(dst []byte, member func([]byte, string) []byte) []byte {
	for i := range r.uvarint() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = member(dst, r.text())
	}
	return append(dst, ']')
}
