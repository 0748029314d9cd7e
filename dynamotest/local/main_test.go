package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// output is a buffer that a test reads while run writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func TestRunServesUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var out output
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-region", "eu-west-1"}, &out, io.Discard) }()

	var url string
	require.Eventually(t, func() bool {
		found := regexp.MustCompile(`export AWS_ENDPOINT_URL_DYNAMODB=(\S+)`).FindStringSubmatch(out.String())
		if found != nil {
			url = found[1]
		}
		return found != nil
	}, 5*time.Second, time.Millisecond)
	assert.Contains(t, out.String(), "export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1\n")
	for command := range strings.SplitSeq(strings.ReplaceAll(out.String(), "\\\n", ""), "\n") {
		if strings.HasPrefix(command, "aws ") {
			assert.True(t, strings.HasSuffix(command, " --endpoint-url "+url), "an old CLI finds it by %s", command)
		}
	}
	assert.Equal(t, 3, strings.Count(out.String(), "\naws "))
	response, err := http.Get(url)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, "healthy: dynamodb.eu-west-1.amazonaws.com ", string(body))

	stop()
	require.NoError(t, <-ended)
	assert.True(t, strings.HasSuffix(out.String(), "\nstopped\n"))
	_, err = http.Get(url)
	assert.Error(t, err)
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-nope"}, {"x"}, {"-addr", "nowhere"}, {"-addr", "127.0.0.1:99999"}} {
		var out, errs bytes.Buffer
		assert.Error(t, run(context.Background(), args, &out, &errs), "%v", args)
		assert.Empty(t, out.String())
	}
	var errs bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-h"}, io.Discard, &errs))
	assert.Contains(t, errs.String(), "-addr")
}
