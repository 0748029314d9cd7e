package engine

import (
	"cmp"
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

type askedKey struct{}

// Asked notes the host that a request was sent to, which is the one that DescribeEndpoints names.
func Asked(ctx context.Context, host string) context.Context {
	return context.WithValue(ctx, askedKey{}, host)
}

// DescribeEndpoints tells the host that was asked, or else the service's in the engine's region.
func (e *Engine) DescribeEndpoints(
	ctx context.Context, _ *dynamodb.DescribeEndpointsInput,
) (*dynamodb.DescribeEndpointsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	host, _ := ctx.Value(askedKey{}).(string)
	host = cmp.Or(host, "dynamodb."+e.options.Region+".amazonaws.com")
	return &dynamodb.DescribeEndpointsOutput{
		Endpoints: []types.Endpoint{{Address: &host, CachePeriodInMinutes: 1440}},
	}, nil
}
