//go:build oracle

package engine

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/engine/packed"
)

// These tests send the same requests to the engine and to DynamoDB Local and compare answers, error types and messages.
// Run them with
//
//	MONOTABLE_DYNAMODB_LOCAL=http://127.0.0.1:8000 go test -tags oracle -run Oracle ./internal/engine
//
// Differences that are explained stand in oracle_differences_test.go.
var (
	oracleRequests = flag.Int("requests", 5000, "requests of the differential test")
	oracleSeed     = flag.Uint64("seed", 1, "seed of the differential test")
)

// oracle is a DynamoDB Local. On its side the tables' names have a prefix of this run's own.
type oracle struct {
	t           *testing.T
	url, prefix string
}

func newOracle(t *testing.T) *oracle {
	url := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
	require.NotEmpty(t, url, "MONOTABLE_DYNAMODB_LOCAL is not set")
	return &oracle{t: t, url: url, prefix: fmt.Sprintf("oracle%dx%d_", *oracleSeed, os.Getpid())}
}

// reply is what either side answered, in comparable form.
type reply struct {
	Error   string // the exception's name, "" for none
	Message string
	Body    any
}

func (o *oracle) call(operation string, body []byte) reply {
	body = bytes.ReplaceAll(body, []byte("oracle_"), []byte(o.prefix))
	request, err := http.NewRequest(http.MethodPost, o.url, bytes.NewReader(body))
	require.NoError(o.t, err)
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("Authorization",
		"AWS4-HMAC-SHA256 Credential=ENGINE/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	require.NoError(o.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	require.NoError(o.t, err)
	decoded := decodeJSON(o.t, bytes.ReplaceAll(raw, []byte(o.prefix), []byte("oracle_")))
	if response.StatusCode == http.StatusOK {
		return reply{Body: decoded}
	}
	fields, _ := decoded.(map[string]any)
	name, _ := fields["__type"].(string)
	message, _ := fields["message"].(string)
	if message == "" {
		message, _ = fields["Message"].(string)
	}
	// Local ends this message with a full stop where a ConditionCheck finds no item.
	if reasons, ok := fields["CancellationReasons"].([]any); ok {
		for _, r := range reasons {
			if r := r.(map[string]any); r["Message"] == "The conditional request failed." {
				r["Message"] = "The conditional request failed"
			}
		}
	}
	delete(fields, "__type")
	delete(fields, "message")
	delete(fields, "Message")
	return reply{Error: name[strings.LastIndex(name, "#")+1:], Message: message, Body: fields}
}

func encodeJSON(t *testing.T, request any) []byte {
	body, err := json.Marshal(request)
	require.NoError(t, err)
	return body
}

func decodeJSON(t *testing.T, raw []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var decoded any
	require.NoError(t, decoder.Decode(&decoded), string(raw))
	return decoded
}

// both sends one request to both sides and gives their replies without what is known to differ harmlessly.
func (o *oracle) both(e *Engine, operation string, request map[string]any) (ours, theirs reply) {
	body := encodeJSON(o.t, request)
	theirs = o.call(operation, body)
	a, err := call(e, operation, body)
	if err != nil {
		ours = reply{Error: errorCode(err), Message: errorMessage(err), Body: errorFields(o.t, err)}
	} else {
		ours = reply{Body: decodeJSON(o.t, a.body)}
	}
	if fields, ok := theirs.Body.(map[string]any); ok && request["ReturnConsumedCapacity"] == nil {
		delete(fields, "ConsumedCapacity") // Local reports that of a DeleteItem that deletes nothing, unasked
	}
	// Local stores the operand of ADD as it was written, and differences with zeros
	theirs.Body = plainNumbers(theirs.Body)
	return normalised(ours), normalised(theirs)
}

// plainNumbers writes numbers as they are stored.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if text, ok := e.(string); ok && name == "N" {
				if plain, err := packed.Normalise(text); err == nil {
					v[name] = plain
				}
				continue
			}
			v[name] = plainNumbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = plainNumbers(e)
		}
	}
	return v
}

// normalised sorts what has no order, and drops empty lists of what was not done.
func normalised(r reply) reply {
	if fields, ok := r.Body.(map[string]any); ok {
		for _, name := range []string{"UnprocessedItems", "UnprocessedKeys"} {
			if left, ok := fields[name].(map[string]any); ok && len(left) == 0 {
				delete(fields, name)
			}
		}
		if len(fields) == 0 {
			r.Body = nil
		}
	}
	r.Body = sortSets(r.Body)
	return r
}

func sortSets(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			if list, ok := e.([]any); ok && (name == "SS" || name == "NS" || name == "BS") {
				slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
				continue
			}
			v[name] = sortSets(e)
		}
	case []any:
		for i, e := range v {
			v[i] = sortSets(e)
		}
	}
	return v
}

