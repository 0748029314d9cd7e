// Package script is one test script for everything that claims to be DynamoDB: the client in the process, the server
// behind the SDK, AWS's DynamoDB Local, the service itself.
//
// The script is the text files in cases. Each holds sections, and each section guards the rule in its title:
//
//	== a put replaces the whole item
//	> PutItem {"TableName":"$h","Item":{"p":{"S":"a"},"x":{"N":"1"}}}
//	< {}
//	> GetItem {"TableName":"$h","Key":{}}
//	! ValidationException: The provided key element does not match the schema
//
// A line that begins with > is a request: an operation and its input as JSON. The line below is what must come back: <
// and the answer, or ! and the error with its message and, if it has some, its further members. Below that, lines that
// begin with <local or !local say what DynamoDB Local answers where it is known to differ from the service by more than
// the words "1 validation error detected: " before a message. >~ is a request whose items may come back in any order.
// An error whose message is * may have any, where nobody could be asked for its words. A line that begins with # is a
// comment. "fill $hr p=x n=10 size=300" puts ten items of 300 bytes, with sort keys 00000 and so on.
//
// $h, $hr and so on are tables of the section's own, made when first named; see tables.go. "@pad:300" stands for 300
// times the letter a. A section whose title begins with "service:" is not run on DynamoDB Local, which is known not to
// have what it tests.
//
// What needs many requests that depend on each other is in walks.go.
package script

import (
	"context"
	"embed"
	"io/fs"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

// Target is what the script runs on: *dynamodb.Client, or what has its methods. Operations that a case names beyond
// these are found by their method's name.
type Target interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput,
		...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput,
		...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput,
		...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Kind says what a target is, so that known differences can be told from faults.
type Kind int

const (
	// Service is a target that must answer as the service does.
	Service Kind = iota
	// Local is AWS's DynamoDB Local: where the script knows it to differ, that answer will do too.
	Local
)

//go:embed cases/*.txt
var cases embed.FS

// Run runs the whole script. newTarget is called once for every section; sections do not depend on each other.
func Run(t *testing.T, kind Kind, newTarget func(*testing.T) Target) {
	names, err := fs.Glob(cases, "cases/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	t.Run("walks", func(t *testing.T) {
		for rule, walk := range walks {
			t.Run(rule, func(t *testing.T) {
				target := newTarget(t)
				walk(t, target, newTables(t, target))
			})
		}
	})
	for _, name := range names {
		text, err := cases.ReadFile(name)
		require.NoError(t, err)
		sections, err := parse(string(text))
		require.NoError(t, err, name)
		t.Run(strings.TrimSuffix(strings.TrimPrefix(name, "cases/"), ".txt"), func(t *testing.T) {
			for _, s := range sections {
				t.Run(s.title, func(t *testing.T) {
					if kind == Local && strings.HasPrefix(s.title, "service:") {
						return
					}
					s.run(t, kind, newTarget(t))
				})
			}
		})
	}
}
