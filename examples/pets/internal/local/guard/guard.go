// Package guard stands between the functions and a DynamoDB that knows nothing of their roles: it asks whether the role
// may make the call, and passes it on signed with credentials that the functions never see.
package guard

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/partiql"
	"github.com/monotable/monotable/internal/wire"
)

// maxRequest is the service's bound on a request's body.
const maxRequest = 16 << 20

// Guard is an http.Handler with DynamoDB's protocol, JSON 1.0.
type Guard struct {
	Endpoint    *url.URL // of the DynamoDB behind it
	Streams     *url.URL // of its streams, which AWS has on a host of their own; nil for Endpoint
	Region      string
	Account     string // in the ARNs that Check is asked about
	Credentials aws.CredentialsProvider
	Check       func(accessKey, action string, resources []string) error

	signer  *v4.Signer
	proxy   *httputil.ReverseProxy
	aliases *sync.Map // table ARNs of the DynamoDB behind it to those that Check is asked about
}

// New makes a guard of its exported fields.
func New(g Guard) *Guard {
	g.signer, g.aliases = v4.NewSigner(), &sync.Map{}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // what comes back is passed on as it is
	g.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(g.endpoint(r.In.Header.Get("X-Amz-Target")))
			for name := range r.Out.Header {
				if !forwarded[name] {
					r.Out.Header.Del(name)
				}
			}
		},
		Transport: signing{&g, transport},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			refuse(w, http.StatusBadGateway, "ServiceUnavailable",
				"The DynamoDB behind this endpoint cannot be reached.")
		},
	}
	return &g
}

// Alias has Check asked about here where a request names the table real, or its stream: the DynamoDB behind the guard
// has an account of its own.
func (g *Guard) Alias(real, here string) { g.aliases.Store(real, here) }

func (g *Guard) endpoint(target string) *url.URL {
	if g.Streams != nil && strings.HasPrefix(target, "DynamoDBStreams_") {
		return g.Streams
	}
	return g.Endpoint
}

// forwarded are the headers that mean something to DynamoDB; the caller's signature does not.
var forwarded = map[string]bool{
	"Accept-Encoding": true, "Content-Type": true, "Content-Encoding": true, "X-Amz-Target": true, "User-Agent": true,
}

var credential = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([^/,\s]+)/`)

// ServeHTTP checks one call and passes it on.
func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := credential.FindStringSubmatch(r.Header.Get("Authorization"))
	if key == nil {
		refuse(w, http.StatusBadRequest, "MissingAuthenticationTokenException",
			"Request is missing Authentication Token")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
			"The request cannot be read, or is too large.")
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	action, resources, err := g.asked(operation, body)
	if err == nil {
		err = g.Check(key[1], action, resources)
	}
	if err != nil {
		code, message := "AccessDeniedException", err.Error()
		if api := smithy.APIError(nil); errors.As(err, &api) {
			code, message = api.ErrorCode(), api.ErrorMessage()
		}
		refuse(w, http.StatusBadRequest, code, message)
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	g.proxy.ServeHTTP(w, r)
}

// asked gives the action that a call needs, and what it needs it on: PartiQL's actions are those of what a statement
// does.
func (g *Guard) asked(operation string, body []byte) (action string, resources []string, err error) {
	if operation == "ExecuteStatement" {
		return g.statement(body)
	}
	resources, err = g.resources(operation, body)
	return "dynamodb:" + operation, resources, err
}

// statement is asked for a PartiQL statement. One that cannot be read is refused, so that nothing passes unasked.
func (g *Guard) statement(body []byte) (action string, resources []string, err error) {
	var in dynamodb.ExecuteStatementInput
	if err := wire.UnmarshalInput(body, &in); err != nil {
		return "", nil, errors.New("the statement cannot be read")
	}
	s, err := partiql.Read(aws.ToString(in.Statement), in.Parameters)
	if err != nil {
		return "", nil, err
	}
	resource := g.arn(s.Table)
	if s.Index != "" {
		resource += "/index/" + s.Index
	}
	return s.Action(), []string{resource}, nil
}

// resources are the ARNs of what a call works on. Calls on several tables, batches and transactions, name them in other
// places: they are refused, so that nothing passes unasked.
func (g *Guard) resources(operation string, body []byte) ([]string, error) {
	var in struct {
		TableName     *string `json:"TableName"`
		IndexName     *string `json:"IndexName"`
		StreamArn     *string `json:"StreamArn"`
		ShardIterator *string `json:"ShardIterator"` // begins with its stream's ARN
	}
	if err := json.Unmarshal(body, &in); err != nil {
		in.TableName, in.StreamArn, in.ShardIterator = nil, nil, nil
	}
	var resources []string
	if in.TableName != nil {
		table := g.arn(*in.TableName)
		if in.IndexName != nil {
			table += "/index/" + *in.IndexName
		}
		resources = append(resources, table)
	}
	if in.StreamArn != nil {
		resources = append(resources, g.arn(*in.StreamArn))
	}
	if in.ShardIterator != nil {
		stream, _, _ := strings.Cut(*in.ShardIterator, "|")
		resources = append(resources, g.arn(stream))
	}
	if len(resources) == 0 {
		return nil, fmt.Errorf("dynamodb:%s is not known to this stack: it passes calls on one table or stream",
			operation)
	}
	return resources, nil
}

// arn is the ARN that Check is asked about for a table's name, its ARN, or that of something in it.
func (g *Guard) arn(table string) string {
	if !strings.HasPrefix(table, "arn:") {
		return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", g.Region, g.Account, table)
	}
	real, within, inside := strings.Cut(table, "/stream/")
	if here, known := g.aliases.Load(real); known {
		real = here.(string)
	}
	if inside {
		return real + "/stream/" + within
	}
	return real
}

// signing is a transport that signs.
type signing struct {
	guard *Guard
	next  http.RoundTripper
}

// RoundTrip signs the request, whose body is in memory, and sends it.
func (s signing) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	credentials, err := s.guard.Credentials.Retrieve(r.Context())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	if err := s.guard.signer.SignHTTP(r.Context(), credentials, r, hex.EncodeToString(sum[:]), "dynamodb",
		s.guard.Region, time.Now()); err != nil {
		return nil, err
	}
	return s.next.RoundTrip(r)
}

// refuse writes an error in the service's shape.
func refuse(w http.ResponseWriter, status int, code, message string) {
	body, err := json.Marshal(map[string]string{"__type": "com.amazon.coral.service#" + code, "message": message})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	var id [26]byte
	rand.Read(id[:]) // never fails
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Requestid", strings.ToUpper(hex.EncodeToString(id[:])))
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	w.Write(body)
}
