package monotable

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/estimate"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/size"
)

// ErrTooLarge: an item, with its entries in local indexes, would be larger than the 409,600 bytes that DynamoDB takes.
// Nothing was sent. A *SizeError in the chain has the sizes.
var ErrTooLarge = errors.New("monotable: item too large")

// AttributeSize is what one top-level attribute of an item weighs.
type AttributeSize struct {
	Name  string
	Bytes int // of name and value; len(Name) of them are the name's
}

// ItemSize is what an item weighs, and where.
type ItemSize struct {
	Bytes      int             // of the item: names and values
	Attributes []AttributeSize // the heaviest first
	Indexes    map[string]int  // bytes of its entry in each index that it is in
	Local      int             // of these, in local indexes: they count towards the item's limit of 409,600 bytes
}

// Sizes are the item's attributes with their bytes, the heaviest first, so that it shows which names and values weigh.
// They add up to Size.
func (i Item) Sizes() []AttributeSize {
	sizes := make([]AttributeSize, 0, len(i))
	for name, v := range i {
		sizes = append(sizes, AttributeSize{name, size.Attribute(name, v)})
	}
	slices.SortFunc(sizes, func(a, b AttributeSize) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	return sizes
}

// Size is the bytes that DynamoDB counts for v as the table stores it, as they enter into units and into the limit of
// 409,600 bytes (DynamoDB guide, "DynamoDB item sizes and formats"): its attributes, the key attributes that templates
// make, its entity type. An unset timestamp or version of the model's is counted as Create would set it. Storage bills
// 100 bytes more.
//
// It returns ErrKey where a write would. It sends nothing.
func (t *Table[T]) Size(v T) (int, error) {
	if t.of.core == nil {
		return 0, errNotMade
	}
	var box reflect.Value // a T that no call makes anew
	if t.of.weigher != nil {
		on := t.of.weigher.Pool.Get().(*estimate.Scales)
		defer t.of.weigher.Pool.Put(on)
		defer on.Boxed.SetZero()
		box = on.Boxed
		*box.Addr().Interface().(*T) = v
		if t.of.stampUnset(box) == nil && t.of.weigher.Weigh(box, &on.Is) {
			return on.Is.Total, nil
		}
	} else {
		box = reflect.New(t.of.GoType).Elem()
		*box.Addr().Interface().(*T) = v
	}
	item, err := t.of.sized(box)
	if err != nil {
		return 0, t.of.fail("Size", err)
	}
	return size.Item(item), nil
}

// SizeOf is Size in detail: what each attribute weighs, and what the item's entries in indexes do.
func (t *Table[T]) SizeOf(v T) (ItemSize, error) { return t.of.sizeOf(reflect.ValueOf(&v).Elem()) }

func (e *core) sizeOf(v reflect.Value) (ItemSize, error) {
	if e == nil {
		return ItemSize{}, errNotMade
	}
	item, err := e.sized(v)
	if err != nil {
		return ItemSize{}, e.fail("SizeOf", err)
	}
	of := ItemSize{Bytes: size.Item(item), Attributes: Item(item).Sizes(), Indexes: map[string]int{}}
	schema := e.Schema
	for i := range schema.Indexes {
		x := &schema.Indexes[i]
		if bytes, there := x.Entry(schema, item); there {
			of.Indexes[x.Name] = bytes
			if x.Local {
				of.Local += bytes
			}
		}
	}
	return of, nil
}

// sized is the item of v with timestamps and version, where they are unset, as Create sets them.
func (e *core) sized(v reflect.Value) (attributes, error) {
	if err := e.stampUnset(v); err != nil {
		return nil, err
	}
	return e.Item(v)
}

// stampUnset sets v's timestamps and version where they are unset.
func (e *core) stampUnset(v reflect.Value) error {
	for _, stamp := range [...]*codec.Field{e.Created, e.Updated} {
		if stamp == nil {
			continue
		}
		if at, ok := stamp.Value(v); !ok || entity.Unset(at) {
			if err := stamp.Set(v, entity.StampValue(stamp, e.Now(stamp))); err != nil {
				return err
			}
		}
	}
	if e.Version != nil && e.VersionOf(v) == 0 {
		if err := e.SetVersionOf(v, 1); err != nil {
			return err
		}
	}
	return nil
}

// SizeError says how large an item would have been, and what made it so. It is ErrTooLarge.
type SizeError struct {
	Bytes   int             // of the item and its entries in local indexes, as the service measures the write
	Limit   int             // 409,600
	Local   int             // of Bytes, those of entries in local indexes
	Partial bool            // an update's: what the item had before it is not known and not counted
	Largest []AttributeSize // the heaviest attributes, at most five
}

// Error names the sizes and the heaviest attributes, and no values.
func (e *SizeError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: ", ErrTooLarge)
	if e.Partial {
		b.WriteString("at least ")
	}
	fmt.Fprintf(&b, "%s of at most %s", count(e.Bytes, "byte"), grouped(e.Limit))
	if e.Local > 0 {
		fmt.Fprintf(&b, ", %s of them in local indexes", grouped(e.Local))
	}
	for i, a := range e.Largest {
		sep := ", "
		if i == 0 {
			sep = "; the largest attributes: "
		}
		fmt.Fprintf(&b, "%s%s %s", sep, a.Name, grouped(a.Bytes))
	}
	return b.String()
}

// Unwrap is ErrTooLarge.
func (e *SizeError) Unwrap() error { return ErrTooLarge }

// largestNamed is how many attributes a SizeError names.
const largestNamed = 5

// checkFits refuses an item that, with its entries in local indexes, is too large. What UpdateItem charges an update of
// its own differs by region, so that the service alone knows it.
func (e *core) checkFits(item attributes) error {
	bytes := size.Item(item)
	if bytes <= size.MaxItem/(1+len(e.Schema.Indexes)) {
		return nil // with entries as large as the item it would fit
	}
	local := 0
	schema := e.Schema
	for i := range schema.Indexes {
		if x := &schema.Indexes[i]; x.Local {
			bytes, _ := x.Entry(schema, item)
			local += bytes
		}
	}
	if bytes+local <= size.MaxItem {
		return nil
	}
	return tooLarge(item, bytes+local, local)
}

func tooLarge(item Item, bytes, local int) *SizeError {
	largest := item.Sizes()
	return &SizeError{Bytes: bytes, Limit: size.MaxItem, Local: local,
		Largest: largest[:min(len(largest), largestNamed)]}
}

// checkUpdate refuses an update whose key and values are too large together. What else the item has is known to the
// service alone.
func (e *core) checkUpdate(key attributes, u *expr.Update) error {
	if u == nil {
		return nil
	}
	known := attributes{}
	for _, action := range u.Actions {
		if value, plain := action.Value.(*expr.Value); plain && action.Kind == expr.Set && len(action.Path) == 1 {
			known[action.Path[0].Name] = value.Value
		}
	}
	bytes := size.Item(key) + size.Item(known)
	if bytes <= size.MaxItem {
		return nil
	}
	failed := tooLarge(known, bytes, 0)
	failed.Partial = true
	return failed
}

// checkFits refuses a change that makes the item too large.
func (c *change) checkFits() error {
	most := size.Item(c.raw) + 300 // for a version's name and number
	for _, change := range c.changes {
		if change.Value == nil {
			continue
		}
		most += size.Value(change.Value)
		if last := change.Path[len(change.Path)-1]; last.Index < 0 {
			most += len(last.Name) + size.Entry
		}
	}
	if most <= size.MaxItem/(1+len(c.Schema.Indexes)) {
		return nil
	}
	return c.core.checkFits(c.after())
}
