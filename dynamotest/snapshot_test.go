package dynamotest_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

// A fixture: one test's tables, written to a file, are another's beginning.
func ExampleClient_SaveFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "pets.snapshot")

	client := dynamotest.New(&testing.T{}, pets)
	err = petsTable(client).Put(context.Background(), &pet{ID: 1, Name: "Rachel"})
	fmt.Println(err, client.SaveFile(file))

	other := dynamotest.NewClient()
	fmt.Println(other.LoadFile(file))
	fmt.Print(other.Dump("pets"))
	// Output:
	// <nil> <nil>
	// <nil>
	// table pets
	// key id N
	// items 1
	//
	// id N 1
	//   name S "Rachel"
}

// A file is replaced as a whole, and only one that is a snapshot is.
func TestSaveFile(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	file := filepath.Join(dir, "data")
	fake := dynamotest.New(t, pets, indexed)
	require.ErrorIs(t, dynamotest.NewClient().LoadFile(file), fs.ErrNotExist)
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, fake.SaveFile(file), "an empty file may be replaced")
	require.NoError(t, putPet(ctx, fake, 1))
	require.NoError(t, fake.SaveFile(file))
	loaded := dynamotest.NewClient()
	require.NoError(t, loaded.LoadFile(file))
	assert.Equal(t, fake.Dump(), loaded.Dump())
	assert.EqualError(t, loaded.LoadFile(file),
		"dynamotest: "+file+": a snapshot is loaded where there are no tables yet")

	var text bytes.Buffer
	require.NoError(t, fake.SaveSnapshot(&text))
	newer := strings.Replace(text.String(), `"version":1`, `"version":9`, 1)
	for name, foreign := range map[string]string{"something else": "# notes\n", "a newer version": newer,
		"short": "{"} {
		require.NoError(t, os.WriteFile(file, []byte(foreign), 0o600), name)
		require.ErrorIs(t, fake.SaveFile(file), dynamotest.ErrSnapshot, name)
		require.ErrorIs(t, dynamotest.NewClient().LoadFile(file), dynamotest.ErrSnapshot, name)
		kept, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, foreign, string(kept))
	}
	require.Error(t, fake.SaveFile(filepath.Join(dir, "no", "such")))
	require.ErrorIs(t, dynamotest.NewClient().LoadSnapshot(strings.NewReader(newer)), dynamotest.ErrSnapshot)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

// A snapshot taken while transactions move an amount between two tables holds all of it.
func TestSnapshotsAreOfOneMoment(t *testing.T) {
	ctx := context.Background()
	fake := dynamotest.New(t, pets, monotable.Schema{Name: "other", Partition: monotable.N("id")})
	move := func(by string) types.Update {
		return types.Update{Key: item{"id": n("1")}, UpdateExpression: aws.String("ADD amount :by"),
			ExpressionAttributeValues: item{":by": n(by)}}
	}
	done := make(chan struct{})
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				from, to := move("-1"), move("1")
				from.TableName, to.TableName = aws.String("pets"), aws.String("other")
				_, err := fake.TransactWriteItems(ctx,
					&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Update: &from},
						{Update: &to}}})
				assert.NoError(t, err)
			}
		})
	}
	for range 50 {
		var text bytes.Buffer
		require.NoError(t, fake.SaveSnapshot(&text))
		saved := dynamotest.NewClient()
		require.NoError(t, saved.LoadSnapshot(&text))
		var amounts []string
		for line := range strings.SplitSeq(saved.Dump(), "\n") {
			if amount, ok := strings.CutPrefix(line, "  amount N "); ok {
				amounts = append(amounts, strings.TrimPrefix(amount, "-"))
			}
		}
		if len(amounts) > 0 {
			require.Len(t, amounts, 2)
			assert.Equal(t, amounts[0], amounts[1])
		}
	}
	close(done)
	writers.Wait()
}

