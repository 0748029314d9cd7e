package dynamotest_test

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/internal/cputime"
	"github.com/monotable/monotable/internal/wire"
)

var things = monotable.Schema{Name: "things", Partition: monotable.S("id")}

// flat is an item of 1 KB and 12 attributes.
func flat(id string) item {
	it := item{"id": s(id), "count": n("123456"), "price": n("19.95"),
		"ok": &types.AttributeValueMemberBOOL{Value: true}}
	for i := range 8 {
		it[fmt.Sprintf("attribute_%d", i)] = s(strings.Repeat("x", 110))
	}
	return it
}

func putFlat(b *testing.B, client dynamoDB, id string) {
	_, err := client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &things.Name, Item: flat(id)})
	if err != nil {
		b.Error(err)
	}
}

func getFlat(b *testing.B, client dynamoDB, id string) {
	_, err := client.GetItem(context.Background(),
		&dynamodb.GetItemInput{TableName: &things.Name, Key: item{"id": s(id)}})
	if err != nil {
		b.Error(err)
	}
}

// BenchmarkNew is a test's first call: a DynamoDB, a table, an item.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		putFlat(b, dynamotest.New(b, things), "1")
	}
}

func BenchmarkInProcess(b *testing.B) {
	client := dynamotest.New(b, things)
	ctx := context.Background()
	put := &dynamodb.PutItemInput{TableName: &things.Name, Item: flat("1")}
	get := &dynamodb.GetItemInput{TableName: &things.Name, Key: item{"id": s("1")}}
	b.Run("Put", func(b *testing.B) {
		b.ReportAllocs()
		defer cputime.Report(b)()
		for b.Loop() {
			if _, err := client.PutItem(ctx, put); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		defer cputime.Report(b)()
		for b.Loop() {
			if _, err := client.GetItem(ctx, get); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkParallel is GetItem and PutItem by 8 goroutines, each on an item of its own.
func BenchmarkParallel(b *testing.B) {
	const goroutines = 8
	client := dynamotest.New(b, things)
	run := func(name string, call func(id string) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			defer cputime.Report(b)()
			var left atomic.Int64
			left.Store(int64(b.N))
			var all sync.WaitGroup
			for g := range goroutines {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						if err := call(strconv.Itoa(g)); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
		})
	}
	puts := map[string]*dynamodb.PutItemInput{}
	for g := range goroutines {
		id := strconv.Itoa(g)
		puts[id] = &dynamodb.PutItemInput{TableName: &things.Name, Item: flat(id)}
	}
	run("Put", func(id string) error {
		_, err := client.PutItem(context.Background(), puts[id])
		return err
	})
	run("Get", func(id string) error {
		_, err := client.GetItem(context.Background(),
			&dynamodb.GetItemInput{TableName: &things.Name, Key: item{"id": s(id)}})
		return err
	})
}

// cannedServer reads requests and answers every one with the same bytes.
func cannedServer(b *testing.B, answer []byte) *dynamodb.Client {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE(answer)), 10)
	server := &http.Server{ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			h := w.Header()
			h["X-Amzn-Requestid"] = []string{strings.Repeat("A", 52)}
			h["X-Amz-Crc32"] = []string{sum}
			h["Content-Type"] = []string{"application/x-amz-json-1.0"}
			h["Content-Length"] = []string{strconv.Itoa(len(answer))}
			_, _ = w.Write(answer)
		})}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return dynamodb.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + listener.Addr().String()),
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient:  &http.Client{Transport: dynamotest.Transport(nil)},
	})
}

// BenchmarkHTTP compares the server with one that answers canned bytes, both behind the SDK's client, at 8 clients. The
// clients keep all processors busy, so that the processor time of a request, the client's share included, says how many
// there are in a second, on a busy machine too:
//
//	go test -run xxx -bench HTTP -count 6 ./dynamotest
func BenchmarkHTTP(b *testing.B) {
	at8 := func(b *testing.B, do func(b *testing.B, id string)) {
		var next atomic.Int64
		b.SetParallelism(max(1, 8/runtime.GOMAXPROCS(0)))
		defer cputime.Report(b)()
		b.RunParallel(func(pb *testing.PB) {
			id := strconv.FormatInt(next.Add(1), 10)
			for pb.Next() {
				do(b, id)
			}
		})
	}
	served := dynamotest.New(b, things)
	for i := range 64 {
		putFlat(b, served, strconv.Itoa(i))
	}
	server, err := dynamotest.NewServer(served)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close() })
	client := dynamodb.NewFromConfig(server.Config())
	canned := map[string]*dynamodb.Client{
		"Put": cannedServer(b, []byte("{}")),
		"Get": cannedServer(b, wire.AppendOutput(nil, &dynamodb.GetItemOutput{Item: flat("1")})),
	}
	for name, do := range map[string]func(*testing.B, dynamoDB, string){"Put": putFlat, "Get": getFlat} {
		b.Run(name+"/canned", func(b *testing.B) {
			at8(b, func(b *testing.B, id string) { do(b, canned[name], id) })
		})
		b.Run(name+"/dynamotest", func(b *testing.B) {
			at8(b, func(b *testing.B, id string) { do(b, client, id) })
		})
	}
}
