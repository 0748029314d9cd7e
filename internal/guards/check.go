// Package guards compares the guards of unique constraints with the items that they belong to, and mends them.
package guards

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/read"
	"github.com/monotable/monotable/internal/write"
)

// Fault is what can be wrong between an item and its guards; the face says what each means.
type Fault string

// The faults.
const (
	Orphaned  Fault = "orphaned guard"
	Missing   Fault = "missing guard"
	Duplicate Fault = "duplicate value"
)

// Problem is one fault that was found.
type Problem struct {
	Fault      Fault
	Constraint string
	Guard      attr.Item // primary key
	Owner      attr.Item // primary key
	Repaired   bool
}

// Report is what one call found.
type Report struct {
	Items    int64
	Guards   int64
	Problems []Problem
}

// check is one call's.
type check struct {
	*entity.Type
	read   *read.Entity
	write  *write.Entity
	s      *read.Settings
	repair bool
	report Report
}

// suspect is a value that an item may have and its guard.
type suspect struct {
	constraint, value string
	owner             attr.Item
}

// maxTries bounds how often the reads of suspects that were cancelled in passing are sent again.
const maxTries = 100

// Check compares the guards of a type with its items, and mends what is wrong where repair is set. With an error the
// report holds what was found before.
func Check(ctx context.Context, reads *read.Entity, writes *write.Entity, repair bool, s *read.Settings) (Report,
	error) {
	if reads == nil {
		return Report{}, cause.NotMade
	}
	if len(reads.Unique) == 0 {
		return Report{}, errors.New("the type has no unique constraints")
	}
	c := &check{Type: reads.Type, read: reads, write: writes, s: s, repair: repair}
	err := reads.Sweep(ctx, s, func(rows []attr.Item) error { return c.page(ctx, rows) })
	return c.report, err
}

// atOnce reads items as they are at one moment.
func (c *check) atOnce(ctx context.Context, keys ...attr.Item) ([]attr.Item, error) {
	return c.read.AtOnce(ctx, keys, maxTries, c.s)
}

func seenAs(key, raw attr.Item) write.SeenItem { return write.SeenItem{Key: key, Raw: raw} }

// page checks a page's items and guards.
func (c *check) page(ctx context.Context, rows []attr.Item) error {
	var found []suspect
	var keys []attr.Item // of the other side of each
	for _, raw := range rows {
		if c.IsGuard(raw) {
			constraint, value, ok := c.guardOf(raw)
			if !ok {
				continue
			}
			owner := raw[entity.GuardOwner].(*types.AttributeValueMemberM).Value
			if _, err := c.KeyID(owner); err != nil {
				continue // the owner of another table's layout
			}
			c.report.Guards++
			found, keys = append(found, suspect{constraint, value, owner}), append(keys, c.KeyOf(owner))
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
		for _, constraint := range slices.Sorted(maps.Keys(values)) {
			value := values[constraint]
			found, keys = append(found, suspect{constraint, value, c.KeyOf(raw)}),
				append(keys, c.GuardKey(constraint, value))
		}
	}
	others, err := c.read.Raw(ctx, keys, c.s)
	if err != nil {
		return err
	}
	for i, x := range found {
		var innocent bool
		if other := others[i]; c.IsGuardKey(keys[i]) {
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
func (c *check) guardOf(guard attr.Item) (constraint, value string, ok bool) {
	key, ok := guard[c.Table.Partition[0].Name].(*types.AttributeValueMemberS)
	if !ok {
		return "", "", false
	}
	rest, ok := strings.CutPrefix(key.Value, entity.GuardPrefix+entity.GuardEscape.Replace(c.Name)+"#")
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
func (c *check) names(guard, owner attr.Item) bool {
	m, ok := guard[entity.GuardOwner].(*types.AttributeValueMemberM)
	return ok && attr.EqualItems(m.Value, owner)
}

// holds tells whether an item is of this type and has the value.
func (c *check) holds(item attr.Item, x suspect) (bool, error) {
	if len(item) == 0 || !c.Owns(item) {
		return false, nil
	}
	values, err := c.TakenBy(item)
	value, has := values[x.constraint]
	return has && value == x.value, err
}

// examine reads a suspect's item and guard as they are at one moment, and notes and mends what is wrong then.
func (c *check) examine(ctx context.Context, x suspect) error {
	both, err := c.atOnce(ctx, x.owner, c.GuardKey(x.constraint, x.value))
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
		return c.note(ctx, Orphaned, x, x.owner, &write.GuardChange{Owner: x.owner, Drop: true},
			seenAs(x.owner, item))
	case len(guard) == 0:
		return c.note(ctx, Missing, x, x.owner, &write.GuardChange{Owner: x.owner},
			seenAs(x.owner, item))
	}
	m, ok := guard[entity.GuardOwner].(*types.AttributeValueMemberM)
	if !ok {
		return c.note(ctx, Duplicate, x, x.owner, nil)
	}
	if _, err := c.KeyID(m.Value); err != nil {
		return c.note(ctx, Duplicate, x, x.owner, nil)
	}
	pair, err := c.atOnce(ctx, m.Value, c.GuardKey(x.constraint, x.value))
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
		return c.note(ctx, Duplicate, x, x.owner, nil)
	}
	return c.note(ctx, Orphaned, x, m.Value, &write.GuardChange{Owner: x.owner, From: m.Value},
		seenAs(m.Value, pair[0]), seenAs(x.owner, item))
}

// note adds a problem to the report, and mends it where that was asked for and there is a way: by a change of its
// guard, on condition that items are as they were seen.
func (c *check) note(ctx context.Context, fault Fault, x suspect, owner attr.Item, change *write.GuardChange,
	seen ...write.SeenItem) error {
	problem := Problem{Fault: fault, Constraint: x.constraint, Guard: c.GuardKey(x.constraint, x.value),
		Owner: c.KeyOf(owner)}
	if slices.ContainsFunc(c.report.Problems, func(p Problem) bool {
		return p.Fault == fault && attr.EqualItems(p.Guard, problem.Guard) && attr.EqualItems(p.Owner, problem.Owner)
	}) {
		return nil // seen from the item's side and from its guard's
	}
	var err error
	if c.repair && change != nil {
		change.Constraint, change.Value = x.constraint, x.value
		err = c.write.MendGuard(ctx, *change, seen, &c.s.Settings)
		problem.Repaired = err == nil
		if !errors.Is(err, cause.Ambiguous) && (errors.Is(err, cause.Condition) || errors.Is(err, cause.Exists) ||
			errors.Is(err, cause.Conflict)) {
			err = nil // a writer was faster
		}
	}
	c.report.Problems = append(c.report.Problems, problem)
	return err
}
