package engine

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/partiql"
	"github.com/monotable/monotable/internal/size"
)

// statementCondition is what the item of a statement must meet: to be there or not, and what WHERE says where it is.
type statementCondition struct {
	where           *expr.Condition // nil for nothing
	absent, present bool            // whether it is met by no item, and by one
}

func (c statementCondition) Eval(item expr.Item) (bool, error) {
	if stored, ok := item.(packed.Item); ok && stored == "" {
		return c.absent, nil
	}
	if c.where == nil || !c.present {
		return c.present, nil
	}
	return c.where.Eval(item)
}

func (c statementCondition) Paths() []expr.Path {
	if c.where == nil {
		return nil
	}
	return c.where.Paths()
}

// writeOf makes the write of a statement, without the key that its WHERE names.
func writeOf(s *partiql.Statement, onFailure types.ReturnValuesOnConditionCheckFailure) (*write, error) {
	w := &write{table: s.Table, returnOld: onFailure == types.ReturnValuesOnConditionCheckFailureAllOld}
	c := statementCondition{present: true}
	if s.Where != nil {
		c.where = s.Where.Condition
	}
	switch s.Kind {
	case partiql.KindInsert:
		item, err := packed.Pack(s.Item)
		if err != nil {
			return nil, err
		}
		if item.Size() > size.MaxItem {
			return nil, errItemTooLarge
		}
		w.kind, w.key, w.item, w.returnOld = putWrite, s.Item, item, false
		c = statementCondition{absent: true}
	case partiql.KindUpdate:
		w.kind, w.update = updateWrite, expressionUpdate{s.Update}
	case partiql.KindDelete:
		w.kind, c.absent = deleteWrite, true
	case partiql.KindExists:
		w.kind = checkWrite
	}
	w.condition = c
	return w, nil
}

// statementKey gives the key that a statement names, or says why it names none.
func (t *table) statementKey(s *partiql.Statement) (map[string]types.AttributeValue, error) {
	if s.Kind == partiql.KindInsert {
		if err := t.checkInserted(s.Item); err != nil {
			return nil, err
		}
		return s.Item, asStatementError(s.ReturningError())
	}
	key := map[string]types.AttributeValue{}
	terms, _ := s.Where.Conjuncts()
	var several error
	for _, a := range t.keys.All {
		for _, term := range terms {
			if term.Attribute != a.Name || term.Op != expr.OpEqual {
				continue
			}
			if key[a.Name] != nil && !expr.Equal(key[a.Name], term.Values[0]) && several == nil {
				several = refusal.Invalidf("Multiple conditions on same key %s. Only single item Update/Insert/Delete are "+
					"supported", a.Name)
			}
			if key[a.Name] == nil {
				key[a.Name] = term.Values[0]
			}
		}
	}
	if len(key) < len(t.keys.All) {
		return nil, refusal.Invalid("Where clause does not contain a mandatory equality on all key attributes")
	}
	if several != nil {
		return nil, several
	}
	if err := t.checkKeyTypes(key); err != nil {
		return key, err
	}
	return key, asStatementError(s.ReturningError())
}

func (t *table) checkKeyTypes(key map[string]types.AttributeValue) error {
	for _, a := range t.keys.All {
		if tag, _, ok := packed.ScalarOf(key[a.Name]); !ok || tag != a.Tag {
			return wrongKeyType(a.Name)
		}
	}
	return nil
}

func (t *table) checkInserted(item map[string]types.AttributeValue) error {
	for _, a := range t.keys.All {
		if item[a.Name] == nil {
			return refusal.Invalid("Key attribute should be present in the item: Key " + a.Name)
		}
	}
	return t.checkKeyTypes(item)
}

// writeStatement does the write of a statement of its own, or of a batch, and gives the row that it returns; ran says
// whether it came so far as to be tried.
func (e *Engine) writeStatement(s *partiql.Statement, onFailure types.ReturnValuesOnConditionCheckFailure,
	units *capacity) (row map[string]types.AttributeValue, ran bool, err error) {
	w, err := writeOf(s, onFailure)
	if err != nil {
		return nil, false, err
	}
	var f effect
	err = e.writing(s.Table, func(t *table) error {
		if w.key, err = t.statementKey(s); err != nil {
			return err
		}
		ran = true
		p, err := w.on(t)
		if err != nil {
			return err
		}
		f, err = p.perform(units)
		return err
	})
	if s.Kind == partiql.KindInsert && refusal.IsConditionFailed(err) {
		err = &types.DuplicateItemException{Message: new(duplicateItem)}
	}
	if err != nil {
		return nil, ran, err
	}
	return f.statementRow(s.Returning), true, nil
}

const duplicateItem = "Duplicate primary key exists in table"

// statementRow is what RETURNING gives of a write, nil for nothing.
func (f *effect) statementRow(images string) map[string]types.AttributeValue {
	var row map[string]types.AttributeValue
	switch images {
	case "ALL OLD":
		row = f.old.Map()
	case "ALL NEW":
		row = f.new.Map()
	case "MODIFIED OLD":
		row = f.update.Updated(f.old.Map())
	case "MODIFIED NEW":
		row = f.update.Updated(f.new.Map())
	}
	if len(row) == 0 {
		return nil
	}
	return row
}