// Dump writes every type, in an order that does not depend on how the items came in.
func TestDump(t *testing.T) {
	ctx := context.Background()
	schema := monotable.Schema{Name: "zoo", Partition: monotable.S("kind of"), Sort: monotable.N("n"), TTL: "expires",
		Indexes: []monotable.Index{
			{Name: "by_b", Partition: monotable.S("b"), Include: []string{"y", "x"}},
			{Name: "local", Local: true, Sort: monotable.N("rank"), KeysOnly: true},
		}}
	items := []item{
		{"kind of": s("b"), "n": n("10"), "s": s("two\nlines \"é\""),
			"bin":  &types.AttributeValueMemberB{Value: []byte{0, 1}},
			"yes":  &types.AttributeValueMemberBOOL{Value: true},
			"none": &types.AttributeValueMemberNULL{Value: true}},
		{"kind of": s("b"), "n": n("9"), "ss": &types.AttributeValueMemberSS{Value: []string{"b", "a c"}},
			"ns": &types.AttributeValueMemberNS{Value: []string{"10", "9.50", "-1"}},
			"bs": &types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}}}},
		{"kind of": s("a"), "n": n("-1"), "list": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("x"),
			&types.AttributeValueMemberM{Value: item{"z": n("1"), "a": &types.AttributeValueMemberL{}}}}}},
	}
	want := strings.TrimPrefix(`
table zoo
key "kind of" S, n N
local index local: "kind of" S, rank N; project KEYS_ONLY
index by_b: b S; project INCLUDE x y
ttl expires
items 3

"kind of" S "a", n N -1
  list L
    0 S "x"
    1 M
      a L
      z N 1

"kind of" S "b", n N 9
  bs BS AQ== Ag==
  ns NS -1 9.5 10
  ss SS "a c" "b"

"kind of" S "b", n N 10
  bin B AAE=
  none NULL
  s S "two\nlines \"é\""
  yes BOOL true
`, "\n")
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}} {
		fake := dynamotest.New(t, schema, pets)
		for _, i := range order {
			_, err := fake.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("zoo"), Item: items[i]})
			require.NoError(t, err)
		}
		fake.ResetUsage()
		assert.Equal(t, want, fake.Dump("zoo"))
		assert.Equal(t, "table pets\nkey id N\nitems 0\n\n"+want, fake.Dump())
		assert.Equal(t, "table nobody is not there\n", fake.Dump("nobody"))
		assert.Zero(t, fake.Usage().Calls)
	}
}

// Expired items can be read until they are swept; their deletion is the service's, and free.
func TestSweepExpired(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	schema := monotable.Schema{Name: "sessions", Partition: monotable.N("id"), TTL: "expires"}
	fake := dynamotest.NewWith(t, []dynamotest.Option{dynamotest.WithClock(func() time.Time { return now })}, schema)
	updated, err := fake.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: aws.String("sessions"),
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: types.StreamViewTypeOldImage}})
	require.NoError(t, err)
	for id, expires := range []time.Duration{time.Minute, time.Hour} {
		_, err := fake.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("sessions"),
			Item: item{"id": n(fmt.Sprint(id)),
				"expires": n(fmt.Sprint(now.Add(expires).Unix()))}})
		require.NoError(t, err)
	}
	assert.Zero(t, fake.SweepExpired())
	now = now.Add(2 * time.Minute)
	assert.Contains(t, fake.Dump("sessions"), "items 2\n")
	fake.ResetUsage()
	assert.Equal(t, 1, fake.SweepExpired())
	assert.Zero(t, fake.Usage().Table("sessions").Write)
	assert.Contains(t, fake.Dump("sessions"), "items 1\n")

	arn := updated.TableDescription.LatestStreamArn
	stream, err := fake.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	require.NoError(t, err)
	iterator, err := fake.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{StreamArn: arn,
		ShardId: stream.StreamDescription.Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON"})
	require.NoError(t, err)
	records, err := fake.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator.ShardIterator})
	require.NoError(t, err)
	require.Len(t, records.Records, 3)
	deleted := records.Records[2]
	assert.EqualValues(t, "REMOVE", deleted.EventName)
	require.NotNil(t, deleted.UserIdentity)
	assert.Equal(t, "dynamodb.amazonaws.com", *deleted.UserIdentity.PrincipalId)
	assert.Equal(t, "Service", *deleted.UserIdentity.Type)
	assert.Nil(t, records.Records[0].UserIdentity)
}

