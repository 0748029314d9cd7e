//go:build oracle

package dynamotest_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/dynamotest"
)

// These benchmarks compare the server with a DynamoDB Local. Times depend on the machine, their ratios hardly:
//
//	MONOTABLE_DYNAMODB_LOCAL=http://127.0.0.1:8000 go test -tags oracle -run xxx -bench Oracle ./dynamotest

// BenchmarkOracleScan reads 10,000 items of 200 bytes to their end, through the SDK, on both sides in turn.
func BenchmarkOracleScan(b *testing.B) {
	const items = 10000
	endpoint := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
	if endpoint == "" {
		b.Fatal("MONOTABLE_DYNAMODB_LOCAL is not set")
	}
	server, err := dynamotest.NewServer(dynamotest.NewClient())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close() })
	local := server.Config()
	local.BaseEndpoint = &endpoint
	local.Credentials = credentials.NewStaticCredentialsProvider(fmt.Sprint("BENCH", os.Getpid()), "secret", "")
	clients := []*dynamodb.Client{dynamodb.NewFromConfig(server.Config()), dynamodb.NewFromConfig(local)}
	table := fmt.Sprint("scanned-", os.Getpid())
	for _, client := range clients {
		fillScanned(b, client, table, items)
	}
	var times [2]time.Duration
	for b.Loop() {
		for i, client := range clients {
			start := time.Now()
			if n := scanAll(b, client, table); n != items {
				b.Fatal("items: ", n)
			}
			times[i] += time.Since(start)
		}
	}
	b.ReportMetric(times[0].Seconds()*1e3/float64(b.N), "ms/dynamotest")
	b.ReportMetric(times[1].Seconds()*1e3/float64(b.N), "ms/local")
	b.ReportMetric(float64(times[1])/float64(times[0]), "times-faster")
}

func fillScanned(b *testing.B, client *dynamodb.Client, table string, items int) {
	ctx := context.Background()
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &table, BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"),
			AttributeType: types.ScalarAttributeTypeS}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table}) })
	for from := 0; from < items; from += 25 {
		var writes []types.WriteRequest
		for i := from; i < from+25; i++ {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item{
				"id": s(fmt.Sprintf("id-%06d", i)), "count": n(fmt.Sprint(i)), "name": s("Rachel Example"),
				"text": s(strings.Repeat("t", 150)),
			}}})
		}
		if _, err := client.BatchWriteItem(ctx,
			&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: writes}}); err != nil {
			b.Fatal(err)
		}
	}
}

// scanAll reads a table to its end.
func scanAll(b *testing.B, client *dynamodb.Client, table string) int {
	found := 0
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		found += len(page.Items)
	}
	return found
}

// BenchmarkOracleStart starts each side as a process of its own and waits for its first answer: the built
// dynamotest/local, and DynamoDB Local as .ci/dynamodb-local starts it, which must have been fetched before.
func BenchmarkOracleStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "local")
	if out, err := exec.Command("go", "build", "-o", binary, "./local").CombinedOutput(); err != nil {
		b.Fatal(err, string(out))
	}
	var times [2]time.Duration
	for b.Loop() {
		address := freeAddress(b)
		times[0] += untilAnswered(b, address, exec.Command(binary, "-addr", address))
		address = freeAddress(b)
		_, port, _ := net.SplitHostPort(address)
		times[1] += untilAnswered(b, address, exec.Command("bash", filepath.Join("..", ".ci", "dynamodb-local"), port))
	}
	b.ReportMetric(times[0].Seconds()*1e3/float64(b.N), "ms/dynamotest")
	b.ReportMetric(times[1].Seconds()*1e3/float64(b.N), "ms/local")
	b.ReportMetric(float64(times[1])/float64(times[0]), "times-faster")
}

func freeAddress(b *testing.B) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// untilAnswered starts a server, asks it for its tables until it answers, and kills it.
func untilAnswered(b *testing.B, address string, command *exec.Cmd) time.Duration {
	start := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	for time.Since(start) < time.Minute {
		request, err := http.NewRequest(http.MethodPost, "http://"+address, strings.NewReader("{}"))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
		request.Header.Set("Content-Type", "application/x-amz-json-1.0")
		request.Header.Set("X-Amz-Date", "20261122T000000Z")
		request.Header.Set("Authorization",
			"AWS4-HMAC-SHA256 Credential=bench/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host, "+
				"Signature=0")
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				b.Fatal(response.Status)
			}
			return time.Since(start)
		}
		time.Sleep(time.Millisecond / 2)
	}
	b.Fatal("no answer from ", command.Args)
	return 0
}
