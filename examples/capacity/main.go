// Command capacity plans the table of examples/shop: what its access patterns need, what that costs a month in each
// billing mode, and which keys are too hot.
//
//	go run ./examples/capacity -o plan.html
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/monotable/monotable/plan"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "capacity:", err)
		os.Exit(1)
	}
}

// run is the program.
func run(ctx context.Context, args []string, out, help io.Writer) error {
	flags := flag.NewFlagSet("capacity", flag.ContinueOnError)
	flags.SetOutput(help)
	pagePath := flags.String("o", "", "file to write the report to as a page with charts")
	pricePath := flags.String("prices", "",
		"file with a price sheet, for another region or a later date; the default is us-east-1's that comes with "+
			"package plan")
	format := flags.String("format", "text", "what is printed: text, markdown or json")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // it has been said
	}
	write, known := map[string]func(io.Writer, ...plan.Report) error{"text": plan.Text, "markdown": plan.Markdown,
		"json": plan.JSON}[*format]
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unknown argument %q", flags.Arg(0))
	case !known:
		return fmt.Errorf("-format %s: it is text, markdown or json", *format)
	}
	sheet, err := prices(*pricePath)
	if err != nil {
		return err
	}
	found, err := survey(ctx, time.Now())
	if err != nil {
		return err
	}
	p, err := plan.New(workload(found), sheet)
	if err != nil {
		return err
	}
	if err := write(out, p); err != nil {
		return err
	}
	if *pagePath == "" {
		return nil
	}
	return writePage(*pagePath, p, found)
}

func prices(path string) (*plan.PriceSheet, error) {
	if path == "" {
		return plan.Prices("us-east-1")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return plan.ReadPrices(f)
}

func writePage(path string, reports ...plan.Report) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(plan.HTML(f, "The shop's capacity", reports...), f.Close())
}
