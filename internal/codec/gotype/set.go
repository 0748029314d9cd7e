package gotype

// Set is which kind of set a slice or an array is encoded as.
type Set uint8

// The kinds of sets.
const (
	NoSet Set = iota // a list
	StringSet
	NumberSet
	BinarySet
)

var setNames = [...]string{"list", "string set", "number set", "binary set"}

func (s Set) String() string { return setNames[s] }

// Set tells which kind of set a slice or array is encoded as.
func (n *Node) Set() Set {
	switch {
	case n.Options&AsBinarySet != 0 || n.Type == bytesSliceType:
		return BinarySet
	case n.Options&AsNumberSet != 0:
		return NumberSet
	case n.Options&AsStringSet != 0:
		return StringSet
	}
	return NoSet
}

// PlainIn tells that every value of the type can be in a set of that kind, and is its element as it is.
func (n *Node) PlainIn(s Set) bool {
	if n.Custom() || n.Options != 0 {
		return false
	}
	switch n.Shape {
	case String:
		return s == StringSet
	case Int, Uint, Float, Number:
		return s == NumberSet
	}
	return false
}
