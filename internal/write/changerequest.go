package write

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/codec/edit"
	"github.com/monotable/monotable/internal/expr"
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
	w := expr.NewWriter(b.Names, b.Values)
	conditions := []string{"attribute_exists(" + w.Name(c.Table.Partition[0].Name) + ")"}
	for _, attribute := range c.guarded {
		if was, ok := c.raw[attribute]; ok {
			conditions = append(conditions, w.Name(attribute)+" = "+w.Value(was))
		} else {
			conditions = append(conditions, "attribute_not_exists("+w.Name(attribute)+")")
		}
	}
	conditions = append(conditions, c.leadOn(w)...)
	if b.Condition != nil {
		conditions = append(conditions, "("+*b.Condition+")")
	}
	condition, update := strings.Join(conditions, " AND "), w.Update(c.actions())
	if err := c.checkExpressions(len(conditions), condition, update); err != nil {
		return nil, err
	}
	in := &dynamodb.UpdateItemInput{
		TableName: &c.Schema.Name, Key: c.primary, ConditionExpression: &condition,
		ExpressionAttributeNames: w.Names, ExpressionAttributeValues: w.Values,
		ReturnConsumedCapacity:              s.Report(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if update != "" {
		in.UpdateExpression = &update
	}
	return in, nil
}

// actions are the update of the difference.
func (c *change) actions() []expr.Action {
	all := make([]expr.Action, 0, len(c.changes)+1)
	for _, change := range c.changes {
		action := expr.Action{Kind: expr.Remove, Path: pathOf(change.Path)}
		if change.Value != nil {
			action.Kind, action.Value = expr.Set, &expr.Value{Value: change.Value}
		}
		all = append(all, action)
	}
	if c.Version != nil {
		all = append(all, expr.Action{Kind: expr.Set, Path: expr.Path{{Name: c.Version.Name, Index: -1}},
			Value: &expr.Value{Value: c.nextVersion()}})
	}
	return all
}

// pathOf is a change's path as expressions have it.
func pathOf(steps []edit.Step) expr.Path {
	path := make(expr.Path, len(steps))
	for i, step := range steps {
		path[i] = expr.Elem{Name: step.Name, Index: step.Index}
	}
	return path
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
