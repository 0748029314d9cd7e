package fromwire

// Tags of attribute values.
const (
	tagS byte = iota + 1
	tagN
	tagB
	tagBOOL
	tagNULL
	tagM
	tagL
	tagSS
	tagNS
	tagBS
)

var tagNames = [...]string{
	tagS: "S", tagN: "N", tagB: "B", tagBOOL: "BOOL", tagNULL: "NULL", tagM: "M", tagL: "L",
	tagSS: "SS", tagNS: "NS", tagBS: "BS",
}

// tag reads the beginning of an attribute value, as far as the colon behind its type, or the quote behind that where a
// text follows; 0 if that is not one.
func (r *Reader) tag() byte {
	b := r.in.Body[r.in.At:]
	if len(b) < 6 || b[0] != '{' || b[1] != '"' {
		return 0
	}
	var tag byte
	switch b[2] {
	case 'S':
		if tag = tagS; b[3] == 'S' {
			tag = tagSS
		}
	case 'N':
		switch b[3] {
		case 'S':
			tag = tagNS
		case 'U':
			tag = tagNULL
		default:
			tag = tagN
		}
	case 'B':
		switch b[3] {
		case 'S':
			tag = tagBS
		case 'O':
			tag = tagBOOL
		default:
			tag = tagB
		}
	case 'M':
		tag = tagM
	case 'L':
		tag = tagL
	default:
		return 0
	}
	r.in.At += 2
	if !r.in.Word(tagNames[tag]) || !r.in.Word(`":`) || tag <= tagB && !r.in.Take('"') {
		return 0
	}
	return tag
}
