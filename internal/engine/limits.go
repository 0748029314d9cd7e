package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DescribeLimits tells the account's limits, which nothing here enforces.
func (e *Engine) DescribeLimits(
	ctx context.Context, _ *dynamodb.DescribeLimitsInput,
) (*dynamodb.DescribeLimitsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &dynamodb.DescribeLimitsOutput{
		AccountMaxReadCapacityUnits:  aws.Int64(80000),
		AccountMaxWriteCapacityUnits: aws.Int64(80000),
		TableMaxReadCapacityUnits:    aws.Int64(40000),
		TableMaxWriteCapacityUnits:   aws.Int64(40000),
	}, nil
}

// DescribeEndpoints tells the service's address in the engine's region.
func (e *Engine) DescribeEndpoints(
	ctx context.Context, _ *dynamodb.DescribeEndpointsInput,
) (*dynamodb.DescribeEndpointsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &dynamodb.DescribeEndpointsOutput{
		Endpoints: []types.Endpoint{{Address: aws.String("dynamodb." + e.options.Region + ".amazonaws.com"),
			CachePeriodInMinutes: 1440}},
	}, nil
}
