package monotable

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/edit"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/size"
)

// maxModifyTries bounds how often Modify runs its function when others keep writing the same item.
const maxModifyTries = 100

// Modify reads an item, lets fn change it, and writes the difference: one consistent GetItem, then one UpdateItem,
// which expects the version it read or, without a versioned model, every attribute of T as it was read. When someone
// else wrote the item in between, or a transaction was at it, fn runs again on what is there now, so it must not count
// on running once. It does not run again once an attempt's answer was lost: the call then ends with ErrAmbiguous,
// unless a later attempt took place. An error of fn ends Modify and is returned as it is. It returns the item as it is
// then, ErrNotFound if there is none, ErrCondition if a condition given with If fails, or when the item changed under
// it a hundred times, and with AtVersion ErrVersion, without running fn, if the item is at another version.
//
// fn may not change the attributes that the primary key is made of. Index keys follow by themselves. When fn changes
// nothing, and there is no If, nothing is written. Attributes that T does not name stay as they are. With Once the
// write is a transaction.
func (t *Table[T]) Modify(ctx context.Context, key T, fn func(*T) error, options ...ItemOption) (T, error) {
	var result T
	var change func(reflect.Value) error
	if fn != nil {
		change = func(v reflect.Value) error { return fn(v.Addr().Interface().(*T)) }
	}
	if err := t.of.modify(ctx, reflect.ValueOf(&key).Elem(), itemSettings(options), reflect.ValueOf(&result).Elem(),
		change); err != nil {
		var none T
		return none, err
	}
	return result, nil
}

// modification is one call of Modify.
type modification struct {
	*core
	s       *settings
	primary attributes
	fn      func(reflect.Value) error
	result  reflect.Value
}

func (e *core) modify(ctx context.Context, key reflect.Value, s *settings, result reflect.Value,
	fn func(reflect.Value) error) error {
	if e == nil {
		return errNotMade
	}
	fail := func(err error) error { return e.fail("Modify", err) }
	if fn == nil {
		return fail(errors.New("the function is nil"))
	}
	if err := errors.Join(e.checkVersion(s), e.checkOld(s.old)); err != nil {
		return fail(err)
	}
	primary, err := e.PrimaryKey(key)
	if err != nil {
		return fail(err)
	}
	read := *s
	read.consistent = true
	raw, err := e.getItem(ctx, "Modify", key, nil, &read)
	if err != nil {
		return err
	}
	m := &modification{core: e, s: s, primary: primary, fn: fn, result: result}
	for try := 1; ; try++ {
		now, err := m.round(ctx, raw)
		if now == nil || try == maxModifyTries {
			return err
		}
		if err := call.Pause(ctx, try); err != nil {
			return fail(err)
		}
		raw = now
	}
}

// round runs the function on an item as read and writes the difference. now is the item for another round, where one
// may follow err.
func (m *modification) round(ctx context.Context, raw attributes) (now attributes, err error) {
	fail := func(err error) error { return m.fail("Modify", err) }
	if m.s.version != nil && !m.IsAt(raw, *m.s.version) {
		return nil, &Error{Op: "Modify", Entity: m.Name, Index: -1, Existing: raw, errs: []error{ErrVersion}}
	}
	c, err := m.changeOf(raw, m.primary, m.result, m.fn)
	if err != nil {
		return nil, err
	}
	if c.none() && len(m.s.conditions) == 0 {
		return nil, m.done(raw, raw)
	}
	in, err := c.request(m.s)
	if err != nil {
		return nil, fail(err)
	}
	if len(c.guards) > 0 || m.s.once {
		now, err = c.writeInTransaction(ctx, in, m.s)
	} else {
		now, err = c.write(ctx, in, m.s)
	}
	if err != nil {
		return now, err
	}
	return nil, m.done(raw, c.after())
}

// done keeps what was there and gives what is. The write took place, so that what goes wrong here is no failure of it.
func (m *modification) done(raw, after attributes) error {
	if err := m.keepOld(m.s.old, raw); err != nil {
		return m.unread("Modify", err)
	}
	m.result.SetZero()
	if err := m.Decode(m.Plan, after, m.result); err != nil {
		return m.unread("Modify", err)
	}
	return nil
}

// means is what a failed condition of the change means.
func (c *change) means() meaning {
	means := meaning{missing: ErrNotFound, there: ErrCondition}
	if c.Version != nil {
		if at, ok := c.VersionIn(c.raw); ok {
			means.version, means.raises = &at, true
		}
	}
	return means
}

