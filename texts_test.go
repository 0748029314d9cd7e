package monotable_test

import (
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/dynamotest"
)

// The service's texts change from region to region and from month to month, so nothing may depend on one. With
// MONOTABLE_TEST_CLIENT=texts the tests run on a service whose errors say something else: every message is replaced,
// those of a cancellation's reasons too.

// otherText is what every error of that service says.
const otherText = "Lorem ipsum: dolor sit amet"

func init() {
	if testClient != "texts" {
		return
	}
	server := sync.OnceValues(func() (aws.Config, error) {
		s, err := dynamotest.NewServer(fake)
		if err != nil {
			return aws.Config{}, err
		}
		cfg := s.Config()
		cfg.BaseEndpoint = &httptest.NewServer(saysOtherwise(s)).URL
		cfg.HTTPClient = signed{cfg.HTTPClient}
		return cfg, nil
	})
	newService = func(t testing.TB) service {
		cfg, err := server()
		require.NoError(t, err)
		return dynamodb.NewFromConfig(cfg)
	}
}

// signed gives requests a signature that is complete, of which the fake asks no more.
type signed struct{ client aws.HTTPClient }

func (s signed) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization",
		"AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	return s.client.Do(r)
}

// saysOtherwise replaces the messages of errors.
func saysOtherwise(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		cut := func() (cut any) {
			defer func() { cut = recover() }()
			h.ServeHTTP(answer, r)
			return nil
		}()
		body := answer.Body.Bytes()
		if cut == nil && answer.Code >= 400 {
			body = withOtherText(body)
			answer.Header().Set("Content-Length", strconv.Itoa(len(body)))
			answer.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		if cut == nil || len(body) > 0 {
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body)
		}
		if cut != nil {
			_ = http.NewResponseController(w).Flush()
			panic(cut)
		}
	})
}

func withOtherText(body []byte) []byte {
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return body
	}
	replaceTexts(fields)
	replaced, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return replaced
}

func replaceTexts(fields map[string]any) {
	for _, name := range []string{"message", "Message"} {
		if _, ok := fields[name].(string); ok {
			fields[name] = otherText
		}
	}
	reasons, _ := fields["CancellationReasons"].([]any)
	for _, reason := range reasons {
		replaceTexts(reason.(map[string]any))
	}
}

// TestNothingDependsOnATextOfTheService runs the tests of what errors mean on a service whose errors say something
// else.
func TestNothingDependsOnATextOfTheService(t *testing.T) {
	if testClient != "" {
		return // one of those that this test runs
	}
	const tests = "Condition|Create|Version|Exists|Outcome|Transact|Write|Unique|Guard|Modify|Update|Upsert|Once|Delete|" +
		"Batch|Many|TextsAreOthers"
	run := exec.CommandContext(t.Context(), os.Args[0], "-test.run", tests, "-test.skip", "Agree|LosesNothing",
		"-test.count=1") // those take long
	run.Env = append(os.Environ(), "MONOTABLE_TEST_CLIENT=texts")
	out, err := run.CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

// TestTextsAreOthers finds that the service that says something else does so.
func TestTextsAreOthers(t *testing.T) {
	if testClient != "texts" {
		return
	}
	table := "there-is-none"
	_, err := newService(t).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	assert.ErrorContains(t, err, otherText)
}
