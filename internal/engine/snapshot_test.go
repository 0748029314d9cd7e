package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// saved gives a snapshot's text.
func saved(t testing.TB, e *Engine) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, e.Save(&b))
	return b.String()
}

// eventful makes an engine whose tables have one of everything that is saved.
func eventful(t testing.TB, c *clock) *Engine {
	t.Helper()
	e := withTables(t, Options{Clock: c.read})
	send(t, e, "CreateTable", `{"TableName":"all",
		"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
		"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"B"},{"AttributeName":"s","AttributeType":"N"},
		  {"AttributeName":"g","AttributeType":"S"},{"AttributeName":"h","AttributeType":"S"}],
		"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":10},
		"TableClass":"STANDARD_INFREQUENT_ACCESS","DeletionProtectionEnabled":true,"SSESpecification":{"Enabled":true},
		"Tags":[{"Key":"b","Value":"2"},{"Key":"a","Value":"1"}],
		"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},
		"GlobalSecondaryIndexes":[{"IndexName":"by_g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},
		  {"AttributeName":"h","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],
		  "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x","y"]},
		  "ProvisionedThroughput":{"ReadCapacityUnits":20,"WriteCapacityUnits":2}}]}`)
	c.add(time.Hour)
	send(t, e, "UpdateTimeToLive",
		`{"TableName":"all","TimeToLiveSpecification":{"AttributeName":"expires","Enabled":true}}`)
	send(t, e, "UpdateContinuousBackups",
		`{"TableName":"all","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":7}}`)
	send(t, e, "UpdateTable",
		`{"TableName":"all","ProvisionedThroughput":{"ReadCapacityUnits":6,"WriteCapacityUnits":11}}`)
	send(t, e, "PutItem",
		`{"TableName":"all","Item":{"p":{"B":"AAEC"},"s":{"N":"-1.50"},"g":{"S":"é\n\u0000"},"h":{"S":"h"},
			"x":{"L":[{"M":{"a":{"NULL":true}}},{"BOOL":false},{"NS":["3","2"]},{"BS":["AA=="]},{"SS":["a","b"]},
			{"N":"1E125"}]},"y":{"S":""}}}`)
	for i := range 20 {
		send(t, e, "PutItem",
			fmt.Sprintf(`{"TableName":"tab_ix",
				"Item":{"p":{"S":"%d"},"s":{"N":"%d"},"g":{"S":"g"},"h":{"N":"%[1]d"},"l":{"B":"AAAA"}}}`, i%3, i))
	}
	return e
}

// What is loaded is what was saved: tables as they are described, items, indexes and the next snapshot.
func TestSnapshotsAreWhole(t *testing.T) {
	c := newClock()
	e := eventful(t, c)
	text := saved(t, e)
	loaded := New(Options{Clock: c.read})
	require.NoError(t, loaded.Load(strings.NewReader(text)))
	assert.Equal(t, text, saved(t, loaded))
	for _, name := range []string{"all", "tab_h", "tab_hr", "tab_ix"} {
		for _, operation := range []string{"DescribeTable", "DescribeTimeToLive", "DescribeContinuousBackups"} {
			request := `{"TableName":"` + name + `"}`
			assert.JSONEq(t, send(t, e, operation, request), send(t, loaded, operation, request))
		}
	}
	tags := `{"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/all"}`
	assert.JSONEq(t, send(t, e, "ListTagsOfResource", tags), send(t, loaded, "ListTagsOfResource", tags))
	assert.Equal(t, everything(background, t, e), everything(background, t, loaded))
	query := &dynamodb.QueryInput{TableName: aws.String("all"), IndexName: aws.String("by_g"),
		KeyConditionExpression: aws.String("g = :g AND h = :h"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":g": &types.AttributeValueMemberS{Value: "é\n\x00"},
			":h": &types.AttributeValueMemberS{Value: "h"}}}
	want, err := e.Query(background, query)
	require.NoError(t, err)
	got, err := loaded.Query(background, query)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Len(t, got.Items, 1)

	send(t, loaded, "PutItem", `{"TableName":"all","Item":{"p":{"B":"AAAA"},"s":{"N":"1"}}}`)
	assert.Len(t, loaded.Items("all"), 2)
	assert.Len(t, loaded.find("all").stream().changes, 1, "the stream goes on")
	assert.Greater(t, loaded.find("all").stream().changes[0].sequence, e.find("all").stream().changes[0].sequence)
}

// A snapshot that is cut off, changed anywhere or of another kind is refused, and no table is made.
func TestSnapshotsThatCannotBeRead(t *testing.T) {
	text := saved(t, eventful(t, newClock()))
	refuses := func(text, want string) {
		t.Helper()
		e := New(Options{})
		err := e.Load(strings.NewReader(text))
		require.ErrorIs(t, err, ErrSnapshot)
		assert.Contains(t, err.Error(), want)
		assert.Empty(t, e.tableNames())
	}
	refuses("", "it is something else")
	refuses("my novel\n", "it is something else")
	refuses("{}\n", "it is something else")
	refuses(strings.Replace(text, `"version":1`, `"version":2`, 1), "it has version 2 and this program reads version 1")
	refuses(text+"{}\n", "something follows the end")
	refuses(strings.Replace(text, `"N":"-1.5"`, `"N":"-1.6"`, 1), "the checksum is another")
	refuses(strings.Replace(text, `"N":"-1.5"`, `"S":"-1.5"`, 1), "not an item of table all")
	refuses(strings.Replace(text, `"recoveryDays"`, `"recoveryHours"`, 1), "not a table")
	refuses(strings.Replace(text, `"KeyType":"HASH"`, `"KeyType":"RANGE"`, 1), "not a table's definition")
	lines := strings.SplitAfter(text, "\n")
	for i := range lines[:len(lines)-1] { // the last one is empty
		refuses(strings.Join(lines[:i], ""), "")
		refuses(strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), ""), "")
		refuses(strings.Join(append(append([]string{}, lines[:i+1]...), lines[i:]...), ""), "")
	}
	for at := 0; at < len(text)-1; at += 7 { // the last byte is a newline that can be spared
		refuses(text[:at], "")
		refuses(text[:at]+string(text[at]^1)+text[at+1:], "")
	}
	e := eventful(t, newClock())
	assert.EqualError(t, e.Load(strings.NewReader(text)), "a snapshot is loaded where there are no tables yet")
	assert.ErrorIs(t, New(Options{}).Load(failingReader{}), errReader)
}

var errReader = errors.New("reader")

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errReader }

// A writer's error is Save's, wherever it comes.
func TestSaveReportsWriteErrors(t *testing.T) {
	e := eventful(t, newClock())
	whole := len(saved(t, e))
	for room := 0; room < whole; room += 97 {
		assert.ErrorIs(t, e.Save(&fullWriter{room}), io.ErrShortWrite)
	}
}

type fullWriter struct{ room int }

func (w *fullWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		return w.room, io.ErrShortWrite
	}
	w.room -= len(p)
	return len(p), nil
}

// Whatever the bytes, loading ends with tables or with an error, without a panic.
func FuzzLoad(f *testing.F) {
	text := saved(f, eventful(f, newClock()))
	f.Add(text)
	f.Add(SnapshotHead)
	f.Fuzz(func(t *testing.T, text string) {
		e := New(Options{})
		if err := e.Load(strings.NewReader(text)); err != nil {
			if len(e.tableNames()) > 0 {
				t.Fatal("tables of a snapshot that was refused")
			}
			return
		}
		again := New(Options{})
		if err := again.Load(strings.NewReader(saved(t, e))); err != nil {
			t.Fatal(err)
		}
	})
}
