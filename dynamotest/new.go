package dynamotest

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
)

// New makes a DynamoDB with a table for every schema, TTL included, and ends the test where one cannot be made. When
// the test ends the tables are deleted, so that what a test left running finds ResourceNotFoundException and not
// another test's items.
//
// A test that fails after a fault was left to chance logs the client's seed. Set the environment variable
// DYNAMOTEST_SEED to it, or give NewWith a WithSeed, and run the test again.
func New(t testing.TB, schemas ...monotable.Schema) *Client {
	t.Helper()
	return NewWith(t, nil, schemas...)
}

// NewWith is New with options, such as a clock that the test moves.
func NewWith(t testing.TB, opts []Option, schemas ...monotable.Schema) *Client {
	t.Helper()
	if text, ok := os.LookupEnv(seedVariable); ok {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("dynamotest: %s is no seed", seedVariable)
		}
		opts = append([]Option{WithSeed(seed)}, opts...)
	}
	c := NewClient(opts...)
	for _, s := range schemas {
		if err := c.createTable(context.Background(), s); err != nil {
			t.Fatalf("dynamotest: table %s: %v", s.Name, err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() && c.faults.drawn.Load() {
			t.Logf("dynamotest: faults were drawn from seed %d; to repeat them set %s=%[1]d", c.faults.seed,
				seedVariable)
		}
		for _, s := range schemas {
			_, _ = c.engine.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &s.Name})
		}
	})
	return c
}

const seedVariable = "DYNAMOTEST_SEED"

func (c *Client) createTable(ctx context.Context, s monotable.Schema) error {
	in, err := admin.CreateTableInput(s)
	if err != nil {
		return err
	}
	if _, err := c.CreateTable(ctx, in); err != nil || s.TTL == "" {
		return err
	}
	_, err = c.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &s.Name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &s.TTL, Enabled: aws.Bool(true)}})
	return err
}