// addIndex gives pets an index by g.
func addIndex(t *testing.T, fake *dynamotest.Client) {
	t.Helper()
	_, err := fake.UpdateTable(context.Background(), &dynamodb.UpdateTableInput{TableName: aws.String("pets"),
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("g"), AttributeType: "S"}},
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("by_g"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("g"),
				KeyType: "HASH"}},
			Projection: &types.Projection{ProjectionType: "ALL"}}}}})
	require.NoError(t, err)
}

// reload saves and loads into another client.
func reload(t *testing.T, fake *dynamotest.Client) *dynamotest.Client {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, fake.SaveSnapshot(&b))
	out := dynamotest.NewClient()
	require.NoError(t, out.LoadSnapshot(&b))
	assert.Equal(t, fake.Dump(), out.Dump())
	return out
}

// An index that is added leaves out items whose values are no keys for it, and a snapshot with such items loads.
func TestSnapshotsOfItemsThatFitNoIndex(t *testing.T) {
	for name, g := range map[string]types.AttributeValue{"type": n("1"), "empty": s(""),
		"long": s(strings.Repeat("x", 3000))} {
		t.Run(name, func(t *testing.T) {
			fake := dynamotest.New(t, pets)
			_, err := fake.PutItem(context.Background(),
				&dynamodb.PutItemInput{TableName: aws.String("pets"), Item: item{"id": n("1"), "g": g}})
			require.NoError(t, err)
			addIndex(t, fake)
			see := func(c *dynamotest.Client) int32 {
				out, err := c.Scan(context.Background(),
					&dynamodb.ScanInput{TableName: aws.String("pets"), IndexName: aws.String("by_g")})
				require.NoError(t, err)
				return out.Count
			}
			assert.Zero(t, see(fake))
			assert.Zero(t, see(reload(t, fake)))
		})
	}
}

func TestSnapshotsAfterAnIndexIsRemoved(t *testing.T) {
	fake := dynamotest.New(t, pets)
	addIndex(t, fake)
	_, err := fake.UpdateTable(context.Background(), &dynamodb.UpdateTableInput{TableName: aws.String("pets"),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("by_g")}}}})
	require.NoError(t, err)
	reload(t, fake)
}

// What was loaded is no write that a stale read could stand behind.
func TestLoadedItemsAreNotStale(t *testing.T) {
	fake := dynamotest.New(t, pets)
	require.NoError(t, putPet(context.Background(), fake, 1))
	var b bytes.Buffer
	require.NoError(t, fake.SaveSnapshot(&b))
	out := dynamotest.NewClient()
	out.Inject(dynamotest.Fault{Do: dynamotest.Stale(1)})
	require.NoError(t, out.LoadSnapshot(&b))
	got, err := out.GetItem(context.Background(),
		&dynamodb.GetItemInput{TableName: aws.String("pets"), Key: item{"id": n("1")}})
	require.NoError(t, err)
	assert.NotNil(t, got.Item)
}

// A file keeps its permissions and its symbolic links, and one that may not be written stays.
func TestSaveFileKeepsWhatAFileIs(t *testing.T) {
	dir := t.TempDir()
	fake := dynamotest.New(t, pets)
	file, link, fixture := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "fixture")
	require.NoError(t, os.WriteFile(file, nil, 0o640))
	require.NoError(t, os.Symlink("file", link))
	require.NoError(t, fake.SaveFile(link))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	info, err = os.Stat(file)
	require.NoError(t, err)
	assert.NotZero(t, info.Size())
	assert.EqualValues(t, 0o640, info.Mode().Perm())

	require.NoError(t, fake.SaveFile(fixture))
	require.NoError(t, os.Chmod(fixture, 0o444))
	require.ErrorIs(t, fake.SaveFile(fixture), fs.ErrPermission)
	require.Error(t, fake.SaveFile(dir))
	require.Error(t, dynamotest.NewClient().LoadFile(dir))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 3)
}
