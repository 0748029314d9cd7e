package bench

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/monotable/monotable"
)

// countdown answers each segment's last page with last.
func countdown(last []byte, segments, pages int) func(string) []byte {
	var mu sync.Mutex
	asked := make([]int, segments)
	return func(request string) []byte {
		_, after, _ := strings.Cut(request, `"Segment":`)
		segment, _ := strconv.Atoi(strings.TrimRight(after[:strings.IndexAny(after, ",}")], " "))
		mu.Lock()
		defer mu.Unlock()
		if asked[segment]++; asked[segment]%pages == 0 {
			return last
		}
		return nil
	}
}

func BenchmarkGet(b *testing.B) {
	body := append(appendItem(b, []byte(`{"Item":`), flatOf(1)), '}')
	client := cannedClient(newCanned(body))
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}}
	b.Run("sdk", func(b *testing.B) {
		measured(b, func() error {
			out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("things"), Key: key})
			if err != nil {
				return err
			}
			var item flat
			return attributevalue.UnmarshalMap(out.Item, &item)
		})
	})
	b.Run("guregu", func(b *testing.B) {
		table := dynamo.NewFromIface(client).Table("things")
		measured(b, func() error { var item flat; return table.Get("id", "1").One(ctx, &item) })
	})
	b.Run("monotable", func(b *testing.B) {
		table, _ := tableOf[flat](b, client)
		measured(b, func() error { _, err := table.Get(ctx, flat{ID: "1"}); return err })
	})
}

func BenchmarkPut(b *testing.B) {
	client := cannedClient(newCanned([]byte(`{}`)))
	item := flatOf(1)
	b.Run("sdk", func(b *testing.B) {
		measured(b, func() error {
			av, err := attributevalue.MarshalMap(item)
			if err == nil {
				_, err = client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("things"), Item: av})
			}
			return err
		})
	})
	b.Run("guregu", func(b *testing.B) {
		table := dynamo.NewFromIface(client).Table("things")
		measured(b, func() error { return table.Put(item).Run(ctx) })
	})
	b.Run("monotable", func(b *testing.B) {
		table, _ := tableOf[flat](b, client)
		measured(b, func() error { return table.Put(ctx, &item) })
	})
}

func BenchmarkBatchWrite25(b *testing.B) {
	client := cannedClient(newCanned([]byte(`{"UnprocessedItems":{}}`)))
	items := make([]flat, 25)
	for i := range items {
		items[i] = flatOf(i)
	}
	b.Run("sdk", func(b *testing.B) {
		measured(b, func() error {
			requests := make([]types.WriteRequest, len(items))
			for i := range items {
				av, err := attributevalue.MarshalMap(items[i])
				if err != nil {
					return err
				}
				requests[i].PutRequest = &types.PutRequest{Item: av}
			}
			_, err := client.BatchWriteItem(ctx,
				&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"things": requests}})
			return err
		})
	})
	b.Run("guregu", func(b *testing.B) {
		table := dynamo.NewFromIface(client).Table("things")
		all := make([]any, len(items))
		for i := range items {
			all[i] = items[i]
		}
		measured(b, func() error { _, err := table.Batch("id").Write().Put(all...).Run(ctx); return err })
	})
	b.Run("monotable", func(b *testing.B) {
		table, _ := tableOf[flat](b, client)
		measured(b, func() error { return table.PutMany(ctx, items) })
	})
}

func BenchmarkMarshal(b *testing.B) {
	item := flatOf(1)
	b.Run("sdk", func(b *testing.B) {
		measured(b, func() error { _, err := attributevalue.MarshalMap(&item); return err })
	})
	b.Run("guregu", func(b *testing.B) {
		measured(b, func() error { _, err := dynamo.MarshalItem(&item); return err })
	})
	b.Run("monotable", func(b *testing.B) {
		table, _ := tableOf[flat](b, cannedClient(newCanned(nil)))
		measured(b, func() error { _, err := table.Encode(item); return err })
	})
	b.Run("floor", func(b *testing.B) { // memory for the item's attributes, and a map with them
		encoded, err := attributevalue.MarshalMap(item)
		if err != nil {
			b.Fatal(err)
		}
		names := slices.Sorted(maps.Keys(encoded))
		measured(b, func() error {
			members := make([]types.AttributeValueMemberS, len(names)-1)
			m := make(map[string]types.AttributeValue, len(names))
			for i, name := range names[1:] {
				m[name] = &members[i]
			}
			m[names[0]] = &types.AttributeValueMemberBOOL{Value: true}
			floored = m
			return nil
		})
	})
}

var floored map[string]types.AttributeValue

func BenchmarkUnmarshal(b *testing.B) {
	item, err := attributevalue.MarshalMap(flatOf(1))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sdk", func(b *testing.B) {
		measured(b, func() error { var v flat; return attributevalue.UnmarshalMap(item, &v) })
	})
	b.Run("guregu", func(b *testing.B) {
		measured(b, func() error { var v flat; return dynamo.UnmarshalItem(item, &v) })
	})
	b.Run("monotable", func(b *testing.B) {
		table, _ := tableOf[flat](b, cannedClient(newCanned(nil)))
		measured(b, func() error { _, err := table.Decode(monotable.Item(item)); return err })
	})
}
