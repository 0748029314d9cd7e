package codec

import "reflect"

// room tells how much a struct's fields are likely to need.
type room struct{ members, texts int }

// need estimates the room for one value of the type, as long as it is told by the type alone.
func (n *node) need() (r room) {
	for n.shape == shapePointer && n.elem != nil && !n.custom() {
		n = n.elem
	}
	if n.custom() {
		return room{}
	}
	switch n.shape {
	case shapeString:
		return room{members: 1}
	case shapeInt, shapeUint, shapeFloat:
		return room{members: 1, texts: 8}
	case shapeNumber:
		return room{members: 1}
	case shapeTime:
		if n.options&unixTime != 0 {
			return room{members: 1, texts: 10}
		}
		return room{members: 1, texts: 30}
	case shapeStruct:
		if n.layout != nil {
			return n.layout.room
		}
	}
	return room{}
}

// maxRoom bounds what is reserved for the elements of a list or map at a time.
const maxRoom = 64

// needs is the room for so many values of the type.
func (n *node) needs(count int) room {
	r, count := n.need(), min(count, maxRoom)
	return room{members: count * r.members, texts: count * r.texts}
}

// needs is the room for a struct's own fields.
func (l *layout) needs() (r room) {
	for _, a := range l.fields {
		if t, _, _ := pointee(a.typ); t.Kind() == reflect.Struct && shapeOf(t) == shapeStruct {
			continue // that reserves for itself
		}
		one := a.node.need()
		r.members, r.texts = r.members+one.members, r.texts+one.texts
	}
	return r
}
