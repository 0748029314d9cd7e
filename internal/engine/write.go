package engine

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/size"
)

var (
	errItemTooLarge   = refusal.Invalid("Item size has exceeded the maximum allowed size")
	errUpdateTooLarge = refusal.Invalid("Item size to update has exceeded the maximum allowed size")
)

// writeKind is what a write does with its item.
type writeKind int

const (
	putWrite writeKind = iota
	updateWrite
	deleteWrite
	checkWrite // of a transaction: the condition alone
)

// write is one action on one item, of an operation of its own, a batch or a transaction. What can be found wrong
// without the table was found before.
type write struct {
	kind      writeKind
	table     string                          // as the request names it
	item      packed.Item                     // to put
	key       map[string]types.AttributeValue // of the item; for a put the item itself
	condition condition                       // nil for none
	update    updater                         // nil for none
	charged   bool                            // the update's charge is bounded, not its finished item alone
	returnOld bool                            // the item goes with a failed condition
	batched   bool                            // of BatchWriteItem

	expressionBytes int // of its expressions, with the names and values that they use
}

// place is a write on its table: the key is known to fit.
type place struct {
	*write
	t   *table
	key string
}

// on checks a write against the table's keys.
func (w *write) on(t *table) (place, error) {
	p := place{write: w, t: t}
	if err := w.checkPaths(t); err != nil {
		return p, err
	}
	var err error
	if w.kind != putWrite {
		if p.key, err = t.keyOf(w.key); err == nil && w.update != nil {
			err = t.checkUpdatedKeys(w.update)
		}
		return p, err
	}
	if p.key, err = t.itemKey(w.key, w.batched); err != nil {
		return p, err
	}
	return p, t.checkIndexKeys(w.item, putRefusal{})
}

// checkPaths refuses an update of the key, and paths that go below a key attribute.
func (w *write) checkPaths(t *table) error {
	if w.update != nil {
		for _, name := range w.update.touches() {
			if t.keys.Has(name) {
				return refusal.InvalidParameter("Cannot update attribute %s. This attribute is part of the key", name)
			}
		}
		if err := t.checkScalars(w.update.Paths()); err != nil {
			return err
		}
	}
	if w.condition != nil {
		return t.checkScalars(w.condition.Paths())
	}
	return nil
}

// checkScalars refuses paths that go below an attribute of the table's key or of an index's.
func (t *table) checkScalars(paths []expr.Path) error {
	const rule = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
	for _, path := range paths {
		if len(path) == 1 {
			continue
		}
		name := path[0].Name
		if t.keys.Has(name) {
			return refusal.Invalid(rule + "Key: " + name)
		}
		for _, x := range t.indexes {
			if x.keys.Has(name) {
				return refusal.Invalid(rule + "IndexKey: " + name)
			}
		}
	}
	return nil
}

// effect is what a write would do to its item. Nothing is changed before it is applied.
type effect struct {
	place
	old, new packed.Item // "" for no item
}

// effect evaluates the write on the item as it is. A failed condition is told as such; the effect then holds the sizes
// that are charged all the same.
func (p place) effect() (effect, error) {
	f := effect{place: p}
	f.old, _ = p.t.items.Get(p.key)
	f.new = f.old
	if p.kind == putWrite {
		f.new = p.item
	}
	if p.condition != nil {
		met, err := p.condition.Eval(f.old)
		if err != nil {
			return f, refusal.AsInvalid(err)
		}
		if !met {
			return f, f.failed()
		}
	}
	var err error
	switch p.kind {
	case updateWrite:
		f.new, err = f.updated()
	case deleteWrite:
		f.new = ""
	}
	if err != nil {
		return f, err
	}
	return f, f.fits()
}

func (f *effect) failed() error {
	if f.returnOld && f.old != "" {
		return refusal.ConditionFailed(f.old.Map())
	}
	return refusal.ConditionFailed(nil)
}

// updated gives the item after the update.
func (f *effect) updated() (packed.Item, error) {
	if f.update == nil {
		if f.old != "" {
			return f.old, nil
		}
		return packed.Pack(f.write.key)
	}
	before := f.old.Map()
	if before == nil {
		before = f.write.key
	}
	if f.old == "" && f.update.onlyRemoves() { // also where a path leads nowhere
		return "", nil
	}
	after, err := f.update.Apply(before)
	if err != nil {
		return "", refusal.AsInvalid(err)
	}
	if f.old == "" && !f.update.Creates() {
		return "", nil
	}
	item, err := packed.Pack(after)
	if err != nil {
		return "", err
	}
	if item.Size() > size.MaxItem || f.charged && f.update.charge(before) > size.MaxItem {
		return "", errUpdateTooLarge
	}
	return item, f.t.checkIndexKeys(item, updateRefusal{})
}

// fits checks the limits that count local secondary indexes in.
func (f *effect) fits() error {
	if !f.t.hasLocal() || f.new == "" || f.kind == checkWrite {
		return nil
	}
	total := f.new.Size() + f.t.localSize(f.key, f.new)
	if total > size.MaxItem {
		if f.kind == updateWrite {
			return errUpdateTooLarge
		}
		return errItemTooLarge
	}
	grows := total - f.old.Size() - f.t.localSize(f.key, f.old)
	if grows > 0 && f.t.collections[f.t.collectionOf(f.key,
		f.new)]+int64(grows) > f.t.shared.options.MaxCollectionBytes {
		return &types.ItemCollectionSizeLimitExceededException{
			Message: new("Item collection size limit of 10 gigabytes exceeded"),
		}
	}
	return nil
}

// units gives what the table itself charges for the write, whether or not its condition held.
func (f *effect) units() float64 { return size.WriteUnits(max(f.old.Size(), f.new.Size())) }

// changes says whether there is anything to write.
func (f *effect) changes() bool { return f.kind != checkWrite && f.old != f.new }

// apply makes the effect real and counts what the indexes charge for it.
func (f *effect) apply(c *capacity) {
	if f.kind == checkWrite {
		return
	}
	if f.changes() {
		f.t.store(f.key, f.old, f.new, c)
		f.t.record(f.old, f.new, false)
	}
}
