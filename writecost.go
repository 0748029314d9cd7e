package monotable

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/estimate"
	"github.com/monotable/monotable/internal/size"
)

// WriteCostOption fits WriteCost, UpdateCost, ModifyCost and CheckCost.
type WriteCostOption interface{ writeCost(*writeCosting) }

type writeCostOption func(*writeCosting)

func (o writeCostOption) writeCost(c *writeCosting) { o(c) }

// Transactional makes a cost that of an operation of DB.Write: the table charges twice, its indexes as ever. Nothing is
// read before: CreateOp, ReplaceOp and DeleteOp say what was there. Plus makes the cost of the transaction out of those
// of its operations.
func Transactional() WriteCostOption {
	return writeCostOption(func(c *writeCosting) { c.transaction, c.joined = true, true })
}

// ConditionFails makes a cost that of a write whose condition does not hold: the table charges as if it had, its
// indexes nothing. In a transaction that is so for every operation when the condition of one fails.
func ConditionFails() WriteCostOption {
	return writeCostOption(func(c *writeCosting) { c.refused = true })
}

// writeCosting is one write whose cost is being worked out.
type writeCosting struct {
	*core
	Cost
	operation   string
	transaction bool // of the caller's, or because of guards
	joined      bool // an operation of the caller's transaction
	refused     bool
}

// guardCost is a guard that an operation of a transaction writes, and what that is charged.
type guardCost struct {
	entity     *core
	constraint string
	key        string // of the guard, in its table
	was, is    attributes
	refused    bool
	charges    []Charge
}

// handOver adds a guard. Where another operation wrote the same one, of which the one gives it up and the other takes
// it, the transaction writes it once.
func (c *Cost) handOver(g guardCost) {
	at := slices.IndexFunc(c.guards, func(o guardCost) bool {
		return o.key == g.key && o.refused == g.refused && (o.was == nil) != (g.was == nil) &&
			(o.is == nil) != (g.is == nil)
	})
	if at < 0 {
		c.guards = append(c.guards, g)
		return
	}
	giver, taker := c.guards[at], g
	if giver.was == nil {
		giver, taker = taker, giver
	}
	c.guards = slices.Delete(c.guards, at, at+1)
	for _, x := range slices.Concat(giver.charges, taker.charges) {
		c.uncharge(x)
	}
	of := writeCosting{core: g.entity, Cost: *c, operation: "TransactWriteItems", transaction: true, refused: g.refused}
	of.addWrite(g.constraint, giver.was, taker.is)
	*c = of.Cost
}

func (e *core) newWriteCosting(operation string, options []WriteCostOption) (*writeCosting, error) {
	if e == nil {
		return nil, errNotMade
	}
	return given(options, &writeCosting{core: e, operation: operation}, WriteCostOption.writeCost), nil
}

// WriteCost is what writing whole items costs. before is the item as it is stored, nil where there is none; after is
// the item as it is handed to the write, nil for a Delete:
//
//   - nil and an item: Create, a Put that finds nothing, an entry of PutMany
//   - an item and an item: Put, ReplaceOp
//   - an item and nil: Delete; nil and nil: Delete of what is not there
//
// The defaults, timestamps and the version that the write would give after are counted. A type with unique constraints
// is written in a transaction with its guards, and Put and Delete of it read first; a Put of it that finds nothing
// reads too, which is ReadCost(0, Consistent()) more. A write in a batch costs what it costs alone. Attributes of the
// stored item that T does not name are not counted.
//
// It sends nothing, and returns the errors that the write would return before sending, and one where the two have
// different keys.
func (t *Table[T]) WriteCost(before, after *T, options ...WriteCostOption) (Cost, error) {
	return t.of.costOf("WriteCost", reflect.ValueOf(before), reflect.ValueOf(after), options, (*writeCosting).whole)
}

// UpdateCost is what Update costs: one UpdateItem that makes after of before, both as they are stored. A nil before is
// an Upsert that creates, and a nil after with it one that only removes attributes, which creates nothing. An Update
// that changes nothing costs the table as if it did. With ConditionFails, after makes no difference.
func (t *Table[T]) UpdateCost(before, after *T, options ...WriteCostOption) (Cost, error) {
	return t.of.costOf("UpdateCost", reflect.ValueOf(before), reflect.ValueOf(after), options, (*writeCosting).update)
}

