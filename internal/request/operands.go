package request

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/cursor"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/wire"
)

// Maker makes the expressions of an entity type's requests. It sends nothing.
type Maker struct{ *entity.Type }

// textOf is an expression's text, "" for none.
func textOf(expression *string) string {
	if expression == nil {
		return ""
	}
	return *expression
}

// Built is what the SDK's expression builder made of a call's conditions and update, with every operand checked.
type Built struct {
	Condition *string
	Text      *string // a filter
	Update    *string
	Names     map[string]string
	Values    map[string]types.AttributeValue
	Parsed    *expr.Update
	Raises    bool            // an update's: it raises the version
	paths     []expr.Path     // that the condition names
	timeless  *Built          // the same filter of whatever time, where it has the present in it; nil for itself
	patched   map[string]bool // operands of Patch, which are as T encodes them, and whether there is a value
}

// Build makes one request's expressions. Operands that meet a path of T must be encoded as T encodes that path: what
// attributevalue encoded without T's tags, such as a time on a unixtime field, is encoded anew, anything else that T
// could not have stored is an error.
func (e *Maker) Build(conditions []expression.ConditionBuilder, update *expression.UpdateBuilder) (*Built, error) {
	if len(conditions) == 0 && update == nil {
		return &Built{}, nil
	}
	builder := expression.NewBuilder()
	if len(conditions) > 0 {
		all := conditions[0]
		for _, c := range conditions[1:] {
			all = all.And(c)
		}
		builder = builder.WithCondition(all)
	}
	if update != nil {
		builder = builder.WithUpdate(*update)
	}
	made, err := builder.Build()
	if err != nil {
		return nil, fmt.Errorf("expression: %w", err)
	}
	b := &Built{Condition: made.Condition(), Update: made.Update(), Names: made.Names(), Values: made.Values()}
	if err := e.unpack(b); err != nil {
		return nil, err
	}
	for _, name := range b.Names {
		if err := attr.CheckName(name); err != nil {
			return nil, fmt.Errorf("expression: a path %w", err)
		}
	}
	for placeholder := range b.Values {
		if err := e.checkOperandValue(b, placeholder); err != nil {
			return nil, err
		}
	}
	return b, e.conform(b)
}

// conform checks the operands of expressions, and puts those of T's encoding in the place of others.
func (e *Maker) conform(b *Built) error {
	uses, again, err := e.parse(b, true)
	if err != nil {
		return err
	}
	for _, use := range uses {
		if _, patched := b.patched[use.Placeholder]; patched {
			continue
		}
		value, err := e.checkOperand(use)
		if err != nil {
			return err
		}
		if value != use.Value {
			b.Values[use.Placeholder], again = value, true
		}
	}
	if again && b.Update != nil {
		_, _, err = e.parse(b, false)
	}
	return err
}

// parse reads the expressions that were built, and gives the operands in them. T must have the attributes that they
// name. What ADD and DELETE cannot take, lists, is an error, or first tells that others must be put in their place.
func (e *Maker) parse(b *Built, first bool) (uses []expr.Use, mistyped bool, err error) {
	scope, err := expr.NewScope(b.Names, b.Values)
	if err != nil {
		return nil, false, err
	}
	if first {
		scope.Untyped()
	}
	if b.Update != nil {
		if b.Parsed, err = scope.Update(*b.Update); err != nil {
			return nil, false, err
		}
		uses = append(uses, b.Parsed.Uses()...)
		for _, action := range b.Parsed.Actions {
			if err := e.knows(action.Path); err != nil {
				return nil, false, err
			}
		}
		for _, path := range b.Parsed.Paths() {
			if e.KeyOnly[path[0].Name] { // which an action reads
				return nil, false, e.knows(path)
			}
		}
	}
	if b.Condition != nil {
		parsed, err := scope.Condition("ConditionExpression", *b.Condition)
		if err != nil {
			return nil, false, err
		}
		uses = append(uses, parsed.Uses()...)
		b.paths = parsed.Paths()
		for _, path := range b.paths {
			if err := e.knows(path); err != nil {
				return nil, false, err
			}
		}
	}
	return uses, scope.Mistyped(), nil
}

// checkOperandValue refuses an operand that the service could not hold or the wire not carry, and names the path that
// it meets.
func (e *Maker) checkOperandValue(b *Built, placeholder string) error {
	err := attr.Check(b.Values[placeholder])
	if err == nil {
		return nil
	}
	where := placeholder
	values := maps.Clone(b.Values)
	for other := range values { // so that the expression can be read all the same
		values[other] = &types.AttributeValueMemberNULL{Value: true}
	}
	for _, use := range usesOf(b, values) {
		if use.Placeholder == placeholder && len(use.Path) > 0 {
			where = "on " + e.shown(use.Path)
		}
	}
	return fmt.Errorf("expression: operand %s: %w", where, err)
}

