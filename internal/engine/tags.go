package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxTags is how many tags a table may have (DynamoDB guide, "Tagging restrictions").
const maxTags = 50

// tagged finds the table of a request about tags.
func (e *Engine) tagged(ctx context.Context, arn *string, c constraints) (*table, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.required(arn != nil, "resourceArn")
	c.length(arn, "resourceArn", 1, 1283)
	if err := c.err(); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(*arn, "arn:") || tableName(*arn) == *arn {
		return nil, invalid("Invalid TableArn: Invalid ResourceArn provided as input " + *arn)
	}
	t := e.find(*arn)
	if t == nil {
		return nil, &types.ResourceNotFoundException{Message: new("Requested resource not found: ResourcArn: " + *arn + " not found")}
	}
	return t, nil
}

// TagResource adds tags to a table or changes their values.
func (e *Engine) TagResource(ctx context.Context, in *dynamodb.TagResourceInput) (*dynamodb.TagResourceOutput, error) {
	var c constraints
	c.required(in.Tags != nil, "tags")
	c.tags(in.Tags)
	t, err := e.tagged(ctx, in.ResourceArn, c)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, invalid("Atleast one Tag needs to be provided as Input.")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	tags := maps.Clone(t.settings.tags)
	for _, tag := range in.Tags {
		tags[*tag.Key] = *tag.Value
	}
	if len(tags) > maxTags {
		return nil, invalidParameter("Too many tags: a table has at most %d", maxTags)
	}
	t.settings.tags = tags
	return &dynamodb.TagResourceOutput{}, nil
}

// UntagResource takes tags off a table.
func (e *Engine) UntagResource(ctx context.Context, in *dynamodb.UntagResourceInput) (*dynamodb.UntagResourceOutput, error) {
	var c constraints
	c.required(in.TagKeys != nil, "tagKeys")
	t, err := e.tagged(ctx, in.ResourceArn, c)
	if err != nil {
		return nil, err
	}
	if len(in.TagKeys) == 0 {
		return nil, invalid("Atleast one Tag Key needs to be provided as Input.")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range in.TagKeys {
		delete(t.settings.tags, key)
	}
	return &dynamodb.UntagResourceOutput{}, nil
}

// ListTagsOfResource lists a table's tags.
func (e *Engine) ListTagsOfResource(ctx context.Context, in *dynamodb.ListTagsOfResourceInput) (*dynamodb.ListTagsOfResourceOutput, error) {
	t, err := e.tagged(ctx, in.ResourceArn, constraints{})
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := &dynamodb.ListTagsOfResourceOutput{Tags: []types.Tag{}}
	for _, key := range slices.Sorted(maps.Keys(t.settings.tags)) {
		out.Tags = append(out.Tags, types.Tag{Key: new(key), Value: new(t.settings.tags[key])})
	}
	return out, nil
}
