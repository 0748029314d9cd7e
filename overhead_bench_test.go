//go:build unix

package monotable_test

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/cputime"
)

// instant answers every request with one body.
type instant struct{ body []byte }

func (c instant) Do(request *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, ContentLength: int64(len(c.body)), Body: io.NopCloser(bytes.NewReader(c.body)),
		Request: request,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"},
			"X-Amz-Crc32": {strconv.FormatUint(uint64(crc32.ChecksumIEEE(c.body)), 10)}},
	}, nil
}

func instantClient(body string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", HTTPClient: instant{[]byte(body)},
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("a", "b", "")),
	})
}

// BenchmarkOverhead is one Put and one Get through the library and as one would write them with the SDK alone, on a
// transport that answers at once: what the library adds to the client's own work.
func BenchmarkOverhead(b *testing.B) {
	ctx := context.Background()
	order := Order{CustomerID: "c1", ID: "o1", Number: 7, Status: "open", Total: 1200}
	const stored = `{"Item":{"PK":{"S":"CUSTOMER#c1"},"SK":{"S":"ORDER#000007"},` +
		`"GSI1PK":{"S":"STATUS#open"},"GSI1SK":{"S":"000007"},"type":{"S":"Order"},"customer_id":{"S":"c1"},` +
		`"id":{"S":"o1"},"number":{"N":"7"},"status":{"S":"open"},"total":{"N":"1200"}}}`
	model := monotable.Model{Keys: map[string]string{
		"PK": "CUSTOMER#{customer_id}", "SK": "ORDER#{number:6}", "GSI1PK": "STATUS#{status}", "GSI1SK": "{number:6}",
	}}
	measured := func(name string, call func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			require.NoError(b, call())
			defer cputime.Report(b)()
			for b.Loop() {
				if err := call(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	writer, reader := instantClient(`{}`), instantClient(stored)
	measured("Put/sdk", func() error {
		item, err := attributevalue.MarshalMap(order)
		if err != nil {
			return err
		}
		number := fmt.Sprintf("%06d", order.Number)
		item["PK"], item["SK"], item["type"] = text("CUSTOMER#"+order.CustomerID), text("ORDER#"+number), text("Order")
		item["GSI1PK"], item["GSI1SK"] = text("STATUS#"+order.Status), text(number)
		_, err = writer.PutItem(ctx, &dynamodb.PutItemInput{TableName: &shop.Name, Item: item})
		return err
	})
	db, err := monotable.Open(writer, shop)
	require.NoError(b, err)
	orders := tableOf[Order](b, db, model)
	measured("Put/library", func() error { return orders.Put(ctx, &order) })
	measured("Get/sdk", func() error {
		out, err := reader.GetItem(ctx, &dynamodb.GetItemInput{TableName: &shop.Name,
			Key: map[string]types.AttributeValue{
				"PK": text("CUSTOMER#" + order.CustomerID), "SK": text(fmt.Sprintf("ORDER#%06d", order.Number)),
			}})
		if err != nil {
			return err
		}
		var got Order
		return attributevalue.UnmarshalMap(out.Item, &got)
	})
	db, err = monotable.Open(reader, shop)
	require.NoError(b, err)
	orders = tableOf[Order](b, db, model)
	measured("Get/library", func() error {
		_, err := orders.Get(ctx, Order{CustomerID: "c1", Number: 7})
		return err
	})
}
