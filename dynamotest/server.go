package dynamotest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
)

// Server serves a Client over HTTP: DynamoDB and DynamoDB Streams on one port, in DynamoDB JSON 1.0. Every request must
// carry a signature of AWS's version 4 that is complete; it is not verified, so any access key and secret will do.
type Server struct {
	client   *Client
	listener net.Listener
	http     *http.Server
	unused   unusedConns
	done     chan error
	options  serverOptions
}

type serverOptions struct {
	addr      string
	authorize func(Call) error
	log       *slog.Logger
}

func defaultServerOptions() serverOptions {
	return serverOptions{addr: "127.0.0.1:0", log: slog.Default()}
}

// ServerOption configures NewServer.
type ServerOption func(*serverOptions)

// WithAddr sets the host and port to listen on; 127.0.0.1 and a free port unless set. Anyone who reaches the port can
// read and write all tables, so leave the loopback interface only on a network of your own.
func WithAddr(addr string) ServerOption { return func(o *serverOptions) { o.addr = addr } }

// WithAuthorizer has every call asked for before it is carried out; an error from authorize makes it an
// AccessDeniedException. Of a call with PartiQL statements each is asked for. authorize may be called by many
// goroutines at once.
func WithAuthorizer(authorize func(Call) error) ServerOption {
	return func(o *serverOptions) { o.authorize = authorize }
}

// WithLogger has faults of the server itself, which are answered with InternalServerError, logged with log;
// slog.Default unless set. No keys or values of items are logged.
func WithLogger(log *slog.Logger) ServerOption { return func(o *serverOptions) { o.log = log } }

// NewServer listens and serves c until Close. It returns an error if it cannot listen, or if there is no c.
func NewServer(c *Client, opts ...ServerOption) (*Server, error) {
	if c == nil {
		return nil, errors.New("dynamotest: no client to serve")
	}
	s := &Server{client: c, done: make(chan error, 1), options: defaultServerOptions()}
	for _, set := range opts {
		set(&s.options)
	}
	listener, err := net.Listen("tcp", s.options.addr)
	if err != nil {
		return nil, err
	}
	s.listener = errorListener{listener}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       3 * time.Minute, // longer than clients keep idle connections, so that they close them first
		ConnState:         s.unused.note,
		ErrorLog:          slog.NewLogLogger(s.options.log.Handler(), slog.LevelDebug),
	}
	go func() { s.done <- s.http.Serve(s.listener) }()
	return s, nil
}

// URL is the endpoint, such as http://127.0.0.1:49152.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Close stops listening, gives requests that are being answered two seconds to end, and closes all connections.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	s.unused.close()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	s.done <- http.ErrServerClosed // for a second Close
	return err
}

// Config is the configuration with which the SDK speaks to s: its endpoint and region, made-up credentials, an HTTP
// client whose requests a fast server does not disturb (see Transport), and the retryer that the SDK gives a
// *dynamodb.Client, but for its pauses: up to 10 ms where it waits up to 20 s elsewhere, so that tests under faults do
// not wait.
//
//	client := dynamodb.NewFromConfig(server.Config())
//
// A test that is about pauses, or about the adaptive mode, sets the configuration's Retryer, or nil for the SDK's own.
func (s *Server) Config() aws.Config {
	return aws.Config{
		Region:       s.client.region,
		BaseEndpoint: aws.String(s.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("dynamotest", "dynamotest", ""),
		HTTPClient:   &http.Client{Transport: Transport(nil)},
		Retryer: func() aws.Retryer {
			return pausing(dynamodb.New(dynamodb.Options{}).Options().Retryer, longestPause)
		},
	}
}

// longestPause is the longest between two attempts of a client that has a Server's Config.
const longestPause = 10 * time.Millisecond

// authorize asks the server's authorizer about a call, or about each statement of one. Of a batch of statements those
// that it refuses fail, and the others are carried out.
func (s *Server) authorize(key, operation string, in any) error {
	if s.options.authorize == nil {
		return nil
	}
	refused := refusedMembers{}
	for i, call := range s.client.callsOf(key, operation, in) {
		if call.Operation == "" { // a statement that cannot be read, and will be refused for that
			continue
		}
		err := s.refusal(call)
		if err != nil && operation != "BatchExecuteStatement" {
			return err
		}
		if err != nil {
			refused[i] = err
		}
	}
	if len(refused) > 0 {
		return refused
	}
	return nil
}

// refusal is the answer to a call that the authorizer refuses, nil if it does not.
func (s *Server) refusal(call Call) error {
	err := s.options.authorize(call)
	if err == nil {
		return nil
	}
	// of which code and message are the answer, whatever else it has
	if api := smithy.APIError(nil); errors.As(err, &api) {
		return &smithy.GenericAPIError{Code: api.ErrorCode(), Message: api.ErrorMessage(), Fault: api.ErrorFault()}
	}
	resource := "*"
	if len(call.Resources) > 0 {
		resource = call.Resources[0]
	}
	return frontError("AccessDeniedException",
		fmt.Sprintf("User: arn:aws:iam::%s:user/%s is not authorized to perform: "+
			"%s on resource: %s because no identity-based policy allows the %[3]s action",
			s.client.account, call.AccessKeyID, call.Action, resource))
}
