// Command pets is the course lesson "API Gateway, Lambda, and DynamoDB" on this machine: it runs template.yaml, its
// table in a DynamoDB, its functions' real bootstraps as Lambda runs them, its routes in an HTTP API, plays the
// lesson's requests, and goes on serving until Ctrl-C.
//
//	go run ./examples/pets [-once] [-addr 127.0.0.1:3000] [-endpoint http://127.0.0.1:8000]
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/monotable/monotable/examples/pets/internal/local"
	"github.com/monotable/monotable/examples/pets/internal/local/lesson"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second Ctrl-C ends the program at once
	}()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "pets:", err)
		os.Exit(1)
	}
}

// run is the program; it returns when ctx ends, or after the lesson with -once.
func run(ctx context.Context, args []string, out, logs io.Writer) (err error) {
	flags := flag.NewFlagSet("pets", flag.ContinueOnError)
	flags.SetOutput(logs)
	once := flags.Bool("once", false,
		"end after the lesson; the exit status is 0 only if every answer was as it must be")
	addr := flags.String("addr", "127.0.0.1:3000", "where the HTTP API listens")
	endpoint := flags.String("endpoint", "",
		"URL of a DynamoDB that is there already, DynamoDB Local or AWS; its credentials are yours, the table is "+
			"made for this run and deleted after it")
	patience := flags.Duration("patience", lesson.DefaultPatience, "how long the lesson waits for a change to take effect")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // it has been said
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	dir, err := sourceDir(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Building the functions and starting the stack of", filepath.Join(dir, "template.yaml"))
	functionLogs := &heldLogs{to: logs}
	stack, err := local.Start(ctx, local.Options{
		Template: filepath.Join(dir, "template.yaml"), Addr: *addr, Endpoint: *endpoint, Logs: functionLogs,
	})
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w: -addr gives it another address", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stack.Close()) }()
	describe(out, stack)

	table, _ := stack.Table("PetsTable")
	names, _ := stack.Table("NamesTable")
	player := &lesson.Player{Out: out, Client: &http.Client{Timeout: time.Minute}}
	err = lesson.Play(ctx, player, lesson.Place{
		API: stack.URL, DynamoDB: stack.Database.URL, Table: table.Schema.Name, TableARN: table.ARN,
		OnePet:     lesson.Key{Access: local.AccessKey("OnePet"), Secret: local.Secret, Region: stack.Region},
		RoleARN:    stack.RoleARN("OnePet"),
		Owner:      lesson.Key{Access: local.OwnerKey, Secret: local.Secret, Region: stack.Region},
		NamesTable: names.Schema.Name, Missed: stack.Queues["MissedChanges"].Receive, Patience: *patience,
	})
	if ctx.Err() != nil {
		return nil // Ctrl-C
	}
	functionLogs.release(err != nil)
	if *once {
		if err == nil {
			fmt.Fprintln(out, "\nEvery answer was as it must be.")
		}
		return err
	}
	fmt.Fprintf(out,
		"\nThe lesson is over; the stack serves until Ctrl-C. Its functions' logs follow. To look into the table:\n"+
			"AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s aws dynamodb scan --region %s --endpoint-url %s "+
			"--table-name %s\n\n",
		local.OwnerKey, local.Secret, stack.Region, stack.Database.URL, table.Schema.Name)
	<-ctx.Done()
	return err
}

// sourceDir is the folder of this program's source, which the functions are built from.
func sourceDir(ctx context.Context) (string, error) {
	const pkg = "github.com/monotable/monotable/examples/pets"
	dir, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", pkg).Output()
	if err != nil {
		return "",
			fmt.Errorf("the source of %s cannot be found (go list: %w): start this inside a clone of the repository",
				pkg, err)
	}
	return string(bytes.TrimSpace(dir)), nil
}

// describe says what runs.
func describe(out io.Writer, stack *local.Stack) {
	fmt.Fprintf(out, "\n%-10s %s\n", "HTTP API", stack.URL)
	for _, f := range stack.Template.Functions {
		for _, route := range f.Routes {
			fmt.Fprintf(out, "%-10s %-4s %-12s may", f.ID, route.Method, route.Path)
		}
		for _, source := range stack.Template.Sources {
			if source.Function == f.ID {
				fmt.Fprintf(out, "%-10s %-17s may", f.ID, "on "+source.Table)
			}
		}
		for _, policy := range f.Policies {
			for _, s := range policy.Statement {
				for _, action := range s.Action {
					fmt.Fprintf(out, " %s", action)
				}
			}
		}
		fmt.Fprintln(out)
	}
	for _, table := range stack.Template.Tables {
		fmt.Fprintf(out, "%-10s %s at %s\n", "Table", table.Schema.Name, stack.Database.URL)
	}
}

// heldLogs keeps the functions' logs back while the lesson is played, so that its lines stay together.
type heldLogs struct {
	mu   sync.Mutex
	to   io.Writer
	held bytes.Buffer
	live bool
	open map[string]bool // invocations of the lesson that have not been reported: an answer is there before its report
}

// maxHeld is far above what the lesson's requests log.
const maxHeld = 1 << 20

// invocationLine begins and ends what an invocation logs.
var invocationLine = regexp.MustCompile(`^(START|REPORT) RequestId: (\S+)`)

func (l *heldLogs) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.lessons(line)
	if l.live && !of {
		return l.to.Write(line)
	}
	if l.held.Len() < maxHeld {
		l.held.Write(line)
	}
	return len(line), nil
}

// lessons tells whether a line says which invocation it is of, and that is one of the lesson's.
func (l *heldLogs) lessons(line []byte) bool {
	for id := range l.open {
		if bytes.Contains(line, []byte(id)) {
			if at := invocationLine.FindSubmatch(line); at != nil && string(at[1]) == "REPORT" {
				delete(l.open, id)
			}
			return true
		}
	}
	if at := invocationLine.FindSubmatch(line); at != nil && !l.live && string(at[1]) == "START" {
		if l.open == nil {
			l.open = map[string]bool{}
		}
		l.open[string(at[2])] = true
	}
	return false
}

// release writes logs of what is invoked from now on as they come, and before that what was held if it is wanted.
func (l *heldLogs) release(wanted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live = true
	if wanted {
		l.to.Write(l.held.Bytes())
	}
	l.held = bytes.Buffer{}
}
