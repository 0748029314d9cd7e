package engine

import (
	"cmp"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/size"
)

// store replaces the old item under a key by the new one, in the table and its indexes, and counts what the indexes
// charge. Either may be no item.
func (t *table) store(key string, old, new packed.Item, c *capacity) {
	t.remember(key, old, new)
	localBytes := t.restoreIndexes(key, old, new, c)
	if t.collections != nil {
		collection := t.collectionOf(key, cmp.Or(new, old))
		t.collections[collection] += int64(new.Size()-old.Size()) + localBytes
		if t.collections[collection] == 0 {
			delete(t.collections, collection)
		}
	}
	t.bytes += int64(new.Size() - old.Size())
	if new == "" {
		t.items.Remove(key)
	} else {
		t.items.Set(btree.NewEntry(key, new))
	}
}

// restoreIndexes brings all indexes in step with one item and gives the bytes by which the local ones grew.
func (t *table) restoreIndexes(key string, old, new packed.Item, c *capacity) (localBytes int64) {
	for _, x := range t.indexes {
		before, was := x.storedEntry(key, old)
		after, is := x.entry(key, new)
		sameKey := was && is && before.Key == after.Key
		if units := size.IndexWrite(before.Item.Size(), after.Item.Size(), was, is, sameKey,
			before.Item == after.Item); units > 0 {
			c.index(x).write += units
		}
		grown := int64(after.Item.Size() - before.Item.Size())
		x.bytes += grown
		if x.local {
			localBytes += grown
		}
		if was && !sameKey {
			x.entries.Remove(before.Key)
		}
		if is {
			x.entries.Set(after)
		}
	}
	return localBytes
}

// storedEntry gives the entry that the index holds of an item.
func (x *index) storedEntry(tableKey string, item packed.Item) (btree.Entry, bool) {
	if item == "" {
		return btree.Entry{}, false
	}
	key, ok := x.entryKey(tableKey, item)
	if !ok {
		return btree.Entry{}, false
	}
	stored, ok := x.entries.Get(key)
	return btree.Entry{Key: key, Item: stored}, ok
}

// localSize is the size of an item's entries in local secondary indexes.
func (t *table) localSize(key string, item packed.Item) int {
	if item == "" {
		return 0
	}
	total := 0
	for _, x := range t.indexes {
		if x.local {
			if e, ok := x.entry(key, item); ok {
				total += e.Item.Size()
			}
		}
	}
	return total
}

// collectionOf gives the part of an item's encoded key that its collection shares.
func (t *table) collectionOf(key string, item packed.Item) string {
	var scratch [256]byte
	hash, _ := t.keys.AppendHash(scratch[:0], item)
	return key[:len(hash)]
}

// remember keeps a change for reads that lag. It is called under the table's lock.
func (t *table) remember(key string, old, new packed.Item) {
	keep := t.shared.history.Load()
	if keep == nil || t.rewinding {
		return
	}
	now := t.shared.options.Clock()
	t.past = append(t.past, pastWrite{at: now, key: key, old: old, new: new})
	spare := 0
	for spare < len(t.past)-keep.Writes && now.Sub(t.past[spare].at) >= keep.Time {
		spare++
	}
	if spare > len(t.past)/2 { // once that is worth the moving
		t.past = append([]pastWrite(nil), t.past[spare:]...)
	}
}

// rewind takes the table and its indexes back by lag, under its lock for writing, until the function that it returns is
// called.
func (t *table) rewind(lag Lag) (forward func()) {
	now := t.shared.options.Clock()
	from := len(t.past)
	for from > 0 && (len(t.past)-from < lag.Writes || now.Sub(t.past[from-1].at) < lag.Time) {
		from--
	}
	undone := t.past[from:]
	t.rewinding = true
	for i := len(undone) - 1; i >= 0; i-- {
		t.store(undone[i].key, undone[i].new, undone[i].old, &capacity{})
	}
	return func() {
		for _, w := range undone {
			t.store(w.key, w.old, w.new, &capacity{})
		}
		t.rewinding = false
	}
}
