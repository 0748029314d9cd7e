// Command local serves an empty DynamoDB, in memory, until it is interrupted.
//
//	go run ./dynamotest/local -addr 127.0.0.1:8000
//
// It prints the lines that point the AWS CLI and the SDKs at it. Everything is gone when it ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/monotable/monotable/dynamotest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8000", "host and port to listen on; port 0 takes a free one")
	region := flags.String("region", "us-east-1", "region in ARNs and in the printed lines")
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	server, err := dynamotest.NewServer(dynamotest.NewClient(dynamotest.WithRegion(*region)), dynamotest.WithAddr(*addr))
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, usage, server.URL(), *region)
	<-ctx.Done()
	fmt.Fprintln(stdout, "stopped")
	return server.Close()
}

const usage = `DynamoDB is served at %[1]s, in memory. Paste these lines to use it:

export AWS_ENDPOINT_URL_DYNAMODB=%[1]s
export AWS_ENDPOINT_URL_DYNAMODB_STREAMS=%[1]s
export AWS_REGION=%[2]s AWS_DEFAULT_REGION=%[2]s
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local

aws dynamodb create-table --table-name pets --billing-mode PAY_PER_REQUEST \
  --attribute-definitions AttributeName=id,AttributeType=N --key-schema AttributeName=id,KeyType=HASH
aws dynamodb put-item --table-name pets --item '{"id":{"N":"1"},"name":{"S":"Rachel"}}'
aws dynamodb scan --table-name pets

Ctrl-C stops it.
`
