package dynamotest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/internal/script"
)

func TestScriptInProcess(t *testing.T) {
	script.Run(t, script.Service, func(*testing.T) script.Target { return dynamotest.NewClient() })
}

func TestScriptOverHTTP(t *testing.T) {
	s := newServer(t)
	client := dynamodb.NewFromConfig(s.Config(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	script.Run(t, script.Service, func(*testing.T) script.Target { return client })
}
