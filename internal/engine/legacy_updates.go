package engine

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
)

// longTypes are the words for types in messages about AttributeUpdates.
var longTypes = map[string]string{
	"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN", "NULL": "NULL",
	"SS": "STRING_SET", "NS": "NUMBER_SET", "BS": "BINARY_SET", "L": "LIST", "M": "MAP",
}

// legacyUpdates turns AttributeUpdates into an update: the actions that mean the same. No updates at all are one that
// changes nothing but creates an item that is absent.
func legacyUpdates(updates map[string]types.AttributeValueUpdate) (updater, error) {
	if len(updates) == 0 {
		return nil, nil
	}
	actions := make([]expr.Action, 0, len(updates))
	for _, attribute := range sortedNames(updates) {
		if err := packed.CheckName(attribute); err != nil {
			return nil, err
		}
		u := updates[attribute]
		kind, err := legacyAction(u)
		if err != nil {
			return nil, err
		}
		action := expr.Action{Kind: kind, Path: expr.Path{{Name: attribute, Index: -1}}}
		if u.Value != nil {
			action.Value = expr.NewValue(u.Value)
		}
		if list, ok := u.Value.(*types.AttributeValueMemberL); ok && kind == expr.Add {
			empty := expr.NewValue(&types.AttributeValueMemberL{})
			action.Kind = expr.Set
			action.Value = &expr.ListAppend{Left: &expr.IfNotExists{Path: action.Path, Else: empty},
				Right: expr.NewValue(list)}
		}
		actions = append(actions, action)
	}
	return legacyUpdate{expressionUpdate{expr.NewUpdate(actions)}}, nil
}

// legacyAction checks one attribute's update and gives the clause that it belongs to.
func legacyAction(u types.AttributeValueUpdate) (expr.ActionKind, error) {
	if u.Value == nil {
		if u.Action != types.AttributeActionDelete {
			return "", refusal.InvalidParameter("Only DELETE action is allowed when no attribute value is specified")
		}
		return expr.Remove, nil
	}
	if err := packed.CheckValue(u.Value); err != nil {
		return "", err
	}
	kind := packed.TypeOf(u.Value)
	isSet := kind == "SS" || kind == "NS" || kind == "BS"
	switch u.Action {
	case types.AttributeActionDelete:
		if !isSet {
			return "", refusal.InvalidParameter("DELETE action with value is not supported for the type %s",
				longTypes[kind])
		}
		return expr.Delete, nil
	case types.AttributeActionAdd:
		if !isSet && kind != "N" && kind != "L" {
			return "", refusal.InvalidParameter("ADD action is not supported for the type %s", longTypes[kind])
		}
		return expr.Add, nil
	}
	return expr.Set, nil
}

// legacyUpdate is an update whose refusals are worded as they were before expressions.
type legacyUpdate struct{ updater }

// charge is nothing: AttributeUpdates are measured by the finished item.
func (legacyUpdate) charge(map[string]types.AttributeValue) int { return 0 }

// Apply changes the item. Only the types of what is there can still be wrong.
func (u legacyUpdate) Apply(old map[string]types.AttributeValue) (map[string]types.AttributeValue, error) {
	after, err := u.updater.Apply(old)
	if err != nil && strings.Contains(err.Error(), "operand") {
		return nil, refusal.Invalid("Type mismatch for attribute to update")
	}
	return after, err
}
