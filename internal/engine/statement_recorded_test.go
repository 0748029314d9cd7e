package engine

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/wire"
)

// recordedStatement is a statement that was sent to DynamoDB Local 3.1.0. Where the service is known to answer
// otherwise, that stands beside Local's answer: captured from it, or by the grammar that its parse errors follow.
type recordedStatement struct {
	Group   string
	Request json.RawMessage
	Local   recordedAnswer
	Service *recordedAnswer
	Ordered bool                       // the rows have an order
	Left    map[string]json.RawMessage // items that it left otherwise than they were, by table and key; null for none
}

type recordedAnswer struct {
	Error, Message string
	Item           json.RawMessage // of a failed condition
	Items          []json.RawMessage
	More           bool // a NextToken
}

func TestRecordedStatements(t *testing.T) {
	raw, err := os.ReadFile("testdata/statements.json")
	require.NoError(t, err)
	var all []recordedStatement
	require.NoError(t, json.Unmarshal(raw, &all))
	require.Greater(t, len(all), 420)
	before := storedItems(t, withStatementTables(t, Options{}))
	for _, r := range all {
		t.Run(r.Group, func(t *testing.T) {
			e := withStatementTables(t, Options{})
			in := new(dynamodb.ExecuteStatementInput)
			require.NoError(t, wire.UnmarshalInput(r.Request, in))
			want := r.Local
			if r.Service != nil {
				want = *r.Service
			}
			out, err := e.ExecuteStatement(background, in)
			if err != nil {
				got := want.Error + ": " + want.Message
				assert.Equal(t, got, errorCode(err)+": "+errorMessage(err), string(r.Request))
			} else if assert.Empty(t, want.Error+want.Message, string(r.Request)) {
				assert.Equal(t, canonical(t, want.Items, r.Ordered), canonicalItems(t, out.Items, r.Ordered),
					string(r.Request))
				assert.Equal(t, want.More, out.NextToken != nil, string(r.Request))
			}
			if want.Item != nil {
				failed := asError[*types.ConditionalCheckFailedException](t, err)
				assert.Equal(t, canonical(t, []json.RawMessage{want.Item}, true),
					canonicalItems(t, []map[string]types.AttributeValue{failed.Item}, true))
			}
			left := maps.Clone(before)
			for key, item := range r.Left {
				if delete(left, key); string(item) != "null" && want.Error == "" {
					left[key] = canonical(t, []json.RawMessage{item}, true)[0]
				}
			}
			if want.Error != "" {
				left = before
			}
			assert.Equal(t, left, storedItems(t, e), string(r.Request))
		})
	}
}

// storedItems gives all items of TabH and TabC by table and key.
func storedItems(t testing.TB, e *Engine) map[string]string {
	t.Helper()
	stored := map[string]string{}
	for _, table := range []string{"TabH", "TabC"} {
		out, err := e.Scan(background, &dynamodb.ScanInput{TableName: &table})
		require.NoError(t, err)
		for _, item := range out.Items {
			key := table
			for _, name := range []string{"pk", "sk"} {
				if _, text, ok := packed.ScalarOf(item[name]); ok {
					key += " " + text
				}
			}
			stored[key] = canonicalItems(t, []map[string]types.AttributeValue{item}, true)[0]
		}
	}
	return stored
}

// canonical writes items so that equal ones have equal texts.
func canonical(t testing.TB, items []json.RawMessage, ordered bool) []string {
	t.Helper()
	parsed := make([]map[string]types.AttributeValue, len(items))
	for i, item := range items {
		parsed[i] = parseItem(t, string(item))
	}
	return canonicalItems(t, parsed, ordered)
}

func canonicalItems(t testing.TB, items []map[string]types.AttributeValue, ordered bool) []string {
	t.Helper()
	texts := make([]string, len(items))
	for i, item := range items {
		form, err := packed.Pack(item)
		require.NoError(t, err)
		texts[i] = string(form.AppendJSON(nil))
	}
	if !ordered {
		slices.SortFunc(texts, strings.Compare)
	}
	return texts
}
