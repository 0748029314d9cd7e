package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/wire"
)

func (s *section) run(t *testing.T, kind Kind, target Target) {
	ts := newTables(t, target)
	for _, step := range s.steps {
		if step.fill != "" {
			ts.fill(t, step.fill)
			continue
		}
		got := step.perform(t, ts)
		if kind == Local && (slices.Contains(step.local, got) || got == strings.Replace(step.want, envelope, "", 1)) {
			continue
		}
		if code, anyMessage := strings.CutSuffix(step.want, "*"); anyMessage && strings.HasPrefix(got, code) {
			continue
		}
		assert.Equal(t, step.want, got, "line %d: %s %s", step.line, step.operation, step.input)
	}
}

// envelope stands before a refusal that the service's model of requests makes. Local has the older front end's words
// for what is newer in the service, which are the same without it.
const envelope = "1 validation error detected: "

// perform sends a step's request and gives the answer in the form of the script.
func (s *step) perform(t *testing.T, ts *tables) string {
	method := reflect.ValueOf(ts.target).MethodByName(s.operation)
	require.True(t, method.IsValid(), "line %d: the target has no %s", s.line, s.operation)
	in := reflect.New(method.Type().In(1).Elem())
	body := expandPads(ts.expand(t, s.input))
	require.NoError(t, wire.UnmarshalInput([]byte(body), in.Interface()), "line %d", s.line)
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	if err, _ := results[1].Interface().(error); err != nil {
		return "! " + contractPads(ts.contract(describe(t, s.operation, err)))
	}
	answer := tidy(t, wire.AppendOutput(nil, results[0].Interface()), s.unordered)
	return "< " + contractPads(ts.contract(answer))
}

// describe renders an error: its code and message, and its further members if it has any.
func describe(t *testing.T, operation string, err error) string {
	var call *smithy.OperationError
	require.ErrorAs(t, err, &call, "errors come wrapped as the SDK wraps them")
	assert.Equal(t, operation, call.OperationName)
	var invalid smithy.InvalidParamsError
	if errors.As(err, &invalid) {
		return "InvalidParams: " + strings.ReplaceAll(strings.TrimSpace(invalid.Error()), "\n", " ")
	}
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	var response *awshttp.ResponseError
	require.ErrorAs(t, err, &response)
	assert.Equal(t, wire.Status(api), response.HTTPStatusCode())
	assert.NotEmpty(t, response.RequestID)

	text := api.ErrorCode() + ": " + api.ErrorMessage()
	var members map[string]any
	require.NoError(t, json.Unmarshal(wire.AppendError(nil, api), &members))
	for _, name := range []string{"__type", "message", "Message"} {
		delete(members, name)
	}
	if len(members) == 0 {
		return text
	}
	rest, err := json.Marshal(members)
	require.NoError(t, err)
	return text + " " + tidy(t, rest, false)
}

// ephemeral names the members of answers that differ from run to run.
var ephemeral = map[string]bool{
	"CreationDateTime": true, "LastIncreaseDateTime": true, "LastDecreaseDateTime": true,
	"LastUpdateToPayPerRequestDateTime": true,
	"TableId":                           true, "TableArn": true, "IndexArn": true, "LatestStreamArn": true,
	"LatestStreamLabel":          true,
	"EarliestRestorableDateTime": true, "LatestRestorableDateTime": true,
}

// tidy brings an answer into one form: members by name, sets sorted, items too where their order does not count,
// without what is ephemeral.
func tidy(t *testing.T, answer []byte, unordered bool) string {
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v))
	v = sortSets(v)
	if o, ok := v.(map[string]any); ok && unordered {
		for _, list := range lists(o) {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(v))
	return strings.TrimSpace(b.String())
}

// lists gives the lists of items in an answer.
func lists(answer map[string]any) [][]any {
	var all [][]any
	if items, ok := answer["Items"].([]any); ok {
		all = append(all, items)
	}
	if responses, ok := answer["Responses"].(map[string]any); ok {
		for _, items := range responses {
			all = append(all, items.([]any))
		}
	}
	return all
}

func sortSets(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = sortSets(v[i])
		}
	case map[string]any:
		for name, member := range v {
			if ephemeral[name] {
				delete(v, name)
				continue
			}
			v[name] = sortSets(member)
			if list, ok := member.([]any); ok && (name == "SS" || name == "NS" || name == "BS") {
				slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
		}
	}
	return v
}

var (
	pads    = regexp.MustCompile(`@pad:\d+`)
	longRun = regexp.MustCompile(`a{200,}`)
)

func expandPads(text string) string {
	return pads.ReplaceAllStringFunc(text, func(pad string) string {
		n, _ := strconv.Atoi(strings.TrimPrefix(pad, "@pad:"))
		return strings.Repeat("a", n)
	})
}

func contractPads(text string) string {
	return longRun.ReplaceAllStringFunc(text, func(run string) string { return fmt.Sprintf("@pad:%d", len(run)) })
}
