package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
)

// UpdateTimeToLive turns expiry by an attribute on or off.
func (e *Engine) UpdateTimeToLive(
	ctx context.Context, in *dynamodb.UpdateTimeToLiveInput,
) (*dynamodb.UpdateTimeToLiveOutput, error) {
	if err := checkTableName(in.TableName); err != nil {
		return nil, err
	}
	var c constraints
	c.required(in.TimeToLiveSpecification != nil, "timeToLiveSpecification")
	if s := in.TimeToLiveSpecification; s != nil {
		c.required(s.AttributeName != nil, "timeToLiveSpecification.attributeName")
		c.length(s.AttributeName, "timeToLiveSpecification.attributeName", 1, 255)
		c.required(s.Enabled != nil, "timeToLiveSpecification.enabled")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := e.control(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s := in.TimeToLiveSpecification
	switch current := t.settings.ttlAttribute; {
	case *s.Enabled && current == *s.AttributeName:
		return nil, refusal.Invalid("TimeToLive is already enabled")
	case *s.Enabled && current != "":
		return nil, refusal.Invalid("TimeToLive is active on a different AttributeName: current AttributeName is " +
			current)
	case !*s.Enabled && current == "":
		return nil, refusal.Invalid("TimeToLive is already disabled")
	case !*s.Enabled && current != *s.AttributeName:
		return nil, refusal.Invalid("TimeToLive is active on a different AttributeName: current AttributeName is " +
			current)
	}
	t.settings.ttlAttribute = ""
	if *s.Enabled {
		t.settings.ttlAttribute = *s.AttributeName
	}
	return &dynamodb.UpdateTimeToLiveOutput{
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(*s.AttributeName),
			Enabled: aws.Bool(*s.Enabled)},
	}, nil
}

// DescribeTimeToLive tells whether and by which attribute items expire.
func (e *Engine) DescribeTimeToLive(
	ctx context.Context, in *dynamodb.DescribeTimeToLiveInput,
) (*dynamodb.DescribeTimeToLiveOutput, error) {
	t, err := e.control(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	d := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
	if t.settings.ttlAttribute != "" {
		d.TimeToLiveStatus = types.TimeToLiveStatusEnabled
		d.AttributeName = new(t.settings.ttlAttribute)
	}
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: d}, nil
}
