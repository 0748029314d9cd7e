// Package local runs a SAM template on this machine: its tables in a DynamoDB, its functions as Lambda runs them, its
// routes in an HTTP API, its event sources on the tables' streams, and its roles in between.
package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/monotable/monotable/examples/pets/internal/local/gateway"
	"github.com/monotable/monotable/examples/pets/internal/local/iam"
	"github.com/monotable/monotable/examples/pets/internal/local/runtimeapi"
	"github.com/monotable/monotable/examples/pets/internal/local/template"
)

// account is the account that names and ARNs have here. It is the one of AWS's own examples.
const account = "123456789012"

// OwnerKey is the access key of this stack's owner, who may do anything to its tables.
const OwnerKey = "LOCALOWNER"

// Options say what runs and where.
type Options struct {
	Template string    // path of the template; its functions are built from the folders it names
	Addr     string    // where the HTTP API listens; 127.0.0.1 and a free port if ""
	Endpoint string    // of a DynamoDB that is there already; "" for the embedded one
	Logs     io.Writer // the logs of functions and event sources, a line a Write; discarded if nil
}

// Stack is a template that runs.
type Stack struct {
	URL      string // of the HTTP API
	Template *template.Stack
	Database *Database // its tables
	Region   string
	Queues   map[string]*Queue // by their names in the template

	functions map[string]*runtimeapi.Function
	roles     iam.Roles
	sources   []*source
	server    *http.Server
	dir       string // of the built functions
}

// Start builds the functions, opens the database, creates the tables and listens. Whatever fails, nothing is left
// behind.
func Start(ctx context.Context, o Options) (stack *Stack, err error) {
	s := &Stack{
		Region: region(o.Endpoint), Queues: map[string]*Queue{}, functions: map[string]*runtimeapi.Function{},
		roles: iam.Roles{},
	}
	if o.Logs == nil {
		o.Logs = io.Discard
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("the HTTP API cannot listen: %w", err)
	}
	defer func() {
		if err != nil {
			listener.Close()
		}
	}()
	s.Template, err = template.Read(o.Template, template.World{
		Region: s.Region, Account: account, StackName: "pets-" + randomHex(4),
		Parameters: map[string]string{"CursorKey": randomHex(32)},
	})
	if err != nil {
		return nil, err
	}
	s.addRoles()
	for _, q := range s.Template.Queues {
		s.Queues[q.ID] = &Queue{}
	}
	if s.dir, err = os.MkdirTemp("", "pets"); err != nil {
		return nil, err
	}
	if s.Database, err = openDatabase(ctx, o.Endpoint, s.Region, s.roles); err != nil {
		return nil, err
	}
	bootstraps, err := build(ctx, s.dir, s.Template.Functions)
	if err != nil {
		return nil, err
	}
	for _, table := range s.Template.Tables {
		if err := s.Database.create(ctx, table); err != nil {
			return nil, fmt.Errorf("creating table %s: %w", table.Schema.Name, err)
		}
	}
	s.serve(listener, bootstraps, o.Logs)
	s.startSources(slog.New(slog.NewJSONHandler(o.Logs, nil)))
	return s, nil
}

// addRoles gives each function an access key of its own, with the policies of the template.
func (s *Stack) addRoles() {
	for _, f := range s.Template.Functions {
		s.roles[AccessKey(f.ID)] = iam.Role{ARN: s.RoleARN(f.ID), Policies: f.Policies}
	}
	s.roles[OwnerKey] = iam.Role{
		ARN: "arn:aws:iam::" + account + ":user/owner",
		Policies: []iam.Policy{{Version: "2012-10-17", Statement: []iam.Statement{
			{Effect: "Allow", Action: []string{"dynamodb:*"}, Resource: []string{"*"}},
		}}},
	}
}

// AccessKey is the access key that a function runs with.
func AccessKey(functionID string) string { return "LOCAL" + strings.ToUpper(functionID) }

// RoleARN is the role that a function has assumed, as refusals name it.
func (s *Stack) RoleARN(functionID string) string {
	f, _ := s.Template.Function(functionID)
	return fmt.Sprintf("arn:aws:sts::%s:assumed-role/%sRole/%s", account, f.Name, f.Name)
}

// Table finds a table by its name in the template.
func (s *Stack) Table(id string) (template.Table, bool) {
	i := slices.IndexFunc(s.Template.Tables, func(t template.Table) bool { return t.ID == id })
	if i < 0 {
		return template.Table{}, false
	}
	return s.Template.Tables[i], true
}

// Secret is the secret key that belongs to all access keys here. Signatures are made with it and verified by nobody.
const Secret = "local"

// serve connects routes and functions.
func (s *Stack) serve(listener net.Listener, bootstraps map[string]string, logs io.Writer) {
	var routes []gateway.Route
	for _, f := range s.Template.Functions {
		function := runtimeapi.New(runtimeapi.Config{
			Name: f.Name, ARN: f.ARN, Bootstrap: bootstraps[f.ID], Env: s.environment(f, bootstraps[f.ID]),
			Timeout: f.Timeout, MemorySize: f.MemorySize, Logs: logs,
		})
		s.functions[f.ID] = function
		for _, r := range f.Routes {
			routes = append(routes, gateway.Route{Method: r.Method, Path: r.Path, Function: function})
		}
	}
	s.URL = "http://" + listener.Addr().String()
	s.server = &http.Server{
		Handler:           gateway.New(account, "local", routes),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
	}
	go s.server.Serve(listener) // ends with Close
}

// environment is what Lambda sets, and what the template adds; nothing of this program's own.
func (s *Stack) environment(f template.Function, bootstrap string) []string {
	env := map[string]string{
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"LAMBDA_TASK_ROOT":                filepath.Dir(bootstrap),
		"_HANDLER":                        "bootstrap",
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemorySize),
		"AWS_LAMBDA_LOG_GROUP_NAME":       f.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      time.Now().UTC().Format("2006/01/02/[$LATEST]") + randomHex(16),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_REGION":                      s.Region,
		"AWS_DEFAULT_REGION":              s.Region,
		"AWS_ACCESS_KEY_ID":               AccessKey(f.ID),
		"AWS_SECRET_ACCESS_KEY":           Secret,
		"AWS_SESSION_TOKEN":               Secret,
		"AWS_ENDPOINT_URL_DYNAMODB":       s.Database.URL,
		"AWS_EC2_METADATA_DISABLED":       "true",
	}
	maps.Copy(env, f.Environment)
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// Close ends the API, the event sources, the functions and the database, and deletes the tables that Start created.
func (s *Stack) Close() error {
	var errs []error
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	for _, source := range s.sources {
		source.stop()
	}
	for _, f := range s.functions {
		f.Close()
	}
	for _, source := range s.sources {
		<-source.stopped
	}
	if s.Database != nil {
		errs = append(errs, s.Database.close())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
