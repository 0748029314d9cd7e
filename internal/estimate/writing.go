package estimate

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/size"
)

// Writing is one write whose cost is being worked out.
type Writing struct {
	*entity.Type
	Weigher     *Weigher // nil where items cannot be weighed without making them
	Operation   string
	Transaction bool // of the caller's, or because of guards
	Joined      bool // an operation of the caller's transaction
	Refused     bool // its condition does not hold
	To          Ledger
}

// Ledger is told of charges, and of each guard of an operation of a transaction before its charges.
type Ledger interface {
	Charge(Charge)
	Guard(Guard)
}

// charges is a ledger that knows no guards.
type charges func(*Charge)

func (c charges) Charge(x Charge) { c(&x) }
func (c charges) Guard(Guard)     {}

// Guard is a guard that an operation of a transaction writes.
type Guard struct {
	*entity.Type
	Constraint string
	Key        string // of the guard, in its table
	Refused    bool
	was, is    attr.Item
}

// Meets tells whether two operations are on one guard, of which the one gives it up and the other takes it.
func (g *Guard) Meets(o *Guard) bool {
	return g.Key == o.Key && g.Refused == o.Refused && (g.was == nil) != (o.was == nil) && (g.is == nil) != (o.is == nil)
}

// HandOver charges the one write that becomes of two that meet.
func (g *Guard) HandOver(o *Guard, charge func(*Charge)) {
	giver, taker := g, o
	if giver.was == nil {
		giver, taker = o, g
	}
	of := Writing{Type: g.Type, Operation: "TransactWriteItems", Transaction: true, Refused: g.Refused,
		To: charges(charge)}
	of.AddWrite(g.Constraint, giver.was, taker.is)
}

// stored encodes an item as it is stored; none gives nil.
func (c *Writing) stored(v reflect.Value) (attr.Item, error) {
	if !v.IsValid() {
		return nil, nil
	}
	return c.Item(v)
}

// written encodes an item as a whole-item write stores it, with its next version and timestamps.
func (c *Writing) written(v reflect.Value, create bool) (attr.Item, reflect.Value, error) {
	if !v.IsValid() {
		return nil, v, nil
	}
	next, err := c.next(v, create)
	if err != nil {
		return nil, next, err
	}
	item, err := c.Item(next)
	return item, next, err
}

// next is what a whole-item write makes of v before it is encoded.
func (c *Writing) next(v reflect.Value, create bool) (reflect.Value, error) {
	if !v.IsValid() || c.Plain {
		return v, nil
	}
	next, _, err := c.Prepared(v, create, nil)
	return next, err
}

// Whole charges the write of a whole item.
func (c *Writing) Whole(before, after reflect.Value) error {
	if len(c.Unique) == 0 {
		next, err := c.next(after, !before.IsValid())
		if err != nil {
			return err
		}
		if c.named(operationOf(next)); c.addWeights(before, next) {
			return nil
		}
	}
	was, err := c.stored(before)
	if err != nil {
		return err
	}
	is, next, err := c.written(after, was == nil)
	if err != nil {
		return err
	}
	if err := c.sameKey(was, is); err != nil {
		return err
	}
	if len(c.Unique) > 0 {
		if !c.Transaction && (was != nil || is == nil) {
			c.To.Charge(Reads("GetItem", "", ReadConsistent, size.Item(was), 1))
		}
		c.Transaction = true
	}
	c.named(operationOf(next))
	c.AddWrite("", was, is)
	return c.addGuards(before, next, is)
}

func operationOf(after reflect.Value) string {
	if after.IsValid() {
		return "PutItem"
	}
	return "DeleteItem"
}

// named notes the request that the write is sent with.
func (c *Writing) named(operation string) {
	if c.Operation = operation; c.Transaction {
		c.Operation = "TransactWriteItems"
	}
}

// Update charges an update.
func (c *Writing) Update(before, after reflect.Value) error {
	if before.IsValid() && !after.IsValid() && !c.Refused {
		return errors.New("after is nil: an update removes no item")
	}
	was, err := c.stored(before)
	if err != nil {
		return err
	}
	is, err := c.stored(after)
	if err != nil {
		return err
	}
	if err := c.sameKey(was, is); err != nil {
		return err
	}
	if c.Refused {
		is = was // nothing is charged for what the update would have made
	} else if len(c.Unique) > 0 {
		guards, err := c.guardsOf(before, after, is)
		if err != nil {
			return err
		}
		if len(guards) > 0 {
			return fmt.Errorf("unique constraint %s is made of what changes, which Update refuses: use ModifyCost",
				guards[0].Constraint)
		}
	}
	c.named("UpdateItem")
	c.AddWrite("", was, is)
	return nil
}

// Modify charges a read-modify-write.
func (c *Writing) Modify(before, after reflect.Value) error {
	if !before.IsValid() || !after.IsValid() {
		return errors.New("before or after is nil: Modify changes an item that is there")
	}
	if c.Transaction {
		return errors.New("Modify is no operation of a transaction")
	}
	was, err := c.stored(before)
	if err != nil {
		return err
	}
	c.To.Charge(Reads("GetItem", "", ReadConsistent, size.Item(was), 1))
	is, err := c.stored(after)
	if err != nil {
		return err
	}
	if err := c.sameKey(was, is); err != nil {
		return err
	}
	if attr.EqualItems(was, is) && !c.Refused {
		return nil
	}
	next := reflect.New(c.GoType).Elem()
	next.Set(after)
	if c.Version != nil {
		if err := c.SetVersionOf(next, c.VersionOf(before)+1); err != nil {
			return err
		}
	}
	if c.Updated != nil {
		if err := c.Updated.Set(next, entity.StampValue(c.Updated, c.Now(c.Updated))); err != nil {
			return err
		}
	}
	if is, err = c.stored(next); err != nil {
		return err
	}
	guards, err := c.guardsOf(before, next, is)
	if err != nil {
		return err
	}
	c.Operation = "UpdateItem"
	if len(guards) > 0 {
		c.Operation, c.Transaction = "TransactWriteItems", true
	}
	if c.Refused && !c.Transaction {
		is = was
	}
	c.AddWrite("", was, is)
	return c.addGuards(before, next, is)
}

