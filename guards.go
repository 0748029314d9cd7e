package monotable

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/response"
)

// GuardFault is what can be wrong between an item and the guards of its unique constraints, when others than the
// library wrote, restored or expired either, or a constraint was added to a type that has items already.
type GuardFault string

// The faults of guards.
const (
	// its owner is gone, or has another value: nobody can take the guard's
	OrphanedGuard  GuardFault = "orphaned guard"
	MissingGuard   GuardFault = "missing guard"   // an item's value has none: another item could take it
	DuplicateValue GuardFault = "duplicate value" // an item has a value whose guard another item has, and has rightly
)

// GuardProblem is one fault that was found. It holds keys, and so values of items: it is for the program, not for a
// log.
type GuardProblem struct {
	Fault      GuardFault
	Constraint string
	Guard      Item // the guard's primary key
	Owner      Item // primary key of the item that the guard names or, for the other faults, that lacks one
	Repaired   bool
}

// GuardReport is what CheckGuards and RepairGuards found in one call.
type GuardReport struct {
	Items    int64 // of the entity type, that were checked
	Guards   int64 // of its constraints, that were checked
	Problems []GuardProblem
}

// CheckGuards compares the guards of the type's unique constraints with the items that they belong to, and changes
// nothing. It sends Scan requests over the whole table, one or two BatchGetItem for each page, of the guards and items
// that the page's items and guards name, and for each suspect a TransactGetItems, which sees both at one moment, so
// that writers at work are no fault.
//
// It takes Pace, Progress, Budget, Consistent, Metered, SDK, and Resume, whose cursor stands behind the last page that
// was checked. Filters, limits and segments do not fit. With an error the report holds what was found before.
func (t *Table[T]) CheckGuards(ctx context.Context, options ...ScanOption) (GuardReport, error) {
	return t.of.guardScan(ctx, "CheckGuards", false, options)
}

// RepairGuards is CheckGuards that mends what it finds: it removes an orphaned guard, or gives it to the item that has
// its value and lacks one, and writes a missing guard; for each a TransactWriteItems more, on condition that the items
// it follows from are as they were seen, so that it can run beside writers. What they changed first is left unrepaired
// and found again, if it is still wrong, by the next call. A duplicate value is for the program to settle. Guards of
// constraints that the model does not name are left alone, since a newer version of the program may have them.
func (t *Table[T]) RepairGuards(ctx context.Context, options ...ScanOption) (GuardReport, error) {
	return t.of.guardScan(ctx, "RepairGuards", true, options)
}

// guardCheck is one call's.
type guardCheck struct {
	*core
	s      *settings
	repair bool
	report GuardReport
}

// suspect is a value that an item may have and its guard.
type suspect struct {
	constraint, value string
	owner             attributes
}

func (e *core) guardScan(ctx context.Context, op string, repair bool, options []ScanOption) (GuardReport, error) {
	if e == nil {
		return GuardReport{}, errNotMade
	}
	s := scanSettings(options)
	c := &guardCheck{core: e, s: s, repair: repair}
	w, err := c.walk()
	if err != nil {
		return c.report, e.fail(op, err)
	}
	s.progress.begin(1, 0)
	var entries []attributes
	pageEnd := func(place attributes) error {
		if err := c.page(ctx, entries); err != nil {
			return err
		}
		entries = nil
		w.endPage(place)
		return nil
	}
	w.pageEnd = pageEnd
	place, err := w.run(ctx, func(some response.Rows) error {
		for _, r := range some.List {
			entries = append(entries, r.Entry)
		}
		s.progress.items(len(some.List))
		return nil
	})
	if err == nil || errors.Is(err, ErrBudget) {
		err = errors.Join(pageEnd(place), err)
	}
	if err != nil {
		return c.report, e.fail(op, err)
	}
	return c.report, nil
}

// walk reads the type's items and the guards of all types.
func (c *guardCheck) walk() (*walk, error) {
	switch s := c.s; {
	case len(c.Unique) == 0:
		return nil, errors.New("the type has no unique constraints")
	case s.segments > 1, s.limited, len(s.filters) > 0, s.unexpired:
		return nil, errors.New("guards are checked in one segment, and all of them: Segments, Limit, Filter and " +
			"Unexpired do not fit")
	}
	w, err := c.newWalk(&c.Table, c.s)
	if err != nil {
		return nil, err
	}
	var types []expression.ConditionBuilder
	if c.Typed() {
		name := expression.NameNoDotSplit(c.Schema.EntityType)
		types = append(types, c.OwnType().Or(name.Equal(expression.Value(entity.GuardType))))
	}
	filter, err := c.FilterOfAll(&c.Table, c.s.unexpired, append(types, c.s.filters...))
	if err != nil {
		return nil, err
	}
	w.all, w.filtered = true, filter.Text != nil
	w.binding = c.BoundTo("guards", &c.Table, &request.KeyCondition{}, false, filter)
	w.fetch = c.scanFetch(filter, &reading{}, c.s, 0, 1)
	w.start, err = c.startOf(&c.Table, w.binding, c.s)
	return w, err
}