// usesOf are the operands of expressions whose values are others.
func usesOf(b *Built, values attr.Item) (uses []expr.Use) {
	scope, err := expr.NewScope(b.Names, values)
	if err != nil {
		return nil
	}
	scope.Untyped()
	if b.Update != nil {
		if parsed, err := scope.Update(*b.Update); err == nil {
			uses = append(uses, parsed.Uses()...)
		}
	}
	if b.Condition != nil {
		if parsed, err := scope.Condition("ConditionExpression", *b.Condition); err == nil {
			uses = append(uses, parsed.Uses()...)
		}
	}
	return uses
}

// knows refuses a path whose first attribute neither T nor the library has, unless T keeps attributes it does not name.
func (e *Maker) knows(path expr.Path) error {
	name := path[0].Name
	if e.KeyOnly[name] {
		return entity.KeyError("%s is kept in the primary key alone: no expression finds it in an item", name)
	}
	if e.Plan == nil || e.Plan.Unknown() || e.Made[name] || name == e.Schema.EntityType || name == e.Schema.TTL {
		return nil
	}
	if _, ok := e.Plan.Field(name); ok {
		return nil
	}
	for _, def := range e.Schema.KeyAttributes() {
		if *def.AttributeName == name {
			return nil
		}
	}
	return fmt.Errorf("expression: %s has no attribute %s", e.GoType, name)
}

// fieldAt is the plan of what a path leads to; nil where T does not say.
func fieldAt(plan *codec.Plan, path expr.Path) *codec.Field {
	if plan == nil {
		return nil
	}
	field, ok := plan.Lookup(texts(path)...)
	if !ok {
		return nil
	}
	return field
}

// checkOperand gives the operand as T encodes the path that it meets.
func (e *Maker) checkOperand(use expr.Use) (types.AttributeValue, error) {
	value, err := operandFor(fieldAt(e.Plan, use.Path), use)
	if err != nil {
		return nil, fmt.Errorf("expression: operand on %s: %w", e.shown(use.Path), err)
	}
	return value, nil
}

// operandFor is the operand as the field encodes it; field is nil where T does not say.
func operandFor(field *codec.Field, use expr.Use) (types.AttributeValue, error) {
	switch use.Role {
	case expr.RoleAdd, expr.RoleDelete:
		return addend(field, use.Value)
	}
	if field == nil {
		return use.Value, nil
	}
	switch use.Role {
	case expr.RoleCompare, expr.RoleAssign, expr.RoleAppend:
		if use.Role == expr.RoleCompare && entity.ScalarOf(field) == types.ScalarAttributeTypeN &&
			field.AcceptsType(use.Value) {
			return use.Value, nil // any number may be compared with, also one that the field could not hold
		}
		value := field.Conform(use.Value)
		if value != use.Value {
			if err := attr.Check(value); err != nil {
				return nil, err
			}
		}
		return value, field.Accepts(value)
	case expr.RoleContains:
		elem, ok := field.Elem()
		if !ok {
			break
		}
		value := elem.Conform(use.Value)
		if !elem.AcceptsType(value) {
			return nil, fmt.Errorf("elements of %s store no %s", field.Type, entity.TypeName(use.Value))
		}
		return value, nil
	case expr.RolePrefix:
		if entity.ScalarOf(field) == types.ScalarAttributeTypeN {
			return nil, errors.New("a number has no prefix")
		}
	}
	return use.Value, nil
}

// addend is an operand of ADD or DELETE, of which a list can only be meant as a set.
func addend(field *codec.Field, value types.AttributeValue) (types.AttributeValue, error) {
	if list, ok := value.(*types.AttributeValueMemberL); ok {
		if len(list.Value) == 0 {
			return nil, errors.New("there are no elements")
		}
		if value = codec.SetOf(list); value != types.AttributeValue(list) {
			if err := attr.Check(value); err != nil {
				return nil, err
			}
		}
	}
	if field == nil {
		return value, nil
	}
	_, number := value.(*types.AttributeValueMemberN)
	if number && (field.Kind == codec.Time || entity.ScalarOf(field) == types.ScalarAttributeTypeN) {
		return value, nil
	}
	if !field.AcceptsType(value) {
		return nil, fmt.Errorf("%s stores no %s", field.Type, entity.TypeName(value))
	}
	return value, nil
}

// shown is a path for the text of an error: what may be the key of a map, and so data, is left out.
func (e *Maker) shown(path expr.Path) string { return shownBy(e.Plan, path) }