// Check charges the check of an item in a transaction.
func (c *Writing) Check(item, _ reflect.Value) error {
	was, err := c.stored(item)
	if err != nil {
		return err
	}
	bytes := size.Item(was)
	c.To.Charge(Charge{Operation: "TransactWriteItems", Rule: CheckInTransaction, Is: bytes, Times: 1,
		Write: size.TransactWriteUnits(bytes)})
	return nil
}

// sameKey refuses two items that are not one.
func (c *Writing) sameKey(was, is attr.Item) error {
	if was != nil && is != nil && !attr.EqualItems(c.KeyOf(was), c.KeyOf(is)) {
		return entity.KeyError("before and after have different primary keys")
	}
	return nil
}

// guardsOf are the actions on guards that turn what before takes into what after does.
func (c *Writing) guardsOf(before, after reflect.Value, item attr.Item) ([]entity.GuardChange, error) {
	var was, is map[string]string
	var err error
	if before.IsValid() {
		if was, err = c.Taken(before); err != nil {
			return nil, err
		}
	}
	if after.IsValid() {
		if is, err = c.Taken(after); err != nil {
			return nil, err
		}
	}
	return c.GuardChanges(was, is), nil
}

// addGuards charges the guards that a write takes and gives up.
func (c *Writing) addGuards(before, after reflect.Value, item attr.Item) error {
	if len(c.Unique) == 0 {
		return nil
	}
	if item == nil && before.IsValid() {
		var err error
		if item, err = c.PrimaryKey(before); err != nil {
			return err
		}
	}
	guards, err := c.guardsOf(before, after, item)
	if err != nil {
		return err
	}
	for _, g := range guards {
		of := Guard{Type: c.Type, Constraint: g.Constraint, Refused: c.Refused,
			Key: c.Schema.Name + "\x00" + c.GuardText(g.Constraint, g.Value)}
		if guard := c.Type.Guard(c.KeyOf(item), g.Constraint, g.Value); g.Taken {
			of.is = guard
		} else {
			of.was = guard
		}
		if c.Joined {
			c.To.Guard(of)
		}
		c.AddWrite(g.Constraint, of.was, of.is)
	}
	return nil
}

// AddWrite charges one item's write on the table and on its indexes; nil for no item.
func (c *Writing) AddWrite(guard string, was, is attr.Item) {
	c.addTable(guard, size.Item(was), size.Item(is))
	if c.Refused {
		return
	}
	schema := c.Schema
	for i := range schema.Indexes {
		x := &schema.Indexes[i]
		old, had := x.Entry(schema, was)
		now, has := x.Entry(schema, is)
		sameKey := had && has && x.SameKey(schema, was, is)
		c.addIndex(guard, x.Name, old, now, had, has, sameKey, sameKey && x.SameEntry(schema, was, is))
	}
}

// addTable charges the table for an item of so many bytes before and after.
func (c *Writing) addTable(guard string, before, after int) {
	charge := Charge{Operation: c.Operation, Guard: guard, Rule: WriteItem, Was: before, Is: after, Times: 1,
		Modelled: c.Refused}
	switch larger := max(before, after); {
	case c.Transaction:
		charge.Rule, charge.Write = WriteInTransaction, size.TransactWriteUnits(larger)
	case c.Refused:
		charge.Rule, charge.Write = WriteFailed, size.WriteUnits(larger)
	default:
		charge.Write = size.WriteUnits(larger)
	}
	c.To.Charge(charge)
}

// addIndex charges an index for an entry of so many bytes before and after.
func (c *Writing) addIndex(guard, name string, old, now int, had, has, sameKey, sameEntry bool) {
	change := size.IndexChangeOf(had, has, sameKey, sameEntry)
	if change == size.Absent {
		return
	}
	c.To.Charge(Charge{
		Operation: c.Operation, Index: name, Guard: guard, Rule: indexRules[change], Was: old, Is: now, Times: 1,
		Write: change.Units(old, now),
	})
}

var indexRules = [...]Rule{
	size.Same: IndexSame, size.Enters: IndexEnters, size.Leaves: IndexLeaves, size.Changes: IndexChanges,
	size.Moves: IndexMoves,
}

// addWeights is AddWrite for items that can be weighed; not ok leaves them to it.
func (c *Writing) addWeights(before, after reflect.Value) (ok bool) {
	if c.Weigher == nil || !before.IsValid() && !after.IsValid() {
		return false
	}
	return c.Weigher.Compare(before, after, func(old, now int) bool {
		c.addTable("", old, now)
		return !c.Refused
	}, func(x IndexWrite) {
		c.addIndex("", x.Name, x.Old, x.Now, x.Stood, x.Stands, x.SameKey, x.Same)
	})
}
