package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Scan reads a page of a table or an index, or of one segment of it, in the order of a hash of the partition keys.
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
func (e *Engine) ScanPacked(ctx context.Context, in *dynamodb.ScanInput) (*dynamodb.ScanOutput, []PackedItem, error) {
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
	r, err := scanOf(in)
	if err != nil {
		return nil, nil, err
	}
	segment, total := int(aws.ToInt32(in.Segment)), int(aws.ToInt32(in.TotalSegments))
	page, err := e.readPage("Scan", r, func(t *table, x *index) (at location, err error) {
		at.within = segmentRange(segment, max(total, 1))
		if r.start == nil {
			return at, nil
		}
		if at.after, err = r.startKey(t, x); err != nil {
			return at, err
		}
		if !at.within.contains(at.after) {
			return at, invalidf("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", total, segment)
		}
		return at, nil
	})
	return r, page, err
}

// scanOf finds what is wrong with a request without its table.
func scanOf(in *dynamodb.ScanInput) (*pageRequest, error) {
	if err := checkTableName(in.TableName); err != nil {
		return nil, err
	}
	var c constraints
	enum(&c, in.Select, "select", "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.atLeast(in.Limit, "limit", 1)
	c.table(in.TableName)
	c.atMost(in.TotalSegments, "totalSegments", 1000000)
	c.atLeast(in.TotalSegments, "totalSegments", 1)
	c.attributesToGet(in.AttributesToGet, "attributesToGet")
	c.conditions(in.ScanFilter, "scanFilter")
	c.conditionalOperator(in.ConditionalOperator)
	c.atMost(in.Segment, "segment", 999999)
	c.atLeast(in.Segment, "segment", 0)
	c.length(in.IndexName, "indexName", 3, 255)
	c.pattern(in.IndexName, "indexName")
	if err := c.err(); err != nil {
		return nil, err
	}
	filters := []parameter{text("FilterExpression", in.FilterExpression)}
	scope, err := language{
		legacy: []parameter{
			{name: "AttributesToGet", given: in.AttributesToGet != nil},
			{name: "ScanFilter", given: in.ScanFilter != nil},
			{name: "ConditionalOperator", given: in.ConditionalOperator != ""},
		},
		expressions: append([]parameter{text("ProjectionExpression", in.ProjectionExpression)}, filters...),
		valued:      filters,
		names:       in.ExpressionAttributeNames,
		values:      in.ExpressionAttributeValues,
	}.scope()
	if err != nil {
		return nil, err
	}
	r := &pageRequest{
		table:      *in.TableName,
		index:      aws.ToString(in.IndexName),
		consistent: aws.ToBool(in.ConsistentRead),
		limit:      int(aws.ToInt32(in.Limit)),
		start:      in.ExclusiveStartKey,
		choice:     in.Select,
	}
	if err := checkValues(r.start); err != nil {
		return nil, err
	}
	if err := checkAttributesToGet(in.AttributesToGet); err != nil {
		return nil, err
	}
	if err := checkSegments(in); err != nil {
		return nil, err
	}
	if r.filter, err = legacyFilter(in.ScanFilter, in.ConditionalOperator, "ScanFilter"); err != nil {
		return nil, err
	}
	if in.FilterExpression != nil {
		if r.filter, err = parseFilter(scope, in.FilterExpression); err != nil {
			return nil, err
		}
	}
	if r.part, err = projectionOf(scope, in.ProjectionExpression, in.AttributesToGet); err != nil {
		return nil, err
	}
	if err := allUsed(scope); err != nil {
		return nil, err
	}
	return r, r.checkSelect(projectionName(in.ProjectionExpression))
}

// projectionName names the parameter that a projection came from.
func projectionName(expression *string) string {
	if expression != nil {
		return "ProjectionExpression"
	}
	return "AttributesToGet"
}

func checkSegments(in *dynamodb.ScanInput) error {
	switch {
	case in.Segment == nil && in.TotalSegments == nil:
	case in.TotalSegments == nil:
		return invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case in.Segment == nil:
		return invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *in.Segment >= *in.TotalSegments:
		return invalidf("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d",
			*in.Segment, *in.TotalSegments)
	}
	return nil
}
