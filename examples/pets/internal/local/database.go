package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/examples/pets/internal/local/guard"
	"github.com/monotable/monotable/examples/pets/internal/local/iam"
	"github.com/monotable/monotable/examples/pets/internal/local/template"
)

// Database is the DynamoDB that the functions use, behind an endpoint that knows their roles: the embedded one asks
// about each call itself, and in front of any other stands a guard.
type Database struct {
	URL string

	owner   *dynamodb.Client  // of the tables
	guard   *guard.Guard      // nil for the embedded one
	streams map[string]string // ARNs of the tables' streams, by the tables' names in the template
	stop    func() error
	outlive bool               // what is made there is still there when this program has ended
	made    []monotable.Schema // and so must be deleted
}

// tableWait bounds the creation and the deletion of a table.
const tableWait = 5 * time.Minute

// openDatabase starts the embedded DynamoDB, or a guard in front of the one at endpoint.
func openDatabase(ctx context.Context, endpoint, region string, roles iam.Roles) (*Database, error) {
	if endpoint == "" {
		client := dynamotest.NewClient(dynamotest.WithRegion(region), dynamotest.WithAccountID(account))
		server, err := dynamotest.NewServer(client, dynamotest.WithAuthorizer(func(c dynamotest.Call) error {
			return roles.Check(c.AccessKeyID, "dynamodb:"+c.Operation, c.Resources)
		}))
		if err != nil {
			return nil, err
		}
		cfg := server.Config()
		cfg.Credentials = credentials.NewStaticCredentialsProvider(OwnerKey, Secret, "")
		return &Database{URL: server.URL(), owner: dynamodb.NewFromConfig(cfg), streams: map[string]string{},
			stop: server.Close}, nil
	}
	target, err := url.Parse(endpoint)
	if err != nil || target.Host == "" {
		return nil, fmt.Errorf("endpoint %q is not a URL such as http://127.0.0.1:8000", endpoint)
	}
	cfg, err := ownConfig(ctx, target, region)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	front := guard.New(guard.Guard{
		Endpoint: target, Streams: streamsOf(ctx, target, region), Region: region, Account: account,
		Credentials: cfg.Credentials, Check: roles.Check,
	})
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: front}
	go server.Serve(listener) // ends with stop
	return &Database{
		URL: "http://" + listener.Addr().String(), guard: front, streams: map[string]string{}, stop: server.Close,
		outlive: true,
		owner:   dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = &endpoint }),
	}, nil
}

// ownConfig has the credentials of whoever started this program. A DynamoDB on this machine takes any, so none are
// needed there.
func ownConfig(ctx context.Context, target *url.URL, region string) (aws.Config, error) {
	local := isLoopback(target.Hostname())
	options := []func(*config.LoadOptions) error{
		config.WithRegion(region),
		config.WithLogger(logging.Nop{}), // it warns of bodies that it did not read, as of DynamoDB Local's refusals
	}
	if local {
		options = append(options, config.WithEC2IMDSClientEnableState(imds.ClientDisabled))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, err
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		if !local {
			return aws.Config{}, fmt.Errorf("%s needs credentials: %w", target.Host, err)
		}
		cfg.Credentials = credentials.NewStaticCredentialsProvider("local", "local", "")
	}
	return cfg, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

var regionalHost = regexp.MustCompile(`^https?://dynamodb(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)`)

// region is the one that an endpoint of AWS names, or the environment's, or us-east-1.
func region(endpoint string) string {
	if m := regionalHost.FindStringSubmatch(endpoint); m != nil {
		return m[1]
	}
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if set := os.Getenv(name); set != "" && endpoint != "" {
			return set
		}
	}
	return "us-east-1"
}

// streamsOf is where the streams of AWS's DynamoDB at an endpoint are; nil where they are at the same.
func streamsOf(ctx context.Context, target *url.URL, region string) *url.URL {
	if !regionalHost.MatchString(target.String()) {
		return nil
	}
	found, err := dynamodbstreams.NewDefaultEndpointResolverV2().
		ResolveEndpoint(ctx, dynamodbstreams.EndpointParameters{
			Region: &region, UseFIPS: aws.Bool(strings.HasPrefix(target.Host, "dynamodb-fips.")),
			UseDualStack: aws.Bool(strings.HasSuffix(target.Host, ".api.aws")),
		})
	if err != nil { // there is no such endpoint
		return nil
	}
	return &found.URI
}

// create makes a table of the template and waits for it. What is at endpoint may not have backups, as DynamoDB Local
// has none.
func (d *Database) create(ctx context.Context, t template.Table) error {
	var options []admin.CreateOption
	if t.Encrypted {
		options = append(options, admin.KMS(""))
	}
	if t.Recoverable {
		options = append(options, admin.PointInTimeRecovery())
	}
	err := admin.Create(ctx, d.owner, t.Schema, tableWait, options...)
	var failed *smithy.OperationError
	if errors.As(err, &failed) && failed.Operation() == "CreateTable" {
		return err
	}
	if d.outlive {
		d.made = append(d.made, t.Schema)
	}
	var unknown smithy.APIError
	if err != nil && !(errors.As(err, &unknown) && unknown.ErrorCode() == "UnknownOperationException") {
		return err
	}
	described, err := d.owner.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.Schema.Name})
	if err != nil {
		return err
	}
	d.streams[t.ID] = aws.ToString(described.Table.LatestStreamArn)
	if d.guard != nil {
		d.guard.Alias(aws.ToString(described.Table.TableArn), t.ARN)
	}
	return nil
}

// close deletes what would stay behind, and stops.
func (d *Database) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), tableWait)
	defer cancel()
	var errs []error
	for _, schema := range d.made {
		if err := admin.Delete(ctx, d.owner, schema, 0); err != nil {
			errs = append(errs, fmt.Errorf("deleting table %s: %w", schema.Name, err))
		}
	}
	return errors.Join(append(errs, d.stop())...)
}
