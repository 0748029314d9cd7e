package engine

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
)

// checkSelect checks Select against the request's projection, and settles what an absent one means.
func (r *pageRequest) checkSelect(projectionParameter string) error {
	switch {
	case r.choice == types.SelectSpecificAttributes && r.part == nil:
		return refusal.Invalid(
			"Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case r.choice == types.SelectCount && r.part != nil:
		return refusal.Invalidf("Cannot specify the %s when choosing to get only the Count", projectionParameter)
	case (r.choice == types.SelectAllAttributes || r.choice == types.SelectAllProjectedAttributes) && r.part != nil:
		return refusal.Invalidf("Cannot specify the %s when choosing to get %s", projectionParameter, r.choice)
	case r.choice == types.SelectAllProjectedAttributes && r.index == "":
		return refusal.Invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return nil
}

// indexOf finds the request's index, nil for the table itself, and checks that it can answer.
func (r *pageRequest) indexOf(t *table) (*index, error) {
	x := t.index(r.index)
	if r.index == "" || x != nil && x.readable() {
		if err := r.checkFilterKeys(t.keysOf(x)); err != nil {
			return nil, err
		}
	}
	if r.filter != nil {
		if err := t.checkScalars(r.filter.Paths()); err != nil {
			return nil, err
		}
	}
	if err := r.part.checkScalars(t); err != nil {
		return nil, err
	}
	if r.index == "" {
		return nil, nil
	}
	if x == nil {
		return nil, refusal.Invalid("The table does not have the specified index: " + r.index)
	}
	if x.status == types.IndexStatusCreating {
		return nil, refusal.Invalid("Cannot read from backfilling global secondary index: " + r.index)
	}
	if x.status == types.IndexStatusDeleting {
		return nil, refusal.Invalid("The table does not have the specified index: " + r.index)
	}
	if !x.local && r.consistent {
		return nil, refusal.Invalid("Consistent reads are not supported on global secondary indexes")
	}
	if x.projected == nil {
		return x, nil
	}
	if r.filter != nil {
		if lacks := x.lacks(attributes(r.filter.Paths())); lacks != "" {
			return nil,
				refusal.InvalidParameter("Secondary index %s does not project one or more filter attributes: [%s]",
					x.name, lacks)
		}
	}
	if !x.local && r.choice == types.SelectAllAttributes {
		return nil, refusal.InvalidParameter(
			"Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type "+
				"is not "+
				"ALL", x.name)
	}
	if !x.local && r.part != nil {
		if lacks := x.lacks(r.part.names); lacks != "" {
			return nil, refusal.InvalidParameter("Global secondary index %s does not project [%s]", x.name, lacks)
		}
	}
	return x, nil
}

// readable says whether the index can be read yet, and still.
func (x *index) readable() bool {
	return x.status != types.IndexStatusCreating && x.status != types.IndexStatusDeleting
}

// lacks lists the attributes that the index does not hold.
func (x *index) lacks(names []string) string {
	var lacking []string
	for _, name := range names {
		if !x.projects(name) && !slices.Contains(lacking, name) {
			lacking = append(lacking, name)
		}
	}
	slices.Sort(lacking)
	return strings.Join(lacking, ", ")
}

// expressionFilter is a filter expression as a filter.
type expressionFilter struct{ *expr.Condition }

func (expressionFilter) onKey(name string) error {
	return refusal.Invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: " +
		name)
}

// attributes gives the top-level names of paths.
func attributes(paths []expr.Path) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = path[0].Name
	}
	return names
}

// parseFilter parses a filter expression that may be absent.
func parseFilter(scope *expr.Scope, text *string) (filter, error) {
	if text == nil {
		return nil, nil
	}
	parsed, err := scope.Condition(expr.FilterKind, *text)
	if err != nil {
		return nil, refusal.AsInvalid(err)
	}
	return expressionFilter{parsed}, nil
}

const startKeyInvalid = "The provided starting key is invalid"

// startKey encodes an ExclusiveStartKey, which holds the key of the table and, for an index, of the index. It need not
// be the key of an item that exists.
func (r *pageRequest) startKey(t *table, x *index) (string, error) {
	attributes := slices.Clip(t.keys.All)
	if x != nil {
		for _, a := range x.keys.All {
			if !t.keys.Has(a.Name) {
				attributes = append(attributes, a)
			}
		}
	}
	if len(r.start) != len(attributes) {
		return "", r.startKeyMismatch(x != nil || r.query)
	}
	for _, a := range attributes {
		v, ok := r.start[a.Name]
		if !ok {
			return "", r.startKeyMismatch(x != nil || r.query)
		}
		tag, text, ok := packed.ScalarOf(v)
		if !ok || tag != a.Tag {
			return "", r.startKeyMismatch(false)
		}
		if text == "" && t.keys.Has(a.Name) {
			return "", refusal.Invalidf("%s: %s", startKeyInvalid, emptyTableKey(a))
		}
		if text == "" {
			return "", refusal.Invalidf("%s: %s", startKeyInvalid, emptyIndexKey(x, a))
		}
	}
	key, err := t.encodeKey(keyspace.Map(r.start))
	if err != nil {
		return "", err
	}
	if x != nil {
		key, _ = x.entryKey(key, keyspace.Map(r.start))
	}
	return key, nil
}

// startKeyMismatch is the refusal of a start key that is none of the table's or index's. The older front end gives a
// reason, but not where attributes are lacking to a query's or an index's (captured from 33 regions, October 2026).
func (r *pageRequest) startKeyMismatch(lacking bool) error {
	if r.newer || lacking {
		return refusal.Invalid(startKeyInvalid)
	}
	return refusal.Invalid(startKeyInvalid + ": " + refusal.Message(errKeyMismatch))
}

// checkFilterKeys refuses a query's filter on what the key condition is there for.
func (r *pageRequest) checkFilterKeys(keys keyspace.Schema) error {
	if r.filter == nil || !r.query {
		return nil
	}
	names := attributes(r.filter.Paths())
	for _, a := range keys.All {
		if slices.Contains(names, a.Name) {
			return r.filter.onKey(a.Name)
		}
	}
	return nil
}
