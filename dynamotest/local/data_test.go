package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// TestMain does, in place of the tests, what the processes do that are to be killed.
func TestMain(m *testing.M) {
	if file, ok := os.LookupEnv("LOCAL_TEST_SAVES"); ok {
		os.Exit(saveForEver(file))
	}
	if args, ok := os.LookupEnv("LOCAL_TEST_SERVES"); ok {
		if err := run(context.Background(), strings.Fields(args), os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var endpoint = regexp.MustCompile(`export AWS_ENDPOINT_URL_DYNAMODB=(\S+)`)

// clientOf waits for the lines that run prints and gives a client of the server.
func clientOf(t *testing.T, out *output) *dynamodb.Client {
	t.Helper()
	var url string
	require.Eventually(t, func() bool {
		if found := endpoint.FindStringSubmatch(out.String()); found != nil {
			url = found[1]
		}
		return url != ""
	}, 30*time.Second, time.Millisecond)
	return dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &url, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
}

var things = monotable.Schema{Name: "things", Partition: monotable.N("id"), TTL: "expires"}

func put(client *dynamodb.Client, id int, more map[string]types.AttributeValue) error {
	item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: fmt.Sprint(id)}}
	maps.Copy(item, more)
	_, err := client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("things"), Item: item})
	return err
}

// serving runs run until stop is called, which gives its error.
func serving(t *testing.T, args ...string) (client *dynamodb.Client, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var out output
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), &out, io.Discard) }()
	t.Cleanup(cancel)
	return clientOf(t, &out), func() error {
		cancel()
		return <-ended
	}
}

func count(t *testing.T, client *dynamodb.Client) int {
	t.Helper()
	out, err := client.Scan(context.Background(),
		&dynamodb.ScanInput{TableName: aws.String("things"), Select: types.SelectCount})
	require.NoError(t, err)
	return int(out.Count)
}

// What was written is there after the next start.
func TestDataIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data")
	client, stop := serving(t, "-data", file)
	require.NoError(t, admin.Create(context.Background(), client, things, 0))
	for id := range 5 {
		require.NoError(t, put(client, id, nil))
	}
	require.NoError(t, stop())
	client, stop = serving(t, "-data", file)
	require.NoError(t, admin.Verify(context.Background(), client, things))
	assert.Equal(t, 5, count(t, client))
	require.NoError(t, stop())
	left, err := filepath.Glob(file + "*")
	require.NoError(t, err)
	assert.Equal(t, []string{file}, left, "no file is left beside it")
}

// A file that is something else is refused at the start and stays as it is.
func TestForeignDataIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.WriteFile(file, []byte("my novel\n"), 0o600))
	err := run(context.Background(), []string{"-addr", "127.0.0.1:0", "-data", file}, io.Discard, io.Discard)
	require.ErrorIs(t, err, dynamotest.ErrSnapshot)
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "my novel\n", string(kept))
	assert.Error(t, run(context.Background(),
		[]string{"-addr", "127.0.0.1:0", "-data", filepath.Join(t.TempDir(), "no", "such")}, io.Discard, io.Discard))
	assert.Error(t, run(context.Background(), []string{"-save", "-1s"}, io.Discard, io.Discard))
}

// A file that cannot be written is refused at the start, and not found out when there is something to lose.
func TestDataThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data")
	require.NoError(t, dynamotest.NewClient().SaveFile(file))
	require.NoError(t, os.Chmod(file, 0o444))
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	require.ErrorIs(t, run(ended, []string{"-addr", "127.0.0.1:0", "-data", file, "-save", "0"}, &out, io.Discard),
		fs.ErrPermission)
	assert.Empty(t, out.String(), "it was never served")
}

func TestSweepsOnItsOwn(t *testing.T) {
	client, stop := serving(t, "-sweep", "1ms")
	require.NoError(t, admin.Create(context.Background(), client, things, 0))
	past := &types.AttributeValueMemberN{Value: fmt.Sprint(time.Now().Unix() - 1)}
	require.NoError(t, put(client, 1, map[string]types.AttributeValue{"expires": past}))
	require.NoError(t, put(client, 2, nil))
	require.Eventually(t, func() bool { return count(t, client) == 1 }, 10*time.Second, time.Millisecond)
	require.NoError(t, stop())
}

// Killed without warning while it writes snapshots as fast as it can, it leaves a whole one, with all that was written
// before the last save that the writer knows of.
func TestKilledWhileSaving(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "data")
	written, before := 0, 0
	for round := range 4 {
		process := exec.Command(self)
		process.Env = append(os.Environ(), "LOCAL_TEST_SERVES=-addr 127.0.0.1:0 -save 1ms -data "+file)
		var out output
		process.Stdout = &out
		require.NoError(t, process.Start())
		client := clientOf(t, &out)
		if round == 0 {
			require.NoError(t, admin.Create(context.Background(), client, things, 0))
		}
		killed := make(chan struct{})
		go func() {
			time.Sleep(time.Duration(50+37*round) * time.Millisecond)
			_ = process.Process.Signal(syscall.SIGKILL)
			close(killed)
		}()
		big := &types.AttributeValueMemberS{Value: strings.Repeat("x", 50_000)}
		for put(client, written, map[string]types.AttributeValue{"big": big}) == nil {
			written++
		}
		<-killed
		require.Error(t, process.Wait())

		saved := dynamotest.NewClient()
		require.NoError(t, saved.LoadFile(file))
		var whole bytes.Buffer
		require.NoError(t, saved.SaveSnapshot(&whole))
		items := strings.Count(saved.Dump(), "\nid N ")
		assert.GreaterOrEqual(t, items, before, "nothing that a former run had found is lost")
		assert.LessOrEqual(t, items, written+1, "the last write may have been done without an answer")
		before, written = items, max(written, items)
	}
	assert.Positive(t, before)
}

// saveForEver saves a large table again and again.
func saveForEver(file string) int {
	client := dynamotest.NewClient()
	if err := admin.Create(context.Background(), client, things, 0); err != nil {
		return 1
	}
	for id := range 200 {
		item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: fmt.Sprint(id)},
			"big": &types.AttributeValueMemberS{Value: strings.Repeat("x", 300_000)}}
		_, err := client.PutItem(context.Background(),
			&dynamodb.PutItemInput{TableName: aws.String("things"), Item: item})
		if err != nil {
			return 1
		}
	}
	for client.SaveFile(file) == nil {
	}
	return 1
}