// unordered makes a list comparable where its order is the oracle's own.
func unordered(r reply, names ...string) reply {
	fields, ok := r.Body.(map[string]any)
	if !ok {
		return r
	}
	for _, name := range names {
		if list, ok := fields[name].([]any); ok {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		if tables, ok := fields[name].(map[string]any); ok {
			for table := range tables {
				if list, ok := tables[table].([]any); ok {
					slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
				}
			}
		}
	}
	return r
}

// TestOracleRandomRequests is the differential test.
func TestOracleRandomRequests(t *testing.T) {
	o := newOracle(t)
	e := New(Options{})
	for _, in := range generatedTables() {
		name := in["TableName"].(string)
		o.call("DeleteTable", []byte(`{"TableName":"`+name+`"}`))
		ours, theirs := o.both(e, "CreateTable", in)
		require.Equal(t, "", ours.Error+theirs.Error, ours.Message+theirs.Message)
		t.Cleanup(func() { o.call("DeleteTable", []byte(`{"TableName":"`+name+`"}`)) })
	}
	g := &generator{rand: rand.New(rand.NewPCG(*oracleSeed, 7)), sent: map[string]object{}}
	explained := map[string]int{}
	outcomes := map[string]int{}
	unexplained := 0
	for i := range *oracleRequests {
		if i%100 == 99 {
			o.compareWalks(t, e, g)
		}
		operation, request := g.request()
		ours, theirs := o.both(e, operation, request)
		if operation != "Query" || g.tied(request) {
			ours, theirs = unordered(ours, "Items", "Responses"), unordered(theirs, "Items", "Responses")
		}
		outcomes[operation+" "+ours.Error]++
		if reflect.DeepEqual(ours, theirs) {
			if ours, theirs = o.stored(e, operation, request); reflect.DeepEqual(ours, theirs) {
				continue
			}
		}
		if reason := explain(operation, request, ours, theirs); reason != "" {
			explained[reason]++
			o.mend(e, operation, request, ours, theirs)
			continue
		}
		body, _ := json.Marshal(request)
		t.Errorf("request %d: %s %.1500s\n ours   %.700s\n theirs %.700s", i, operation, body, show(ours), show(theirs))
		o.mend(e, operation, request, ours, theirs)
		if unexplained++; unexplained == 20 {
			t.Fatal("too many differences")
		}
	}
	for _, name := range slices.Sorted(mapKeys(outcomes)) {
		t.Logf("%6d %s", outcomes[name], name)
	}
	for _, name := range slices.Sorted(mapKeys(explained)) {
		t.Logf("%6d explained: %s", explained[name], name)
	}
}

// stored gives what either side holds of the items that a request may have written.
func (o *oracle) stored(e *Engine, operation string, request map[string]any) (ours, theirs reply) {
	var allOurs, allTheirs []any
	for _, key := range touchedKeys(operation, request) {
		ours, theirs := o.both(e, "GetItem", map[string]any{"TableName": key.table, "Key": key.key,
			"ConsistentRead": true})
		if ours.Error != "" && theirs.Error != "" {
			continue // no key: nothing was written
		}
		allOurs, allTheirs = append(allOurs, ours), append(allTheirs, theirs)
	}
	return reply{Body: allOurs}, reply{Body: allTheirs}
}

// mend brings the oracle's items in step with ours where one side wrote and the other did not.
func (o *oracle) mend(e *Engine, operation string, request map[string]any, ours, theirs reply) {
	for _, key := range touchedKeys(operation, request) {
		get, _ := json.Marshal(map[string]any{"TableName": key.table, "Key": key.key, "ConsistentRead": true})
		a, err := call(e, "GetItem", get)
		if err != nil {
			continue
		}
		fields := decodeJSON(o.t, a.body).(map[string]any)
		if item, ok := fields["Item"]; ok {
			put, _ := json.Marshal(map[string]any{"TableName": key.table, "Item": item})
			r := o.call("PutItem", put)
			if r.Error != "" {
				// The oracle cannot hold it: neither side shall.
				o.call("DeleteItem", get2delete(key))
				_, _ = call(e, "DeleteItem", get2delete(key))
			}
			continue
		}
		o.call("DeleteItem", get2delete(key))
	}
}

func get2delete(key touchedKey) []byte {
	body, _ := json.Marshal(map[string]any{"TableName": key.table, "Key": key.key})
	return body
}

func show(r reply) string {
	if r.Error != "" && r.Body == nil {
		return r.Error + ": " + r.Message
	}
	body, _ := json.Marshal(r.Body)
	return strings.TrimSpace(r.Error + " " + r.Message + " " + string(body))
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
