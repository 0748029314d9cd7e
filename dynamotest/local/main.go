// Command local serves a DynamoDB in memory until it is interrupted.
//
//	go run ./dynamotest/local -addr 127.0.0.1:8000 -data tables.snapshot
//
// It prints the lines that point the SDKs and the AWS CLI at it; the CLI's have the endpoint in them, since versions
// before 2.13, which Debian has, do not take it from the environment. Items whose time to live has passed are deleted
// once in each -sweep, a minute unless set.
//
// Without -data everything is gone when it ends. With -data FILE it begins with the tables and items of FILE, if there
// is one, and writes them back when it is interrupted or terminated, and once in each -save if anything was asked of it
// since; 0 turns that off. Each time FILE is replaced as a whole: a crash, a kill -9 or a full disk leaves the snapshot
// before, and what was written after it is lost, up to -save's worth of writes. A FILE.NUMBER.new that a kill left
// behind goes at the next start. The records of streams and the tokens of transactions are not kept over a restart. A
// FILE that is not a snapshot of this version, is damaged, or cannot be written is refused at the start and never
// overwritten. Let one process at a time use a FILE.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

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
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8000", "host and port to listen on; port 0 takes a free one")
	region := flags.String("region", "us-east-1", "region in ARNs and in the printed lines")
	data := flags.String("data", "", "snapshot file to begin with and to write back; none unless set")
	save := flags.Duration("save", time.Minute, "how often to write -data while running; 0 for only at the end")
	sweep := flags.Duration("sweep", time.Minute,
		"how often to delete items whose time to live has passed; 0 for never")
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *save < 0 || *sweep < 0:
		return errors.New("-save and -sweep are not negative")
	}
	client := dynamotest.NewClient(dynamotest.WithRegion(*region))
	if *data != "" {
		if err := begin(client, *data); err != nil {
			return err
		}
	}
	server, err := dynamotest.NewServer(client, dynamotest.WithAddr(*addr))
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, usage, server.URL(), *region)
	if *data != "" {
		fmt.Fprintf(stdout, "Its tables are kept in %s.\n", *data)
	}
	work(ctx, client, *data, *save, *sweep, stderr)
	err = server.Close()
	if *data != "" {
		err = errors.Join(err, client.SaveFile(*data))
	}
	fmt.Fprintln(stdout, "stopped")
	return err
}

// begin loads the file, if there is one, and makes sure that it can be written before anything is to be kept in it.
func begin(client *dynamotest.Client, file string) error {
	if err := client.LoadFile(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return client.SaveFile(file)
}

// work sweeps and saves until ctx ends. What fails is tried again the next time.
func work(ctx context.Context, client *dynamotest.Client, file string, save, sweep time.Duration, stderr io.Writer) {
	sweeps, stopSweeps := every(sweep)
	defer stopSweeps()
	if file == "" {
		save = 0
	}
	saves, stopSaves := every(save)
	defer stopSaves()
	saved, changed := 0, false // calls may have come since the server began to listen
	for {
		select {
		case <-ctx.Done():
			return
		case <-sweeps:
			changed = client.SweepExpired() > 0 || changed
		case <-saves:
			calls := client.Usage().Calls
			if calls == saved && !changed {
				continue
			}
			if err := client.SaveFile(file); err != nil {
				fmt.Fprintln(stderr, "local:", err)
				continue
			}
			saved, changed = calls, false
		}
	}
}

// every gives a tick for each d, and none for 0.
func every(d time.Duration) (ticks <-chan time.Time, stop func()) {
	if d == 0 {
		return nil, func() {}
	}
	t := time.NewTicker(d)
	return t.C, t.Stop
}

const usage = `DynamoDB is served at %[1]s, in memory. Paste these lines to use it:

export AWS_ENDPOINT_URL_DYNAMODB=%[1]s
export AWS_ENDPOINT_URL_DYNAMODB_STREAMS=%[1]s
export AWS_REGION=%[2]s AWS_DEFAULT_REGION=%[2]s
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local

aws dynamodb create-table --table-name pets --billing-mode PAY_PER_REQUEST \
  --attribute-definitions AttributeName=id,AttributeType=N --key-schema AttributeName=id,KeyType=HASH \
  --endpoint-url %[1]s
aws dynamodb put-item --table-name pets --item '{"id":{"N":"1"},"name":{"S":"Rachel"}}' --endpoint-url %[1]s
aws dynamodb scan --table-name pets --endpoint-url %[1]s

Ctrl-C stops it.
`
