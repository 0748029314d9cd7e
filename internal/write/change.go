package write

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/edit"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/expr"
)

// change is one try of a Modify: the item as read, and what it is to become.
type change struct {
	*Entity
	primary attr.Item
	raw     attr.Item
	guarded []string // attributes that must be as they were read
	changes []edit.Change
	guards  []action // of unique constraints, that change with it
}

// changeOf decodes raw into v, runs fn on it, and finds the difference.
func (e *Entity) changeOf(raw, primary attr.Item, v reflect.Value, fn func(reflect.Value) error) (*change, error) {
	v.SetZero()
	if err := e.Decode(e.Plan, attr.CloneItem(raw), v); err != nil {
		return nil, err
	}
	before, err := e.asDecoded(v)
	if err != nil {
		return nil, err
	}
	if err := fn(v); err != nil {
		return nil, cause.Callers{Err: err}
	}
	if err := e.Complete(v.Addr()); err != nil {
		return nil, err
	}
	again, err := e.PrimaryKey(v)
	if err != nil {
		return nil, err
	}
	if !attr.EqualItems(again, primary) {
		return nil, entity.KeyError("the function changed what the primary key is made of")
	}
	c := &change{Entity: e, primary: primary, raw: raw}
	if err := c.differ(before, v); err != nil {
		return nil, err
	}
	if e.Updated != nil && len(c.changes) > 0 {
		if err := e.Updated.Set(v, entity.StampValue(e.Updated, e.Now(e.Updated))); err != nil {
			return nil, err
		}
		if err := c.differ(before, v); err != nil {
			return nil, err
		}
	}
	if len(e.Unique) > 0 {
		if c.guards, err = e.guardsOfChange(primary, raw, v); err != nil {
			return nil, err
		}
	}
	c.guard()
	return c, nil
}

// guardsOfChange are the changes of guards that make those of raw into those of v.
func (e *Entity) guardsOfChange(primary, raw attr.Item, v reflect.Value) ([]action, error) {
	was, err := e.TakenBy(raw)
	if err != nil {
		return nil, err
	}
	is, err := e.Taken(v)
	if err != nil {
		return nil, err
	}
	return e.guardChanges(primary, was, is), nil
}

// differ finds what turns the item as read into v: before is how v was encoded when it was read. The version is left
// out, which every change raises.
func (c *change) differ(before attr.Item, v reflect.Value) error {
	after, err := c.StoredAs(v, (*codec.Plan).EncodeUnchecked)
	if err != nil {
		return err
	}
	if c.Version != nil {
		delete(after, c.Version.Name)
		delete(before, c.Version.Name)
	}
	read := edit.Edit{Plan: c.Plan, Raw: c.raw, Before: before, After: after,
		Owned: func(name string) bool { return c.Made[name] }}
	if c.changes, err = read.Changes(); err != nil {
		return err
	}
	for _, change := range c.changes {
		if change.Value == nil {
			continue
		}
		for i, step := range change.Path {
			if step.Index < 0 && attr.CheckName(step.Name) != nil {
				return &attr.Error{Shown: edit.Change{Path: change.Path[:i]}.Text(), Reason: attr.NotTextName}
			}
		}
		var wrong *attr.Error
		if errors.As(attr.CheckLevel(change.Value, len(change.Path)), &wrong) {
			return &attr.Error{Shown: attr.Join(change.Text(), wrong.Shown), Reason: wrong.Reason}
		}
	}
	return c.checkIndexKeys(v)
}

