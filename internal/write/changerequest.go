package write

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/edit"
	"github.com/monotable/monotable/internal/size"
)

// request is the UpdateItem: the difference, on condition that what was guarded is as it was read and that the caller's
// own conditions hold. Its placeholders stand beside those of the caller's conditions.
func (c *change) request(s *Settings) (*dynamodb.UpdateItemInput, error) {
	if c.Version != nil {
		at, _ := c.VersionIn(c.raw)
		if err := c.CheckNext(at); err != nil {
			return nil, err
		}
	}
	if err := c.checkFits(); err != nil {
		return nil, err
	}
	b, err := c.Build(s.Conditions, nil)
	if err != nil {
		return nil, err
	}
	w := &changeWriter{names: map[string]string{}, values: attr.Item{}, placeholders: map[string]string{}}
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
		ReturnConsumedCapacity:              s.Report(),
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
	values       attr.Item
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
	return c.CheckFits(c.after())
}
