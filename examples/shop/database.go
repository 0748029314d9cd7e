package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/shop/shop"
)

// tableWait bounds the creation and the deletion of the table.
const tableWait = 5 * time.Minute

// database is a DynamoDB with the shop's table in it.
type database struct {
	client monotable.Client
	close  func() error
}

// open makes the schema's table: inside this program or, under a name of this run, in the DynamoDB at endpoint.
func open(ctx context.Context, endpoint string, schema *monotable.Schema) (*database, error) {
	if endpoint == "" {
		client := dynamotest.NewClient()
		return &database{client, func() error { return nil }}, admin.Create(ctx, client, *schema, tableWait)
	}
	cfg, err := configFor(ctx, endpoint)
	if err != nil {
		return nil, err
	}
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = &endpoint })
	schema.Name = fmt.Sprintf("shop-%d", time.Now().UnixNano())
	err = admin.Create(ctx, client, *schema, tableWait)
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "ValidationException" && hasRegionIndex(*schema) {
		return nil, fmt.Errorf("%w\nThis DynamoDB may be too old for multi-attribute index keys: try -without %s", err,
			shop.ByRegion)
	}
	if err != nil {
		return nil, err
	}
	return &database{client, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), tableWait)
		defer cancel()
		return admin.Delete(ctx, client, *schema, 0)
	}}, nil
}

func hasRegionIndex(schema monotable.Schema) bool {
	for _, index := range schema.Indexes {
		if index.Name == shop.ByRegion {
			return true
		}
	}
	return false
}

// configFor has the credentials and the region of whoever started this program. A DynamoDB on this machine takes any.
func configFor(ctx context.Context, endpoint string) (aws.Config, error) {
	target, err := url.Parse(endpoint)
	if err != nil || target.Host == "" {
		return aws.Config{}, fmt.Errorf("endpoint %q is not a URL such as http://127.0.0.1:8000", endpoint)
	}
	options := []func(*config.LoadOptions) error{config.WithDefaultRegion("us-east-1"),
		config.WithLogger(logging.Nop{})}
	if ip := net.ParseIP(target.Hostname()); target.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local",
			"local", "")))
	}
	return config.LoadDefaultConfig(ctx, options...)
}