// ModifyCost is what Modify costs whose function makes after of before, when nobody else writes the item meanwhile: the
// consistent read, then the update with its next version and timestamp, or nothing more if after is as before.
func (t *Table[T]) ModifyCost(before, after *T, options ...WriteCostOption) (Cost, error) {
	return t.of.costOf("ModifyCost", reflect.ValueOf(before), reflect.ValueOf(after), options, (*writeCosting).modify)
}

// CheckCost is what a CheckOp costs that is met by item, nil where there is none: a ConditionCheck is charged as a
// write.
func (t *Table[T]) CheckCost(item *T) (Cost, error) {
	check := []WriteCostOption{Transactional()}
	return t.of.costOf("CheckCost", reflect.ValueOf(item), reflect.ValueOf((*T)(nil)), check, (*writeCosting).check)
}

// costOf runs one of the costings on items that may be nil.
func (e *core) costOf(name string, before, after reflect.Value, options []WriteCostOption,
	run func(*writeCosting, reflect.Value, reflect.Value) error) (Cost, error) {
	c, err := e.newWriteCosting("", options)
	if err != nil {
		return Cost{}, err
	}
	elem := func(pointer reflect.Value) reflect.Value {
		if pointer.IsNil() {
			return reflect.Value{}
		}
		return pointer.Elem()
	}
	if err := run(c, elem(before), elem(after)); err != nil {
		return Cost{}, e.fail(name, err)
	}
	return c.Cost, nil
}

// stored encodes an item as it is stored; none gives nil.
func (c *writeCosting) stored(v reflect.Value) (attributes, error) {
	if !v.IsValid() {
		return nil, nil
	}
	return c.Item(v)
}

// written encodes an item as a whole-item write stores it, with its next version and timestamps.
func (c *writeCosting) written(v reflect.Value, create bool) (attributes, reflect.Value, error) {
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
func (c *writeCosting) next(v reflect.Value, create bool) (reflect.Value, error) {
	if !v.IsValid() || c.Plain {
		return v, nil
	}
	next, _, err := c.Prepared(v, create, nil)
	return next, err
}

func (c *writeCosting) whole(before, after reflect.Value) error {
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
		if !c.transaction && (was != nil || is == nil) {
			c.addRead("GetItem", "", ReadConsistent, size.Item(was), 1)
		}
		c.transaction = true
	}
	c.named(operationOf(next))
	c.addWrite("", was, is)
	return c.addGuards(before, next, is)
}

func operationOf(after reflect.Value) string {
	if after.IsValid() {
		return "PutItem"
	}
	return "DeleteItem"
}

// named notes the request that the write is sent with.
func (c *writeCosting) named(operation string) {
	if c.operation = operation; c.transaction {
		c.operation = "TransactWriteItems"
	}
}

