// Package btree holds items in the order of their encoded keys.
package btree

import "github.com/monotable/monotable/internal/engine/packed"

// treeMax is the largest number of entries in one node. Nodes other than the root hold at least treeMin, so that a tree
// of n entries is about log64 n nodes deep.
const (
	treeMax = 63
	treeMin = treeMax / 2
)

// Entry is one item of a table, or one entry of an index: its place in the order and what is stored there. Both strings
// are immutable, so an entry that was read under the table's lock may be used after it.
type Entry struct {
	head uint64 // the first 8 bytes of key, so that most comparisons need not follow the string
	Key  string
	Item packed.Item
}

// NewEntry makes the entry of an item under an encoded key.
func NewEntry(key string, item packed.Item) Entry {
	return Entry{head: keyHead(key), Key: key, Item: item}
}

// keyHead gives the first 8 bytes of a key as a number that orders as they do.
func keyHead(key string) uint64 {
	if len(key) >= 8 {
		return uint64(key[0])<<56 | uint64(key[1])<<48 | uint64(key[2])<<40 | uint64(key[3])<<32 |
			uint64(key[4])<<24 | uint64(key[5])<<16 | uint64(key[6])<<8 | uint64(key[7])
	}
	var head uint64
	for i := range 8 {
		head <<= 8
		if i < len(key) {
			head |= uint64(key[i])
		}
	}
	return head
}

// Tree is a B-tree of entries in the byte order of their keys. It has no lock of its own.
type Tree struct {
	root *treeNode
	Size int
}

type treeNode struct {
	entries  []Entry
	children []*treeNode // none in a leaf, otherwise one more than entries
}

// search gives the place of the first entry whose key is not below key, and whether it is key.
func (n *treeNode) search(head uint64, key string) (int, bool) {
	lo, hi := 0, len(n.entries)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		e := &n.entries[mid]
		if e.head < head || e.head == head && e.Key < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(n.entries) && n.entries[lo].head == head && n.entries[lo].Key == key
}

// Get finds the item stored under key.
func (t *Tree) Get(key string) (packed.Item, bool) {
	head := keyHead(key)
	for n := t.root; n != nil; {
		i, found := n.search(head, key)
		if found {
			return n.entries[i].Item, true
		}
		if len(n.children) == 0 {
			break
		}
		n = n.children[i]
	}
	return "", false
}

// Set stores e in place of an entry of the same key, if there is one.
func (t *Tree) Set(e Entry) {
	if t.root == nil {
		t.root = newTreeNode(false)
	}
	if len(t.root.entries) == treeMax {
		left := t.root
		t.root = newTreeNode(true)
		t.root.children = append(t.root.children, left)
		t.root.split(0)
	}
	if t.root.set(e) {
		t.Size++
	}
}

func newTreeNode(inner bool) *treeNode {
	n := &treeNode{entries: make([]Entry, 0, treeMax)}
	if inner {
		n.children = make([]*treeNode, 0, treeMax+1)
	}
	return n
}

// split divides the full child i in two around its middle entry, which moves up into n.
func (n *treeNode) split(i int) {
	left := n.children[i]
	right := newTreeNode(len(left.children) > 0)
	middle := left.entries[treeMin]
	right.entries = append(right.entries, left.entries[treeMin+1:]...)
	clear(left.entries[treeMin:])
	left.entries = left.entries[:treeMin]
	if len(left.children) > 0 {
		right.children = append(right.children, left.children[treeMin+1:]...)
		clear(left.children[treeMin+1:])
		left.children = left.children[:treeMin+1]
	}
	n.entries = insertAt(n.entries, i, middle)
	n.children = insertAt(n.children, i+1, right)
}

// set stores e below n, which is not full, and says whether its key is new.
func (n *treeNode) set(e Entry) bool {
	for {
		i, found := n.search(e.head, e.Key)
		if found {
			n.entries[i] = e
			return false
		}
		if len(n.children) == 0 {
			n.entries = insertAt(n.entries, i, e)
			return true
		}
		if len(n.children[i].entries) == treeMax {
			n.split(i)
			continue
		}
		n = n.children[i]
	}
}

// Remove takes the entry of key out, and says whether there was one.
func (t *Tree) Remove(key string) bool {
	if t.root == nil || !t.root.remove(keyHead(key), key) {
		return false
	}
	t.Size--
	if len(t.root.entries) == 0 {
		if len(t.root.children) > 0 {
			t.root = t.root.children[0]
		} else {
			t.root = nil
		}
	}
	return true
}