// page checks a page's items and guards.
func (c *guardCheck) page(ctx context.Context, rows []attributes) error {
	var found []suspect
	var keys []attributes // of the other side of each
	for _, raw := range rows {
		if c.db.public.IsGuard(raw) {
			constraint, value, ok := c.guardOf(raw)
			if !ok {
				continue
			}
			owner := raw[entity.GuardOwner].(*types.AttributeValueMemberM).Value
			if _, err := c.keyID(owner); err != nil {
				continue // the owner of another table's layout
			}
			c.report.Guards++
			found, keys = append(found, suspect{constraint, value, owner}), append(keys, c.keyOf(owner))
			continue
		}
		if !c.Mine(raw) {
			continue
		}
		values, err := c.TakenBy(raw)
		if err != nil {
			return err
		}
		c.report.Items++
		for _, constraint := range sortedNames(values) {
			value := values[constraint]
			found, keys = append(found, suspect{constraint, value, c.keyOf(raw)}),
				append(keys, c.GuardKey(constraint, value))
		}
	}
	others, err := c.getBatch(ctx, keys, &reading{}, c.s)
	if err != nil {
		return err
	}
	for i, x := range found {
		var innocent bool
		if other := others[i].Item; c.db.public.IsGuardKey(keys[i]) {
			innocent = c.names(other, x.owner)
		} else if innocent, err = c.holds(other, x); err != nil {
			return err
		}
		if innocent {
			continue
		}
		if err := c.examine(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// guardOf reads a guard's key: the constraint of this type that it is of, and the value.
func (c *guardCheck) guardOf(guard attributes) (constraint, value string, ok bool) {
	key, err := Item(guard).String(c.Table.Partition[0].Name)
	if err != nil {
		return "", "", false
	}
	rest, ok := strings.CutPrefix(key, entity.GuardPrefix+entity.GuardEscape.Replace(c.Name)+"#")
	if !ok {
		return "", "", false
	}
	constraint, value, ok = strings.Cut(rest, "#")
	for _, known := range c.Unique {
		if ok && known.Name == constraint {
			return constraint, value, true
		}
	}
	return "", "", false
}

// names tells whether a guard is there and names the owner.
func (c *guardCheck) names(guard, owner attributes) bool {
	m, ok := guard[entity.GuardOwner].(*types.AttributeValueMemberM)
	return ok && Item(m.Value).Equal(owner)
}

// holds tells whether an item is of this type and has the value.
func (c *guardCheck) holds(item attributes, x suspect) (bool, error) {
	if len(item) == 0 || !c.Owns(item) {
		return false, nil
	}
	values, err := c.TakenBy(item)
	value, has := values[x.constraint]
	return has && value == x.value, err
}

// examine reads a suspect's item and guard as they are at one moment, and notes and mends what is wrong then.
func (c *guardCheck) examine(ctx context.Context, x suspect) error {
	both, err := c.together(ctx, x.owner, c.GuardKey(x.constraint, x.value))
	if err != nil {
		return err
	}
	item, guard := both[0], both[1]
	holds, err := c.holds(item, x)
	if err != nil {
		return err
	}
	switch own := c.names(guard, x.owner); {
	case holds == own:
		return nil // right by now, or somebody else's, who is examined with it
	case own:
		return c.note(ctx, OrphanedGuard, x, x.owner, c.dropGuard(x.owner, x.constraint, x.value),
			asSeen(x.owner, item))
	case len(guard) == 0:
		return c.note(ctx, MissingGuard, x, x.owner, c.takeGuard(x.owner, x.constraint, x.value, nil),
			asSeen(x.owner, item))
	}
	m, ok := guard[entity.GuardOwner].(*types.AttributeValueMemberM)
	if !ok {
		return c.note(ctx, DuplicateValue, x, x.owner, opAction{})
	}
	if _, err := c.keyID(m.Value); err != nil {
		return c.note(ctx, DuplicateValue, x, x.owner, opAction{})
	}
	pair, err := c.together(ctx, m.Value, c.GuardKey(x.constraint, x.value))
	if err != nil {
		return err
	}
	rightly, err := c.holds(pair[0], x)
	switch {
	case err != nil:
		return err
	case !c.names(pair[1], m.Value):
		return nil // it changed hands
	case rightly:
		return c.note(ctx, DuplicateValue, x, x.owner, opAction{})
	}
	return c.note(ctx, OrphanedGuard, x, m.Value, c.takeGuard(x.owner, x.constraint, x.value, m.Value),
		asSeen(m.Value, pair[0]), asSeen(x.owner, item))
}

// seenItem is an item as it was read: nil when there was none.
type seenItem struct{ key, raw attributes }

func asSeen(key, raw attributes) seenItem { return seenItem{key, raw} }

// together reads items at one moment.
func (c *guardCheck) together(ctx context.Context, keys ...attributes) ([]attributes, error) {
	in := &dynamodb.TransactGetItemsInput{ReturnConsumedCapacity: c.s.report()}
	for _, key := range keys {
		in.TransactItems = append(in.TransactItems,
			types.TransactGetItem{Get: &types.Get{TableName: &c.Schema.Name, Key: c.keyOf(key)}})
	}
	var out *dynamodb.TransactGetItemsOutput
	again := transactSettings{retries: maxModifyTries}
	err := again.repeatedly(ctx, func() (err error) {
		out, err = c.via(c.s).TransactGetItems(ctx, in, c.s.sdk...)
		if err != nil {
			return transactError("Read", err, nil,
				func(i int) (place, bool) { return place{op: "Read", entity: c.core}, i < len(keys) })
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out.ConsumedCapacity {
		c.s.spending.addUnpaced(&out.ConsumedCapacity[i])
	}
	if len(out.Responses) != len(keys) {
		return nil, errors.New("the service answered to another number of reads")
	}
	items := make([]attributes, len(keys))
	for i := range items {
		items[i] = out.Responses[i].Item
	}
	return items, nil
}

// unchanged is the condition that what an item's constraints are made of, and its type, are as they were read.
func (c *guardCheck) unchanged(seen seenItem) (opAction, error) {
	raw := seen.raw
	conditions := c.asRead(raw)
	if c.Typed() && len(raw) > 0 {
		name := expression.NameNoDotSplit(c.Schema.EntityType)
		if is, there := raw[c.Schema.EntityType]; there {
			conditions = append(conditions, name.Equal(expression.Value(is)))
		} else {
			conditions = append(conditions, expression.AttributeNotExists(name))
		}
	}
	all := conditions[0]
	for _, more := range conditions[1:] {
		all = all.And(more)
	}
	made, err := expression.NewBuilder().WithCondition(all).Build()
	if err != nil {
		return opAction{}, err
	}
	return opAction{means: meaning{missing: ErrCondition, there: ErrCondition},
		item: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &c.Schema.Name, Key: c.keyOf(seen.key), ConditionExpression: made.Condition(),
			ExpressionAttributeNames: made.Names(), ExpressionAttributeValues: made.Values(),
		}}}, nil
}

// note adds a problem to the report, and mends it where that was asked for and there is a way: by a change of its
// guard, on condition that items are as they were seen.
func (c *guardCheck) note(ctx context.Context, fault GuardFault, x suspect, owner attributes, change opAction,
	seen ...seenItem) error {
	problem := GuardProblem{Fault: fault, Constraint: x.constraint, Guard: c.GuardKey(x.constraint, x.value),
		Owner: c.keyOf(owner)}
	if slices.ContainsFunc(c.report.Problems, func(p GuardProblem) bool {
		return p.Fault == fault && p.Guard.Equal(problem.Guard) && p.Owner.Equal(problem.Owner)
	}) {
		return nil // seen from the item's side and from its guard's
	}
	var err error
	if c.repair && len(seen) > 0 {
		op := Op{entity: c.core, name: "RepairGuards", actions: []opAction{change}}
		for _, item := range seen {
			check, err := c.unchanged(item)
			if err != nil {
				return err
			}
			op.actions = append(op.actions, check)
		}
		err = c.writeOne(ctx, op.name, op, c.s, 0)
		problem.Repaired = err == nil
		if !errors.Is(err, ErrAmbiguous) && (errors.Is(err, ErrCondition) || errors.Is(err, ErrExists) ||
			errors.Is(err, ErrConflict)) {
			err = nil // a writer was faster
		}
	}
	c.report.Problems = append(c.report.Problems, problem)
	return err
}
