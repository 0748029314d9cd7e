package local

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logLine is what the lines of event sources and of stumble have.
type logLine struct {
	Source, Function, Msg, Error string
	ID                           int
}

func (l *logs) lines(t *testing.T) (lines []logLine) {
	for text := range strings.Lines(l.String()) {
		var line logLine
		if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &line) == nil {
			lines = append(lines, line)
		}
	}
	return lines
}

// handled are the ids that a function of stumble printed, each where it was first.
func (l *logs) handled(t *testing.T, function string) (ids []int) {
	for _, line := range l.lines(t) {
		if strings.HasSuffix(line.Function, "-"+function) && !slices.Contains(ids, line.ID) {
			ids = append(ids, line.ID)
		}
	}
	return ids
}

// TestEventSources puts items at which a function fails, and looks what becomes of them and of those around them.
func TestEventSources(t *testing.T) {
	stack, logged := start(t, "testdata/stumble.yaml")
	table, _ := stack.Table("Table")
	owner := stack.client(OwnerKey)
	put := func(ids ...int) {
		for _, id := range ids {
			_, err := owner.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.Schema.Name,
				Item: map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: strconv.Itoa(id)}}})
			require.NoError(t, err)
		}
	}
	type message struct {
		RequestContext struct {
			FunctionArn, Condition string
			ApproximateInvokeCount int
		}
		ResponseContext struct{ FunctionError string }
		Batch           struct {
			BatchSize                              int
			StartSequenceNumber, EndSequenceNumber string
		} `json:"DDBStreamBatchInfo"`
	}
	missed := func() (m message) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		text, err := stack.Queues["Queue"].Receive(ctx)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal([]byte(text), &m))
		assert.Contains(t, m.RequestContext.FunctionArn, "-Careful")
		assert.Equal(t, "RetryAttemptsExhausted", m.RequestContext.Condition)
		assert.Equal(t, 2, m.RequestContext.ApproximateInvokeCount, "one try and one more")
		assert.Equal(t, 1, m.Batch.BatchSize)
		assert.Equal(t, m.Batch.StartSequenceNumber, m.Batch.EndSequenceNumber)
		return m
	}
	handles := func(function string, ids ...int) {
		t.Helper()
		assert.Eventually(t, func() bool { return slices.Equal(ids, logged.handled(t, function)) }, 30*time.Second,
			10*time.Millisecond,
			"%s must handle %v", function, ids)
	}

	// An error fails the batch as a whole: halved, it costs only the one that it is about, and the order stays.
	put(1, 2, 3, 4, 5, 6, 7, 8)
	assert.Equal(t, "Unhandled", missed().ResponseContext.FunctionError)
	handles("Careful", 1, 2, 3, 4, 6, 7, 8)
	// A change that is named, a panic, and an answer that is none. Each is waited for, since what is behind one goes
	// with it.
	for id, functionError := range map[int]string{14: "", 15: "Unhandled", 16: "Unhandled"} {
		put(id)
		assert.Equal(t, functionError, missed().ResponseContext.FunctionError, id)
	}
	put(9)
	handles("Careful", 1, 2, 3, 4, 6, 7, 8, 9)

	// Without its FunctionResponseTypes, what a function answers is not read: 14 and 16 count as handled.
	handles("Careless", 1, 2, 3, 4, 6, 7, 8, 9)

	errors := map[string]string{}
	givenUp := 0
	for _, line := range logged.lines(t) {
		switch {
		case line.Source == "CarelessSource" && line.Msg == "given up":
			givenUp++
		case line.Error != "" && line.Msg != "delivered in part or not":
			errors[line.Source+": "+line.Msg] += line.Error
		}
	}
	assert.Equal(t, 2, givenUp)
	assert.Contains(t, errors["CarelessSource: the queue cannot be told"],
		"is not authorized to perform: sqs:SendMessage")
	assert.Contains(t, errors["BlindSource: the stream cannot be read"],
		"is not authorized to perform: dynamodb:DescribeStream")
	assert.Len(t, errors, 2)
	assert.Empty(t, logged.handled(t, "Blind"))
}
