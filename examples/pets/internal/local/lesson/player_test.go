package lesson

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlay(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/x")
		w.Header().Set("Apigw-Requestid", "id")
		w.Header().Set("Date", "now")
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte(r.Method + " " + r.Header.Get("X-Asked")))
	}))
	defer server.Close()
	good := Step{
		Say: "A sentence.", Method: "POST", URL: server.URL + "/pets", Headers: []string{"X-Asked: a b"}, Body: "{}",
		Status: 201, Want: map[string]string{"Content-Type": "application/json", "Location": "/x"}, Answer: "POST a b",
	}
	var out bytes.Buffer
	p := &Player{Out: &out, Client: server.Client()}
	require.NoError(t, p.Play(t.Context(), good))
	assert.Equal(t, "\n# A sentence.\n$ curl -i "+server.URL+"/pets -H 'X-Asked: a b' -d '{}'\n"+
		"HTTP/1.1 201 Created\nDate: now\nContent-Type: application/json\nContent-Length: 8\nApigw-Requestid: id\n"+
		"Location: /x\n\nPOST a b\n", out.String())

	for says, change := range map[string]func(*Step){
		"the status must be 200": func(s *Step) { s.Status = 200 },
		"the body must be other": func(s *Step) { s.Answer = "other" },
		`Location must be "/y"`: func(s *Step) {
			s.Want = map[string]string{"Content-Type": "application/json",
				"Location": "/y"}
		},
		`Location must be ""`: func(s *Step) { s.Want = map[string]string{"Content-Type": "application/json"} },
		`Link must be "</z>; rel=\"next\""`: func(s *Step) {
			s.Want = map[string]string{"Content-Type": "application/json", "Location": "/x", "Link": `</z>; rel="next"`}
		},
		"checked": func(s *Step) {
			s.Check = func(body string, _ http.Header) error { return assert.AnError }
		},
		"connect": func(s *Step) { s.URL = "http://127.0.0.1:1/" },
	} {
		bad := good
		change(&bad)
		out.Reset()
		err := p.Play(t.Context(), bad)
		require.Error(t, err)
		if says == "checked" {
			assert.ErrorIs(t, err, assert.AnError)
			says = assert.AnError.Error()
		}
		assert.ErrorContains(t, err, says)
		assert.Contains(t, out.String(), says)
	}
}

// TestPatience: a step that may take its time is asked again; when one never comes right, those after it are not waited
// for.
func TestPatience(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	var out bytes.Buffer
	p := &Player{Out: &out, Client: server.Client()}
	step := Step{Say: "Wait.", Method: "GET", URL: server.URL, Status: 200, Patience: time.Minute}
	require.NoError(t, p.Play(t.Context(), step))
	assert.Equal(t, 3, asked)
	assert.Equal(t, 1, strings.Count(out.String(), "HTTP/1.1"), "one answer is shown, the last")
	step.Status, step.Patience = 201, 50*time.Millisecond
	require.ErrorContains(t, p.Play(t.Context(), step), "the status must be 201")
	asked, step.Patience = 10, time.Minute
	require.Error(t, p.Play(t.Context(), step))
	assert.Equal(t, 11, asked)
}

func TestStepsAboutTheStream(t *testing.T) {
	const exhausted = `{"requestContext":{"condition":"RetryAttemptsExhausted","approximateInvokeCount":5},`
	for message, says := range map[string]string{
		"": "must be told", "x": "must be JSON", "{}": "one try and four more",
		exhausted + `"DDBStreamBatchInfo":{"batchSize":2}}`: "one try and four more",
		exhausted + `"DDBStreamBatchInfo":{"batchSize":1}}`: "",
	} {
		l := &lesson{at: Place{Missed: func(context.Context) (string, error) {
			if message == "" {
				return "", assert.AnError
			}
			return message, nil
		}}}
		var out bytes.Buffer
		err := (&Player{Out: &out}).Play(t.Context(), l.missed("What was missed."))
		assert.Contains(t, out.String(), "# What was missed.\n"+message)
		if says == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, says)
		assert.Contains(t, out.String(), "NOT AS EXPECTED")
	}
	named := (&lesson{}).named("Who?", "Rachel", "1", "2")
	for body, ok := range map[string]bool{
		`{"Item":{"name":{"S":"Rachel"},"pets":{"NS":["2","1"]}}}`: true,
		`{"Item":{"name":{"S":"Rachel"},"pets":{"NS":["2"]}}}`:     false,
		`{"Item":{"name":{"S":"Rachel"}}}`:                         false,
		`{"Item":{"name":{"S":"Mike"},"pets":{"NS":["1","2"]}}}`:   false,
		`{}`: false, `x`: false,
	} {
		assert.Equal(t, ok, named.Check(body, nil) == nil, body)
	}
}

// TestCurlLinesMeanTheSame gives each line to a shell in which curl says what it was asked for.
func TestCurlLinesMeanTheSame(t *testing.T) {
	l := &lesson{at: Place{API: "http://127.0.0.1:3000", DynamoDB: "http://127.0.0.1:8000", Table: "pets",
		OnePet: Key{"KEY", "secret", "us-east-1"}, Owner: Key{"KEY", "secret", "us-east-1"}}}
	steps := []Step{{Method: "DELETE", URL: "http://x/it's $HOME", Headers: []string{"A: \"`\\"}, Body: "a\nb"}}
	for _, next := range l.steps() {
		if s := next(); s.Read == nil {
			steps = append(steps, s)
		}
	}
	for _, s := range steps {
		out, err := exec.Command("sh", "-c", `curl() { printf '%s\0' "$@"; }; `+s.Curl()).Output()
		require.NoError(t, err, s.Curl())
		words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		var url, body, method string
		var headers []string
		for i := 0; i < len(words); i++ {
			switch words[i] {
			case "-i":
			case "-X":
				i++
				method = words[i]
			case "-H":
				i++
				headers = append(headers, words[i])
			case "-d":
				i++
				body = words[i]
			case "--user":
				i++
				assert.Equal(t, "KEY:secret", words[i])
			case "--aws-sigv4":
				i++
				assert.Equal(t, "aws:amz:us-east-1:dynamodb", words[i])
			default:
				require.Empty(t, url, "one URL: %s", s.Curl())
				url = words[i]
			}
		}
		if method == "" {
			method = "GET"
			if body != "" {
				method = "POST"
			}
		}
		assert.Equal(t, s.Method, method)
		assert.Equal(t, s.URL, url)
		assert.Equal(t, s.Headers, headers)
		assert.Equal(t, s.Body, body)
	}
}

func TestTampered(t *testing.T) {
	for _, cursor := range []string{"A", "B", "AAAA", "abcdef"} {
		assert.NotEqual(t, cursor, tampered(cursor))
		assert.Len(t, tampered(cursor), len(cursor))
	}
	assert.NotEmpty(t, tampered(""))
}
