package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
)

// GetItem reads the item of a key.
func (e *Engine) GetItem(ctx context.Context, in *dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
	out, item, part, err := e.getItem(ctx, in)
	if err != nil {
		return nil, err
	}
	out.Item = part.decoded(item)
	return out, nil
}

// GetPacked is GetItem with the item packed; an empty PackedItem means that there is no Item in the answer.
func (e *Engine) GetPacked(
	ctx context.Context, in *dynamodb.GetItemInput,
) (*dynamodb.GetItemOutput, packed.Item, error) {
	out, item, part, err := e.getItem(ctx, in)
	if err != nil {
		return nil, "", err
	}
	return out, part.packed(item), nil
}

func (e *Engine) getItem(
	ctx context.Context, in *dynamodb.GetItemInput,
) (*dynamodb.GetItemOutput, packed.Item, *projection, error) {
	if err := ctx.Err(); err != nil {
		return nil, "", nil, err
	}
	g, err := getOf(in, phrasingOfReads(e.front))
	if err != nil {
		return nil, "", nil, err
	}
	c := capacity{table: *in.TableName}
	item, err := e.readOne(ctx, &c, g)
	e.charged(ctx, "GetItem", &c, err)
	if err != nil {
		return nil, "", nil, err
	}
	return &dynamodb.GetItemOutput{ConsumedCapacity: c.consumed(in.ReturnConsumedCapacity)}, item, g.part, nil
}

// get is the reading of one key.
type get struct {
	table      string
	key        map[string]types.AttributeValue
	consistent bool
	part       *projection
	partition  string // the encoded partition key where its items are counted together, else ""
}

func getOf(in *dynamodb.GetItemInput, words phrasing) (get, error) {
	var g get
	if err := checkTableName(in.TableName); err != nil {
		return g, err
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.table(in.TableName)
	c.required(in.Key != nil, "key")
	c.attributesToGet(in.AttributesToGet, "attributesToGet")
	if err := c.err(); err != nil {
		return g, err
	}
	return g, words.of(g.from(*in.TableName, in.ConsistentRead, in.ProjectionExpression, in.AttributesToGet,
		in.ExpressionAttributeNames, in.Key))
}

// from fills g with a request whose bounds hold, and with the first of its keys.
func (g *get) from(table string, consistent *bool, projectionText *string, attributesToGet []string,
	names map[string]string, keys ...map[string]types.AttributeValue) error {
	scope, err := language{
		legacy:      []parameter{{name: "AttributesToGet", given: attributesToGet != nil}},
		expressions: []parameter{text("ProjectionExpression", projectionText)},
		names:       names,
	}.scope()
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := packed.CheckValues(key); err != nil {
			return err
		}
	}
	if err := checkDuplicates(keys); err != nil {
		return err
	}
	if err := checkAttributesToGet(attributesToGet); err != nil {
		return err
	}
	*g = get{table: table, key: keys[0], consistent: aws.ToBool(consistent)}
	if g.part, err = projectionOf(scope, projectionText, attributesToGet); err != nil {
		return err
	}
	return allUsed(scope)
}

// readOne reads one key and counts what it costs.
func (e *Engine) readOne(ctx context.Context, c *capacity, g get) (item packed.Item, err error) {
	c.items++
	err = e.eventually(ctx, g.consistent, g.table, func(t *table) error {
		if err := g.part.checkScalars(t); err != nil {
			return err
		}
		key, err := t.keyOf(g.key)
		if err != nil {
			return err
		}
		item, _ = t.items.Get(key)
		units := size.ReadUnits(item.Size(), g.consistent)
		if err := t.admitGet(keyspace.Map(g.key), units); err != nil {
			return err
		}
		c.read += units
		return nil
	})
	return item, err
}

// checkDuplicates refuses a key that stands twice among several whose values are right.
func checkDuplicates(keys []map[string]types.AttributeValue) error {
	if len(keys) < 2 {
		return nil
	}
	seen := make(map[packed.Item]bool, len(keys))
	for _, key := range keys {
		packed, err := packed.Pack(key)
		if err != nil {
			return err
		}
		if seen[packed] {
			return refusal.Invalid("Provided list of item keys contains duplicates")
		}
		seen[packed] = true
	}
	return nil
}
