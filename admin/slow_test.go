package admin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// option is what a call gives the SDK.
type option = func(*dynamodb.Options)

// slowClient has a table whose changes take time, in a clock that tests advance.
type slowClient struct {
	requests  []string
	creating  time.Duration         // until the table is ACTIVE
	indexing  time.Duration         // and its indexes
	hidden    time.Duration         // until DescribeTable finds it
	deleting  time.Duration         // until it is gone
	backups   time.Duration         // until backups can be enabled
	status    types.TableStatus     // instead of the status by time
	fail      map[string]error      // by operation
	reborn    bool                  // another table of the name, once it is gone
	mutate    func(context.Context) // on every DescribeTable
	created   time.Time
	deleted   time.Time
	input     *dynamodb.CreateTableInput
	ttl       string
	recovered bool
}

func (c *slowClient) request(op string) error {
	c.requests = append(c.requests, op)
	return c.fail[op]
}

func (c *slowClient) CreateTable(
	_ context.Context, in *dynamodb.CreateTableInput, _ ...option,
) (*dynamodb.CreateTableOutput, error) {
	if err := c.request("CreateTable"); err != nil {
		return nil, err
	}
	if c.input != nil {
		return nil, &types.ResourceInUseException{Message: aws.String("Table already exists")}
	}
	c.input, c.created = in, time.Now()
	return &dynamodb.CreateTableOutput{TableDescription: c.description("1")}, nil
}

func (c *slowClient) description(id string) *types.TableDescription {
	d := &types.TableDescription{TableName: c.input.TableName, TableId: &id, TableStatus: types.TableStatusActive,
		AttributeDefinitions: c.input.AttributeDefinitions, KeySchema: c.input.KeySchema}
	age := time.Since(c.created)
	for _, x := range c.input.GlobalSecondaryIndexes {
		status := types.IndexStatusActive
		if age < c.indexing {
			status = types.IndexStatusCreating
		}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{
			IndexName: x.IndexName, IndexStatus: status, KeySchema: x.KeySchema, Projection: x.Projection})
	}
	switch {
	case c.status != "":
		d.TableStatus = c.status
	case !c.deleted.IsZero():
		d.TableStatus = types.TableStatusDeleting
	case age < c.creating:
		d.TableStatus = types.TableStatusCreating
	}
	return d
}

func (c *slowClient) DescribeTable(
	ctx context.Context, _ *dynamodb.DescribeTableInput, _ ...option,
) (*dynamodb.DescribeTableOutput, error) {
	if c.mutate != nil {
		c.mutate(ctx)
	}
	if err := errors.Join(c.request("DescribeTable"), ctx.Err()); err != nil {
		return nil, err
	}
	gone := c.input == nil || time.Since(c.created) < c.hidden ||
		!c.deleted.IsZero() && time.Since(c.deleted) >= c.deleting
	switch {
	case gone && c.reborn:
		return &dynamodb.DescribeTableOutput{Table: c.description("2")}, nil
	case gone:
		return nil, &types.ResourceNotFoundException{Message: aws.String("Requested resource not found")}
	}
	return &dynamodb.DescribeTableOutput{Table: c.description("1")}, nil
}

func (c *slowClient) DeleteTable(
	context.Context, *dynamodb.DeleteTableInput, ...option,
) (*dynamodb.DeleteTableOutput, error) {
	if err := c.request("DeleteTable"); err != nil {
		return nil, err
	}
	c.deleted = time.Now()
	return &dynamodb.DeleteTableOutput{TableDescription: c.description("1")}, nil
}

func (c *slowClient) DescribeTimeToLive(
	context.Context, *dynamodb.DescribeTimeToLiveInput, ...option,
) (*dynamodb.DescribeTimeToLiveOutput, error) {
	d := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
	if c.ttl != "" {
		d.AttributeName, d.TimeToLiveStatus = &c.ttl, types.TimeToLiveStatusEnabling
	}
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: d}, c.request("DescribeTimeToLive")
}

func (c *slowClient) UpdateTimeToLive(
	_ context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...option,
) (*dynamodb.UpdateTimeToLiveOutput, error) {
	if err := c.request("UpdateTimeToLive"); err != nil {
		return nil, err
	}
	if c.ttl != "" {
		return nil, &smithy.GenericAPIError{Code: "ValidationException", Message: "TimeToLive is already enabled"}
	}
	c.ttl = *in.TimeToLiveSpecification.AttributeName
	return &dynamodb.UpdateTimeToLiveOutput{}, nil
}

func (c *slowClient) UpdateContinuousBackups(
	_ context.Context, in *dynamodb.UpdateContinuousBackupsInput, _ ...option,
) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	if err := c.request("UpdateContinuousBackups"); err != nil {
		return nil, err
	}
	if time.Since(c.created) < c.backups {
		early := aws.String("Backups are being enabled for the table")
		return nil, &types.ContinuousBackupsUnavailableException{Message: early}
	}
	c.recovered = *in.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
	return &dynamodb.UpdateContinuousBackupsOutput{}, nil
}

// counts are the requests in order, repetitions as a number.
func (c *slowClient) counts() string {
	var all []string
	for i := 0; i < len(c.requests); {
		n := i
		for n < len(c.requests) && c.requests[n] == c.requests[i] {
			n++
		}
		all = append(all, fmt.Sprintf("%d %s", n-i, c.requests[i]))
		i = n
	}
	return strings.Join(all, ", ")
}