// remove takes key out below n, which holds more than treeMin entries or is the root.
func (n *treeNode) remove(head uint64, key string) bool {
	i, found := n.search(head, key)
	if len(n.children) == 0 {
		if found {
			n.entries = removeAt(n.entries, i)
		}
		return found
	}
	if found {
		left := n.children[i]
		if len(left.entries) > treeMin {
			n.entries[i] = left.removeLast()
			return true
		}
		// The entry that would take its place cannot be spared on the left: make room there and look again.
		n.fill(i)
		return n.remove(head, key)
	}
	if len(n.children[i].entries) <= treeMin {
		n.fill(i)
		return n.remove(head, key)
	}
	return n.children[i].remove(head, key)
}

// removeLast takes the greatest entry out below n, which holds more than treeMin entries.
func (n *treeNode) removeLast() Entry {
	for len(n.children) > 0 {
		last := len(n.children) - 1
		if len(n.children[last].entries) > treeMin {
			n = n.children[last]
			continue
		}
		n.fill(last)
	}
	e := n.entries[len(n.entries)-1]
	n.entries = removeAt(n.entries, len(n.entries)-1)
	return e
}

// fill gives child i more than treeMin entries: one of a neighbour's, or all of it.
func (n *treeNode) fill(i int) {
	child := n.children[i]
	if i > 0 && len(n.children[i-1].entries) > treeMin {
		left := n.children[i-1]
		last := len(left.entries) - 1
		child.entries = insertAt(child.entries, 0, n.entries[i-1])
		n.entries[i-1] = left.entries[last]
		left.entries = removeAt(left.entries, last)
		if len(left.children) > 0 {
			child.children = insertAt(child.children, 0, left.children[last+1])
			left.children = removeAt(left.children, last+1)
		}
		return
	}
	if i < len(n.entries) && len(n.children[i+1].entries) > treeMin {
		right := n.children[i+1]
		child.entries = append(child.entries, n.entries[i])
		n.entries[i] = right.entries[0]
		right.entries = removeAt(right.entries, 0)
		if len(right.children) > 0 {
			child.children = append(child.children, right.children[0])
			right.children = removeAt(right.children, 0)
		}
		return
	}
	if i == len(n.entries) {
		i--
	}
	left, right := n.children[i], n.children[i+1]
	left.entries = append(append(left.entries, n.entries[i]), right.entries...)
	left.children = append(left.children, right.children...)
	n.entries = removeAt(n.entries, i)
	n.children = removeAt(n.children, i+1)
}

// Ascend calls visit with the entries whose keys are at or above from, lowest first, until it returns false.
func (t *Tree) Ascend(from string, visit func(*Entry) bool) {
	if t.root != nil {
		t.root.ascend(keyHead(from), from, visit)
	}
}

func (n *treeNode) ascend(head uint64, from string, visit func(*Entry) bool) bool {
	i, found := n.search(head, from)
	if len(n.children) > 0 && !found && !n.children[i].ascend(head, from, visit) {
		return false
	}
	for ; i < len(n.entries); i++ {
		if !visit(&n.entries[i]) {
			return false
		}
		if len(n.children) > 0 && !n.children[i+1].ascendAll(visit) {
			return false
		}
	}
	return true
}

func (n *treeNode) ascendAll(visit func(*Entry) bool) bool {
	for i := range n.entries {
		if len(n.children) > 0 && !n.children[i].ascendAll(visit) {
			return false
		}
		if !visit(&n.entries[i]) {
			return false
		}
	}
	return len(n.children) == 0 || n.children[len(n.children)-1].ascendAll(visit)
}

// Descend calls visit with the entries whose keys are below before, highest first, until it returns false. An empty
// before stands for the end of the tree.
func (t *Tree) Descend(before string, visit func(*Entry) bool) {
	switch {
	case t.root == nil:
	case before == "":
		t.root.descendAll(visit)
	default:
		t.root.descend(keyHead(before), before, visit)
	}
}

func (n *treeNode) descend(head uint64, before string, visit func(*Entry) bool) bool {
	i, _ := n.search(head, before)
	if len(n.children) > 0 && !n.children[i].descend(head, before, visit) {
		return false
	}
	return n.descendBelow(i, visit)
}

// descendBelow visits the entries before place i, each with the child on its left.
func (n *treeNode) descendBelow(i int, visit func(*Entry) bool) bool {
	for i--; i >= 0; i-- {
		if !visit(&n.entries[i]) {
			return false
		}
		if len(n.children) > 0 && !n.children[i].descendAll(visit) {
			return false
		}
	}
	return true
}

func (n *treeNode) descendAll(visit func(*Entry) bool) bool {
	if len(n.children) > 0 && !n.children[len(n.children)-1].descendAll(visit) {
		return false
	}
	return n.descendBelow(len(n.entries), visit)
}

func insertAt[T any](s []T, i int, v T) []T {
	s = append(s, v)
	copy(s[i+1:], s[i:])
	s[i] = v
	return s
}

func removeAt[T any](s []T, i int) []T {
	var zero T
	copy(s[i:], s[i+1:])
	s[len(s)-1] = zero
	return s[:len(s)-1]
}