// checkIndexKeys refuses values that the change gives to T's own attributes and that an index does not take as a key.
// What an item has already is left as it is.
func (c *change) checkIndexKeys(v reflect.Value) error {
	for _, space := range c.Spaces()[1:] {
		for _, part := range space.Parts() {
			if !part.Natural() || c.Table.Has(part.Name) {
				continue
			}
			for _, change := range c.changes {
				if change.Path[0].Name != part.Name || change.Value == nil {
					continue
				}
				if err := part.CheckOwn(change.Value, v, space); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// guard notes which attributes must be as they were read: the version, or whatever T decodes.
func (c *change) guard() {
	switch {
	case c.Version != nil:
		c.guarded = []string{c.Version.Name}
		for _, change := range c.changes { // a count that another raised since is not lost
			if name := change.Path[0].Name; c.Uncounted[name] {
				c.guarded = append(c.guarded, name)
			}
		}
		if len(c.guards) > 0 { // an item that was deleted and created anew may be at this version again
			c.guarded = append(c.guarded, c.Constrained()...)
		}
	case c.Plan == nil || c.Plan.Unknown():
		for name := range c.raw {
			c.guarded = append(c.guarded, name)
		}
		for _, change := range c.changes {
			if name := change.Path[0].Name; c.raw[name] == nil {
				c.guarded = append(c.guarded, name)
			}
		}
	default:
		for _, f := range c.Plan.Fields() {
			c.guarded = append(c.guarded, f.Name)
			if _, exact := c.raw[f.Name]; exact {
				continue
			}
			for name := range c.raw {
				if name != f.Name && strings.EqualFold(name, f.Name) && !c.Made[name] {
					c.guarded = append(c.guarded, name)
				}
			}
		}
	}
	if c.Typed() && c.Shared.Load() {
		c.guarded = append(c.guarded, c.Schema.EntityType)
	}
	fewer := edit.Whole(c.raw, c.changes, mostPaths)
	if c.Version != nil {
		// a list or map that is written as a whole must be all that is there: others may know more of it
		for _, change := range fewer {
			if len(change.Path) == 1 && holdsOthers(c.raw[change.Path[0].Name]) {
				c.guarded = append(c.guarded, change.Path[0].Name)
			}
		}
	}
	c.changes = fewer
	slices.Sort(c.guarded)
	c.guarded = slices.Compact(slices.DeleteFunc(c.guarded,
		func(name string) bool { _, key := c.primary[name]; return key }))
}

// holdsOthers tells a value that has attributes of its own.
func holdsOthers(v types.AttributeValue) bool {
	switch v.(type) {
	case *types.AttributeValueMemberM, *types.AttributeValueMemberL:
		return true
	}
	return false
}

// mostPaths is how many paths in one attribute an update names before it writes the attribute as a whole: an expression
// has 4,096 bytes.
const mostPaths = 20

// asDecoded is v, which was decoded just now, as its own attributes. It shares nothing with v.
func (e *Entity) asDecoded(v reflect.Value) (attr.Item, error) {
	if e.Plan == nil {
		return attr.CloneItem(entity.ItemOf(v)), nil
	}
	own, err := e.Plan.EncodeUnchecked(v)
	own = attr.CloneItem(own)
	for name := range e.KeyOnly {
		delete(own, name)
	}
	return own, err
}

func (c *change) none() bool { return len(c.changes)+len(c.guards) == 0 }

// onTheWay tells of each change what it leads through: a versioned one finds it there still, unless it was removed by
// who raises no version. Without a version each attribute is guarded as a whole.
func (c *change) onTheWay(visit func(change edit.Change, container string)) {
	if c.Version == nil {
		return
	}
	for _, change := range c.changes {
		switch n := len(change.Path); {
		case n == 1:
		case change.Path[n-1].Index >= 0:
			visit(change, "L")
		default:
			visit(change, "M")
		}
	}
}

// leadOn are the conditions that what changes lead through is there.
func (c *change) leadOn(w *expr.Writer) (conditions []string) {
	c.onTheWay(func(change edit.Change, container string) {
		in := change.Path[:len(change.Path)-1]
		condition := "attribute_type(" + w.Path(pathOf(in)) + ", " + w.Text(container) + ")"
		if container == "L" { // past its end an element would be added
			condition += " AND attribute_exists(" + w.Path(pathOf(change.Path)) + ")"
		}
		if !slices.Contains(conditions, condition) {
			conditions = append(conditions, condition)
		}
	})
	return conditions
}

// leadsOn tells whether what changes lead through is there in an item.
func (c *change) leadsOn(item attr.Item) bool {
	all := true
	c.onTheWay(func(change edit.Change, _ string) {
		var at types.AttributeValue = &types.AttributeValueMemberM{Value: item}
		for i, step := range change.Path {
			switch in := at.(type) {
			case *types.AttributeValueMemberM:
				if at = in.Value[step.Name]; step.Index >= 0 {
					at = nil
				}
			case *types.AttributeValueMemberL:
				if at = nil; step.Index >= 0 && step.Index < len(in.Value) {
					at = in.Value[step.Index]
				}
			default:
				at = nil
			}
			if at == nil {
				all = all && i == len(change.Path)-1 && step.Index < 0
				return
			}
		}
	})
	return all
}

// guardsHold tells whether an item still is as it was read, so that a failed condition was the caller's own.
func (c *change) guardsHold(existing attr.Item) bool {
	for _, name := range c.guarded {
		was, had := c.raw[name]
		is, has := existing[name]
		if had != has || had && !attr.Equal(was, is) {
			return false
		}
	}
	return c.leadsOn(existing)
}

// after is the item as the change leaves it.
func (c *change) after() attr.Item {
	after := edit.Apply(c.raw, c.changes)
	if c.Version != nil {
		after[c.Version.Name] = c.nextVersion()
	}
	return after
}

func (c *change) nextVersion() types.AttributeValue {
	n, _ := c.VersionIn(c.raw)
	return &types.AttributeValueMemberN{Value: strconv.FormatUint(n+1, 10)}
}
