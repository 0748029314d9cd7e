package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
)

// Query reads a page of one item collection of a table or an index, in the order of its sort key.
func (e *Engine) Query(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	r, page, err := e.query(ctx, in)
	if err != nil {
		return nil, err
	}
	out := queryOutput(in, page)
	out.Items = page.decoded(r)
	return out, nil
}

// QueryPacked is Query with the items packed.
func (e *Engine) QueryPacked(
	ctx context.Context, in *dynamodb.QueryInput,
) (*dynamodb.QueryOutput, []packed.Item, error) {
	r, page, err := e.query(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	return queryOutput(in, page), page.packed(r), nil
}

func queryOutput(in *dynamodb.QueryInput, page *pageResult) *dynamodb.QueryOutput {
	return &dynamodb.QueryOutput{
		Count:            int32(page.count),
		ScannedCount:     int32(page.scanned),
		LastEvaluatedKey: page.last,
		ConsumedCapacity: page.capacity.consumed(in.ReturnConsumedCapacity),
	}
}

func (e *Engine) query(ctx context.Context, in *dynamodb.QueryInput) (*pageRequest, *pageResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	r, condition, err := queryOf(in, e.front)
	if err != nil {
		return nil, nil, err
	}
	page, err := e.readPage(ctx, "Query", r, func(t *table, x *index) (at location, err error) {
		terms, err := condition.on(t)
		if err != nil {
			return at, err
		}
		keys := t.keysOf(x)
		found, err := keys.RangeOf(terms, r.emptyKey(x))
		if err != nil {
			return at, err
		}
		at.within, at.partition = found.Range, found.Collection.Lo
		if x == nil {
			at.end = found.Highest
			if r.backward {
				at.end = found.Lowest
			}
		}
		if r.start == nil {
			return at, nil
		}
		if at.after, err = r.startKey(t, x); err != nil {
			return at, err
		}
		if x == nil && len(keys.Sort) == 0 { // a partition of one item has none behind it
			hash := keys.Hash[0].Name
			return at,
				refusal.Invalidf("The provided exclusive start key is invalid: ExclusiveStartKey: {%s=AttributeValue: %s}",
					hash, expr.Show(r.start[hash]))
		}
		if !found.Collection.Contains(at.after) {
			return at,
				refusal.Invalid("The provided starting key is outside query boundaries based on provided conditions")
		}
		if !found.Contains(at.after) || at.after == at.end {
			return at, refusal.Invalid("The provided starting key does not match the range key predicate")
		}
		return at, nil
	})
	return r, page, err
}

// keyCondition is what a query asks of the key, in either language.
type keyCondition struct {
	parsed *expr.KeyCondition // nil for the legacy parameter
	terms  []expr.KeyTerm
}

// on gives the condition's terms, once it was found to be one over the table's keys.
func (k keyCondition) on(t *table) ([]expr.KeyTerm, error) {
	if k.parsed == nil {
		return k.terms, nil
	}
	if err := k.parsed.Check(); err != nil {
		return nil, refusal.AsInvalid(err)
	}
	return k.parsed.Terms, t.checkScalars(k.parsed.Paths())
}

// emptyKey words the refusal of an empty value in a key condition.
func (r *pageRequest) emptyKey(x *index) func(keyspace.Attribute) error {
	return func(a keyspace.Attribute) error {
		if x != nil {
			return refusal.Invalid(emptyIndexKey(x, a))
		}
		return refusal.Invalid(emptyTableKey(a))
	}
}

// keysOf gives the key of an index, or of the table itself for nil.
func (t *table) keysOf(x *index) keyspace.Schema {
	if x == nil {
		return t.keys
	}
	return x.keys
}

// queryOf finds what is wrong with a request without its table.
func queryOf(in *dynamodb.QueryInput, front refusal.Front) (*pageRequest, keyCondition, error) {
	var keys keyCondition
	if err := checkTableName(in.TableName); err != nil {
		return nil, keys, err
	}
	p := pageInput{
		table: in.TableName, index: in.IndexName,
		consistent:      in.ConsistentRead,
		limit:           in.Limit,
		start:           in.ExclusiveStartKey,
		choice:          in.Select,
		projection:      in.ProjectionExpression,
		attributesToGet: in.AttributesToGet,
		filter:          in.FilterExpression,
		legacyFilter:    in.QueryFilter,
		filterName:      "QueryFilter",
		operator:        in.ConditionalOperator,
		names:           in.ExpressionAttributeNames,
		values:          in.ExpressionAttributeValues,
		consumed:        in.ReturnConsumedCapacity,
		newer:           front[refusal.Reads],
		wording:         phrasingOfReads(front),
	}
	if front[refusal.Reads] && !isConditionalOperator(in.ConditionalOperator) {
		return nil, keys, refusal.BadConditionalOperator()
	}
	var c constraints
	p.check(&c, "queryFilter")
	c.conditions(in.KeyConditions, "keyConditions")
	if err := c.err(); err != nil {
		return nil, keys, err
	}
	r, err := p.queryOf(in, &keys)
	if err != nil {
		return nil, keys, p.wording.of(err)
	}
	if err := r.checkSelect(p.projectionName()); err != nil && front[refusal.Reads] {
		return nil, keys, refusal.Enveloped(err)
	} else if err != nil {
		return nil, keys, err
	}
	return r, keys, nil
}

// queryOf checks and parses a request whose bounds hold.
func (p pageInput) queryOf(in *dynamodb.QueryInput, keys *keyCondition) (*pageRequest, error) {
	// KeyConditions goes with any expression but the one that it stands for.
	keyConditions := parameter{name: "KeyConditions", given: in.KeyConditions != nil &&
		in.KeyConditionExpression != nil}
	scope, err := p.scope([]parameter{keyConditions}, text("KeyConditionExpression", in.KeyConditionExpression))
	if err != nil {
		return nil, err
	}
	r, err := p.request()
	if err != nil {
		return nil, err
	}
	r.query = true
	r.backward = in.ScanIndexForward != nil && !*in.ScanIndexForward
	if in.KeyConditionExpression == nil && len(in.KeyConditions) == 0 {
		return nil,
			refusal.Invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	if keys.terms, err = legacyKeyConditions(in.KeyConditions); err != nil {
		return nil, err
	}
	if err := p.parse(r, scope); err != nil {
		return nil, err
	}
	if in.KeyConditionExpression != nil {
		if keys.parsed, err = scope.KeyCondition(*in.KeyConditionExpression); err != nil {
			return nil, refusal.AsInvalid(err)
		}
	}
	return r, allUsed(scope)
}
