package codec

// set is which kind of set a slice or an array is encoded as.
type set uint8

const (
	noSet set = iota // a list
	setOfStrings
	setOfNumbers
	setOfBinaries
)

var setNames = [...]string{"list", "string set", "number set", "binary set"}

func (s set) String() string { return setNames[s] }

// set tells which kind of set a slice or array is encoded as.
func (n *node) set() set {
	switch {
	case n.options&binarySet != 0 || n.typ == bytesSliceType:
		return setOfBinaries
	case n.options&numberSet != 0:
		return setOfNumbers
	case n.options&stringSet != 0:
		return setOfStrings
	}
	return noSet
}

// plainIn tells that every value of the type can be in a set of that kind, and is its element as it is.
func (n *node) plainIn(s set) bool {
	if n.custom() || n.options != 0 {
		return false
	}
	switch n.shape {
	case shapeString:
		return s == setOfStrings
	case shapeInt, shapeUint, shapeFloat, shapeNumber:
		return s == setOfNumbers
	}
	return false
}