// write sends the change. now is the item as it is, where the change may be made anew on that.
func (c *change) write(ctx context.Context, in *dynamodb.UpdateItemInput, s *settings) (now attributes, err error) {
	attempts := call.Of(call.SelfGuarding)
	_, cause := c.via(s).UpdateItem(ctx, in, attempts.Options(s.sdk)...)
	if cause == nil || attempts.Took(cause) {
		return nil, nil
	}
	err = c.unsuccessful("Modify", attempts, cause, c.means())
	var failed *Error
	switch {
	case errors.Is(err, ErrAmbiguous):
		return nil, err
	case errors.Is(err, ErrConflict):
		return c.raw, err
	case errors.Is(err, ErrCondition) && errors.As(err, &failed) && !c.guardsHold(failed.Existing):
		return failed.Existing, err
	}
	return nil, err
}

// writeInTransaction sends a change that moves guards of unique constraints, or is to take place once, as a
// transaction. now is the item as it is, where the change may be made anew on that.
func (c *change) writeInTransaction(ctx context.Context, in *dynamodb.UpdateItemInput,
	s *settings) (now attributes, err error) {
	op := Op{entity: c.core, name: "Modify", actions: append([]opAction{{means: c.means(), item: updateAction(in)}},
		c.guards...)}
	err = c.writeOne(ctx, "Modify", op, s, 0)
	var failed *Error
	switch {
	case err == nil || errors.Is(err, ErrAmbiguous):
		return nil, err
	case cancelledInPassing(err):
		return c.raw, err
	case errors.Is(err, ErrCondition) && errors.As(err, &failed) && failed.Constraint == "" &&
		!c.guardsHold(failed.Existing):
		return failed.Existing, err
	}
	return nil, err
}

// change is one try of a Modify: the item as read, and what it is to become.
type change struct {
	*core
	primary attributes
	raw     attributes
	guarded []string // attributes that must be as they were read
	changes []edit.Change
	guards  []opAction // of unique constraints, that change with it
}

// changeOf decodes raw into v, runs fn on it, and finds the difference.
func (e *core) changeOf(raw, primary attributes, v reflect.Value, fn func(reflect.Value) error) (*change, error) {
	fail := func(err error) error { return e.fail("Modify", err) }
	v.SetZero()
	if err := e.Decode(e.Plan, Item(raw).Clone(), v); err != nil {
		return nil, fail(err)
	}
	before, err := e.asDecoded(v)
	if err != nil {
		return nil, fail(err)
	}
	if err := fn(v); err != nil {
		return nil, err
	}
	if err := e.Complete(v.Addr()); err != nil {
		return nil, fail(err)
	}
	again, err := e.PrimaryKey(v)
	if err != nil {
		return nil, fail(err)
	}
	if !Item(again).Equal(primary) {
		return nil, fail(entity.KeyError("the function changed what the primary key is made of"))
	}
	c := &change{core: e, primary: primary, raw: raw}
	if err := c.differ(before, v); err != nil {
		return nil, fail(err)
	}
	if e.Updated != nil && len(c.changes) > 0 {
		if err := e.Updated.Set(v, entity.StampValue(e.Updated, e.Now(e.Updated))); err != nil {
			return nil, fail(err)
		}
		if err := c.differ(before, v); err != nil {
			return nil, fail(err)
		}
	}
	if len(e.Unique) > 0 {
		if c.guards, err = e.guardsOfChange(primary, raw, v); err != nil {
			return nil, fail(err)
		}
	}
	c.guard()
	return c, nil
}

