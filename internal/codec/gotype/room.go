package gotype

import "reflect"

// Room tells how much a struct's fields are likely to need.
type Room struct{ Members, Texts int }

// need estimates the room for one value of the type, as long as it is told by the type alone.
func (n *Node) need() (r Room) {
	for n.Shape == Pointer && n.Elem != nil && !n.Custom() {
		n = n.Elem
	}
	if n.Custom() {
		return Room{}
	}
	switch n.Shape {
	case String:
		return Room{Members: 1}
	case Int, Uint, Float:
		return Room{Members: 1, Texts: 8}
	case Number:
		return Room{Members: 1}
	case Time:
		if n.Options&UnixTime != 0 {
			return Room{Members: 1, Texts: 10}
		}
		return Room{Members: 1, Texts: 30}
	case Struct:
		if n.Layout != nil {
			return n.Layout.Room
		}
	}
	return Room{}
}

// maxRoom bounds what is reserved for the elements of a list or map at a time.
const maxRoom = 64

// Needs is the room for so many values of the type.
func (n *Node) Needs(count int) Room {
	r, count := n.need(), min(count, maxRoom)
	return Room{Members: count * r.Members, Texts: count * r.Texts}
}

// needs is the room for a struct's own fields.
func (l *Layout) needs() (r Room) {
	for _, a := range l.Fields {
		if t, _, _ := pointee(a.Type); t.Kind() == reflect.Struct && ShapeOf(t) == Struct {
			continue // that reserves for itself
		}
		one := a.Node.need()
		r.Members, r.Texts = r.Members+one.Members, r.Texts+one.Texts
	}
	return r
}