func (c *writeCosting) update(before, after reflect.Value) error {
	if before.IsValid() && !after.IsValid() && !c.refused {
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
	if c.refused {
		is = was // nothing is charged for what the update would have made
	} else if len(c.Unique) > 0 {
		guards, err := c.guardsOf(before, after, is)
		if err != nil {
			return err
		}
		if len(guards) > 0 {
			return fmt.Errorf("unique constraint %s is made of what changes, which Update refuses: use ModifyCost",
				guards[0].constraint)
		}
	}
	c.named("UpdateItem")
	c.addWrite("", was, is)
	return nil
}

func (c *writeCosting) modify(before, after reflect.Value) error {
	if !before.IsValid() || !after.IsValid() {
		return errors.New("before or after is nil: Modify changes an item that is there")
	}
	if c.transaction {
		return errors.New("Modify is no operation of a transaction")
	}
	was, err := c.stored(before)
	if err != nil {
		return err
	}
	c.addRead("GetItem", "", ReadConsistent, size.Item(was), 1)
	is, err := c.stored(after)
	if err != nil {
		return err
	}
	if err := c.sameKey(was, is); err != nil {
		return err
	}
	if Item(was).Equal(is) && !c.refused {
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
	c.operation = "UpdateItem"
	if len(guards) > 0 {
		c.operation, c.transaction = "TransactWriteItems", true
	}
	if c.refused && !c.transaction {
		is = was
	}
	c.addWrite("", was, is)
	return c.addGuards(before, next, is)
}

func (c *writeCosting) check(item, _ reflect.Value) error {
	was, err := c.stored(item)
	if err != nil {
		return err
	}
	bytes := size.Item(was)
	c.charge(Charge{Operation: "TransactWriteItems", Rule: CheckInTransaction, Is: bytes, Times: 1,
		Units: Units{Write: size.TransactWriteUnits(bytes)}})
	return nil
}

// sameKey refuses two items that are not one.
func (c *writeCosting) sameKey(was, is attributes) error {
	if was != nil && is != nil && !Item(c.keyOf(was)).Equal(c.keyOf(is)) {
		return entity.KeyError("before and after have different primary keys")
	}
	return nil
}

// guardsOf are the actions on guards that turn what before takes into what after does.
func (c *writeCosting) guardsOf(before, after reflect.Value, item attributes) ([]opAction, error) {
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
	return c.guardChanges(c.keyOf(item), was, is), nil
}

// addGuards charges the guards that a write takes and gives up.
func (c *writeCosting) addGuards(before, after reflect.Value, item attributes) error {
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
		of := guardCost{entity: c.core, constraint: g.constraint, refused: c.refused,
			key: c.Schema.Name + "\x00" + c.GuardText(g.constraint, g.value)}
		guard := c.takeGuard(g.owner, g.constraint, g.value, nil).item.Put.Item
		if g.item.Put != nil {
			of.is = guard
		} else {
			of.was = guard
		}
		before := len(c.Charges)
		c.addWrite(g.constraint, of.was, of.is)
		if c.joined {
			of.charges = slices.Clone(c.Charges[before:])
			c.guards = append(c.guards, of)
		}
	}
	return nil
}

// addWrite charges one item's write on the table and on its indexes; nil for no item.
func (c *writeCosting) addWrite(guard string, was, is attributes) {
	c.addTable(guard, size.Item(was), size.Item(is))
	if c.refused {
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
func (c *writeCosting) addTable(guard string, before, after int) {
	charge := Charge{Operation: c.operation, Guard: guard, Rule: WriteItem, Was: before, Is: after, Times: 1}
	switch larger := max(before, after); {
	case c.transaction:
		charge.Rule, charge.Units.Write = WriteInTransaction, size.TransactWriteUnits(larger)
	case c.refused:
		charge.Rule, charge.Units.Write = WriteFailed, size.WriteUnits(larger)
	default:
		charge.Units.Write = size.WriteUnits(larger)
	}
	if c.Charges == nil {
		c.Charges = make([]Charge, 0, 1+len(c.Schema.Indexes))
	}
	c.charge(charge)
	c.Modelled = c.Modelled || c.refused
}

// addIndex charges an index for an entry of so many bytes before and after.
func (c *writeCosting) addIndex(guard, name string, old, now int, had, has, sameKey, sameEntry bool) {
	change := size.IndexChangeOf(had, has, sameKey, sameEntry)
	if change == size.Absent {
		return
	}
	c.charge(Charge{
		Operation: c.operation, Index: name, Guard: guard, Rule: indexRules[change], Was: old, Is: now, Times: 1,
		Units: Units{Write: change.Units(old, now)},
	})
}

var indexRules = [...]Rule{
	size.Same: IndexSame, size.Enters: IndexEnters, size.Leaves: IndexLeaves, size.Changes: IndexChanges,
	size.Moves: IndexMoves,
}

// addWeights is addWrite for items that can be weighed; not ok leaves them to it.
func (c *writeCosting) addWeights(before, after reflect.Value) (ok bool) {
	if c.weigher == nil || !before.IsValid() && !after.IsValid() {
		return false
	}
	return c.weigher.Compare(before, after, func(old, now int) bool {
		c.addTable("", old, now)
		return !c.refused
	}, func(x estimate.IndexWrite) {
		c.addIndex("", x.Name, x.Old, x.Now, x.Stood, x.Stands, x.SameKey, x.Same)
	})
}
