package codectest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// Sent is the item as it stands in the body that the SDK's client sends, read by encoding/json.
func Sent(t require.TestingT, item map[string]types.AttributeValue) any {
	var body []byte
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		Retryer:                         aws.NopRetryer{},
		DisableValidateResponseChecksum: true, HTTPClient: transport(func(r *http.Request) (*http.Response, error) {
			body, _ = io.ReadAll(r.Body)
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))},
				nil
		}),
	})
	_, err := client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("things"), Item: item})
	require.NoError(t, err)
	var read struct{ Item any }
	require.NoError(t, json.Unmarshal(body, &read))
	return read.Item
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }
