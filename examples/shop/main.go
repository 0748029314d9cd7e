// Command shop plays every access pattern of a shop in one DynamoDB table, and prints what each sent and what it cost.
//
//	go run ./examples/shop [-endpoint http://127.0.0.1:8000] [-without by-region]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/shop/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run is the program.
func run(ctx context.Context, args []string, out, help io.Writer) (err error) {
	flags := flag.NewFlagSet("shop", flag.ContinueOnError)
	flags.SetOutput(help)
	endpoint := flags.String("endpoint", "",
		"URL of a DynamoDB to play in, such as DynamoDB Local; the table is made for this run under a name of its "+
			"own, and deleted after it. The default is one inside this program")
	without := flags.String("without", "",
		"an index to leave out, with the patterns that need it: "+shop.ByRegion+", for a DynamoDB without "+
			"multi-attribute index keys")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // it has been said
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if *without != "" && *without != shop.ByRegion {
		return fmt.Errorf("-without %s: only %s can be left out", *without, shop.ByRegion)
	}
	schema := shop.Schema
	if *without != "" {
		schema.Indexes = slices.DeleteFunc(slices.Clone(schema.Indexes),
			func(i monotable.Index) bool { return i.Name == *without })
	}

	database, err := open(ctx, *endpoint, &schema)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.close()) }()

	now := time.Now().UTC().Truncate(time.Second)
	clock := monotable.Clock(func() time.Time { return now })
	s, err := shop.Open(database.client, schema, clock)
	if err != nil {
		return err
	}
	if err := s.Seed(ctx, now); err != nil {
		return fmt.Errorf("seeding: %w", err)
	}
	played, err := shop.Play(ctx, database.client, schema, now, clock)
	if err != nil {
		return err
	}
	fmt.Fprintf(out,
		"A shop in one DynamoDB table: its access patterns, the requests that each sends, the items that\n"+
			"it reads or writes, and the read and write units that the service counts for them.\n\n")
	printTable(out, played)
	for _, p := range shop.Patterns {
		if p.Needs != "" && p.Needs == *without {
			fmt.Fprintf(out, "\nLeft out, since it needs index %s: %s\n", p.Needs, p.Name)
		}
	}
	return nil
}