// guardsOfChange are the changes of guards that make those of raw into those of v.
func (e *core) guardsOfChange(primary, raw attributes, v reflect.Value) ([]opAction, error) {
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
func (c *change) differ(before attributes, v reflect.Value) error {
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
func (e *core) asDecoded(v reflect.Value) (attributes, error) {
	if e.Plan == nil {
		return Item(v.Interface().(Item)).Clone(), nil
	}
	own, err := e.Plan.EncodeUnchecked(v)
	return Item(own).Clone(), err
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
func (c *change) leadOn(w *changeWriter) (conditions []string) {
	c.onTheWay(func(change edit.Change, container string) {
		in := change.Path[:len(change.Path)-1]
		condition := "attribute_type(" + w.path(in) + ", " + w.typeName(container) + ")"
		if container == "L" { // past its end an element would be added
			condition += " AND attribute_exists(" + w.path(change.Path) + ")"
		}
		if !slices.Contains(conditions, condition) {
			conditions = append(conditions, condition)
		}
	})
	return conditions
}

// leadsOn tells whether what changes lead through is there in an item.
func (c *change) leadsOn(item attributes) bool {
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
func (c *change) guardsHold(existing attributes) bool {
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
func (c *change) after() attributes {
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

// request is the UpdateItem: the difference, on condition that what was guarded is as it was read and that the caller's
// own conditions hold. Its placeholders stand beside those of the caller's conditions.
func (c *change) request(s *settings) (*dynamodb.UpdateItemInput, error) {
	if c.Version != nil {
		at, _ := c.VersionIn(c.raw)
		if err := c.CheckNext(at); err != nil {
			return nil, err
		}
	}
	if err := c.checkFits(); err != nil {
		return nil, err
	}
	b, err := c.Build(s.conditions, nil)
	if err != nil {
		return nil, err
	}
	w := &changeWriter{names: map[string]string{}, values: attributes{}, placeholders: map[string]string{}}
	maps.Copy(w.names, b.Names)
	maps.Copy(w.values, b.Values)
	conditions := []string{"attribute_exists(" + w.name(c.Table.Partition[0].Name) + ")"}
	for _, attribute := range c.guarded {
		if was, ok := c.raw[attribute]; ok {
			conditions = append(conditions, w.name(attribute)+" = "+w.value(was))
		} else {
			conditions = append(conditions, "attribute_not_exists("+w.name(attribute)+")")
		}
	}
	conditions = append(conditions, c.leadOn(w)...)
	if b.Condition != nil {
		conditions = append(conditions, "("+*b.Condition+")")
	}
	condition, update := strings.Join(conditions, " AND "), c.update(w)
	if err := c.checkExpressions(len(conditions), condition, update); err != nil {
		return nil, err
	}
	in := &dynamodb.UpdateItemInput{
		TableName: &c.Schema.Name, Key: c.primary, ConditionExpression: &condition,
		ExpressionAttributeNames:            w.names,
		ReturnConsumedCapacity:              s.report(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if len(w.values) > 0 {
		in.ExpressionAttributeValues = w.values
	}
	if update != "" {
		in.UpdateExpression = &update
	}
	return in, nil
}

// checkExpressions refuses what the service has no room for.
func (c *change) checkExpressions(conditions int, condition, update string) error {
	switch operators := 2*conditions - 1; {
	case operators > size.MaxOperators:
		return fmt.Errorf("%d attributes to guard make a condition of %d operators, and the service takes %d: give "+
			"the model a Version", len(c.guarded), operators, size.MaxOperators)
	case len(condition) > size.MaxExpression:
		return fmt.Errorf("%d attributes to guard make a condition of %d bytes, and the service takes %d: give the "+
			"model a Version", len(c.guarded), len(condition), size.MaxExpression)
	case len(update) > size.MaxExpression:
		return fmt.Errorf("%d changes make an expression of %d bytes, and the service takes %d: change fewer at a "+
			"time, or use Put", len(c.changes), len(update), size.MaxExpression)
	}
	return nil
}

// update is the update expression of the difference.
func (c *change) update(w *changeWriter) string {
	changes := c.changes
	if c.Version != nil {
		changes = append(changes[:len(changes):len(changes)],
			edit.Change{Path: []edit.Step{{Name: c.Version.Name, Index: -1}}, Value: c.nextVersion()})
	}
	var sets, removes []string
	for _, change := range changes {
		if path := w.path(change.Path); change.Value != nil {
			sets = append(sets, path+" = "+w.value(change.Value))
		} else {
			removes = append(removes, path)
		}
	}
	var clauses []string
	if len(sets) > 0 {
		clauses = append(clauses, "SET "+strings.Join(sets, ", "))
	}
	if len(removes) > 0 {
		clauses = append(clauses, "REMOVE "+strings.Join(removes, ", "))
	}
	return strings.Join(clauses, " ")
}

// changeWriter makes placeholders beside those of the caller's conditions.
type changeWriter struct {
	names        map[string]string
	values       attributes
	placeholders map[string]string // of names
}

func (w *changeWriter) name(attribute string) string {
	p, ok := w.placeholders[attribute]
	if !ok {
		p = "#m" + strconv.Itoa(len(w.placeholders))
		w.placeholders[attribute], w.names[p] = p, attribute
	}
	return p
}

func (w *changeWriter) value(v types.AttributeValue) string {
	p := ":m" + strconv.Itoa(len(w.values))
	w.values[p] = v
	return p
}

// typeName is the placeholder of a type's name.
func (w *changeWriter) typeName(name string) string {
	p := ":t" + name
	w.values[p] = &types.AttributeValueMemberS{Value: name}
	return p
}

func (w *changeWriter) path(steps []edit.Step) string {
	var b strings.Builder
	for i, step := range steps {
		switch {
		case step.Index >= 0:
			b.WriteString("[" + strconv.Itoa(step.Index) + "]")
		case i > 0:
			b.WriteString("." + w.name(step.Name))
		default:
			b.WriteString(w.name(step.Name))
		}
	}
	return b.String()
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
