package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

// output is what run has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func TestItServesAfterTheLessonUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out, logs output
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0"}, &out, &logs) }()
	require.Eventually(t, func() bool {
		select {
		case err := <-ended:
			t.Errorf("it ended: %v\n%s", err, out.String())
			return true
		default:
			return strings.Contains(out.String(), "The lesson is over")
		}
	}, 3*time.Minute, 10*time.Millisecond)
	require.False(t, t.Failed())
	assert.Empty(t, logs.String(), "the functions' logs are not among the lesson's lines")
	api := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(out.String())

	replayWithCurl(t, out.String())

	response, err := http.Get(api + "/pets/3")
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, 200, response.StatusCode)
	assert.Eventually(t, func() bool {
		return strings.Contains(logs.String(), `"route":"GET /pets/{id}","status":200`)
	}, 5*time.Second, 10*time.Millisecond)

	err = run(ctx, []string{"-addr", strings.TrimPrefix(api, "http://")}, io.Discard, io.Discard)
	assert.ErrorContains(t, err, "-addr", "a port that is taken, and what to do")

	interrupt()
	require.NoError(t, <-ended)
	_, err = net.Dial("tcp", strings.TrimPrefix(api, "http://"))
	assert.Error(t, err)
}

var played = regexp.MustCompile(`(?m)^\$ (curl .*)\nHTTP/1\.1 (\d+)`)

// replayWithCurl gives the printed lines to a shell: each has the status that was printed, since the lesson can be
// repeated.
func replayWithCurl(t *testing.T, text string) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Log("curl is not installed: the lines are checked by the lesson's own tests alone")
		return
	}
	lines := played.FindAllStringSubmatch(text, -1)
	assert.Equal(t, 24, len(lines))
	for _, line := range lines {
		out, err := exec.Command("sh", "-c", line[1]+` -s -o /dev/null -w '%{http_code}'`).Output()
		assert.NoError(t, err, line[1])
		assert.Equal(t, line[2], string(out), line[1])
	}
}

// database is a DynamoDB that is there already, and what its owner sees.
func database(t *testing.T, change func(*http.Response) error) (endpoint string, owner *dynamodb.Client) {
	server, err := dynamotest.NewServer(dynamotest.NewClient())
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	target, err := url.Parse(server.URL())
	require.NoError(t, err)
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: change})
	t.Cleanup(proxy.Close)
	return proxy.URL, dynamodb.NewFromConfig(server.Config())
}

func TestItUsesADynamoDBThatIsThere(t *testing.T) {
	t.Parallel()
	var tables int
	var owner *dynamodb.Client
	endpoint, owner := database(t, func(r *http.Response) error {
		if strings.HasSuffix(r.Request.Header.Get("X-Amz-Target"), ".PutItem") {
			out, err := owner.ListTables(t.Context(), &dynamodb.ListTablesInput{})
			tables = len(out.TableNames)
			return err
		}
		return nil
	})
	var out output
	err := run(t.Context(), []string{"-once", "-addr", "127.0.0.1:0", "-endpoint", endpoint}, &out, io.Discard)
	require.NoError(t, err, out.String())
	assert.Contains(t, out.String(), "Every answer was as it must be.")
	assert.Equal(t, 2, tables)
	left, err := owner.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	assert.Empty(t, left.TableNames, "what it made is deleted")
}

func TestOneWrongAnswerIsAFailure(t *testing.T) {
	t.Parallel()
	endpoint, owner := database(t, func(r *http.Response) error {
		if !strings.HasSuffix(r.Request.Header.Get("X-Amz-Target"), ".GetItem") {
			return nil
		}
		r.Body.Close()
		r.Header.Del("X-Amz-Crc32")
		r.Header.Set("Content-Length", "2")
		r.ContentLength, r.Body = 2, io.NopCloser(strings.NewReader("{}")) // nothing is ever found
		return nil
	})
	var out, logs output
	err := run(t.Context(), []string{"-once", "-addr", "127.0.0.1:0", "-endpoint", endpoint, "-patience", "1s"}, &out,
		&logs)
	require.ErrorContains(t, err, "/pets/1: the status must be 200")
	assert.Contains(t, out.String(), "NOT AS EXPECTED")
	assert.NotContains(t, out.String(), "Every answer")
	assert.Contains(t, logs.String(), `"status":404`, "the functions' logs may help")
	left, err := owner.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	assert.Empty(t, left.TableNames)
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-nothing"}, {"-h"}} {
		assert.ErrorIs(t, run(t.Context(), args, io.Discard, io.Discard), flag.ErrHelp)
	}
	assert.ErrorContains(t, run(t.Context(), []string{"once"}, io.Discard, io.Discard), `"once"`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := run(ctx, []string{"-once"}, io.Discard, io.Discard)
	assert.True(t, err != nil && !errors.Is(err, flag.ErrHelp))
}
