//go:build record

package script

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

var only = flag.String("only", "", "name of the one file to record")

// TestRecord writes into the script files what the DynamoDB at MONOTABLE_DYNAMODB_LOCAL answers to requests without an
// answer. Every line that it writes is to be held against the service's documentation before it is kept:
//
//	go test -tags record -run TestRecord ./internal/script
func TestRecord(t *testing.T) {
	target := dynamodb.New(dynamodb.Options{Region: "us-east-1", Retryer: aws.NopRetryer{},
		BaseEndpoint: aws.String(os.Getenv("MONOTABLE_DYNAMODB_LOCAL")),
		Credentials:  credentials.NewStaticCredentialsProvider("id", "secret", "")})
	files, err := filepath.Glob("cases/*.txt")
	require.NoError(t, err)
	for _, file := range files {
		if *only != "" && !strings.Contains(file, *only) {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		sections, err := parse(string(text))
		require.NoError(t, err, file)
		answers := map[int]string{}
		for _, s := range sections {
			t.Run(s.title, func(t *testing.T) {
				ts := newTables(t, target)
				for _, step := range s.steps {
					if step.fill != "" {
						ts.fill(t, step.fill)
						continue
					}
					got := step.perform(t, ts)
					if step.want == "" {
						answers[step.line] = got
					} else if got != step.want && got != strings.Replace(step.want, envelope, "", 1) &&
						!strings.HasPrefix(s.title, "service:") {
						known := false
						for _, l := range step.local {
							known = known || l == got
						}
						if !known {
							fmt.Printf("%s:%d\n  %s %.300s\n  want %s\n  got  %s\n", file, step.line, step.operation,
								step.input, step.want, got)
						}
					}
				}
			})
		}
		var out bytes.Buffer
		for i, line := range strings.SplitAfter(string(text), "\n") {
			out.WriteString(line)
			if answer, ok := answers[i+1]; ok {
				out.WriteString(answer + "\n")
			}
		}
		require.NoError(t, os.WriteFile(file, out.Bytes(), 0o644))
	}
}
