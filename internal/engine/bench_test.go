package engine

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/cputime"
)

// flatItem is an item of 12 attributes and about 1 KB.
func flatItem(i int) map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{
		"p":         &types.AttributeValueMemberS{Value: fmt.Sprintf("customer-%08d", i)},
		"s":         &types.AttributeValueMemberN{Value: fmt.Sprint(i)},
		"name":      &types.AttributeValueMemberS{Value: "Rachel Example"},
		"email":     &types.AttributeValueMemberS{Value: "rachel@example.com"},
		"status":    &types.AttributeValueMemberS{Value: "active"},
		"region":    &types.AttributeValueMemberS{Value: "eu-central-1"},
		"total":     &types.AttributeValueMemberN{Value: "1234.56"},
		"count":     &types.AttributeValueMemberN{Value: "42"},
		"flag":      &types.AttributeValueMemberBOOL{Value: true},
		"created":   &types.AttributeValueMemberS{Value: "2026-11-22T16:30:19Z"},
		"nothing":   &types.AttributeValueMemberNULL{Value: true},
		"biography": &types.AttributeValueMemberS{Value: strings.Repeat("b", 800)},
	}
	return item
}

// benchTable makes a table with n items; under one partition if sorted.
func benchTable(tb testing.TB, n int, edit func(map[string]types.AttributeValue)) *Engine {
	tb.Helper()
	e := New(Options{})
	_, err := e.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:   aws.String("bench"),
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keys("p", "s"),
		AttributeDefinitions: append(strings_("p"),
			types.AttributeDefinition{AttributeName: aws.String("s"), AttributeType: "N"}),
	})
	require.NoError(tb, err)
	for i := range n {
		item := flatItem(i)
		if edit != nil {
			edit(item)
		}
		_, err := e.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("bench"), Item: item})
		require.NoError(tb, err)
	}
	return e
}

func BenchmarkGetItem(b *testing.B) {
	for _, n := range []int{1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := benchTable(b, n, nil)
			inputs := make([]*dynamodb.GetItemInput, n)
			for i := range inputs {
				item := flatItem(i)
				inputs[i] = &dynamodb.GetItemInput{TableName: aws.String("bench"),
					Key: map[string]types.AttributeValue{"p": item["p"], "s": item["s"]}}
			}
			b.ReportAllocs()
			b.ResetTimer()
			defer cputime.Report(b)()
			for i := range b.N {
				out, err := e.GetItem(context.Background(), inputs[i%n])
				if err != nil || len(out.Item) != 12 {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGetItemParallel(b *testing.B) {
	e := benchTable(b, 1000, nil)
	item := flatItem(7)
	in := &dynamodb.GetItemInput{TableName: aws.String("bench"),
		Key: map[string]types.AttributeValue{"p": item["p"], "s": item["s"]}}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = e.GetItem(context.Background(), in)
		}
	})
}

func BenchmarkPutItem(b *testing.B) {
	for _, n := range []int{1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := benchTable(b, n, nil)
			inputs := make([]*dynamodb.PutItemInput, n)
			for i := range inputs {
				inputs[i] = &dynamodb.PutItemInput{TableName: aws.String("bench"), Item: flatItem(i)}
			}
			b.ReportAllocs()
			b.ResetTimer()
			defer cputime.Report(b)()
			for i := range b.N {
				if _, err := e.PutItem(context.Background(), inputs[i%n]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkQueryPage(b *testing.B) {
	e := benchTable(b, 1100, func(item map[string]types.AttributeValue) {
		item["p"] = &types.AttributeValueMemberS{Value: "one"}
	})
	in := &dynamodb.QueryInput{
		TableName:                 aws.String("bench"),
		KeyConditionExpression:    aws.String("p = :p"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberS{Value: "one"}},
	}
	b.Run("maps", func(b *testing.B) {
		b.ReportAllocs()
		defer cputime.Report(b)()
		for range b.N {
			out, err := e.Query(context.Background(), in)
			if err != nil || len(out.Items) < 1000 {
				b.Fatal(err, len(out.Items))
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		defer cputime.Report(b)()
		var buf []byte
		for range b.N {
			_, items, err := e.QueryPacked(context.Background(), in)
			if err != nil {
				b.Fatal(err)
			}
			buf = buf[:0]
			for _, item := range items {
				buf = item.AppendJSON(buf)
			}
		}
	})
}

func BenchmarkUpdateItem(b *testing.B) {
	e := benchTable(b, 1000, nil)
	item := flatItem(7)
	in := &dynamodb.UpdateItemInput{
		TableName: aws.String("bench"), Key: map[string]types.AttributeValue{"p": item["p"], "s": item["s"]},
		UpdateExpression:          aws.String("SET tally = if_not_exists(tally, :d) + :d"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":d": &types.AttributeValueMemberN{Value: "1"}},
	}
	b.ReportAllocs()
	defer cputime.Report(b)()
	for range b.N {
		if _, err := e.UpdateItem(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}

// smallItem is an item of about 200 bytes.
func smallItem(i int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"p":    &types.AttributeValueMemberS{Value: fmt.Sprintf("p-%012d", i)},
		"s":    &types.AttributeValueMemberN{Value: fmt.Sprint(i)},
		"name": &types.AttributeValueMemberS{Value: "Rachel Example"},
		"text": &types.AttributeValueMemberS{Value: strings.Repeat("t", 150)},
	}
}

func putSmall(b *testing.B, e *Engine, i int) {
	if _, err := e.PutItem(context.Background(),
		&dynamodb.PutItemInput{TableName: aws.String("bench"), Item: smallItem(i)}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkGrowth reads and writes tables of 10³ to 10⁶ items.
func BenchmarkGrowth(b *testing.B) {
	e := benchTable(b, 0, nil)
	n := 0
	for _, size := range []int{1000, 10000, 100000, 1000000} {
		for ; n < size; n++ {
			putSmall(b, e, n)
		}
		// A stride that is prime visits the items in no order.
		b.Run(fmt.Sprintf("Get/%d", size), func(b *testing.B) {
			defer cputime.Report(b)()
			for i := range b.N {
				item := smallItem(i * 7919 % size)
				if _, err := e.GetItem(context.Background(),
					&dynamodb.GetItemInput{TableName: aws.String("bench"),
						Key: map[string]types.AttributeValue{"p": item["p"], "s": item["s"]}}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("Put/%d", size), func(b *testing.B) {
			defer cputime.Report(b)()
			for i := range b.N {
				putSmall(b, e, i*7919%size)
			}
		})
	}
}

// BenchmarkHeap tells the heap that a million items of 200 bytes take, as a multiple of their own size.
func BenchmarkHeap(b *testing.B) {
	const n = 1000000
	for range b.N {
		before := heap()
		e := benchTable(b, 0, nil)
		for i := range n {
			putSmall(b, e, i)
		}
		bytes := e.tables["bench"].bytes
		b.ReportMetric(float64(heap()-before)/float64(bytes), "heap/item-bytes")
		b.ReportMetric(float64(bytes)/n, "bytes/item")
		runtime.KeepAlive(e)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkFirstCall makes an engine, a table and an item.
func BenchmarkFirstCall(b *testing.B) {
	item := flatItem(1)
	defer cputime.Report(b)()
	for range b.N {
		e := benchTable(b, 0, nil)
		if _, err := e.PutItem(context.Background(),
			&dynamodb.PutItemInput{TableName: aws.String("bench"), Item: item}); err != nil {
			b.Fatal(err)
		}
	}
}
