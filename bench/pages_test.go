package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/monotable/monotable"
)

var ctx = context.Background()

// tableOf is monotable's table of the things a client answers with; the fast path must be active.
func tableOf[T any](b *testing.B, client monotable.Client) (*monotable.Table[T], *monotable.DB) {
	db, err := monotable.Open(client, monotable.Schema{Name: "things", Partition: monotable.S("id")})
	if err != nil {
		b.Fatal(err)
	}
	table, err := monotable.New[T](db, monotable.Model{})
	if err != nil {
		b.Fatal(err)
	}
	return table, db
}

func active(b *testing.B, db *monotable.DB) {
	if stats := db.ReadStats(); stats.Fast == 0 || stats.Maps+stats.Again > 0 {
		b.Fatalf("the fast path is not active: %+v", stats)
	}
}

func counted(got, want int, err error) error {
	if err == nil && got != want {
		return fmt.Errorf("%d items instead of %d", got, want)
	}
	return err
}

func scanPage[T any](b *testing.B, client *dynamodb.Client, count int) {
	b.Run("sdk", func(b *testing.B) {
		measured(b, func() error {
			out, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("things")})
			if err != nil {
				return err
			}
			var items []T
			err = attributevalue.UnmarshalListOfMaps(out.Items, &items)
			return counted(len(items), count, err)
		})
	})
	b.Run("guregu", func(b *testing.B) {
		table := dynamo.NewFromIface(client).Table("things")
		measured(b, func() error {
			var items []T
			err := table.Scan().All(ctx, &items)
			return counted(len(items), count, err)
		})
	})
	b.Run("monotable", func(b *testing.B) {
		table, db := tableOf[T](b, client)
		measured(b, func() error {
			page, err := table.ScanPage(ctx)
			return counted(len(page.Items), count, err)
		})
		active(b, db)
	})
}

func BenchmarkScanPage(b *testing.B) {
	b.Run("flat", func(b *testing.B) { scanPageAndFloor(b, 1000, flatOf) })
	b.Run("nested", func(b *testing.B) { scanPageAndFloor(b, 1000, nestedOf) })
	b.Run("small", func(b *testing.B) { scanPageAndFloor(b, 10000, smallOf) })
}

func scanPageAndFloor[T any](b *testing.B, count int, of func(int) T) {
	body := pageBody(b, count, of, true)
	scanPage[T](b, cannedClient(newCanned(body)), count)
	b.Run("floor", func(b *testing.B) { floor(b, body, count, of) })
}

// The same over a socket, whose server is in the same process: its work is in both figures.
func BenchmarkScanPageSocket(b *testing.B) {
	b.Run("flat", func(b *testing.B) {
		scanPage[flat](b, socketClient(b, newCanned(pageBody(b, 1000, flatOf, true))), 1000)
	})
}

func queryPage[T any](b *testing.B, body []byte, count int, key T) {
	client := cannedClient(newCanned(body))
	b.Run("sdk", func(b *testing.B) {
		measured(b, func() error {
			out, err := client.Query(ctx, &dynamodb.QueryInput{
				TableName: aws.String("things"), KeyConditionExpression: aws.String("id = :id"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":id": &types.AttributeValueMemberS{Value: "1"}},
			})
			if err != nil {
				return err
			}
			var items []T
			err = attributevalue.UnmarshalListOfMaps(out.Items, &items)
			return counted(len(items), count, err)
		})
	})
	b.Run("guregu", func(b *testing.B) {
		table := dynamo.NewFromIface(client).Table("things")
		measured(b, func() error {
			var items []T
			err := table.Get("id", "1").All(ctx, &items)
			return counted(len(items), count, err)
		})
	})
	b.Run("monotable", func(b *testing.B) {
		table, db := tableOf[T](b, client)
		measured(b, func() error {
			page, err := table.QueryPage(ctx, key)
			return counted(len(page.Items), count, err)
		})
		active(b, db)
	})
}

func BenchmarkQueryPage(b *testing.B) {
	b.Run("flat", func(b *testing.B) { queryPage(b, pageBody(b, 1000, flatOf, true), 1000, flat{ID: "1"}) })
	b.Run("nested", func(b *testing.B) { queryPage(b, pageBody(b, 1000, nestedOf, true), 1000, nested{ID: "1"}) })
	b.Run("small", func(b *testing.B) { queryPage(b, pageBody(b, 10000, smallOf, true), 10000, small{ID: "1"}) })
}

// Eight segments of four pages each, every page two milliseconds away.
func BenchmarkParallelScan8(b *testing.B) {
	const segments, pages, count = 8, 4, 1000
	transport := newCanned(pageBody(b, count, flatOf, false))
	transport.pause = 2 * time.Millisecond
	last := pageBody(b, count, flatOf, true)
	b.Run("sdk", func(b *testing.B) {
		client := cannedClient(transport)
		measured(b, func() error {
			errs := make(chan error, segments)
			for segment := range segments {
				go func() {
					for range pages {
						out, err := client.Scan(ctx,
							&dynamodb.ScanInput{TableName: aws.String("things"), Segment: aws.Int32(int32(segment)),
								TotalSegments: aws.Int32(segments)})
						var items []flat
						if err == nil {
							err = attributevalue.UnmarshalListOfMaps(out.Items, &items)
						}
						if err = counted(len(items), count, err); err != nil {
							errs <- err
							return
						}
					}
					errs <- nil
				}()
			}
			for range segments {
				if err := <-errs; err != nil {
					return err
				}
			}
			return nil
		})
	})
	b.Run("monotable", func(b *testing.B) {
		paged := *transport
		paged.pick = countdown(last, segments, pages)
		table, db := tableOf[flat](b, cannedClient(&paged))
		measured(b, func() error {
			n := 0
			for _, err := range table.Scan(ctx, monotable.Segments(segments)) {
				if err != nil {
					return err
				}
				n++
			}
			return counted(n, segments*pages*count, nil)
		})
		active(b, db)
	})
}
