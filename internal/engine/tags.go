package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
)

var errTooManyTags = refusal.Invalid("Number of Tags exceed the current limit for the provided ResourceArn")

// checkTags refuses tags that are none: letters of any script, digits, spaces and + - = . _ : / @ make a tag.
func checkTags(tags []types.Tag) error {
	seen := map[string]bool{}
	for _, tag := range tags {
		switch key := *tag.Key; {
		case strings.ContainsFunc(key, notInTag):
			return refusal.Invalid("The Tag Key provided is invalid, Key: " + key)
		case strings.ContainsFunc(*tag.Value, notInTag):
			return refusal.Invalid("The Tag Value provided is invalid, Value: " + *tag.Value)
		case strings.HasPrefix(key, "aws:"):
			return refusal.Invalid("Tag Key cannot be prefixed with aws:, Key: " + key)
		case seen[key]:
			return refusal.Invalid("Duplicate Tag Keys provided as input: Duplicate Tag Key found " + key)
		default:
			seen[key] = true
		}
	}
	if len(seen) > size.MaxTags {
		return errTooManyTags
	}
	return nil
}

func notInTag(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsSpace(r) && !strings.ContainsRune("+-=._:/@", r)
}

// tagged finds the table of a request about tags.
func (e *Engine) tagged(ctx context.Context, arn *string, c constraints) (*table, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if arn == nil {
		return nil, refusal.NoARN()
	}
	c.length(arn, "resourceArn", 1, 1283)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := checkTaggedARN(*arn); err != nil {
		return nil, err
	}
	if err := e.checkAccount(*arn); err != nil {
		return nil, err
	}
	t := e.find(*arn)
	if t == nil {
		return nil, &types.ResourceNotFoundException{Message: new("Requested resource not found: ResourcArn: " + *arn +
			" not found")}
	}
	return t, nil
}

// checkTaggedARN refuses what is no ARN of a table.
func checkTaggedARN(arn string) error {
	a, ok := parseARN(arn)
	switch {
	case !isARN(arn):
		return refusal.NotAnARN(arn)
	case !ok:
		return refusal.Invalid("Invalid TableArn: Invalid ResourceArn provided as input " + arn)
	case strings.Contains(a.name, "/index/"):
		return refusal.ARNOfIndex(arn)
	}
	return nil
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
		return nil, refusal.Invalid("Atleast one Tag needs to be provided as Input.")
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	tags := maps.Clone(t.settings.tags)
	for _, tag := range in.Tags {
		tags[*tag.Key] = *tag.Value
	}
	if len(tags) > size.MaxTags {
		return nil, errTooManyTags
	}
	t.settings.tags = tags
	return &dynamodb.TagResourceOutput{}, nil
}

// UntagResource takes tags off a table.
func (e *Engine) UntagResource(
	ctx context.Context, in *dynamodb.UntagResourceInput,
) (*dynamodb.UntagResourceOutput, error) {
	var c constraints
	c.required(in.TagKeys != nil, "tagKeys")
	t, err := e.tagged(ctx, in.ResourceArn, c)
	if err != nil {
		return nil, err
	}
	if len(in.TagKeys) == 0 {
		return nil, refusal.Invalid("Atleast one Tag Key needs to be provided as Input.")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range in.TagKeys {
		delete(t.settings.tags, key)
	}
	return &dynamodb.UntagResourceOutput{}, nil
}

// ListTagsOfResource lists a table's tags.
func (e *Engine) ListTagsOfResource(
	ctx context.Context, in *dynamodb.ListTagsOfResourceInput,
) (*dynamodb.ListTagsOfResourceOutput, error) {
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

func (c *constraints) tags(tags []types.Tag) {
	for i, t := range tags {
		field := fmt.Sprintf("tags.%d.member.", i+1)
		c.required(t.Key != nil, field+"key")
		c.characters(t.Key, field+"key", 1, 128)
		c.required(t.Value != nil, field+"value")
		c.characters(t.Value, field+"value", 0, 256)
	}
}
