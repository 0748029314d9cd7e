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

// Scan reads a page of a table or an index, or of one segment of it, in the service's order of the partition keys.
func (e *Engine) Scan(ctx context.Context, in *dynamodb.ScanInput) (*dynamodb.ScanOutput, error) {
	r, page, err := e.scan(ctx, in)
	if err != nil {
		return nil, err
	}
	out := scanOutput(in, page)
	out.Items = page.decoded(r)
	return out, nil
}

// ScanPacked is Scan with the items packed.
func (e *Engine) ScanPacked(ctx context.Context, in *dynamodb.ScanInput) (*dynamodb.ScanOutput, []packed.Item, error) {
	r, page, err := e.scan(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	return scanOutput(in, page), page.packed(r), nil
}

func scanOutput(in *dynamodb.ScanInput, page *pageResult) *dynamodb.ScanOutput {
	return &dynamodb.ScanOutput{
		Count:            int32(page.count),
		ScannedCount:     int32(page.scanned),
		LastEvaluatedKey: page.last,
		ConsumedCapacity: page.capacity.consumed(in.ReturnConsumedCapacity),
	}
}

func (e *Engine) scan(ctx context.Context, in *dynamodb.ScanInput) (*pageRequest, *pageResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	r, err := scanOf(in, e.front[refusal.Scans])
	if err != nil {
		return nil, nil, err
	}
	segment, total := int(aws.ToInt32(in.Segment)), int(aws.ToInt32(in.TotalSegments))
	page, err := e.readPage(ctx, "Scan", r, func(t *table, x *index) (at location, err error) {
		at.within = keyspace.SegmentRange(segment, max(total, 1))
		if r.start == nil {
			return at, nil
		}
		if at.after, err = r.startKey(t, x); err != nil {
			return at, err
		}
		if !at.within.Contains(at.after) {
			return at, refusal.Invalidf(
				"The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with "+
					"correct "+
					"Segment. TotalSegments: %d Segment: %d", total, segment)
		}
		return at, nil
	})
	return r, page, err
}

// scanOf finds what is wrong with a request without its table.
func scanOf(in *dynamodb.ScanInput, newer bool) (*pageRequest, error) {
	if err := checkTableName(in.TableName); err != nil {
		return nil, err
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
		legacyFilter:    in.ScanFilter,
		filterName:      "ScanFilter",
		operator:        in.ConditionalOperator,
		names:           in.ExpressionAttributeNames,
		values:          in.ExpressionAttributeValues,
		consumed:        in.ReturnConsumedCapacity,
		newer:           newer,
	}
	var c constraints
	p.check(&c, "scanFilter")
	c.atMost(in.TotalSegments, "totalSegments", size.MaxSegments)
	c.atLeast(in.TotalSegments, "totalSegments", 1)
	c.atMost(in.Segment, "segment", size.MaxSegments-1)
	c.from(newer, in.Segment, "Segment", 0)
	if err := c.err(); err != nil {
		return nil, err
	}
	r, err := p.scanOf(in)
	if err != nil {
		return nil, p.wording.of(err)
	}
	err = r.checkSelect(p.projectionName())
	if newer && r.choice == types.SelectSpecificAttributes {
		err = refusal.Enveloped(err)
	}
	return r, err
}

// scanOf checks and parses a request whose bounds hold.
func (p pageInput) scanOf(in *dynamodb.ScanInput) (*pageRequest, error) {
	scope, err := p.scope(nil)
	if err != nil {
		return nil, err
	}
	r, err := p.request()
	if err != nil {
		return nil, err
	}
	if err := checkSegments(in, p.newer); err != nil {
		return nil, err
	}
	if err := p.parse(r, scope); err != nil {
		return nil, err
	}
	return r, allUsed(scope)
}

func checkSegments(in *dynamodb.ScanInput, newer bool) error {
	switch {
	case in.Segment == nil && in.TotalSegments == nil:
	case in.TotalSegments == nil:
		return refusal.Invalid(
			"The TotalSegments parameter is required but was not present in the request when Segment parameter is " +
				"present")
	case in.Segment == nil:
		return refusal.Invalid(
			"The Segment parameter is required but was not present in the request when parameter TotalSegments is " +
				"present")
	case *in.Segment >= *in.TotalSegments:
		return refusal.BadSegment(newer, *in.Segment, *in.TotalSegments)
	}
	return nil
}
