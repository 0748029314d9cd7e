package monotable

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/wire"
)

// maxBatchGet is the most keys of one BatchGetItem (DynamoDB developer guide, "Quotas in Amazon DynamoDB").
const maxBatchGet = 100

// maxBatchTries bounds how often keys that the service left unprocessed are asked for again without any progress.
const maxBatchTries = 10

// GetMany reads the items of any number of keys: one BatchGetItem for each hundred different keys, and more for those that the
// service leaves unprocessed, with growing pauses. The result is in the order of keys, nil where there is no item; a key given
// twice is read once. If keys stay unprocessed the result holds what was read, and the error says how many are missing.
func (v view[V, K]) GetMany(ctx context.Context, keys []K, options ...GetOption) ([]*V, error) {
	var s settings
	for _, o := range options {
		o.get(&s)
	}
	fail := func(err error) error { return v.fail("GetMany", err) }
	ids := make([]string, len(keys))
	var distinct []attributes
	seen := map[string]bool{}
	for i := range keys {
		key, err := v.primaryKey(reflect.ValueOf(&keys[i]).Elem())
		if err != nil {
			return nil, fail(fmt.Errorf("key %d: %w", i, err))
		}
		if ids[i], err = v.keyID(key); err != nil {
			return nil, fail(fmt.Errorf("key %d: %w", i, err))
		}
		if !seen[ids[i]] {
			seen[ids[i]] = true
			distinct = append(distinct, key)
		}
	}
	found, err := v.getBatch(ctx, distinct, v.read.partial, &s)
	results := make([]*V, len(keys))
	for i, id := range ids {
		item, ok := found[id]
		if !ok || !v.owns(item) {
			continue
		}
		value, decodeErr := decoded[V](v.entity, v.read, item)
		if decodeErr != nil {
			return nil, fail(decodeErr)
		}
		results[i] = &value
	}
	if err != nil {
		return results, fail(err)
	}
	return results, nil
}

// keyID is a primary key as a map key: equal for equal keys, numbers by their value.
func (e *entity) keyID(item attributes) (string, error) {
	var id []byte
	for _, parts := range [][]keyPart{e.table.partition, e.table.sort} {
		for i := range parts {
			value, err := canonical(item[parts[i].name])
			if err != nil {
				return "", fmt.Errorf("%w: %s: %w", ErrKey, parts[i].name, err)
			}
			id = appendBound(id, string(wire.AppendValue(nil, value)))
		}
	}
	return string(id), nil
}

// getBatch reads items by different keys; the result is by keyID. With an error it holds what was read before.
func (e *entity) getBatch(ctx context.Context, keys []attributes, partial []string, s *settings) (map[string]attributes, error) {
	found := make(map[string]attributes, len(keys))
	var text *string
	var names map[string]string
	if partial != nil {
		text, names = projection(partial)
	}
	table := e.db.schema.Name
	for idle := 0; len(keys) > 0; {
		n := min(len(keys), maxBatchGet)
		request := types.KeysAndAttributes{Keys: keys[:n], ProjectionExpression: text, ExpressionAttributeNames: names}
		if s.consistent {
			request.ConsistentRead = &s.consistent
		}
		out, err := e.db.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           map[string]types.KeysAndAttributes{table: request},
			ReturnConsumedCapacity: s.report(),
		}, s.sdk...)
		if err != nil {
			return found, err
		}
		for i := range out.ConsumedCapacity {
			s.meter.add(&out.ConsumedCapacity[i], false)
		}
		for _, items := range out.Responses {
			for _, item := range items {
				id, err := e.keyID(item)
				if err != nil {
					return found, err
				}
				found[id] = item
			}
		}
		var unprocessed []attributes
		for _, left := range out.UnprocessedKeys {
			unprocessed = append(unprocessed, left.Keys...)
		}
		if idle++; len(unprocessed) < n {
			idle = 0
		}
		keys = append(unprocessed, keys[n:]...)
		if len(unprocessed) == 0 {
			continue
		}
		if idle >= maxBatchTries {
			return found, fmt.Errorf("the service left %d keys unprocessed, %d times in a row", len(keys), idle)
		}
		if err := pauseUnprocessed(ctx, idle+1); err != nil {
			return found, errors.Join(fmt.Errorf("%d keys are not read", len(keys)), err)
		}
	}
	return found, nil
}

// hydrator reads the whole items behind index entries. Entries whose item is gone are left out.
func (e *entity) hydrator(read *reading, s *settings) func(context.Context, []row) ([]row, error) {
	return func(ctx context.Context, rows []row) ([]row, error) {
		keys := make([]attributes, len(rows))
		for i, r := range rows {
			key := attributes{}
			for _, part := range e.table.parts() {
				key[part.name] = r.entry[part.name]
			}
			keys[i] = key
		}
		found, err := e.getBatch(ctx, keys, read.partial, s)
		if err != nil {
			return nil, err
		}
		whole := rows[:0]
		for i, r := range rows {
			id, err := e.keyID(keys[i])
			if err != nil {
				return nil, err
			}
			if item, ok := found[id]; ok && e.owns(item) {
				r.item = item
				whole = append(whole, r)
			}
		}
		return whole, nil
	}
}

// canonical is a key value written in one way: equal numbers as one text.
func canonical(value types.AttributeValue) (types.AttributeValue, error) {
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return value, nil
	}
	d, err := number.Parse(n.Value)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberN{Value: d.String()}, nil
}

// pauseUnprocessed waits before unprocessed keys or items are sent again: at random up to a bound that doubles from 50 ms to
// 3.2 s, since the table or a partition of it is throttled.
func pauseUnprocessed(ctx context.Context, try int) error {
	return pauseUpTo(ctx, 50*time.Millisecond<<min(try-1, 6))
}