// shownBy is shown by a type's plan; nil has no names.
func shownBy(plan *codec.Plan, path expr.Path) string {
	var b strings.Builder
	for i, elem := range path {
		switch {
		case elem.Index >= 0:
			fmt.Fprintf(&b, "[%d]", elem.Index)
		case i == 0:
			b.WriteString(elem.Name)
		case named(plan, path[:i]):
			b.WriteString("." + elem.Name)
		default:
			b.WriteString(attr.SomeKey)
		}
	}
	return b.String()
}

// named tells whether what is in the value at a path has names that T gives it.
func named(plan *codec.Plan, path expr.Path) bool {
	field := fieldAt(plan, path)
	return field != nil && entity.DerefType(field.Type).Kind() == reflect.Struct
}

// FilterOf makes the filter of a read of this entity type: the caller's conditions, and the type where items carry one
// and the space has it.
func (e *Maker) FilterOf(space *entity.Space, unexpired bool, filters []expression.ConditionBuilder) (*Built, error) {
	if e.Typed() && space.Index.Holds(e.Schema, e.Schema.EntityType) {
		return e.FilterOfAll(space, unexpired, append([]expression.ConditionBuilder{e.OwnType()}, filters...))
	}
	return e.FilterOfAll(space, unexpired, filters)
}

// FilterOfAll makes the filter of a read of all types: the given conditions and the caller's.
func (e *Maker) FilterOfAll(space *entity.Space, unexpired bool,
	filters []expression.ConditionBuilder) (*Built, error) {
	if err := e.CheckUnexpired(space); unexpired && err != nil {
		return nil, err
	}
	at := func(now time.Time) (*Built, error) {
		all := slices.Clone(filters)
		if unexpired {
			all = append(all, e.UnexpiredFilter(now))
		}
		return e.Build(all, nil)
	}
	b, err := at(e.Clock())
	if err == nil && unexpired {
		b.timeless, err = at(time.Unix(0, 0))
	}
	if err != nil {
		return nil, err
	}
	for _, path := range b.paths {
		if space.Index != nil && !space.Index.Local && !space.Index.Holds(e.Schema, path[0].Name) {
			return nil, fmt.Errorf("%s does not project %s, which the filter needs", space, path[0].Name)
		}
	}
	for _, of := range []*Built{b, b.timeless} {
		if of != nil {
			of.Text, of.Condition = of.Condition, nil
		}
	}
	return b, nil
}

// BoundTo is what a cursor of a read is good for: the table or index, the entity type, the key condition with its
// values, the direction, and the filter with its operands, but not the time of day.
func (e *Maker) BoundTo(kind string, space *entity.Space, key *KeyCondition, descending bool, filter *Built) []byte {
	b := cursor.AppendText(make([]byte, 0, 512), kind)
	b = cursor.AppendText(b, e.Schema.Name)
	b = cursor.AppendText(b, space.String())
	b = cursor.AppendText(b, e.Name)
	b = strconv.AppendBool(b, descending)
	of := e.Schema.PlaceTypes(space.Index)
	for _, name := range sortedNames(of) {
		b = cursor.AppendText(cursor.AppendText(b, name), string(of[name]))
	}
	if filter.timeless != nil {
		filter = filter.timeless
	}
	for _, part := range []*Built{{Condition: &key.Text, Names: key.Names, Values: key.Values}, filter} {
		b = cursor.AppendText(b, textOf(part.Condition))
		b = cursor.AppendText(b, textOf(part.Text))
		for _, name := range sortedNames(part.Names) {
			b = cursor.AppendText(b, name)
			b = cursor.AppendText(b, part.Names[name])
		}
		for _, name := range sortedNames(part.Values) {
			b = cursor.AppendText(b, name)
			b = cursor.AppendText(b, string(wire.AppendValue(nil, part.Values[name])))
		}
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// sortedNames are the names in a map, in order: slices.Sorted of its keys grows from nothing.
func sortedNames[V any](m map[string]V) []string {
	names := slices.AppendSeq(make([]string, 0, len(m)), maps.Keys(m))
	slices.Sort(names)
	return names
}

// OfThisType is the condition that keeps a write from an item of another type with the same key, where keys do not tell
// types apart.
func (e *Maker) OfThisType() []expression.ConditionBuilder {
	if !e.Typed() || !e.Shared.Load() {
		return nil
	}
	return []expression.ConditionBuilder{e.OwnType()}
}

// OwnType is the condition that an item is of this type, or does not say of which.
func (e *Maker) OwnType() expression.ConditionBuilder {
	name := expression.NameNoDotSplit(e.Schema.EntityType)
	own := name.Equal(expression.Value(e.Name)).Or(expression.AttributeNotExists(name))
	for _, alias := range e.Aliases {
		own = own.Or(name.Equal(expression.Value(alias)))
	}
	return own
}
