package packed

import "github.com/monotable/monotable/internal/wire"

// AppendJSON appends the item as DynamoDB JSON; it appends nothing for no item.
func (p Item) AppendJSON(dst []byte) []byte {
	if p == "" {
		return dst
	}
	n, _, r := p.open()
	dst = append(dst, '{')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(r.appendText(dst), ':')
		r.uvarint() // the attribute's size
		r.uvarint() // the value's length
		dst = r.appendValue(dst)
	}
	return append(dst, '}')
}

// appendText reads a text and appends it as a JSON string.
func (r *reader) appendText(dst []byte) []byte {
	s, plain := r.text()
	if !plain {
		return wire.AppendString(dst, s)
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

func (r *reader) appendBinary(dst []byte) []byte {
	s, _ := r.text()
	return wire.AppendBinary(dst, []byte(s))
}

func (r *reader) appendValue(dst []byte) []byte {
	switch r.tag() {
	case TagString:
		dst = r.appendText(append(dst, `{"S":`...))
	case TagNumber:
		dst = r.appendText(append(dst, `{"N":`...))
	case TagBinary:
		dst = r.appendBinary(append(dst, `{"B":`...))
	case TagTrue:
		dst = append(dst, `{"BOOL":true`...)
	case TagFalse:
		dst = append(dst, `{"BOOL":false`...)
	case TagNull:
		dst = append(dst, `{"NULL":true`...)
	case TagStringSet:
		dst = r.appendList(append(dst, `{"SS":`...), r.appendText)
	case TagNumberSet:
		dst = r.appendList(append(dst, `{"NS":`...), r.appendText)
	case TagBinarySet:
		dst = r.appendList(append(dst, `{"BS":`...), r.appendBinary)
	case tagList:
		dst = r.appendList(append(dst, `{"L":`...), r.appendValue)
	case tagMap:
		dst = append(dst, `{"M":{`...)
		for i := range r.uvarint() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(r.appendText(dst), ':')
			dst = r.appendValue(dst)
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// appendList reads a count and that many elements, and appends them as an array.
func (r *reader) appendList(dst []byte, element func([]byte) []byte) []byte {
	dst = append(dst, '[')
	for i := range r.uvarint() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element(dst)
	}
	return append(dst, ']')
}
