package admin

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/call"
)

// Client is what Create, Verify and Delete need of a client: the control-plane methods that *dynamodb.Client and
// dynamotest.Client share. Reading and writing items is monotable.Client's.
type Client interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (
		*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (
		*dynamodb.DescribeTableOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (
		*dynamodb.DeleteTableOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (
		*dynamodb.DescribeTimeToLiveOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (
		*dynamodb.UpdateTimeToLiveOutput, error)
	UpdateContinuousBackups(context.Context, *dynamodb.UpdateContinuousBackupsInput, ...func(*dynamodb.Options)) (
		*dynamodb.UpdateContinuousBackupsOutput, error)
}

// Create creates the schema's table, billed by request unless an option says otherwise, and waits until the table and
// all its global indexes can be used. It then enables TTL on the schema's TTL attribute, and point-in-time recovery
// where asked. It waits as long as ctx lives and, when wait is positive, no longer than wait.
//
// It sends one CreateTable; DescribeTable until the table is ready, after pauses that grow from 50 ms to 5 s; one
// UpdateTimeToLive when the schema has a TTL attribute; UpdateContinuousBackups with PointInTimeRecovery, again while
// the service is still preparing backups. When the SDK had to repeat a request whose answer was lost, and the service
// says that the thing is done already, it sends one DescribeTimeToLive and is content with what it meant to do.
//
// A schema or options that cannot be are an error before anything is sent. A table of that name that is there already
// is monotable.ErrExists, whatever it is like: see AllowExisting. When the waiting ends before the table is ready, the
// error says how the table was last seen and is ctx's error or context.DeadlineExceeded; the table goes on being
// created, without TTL and point-in-time recovery, and Create with AllowExisting resumes there.
func Create(
	ctx context.Context, client Client, schema monotable.Schema, wait time.Duration, options ...CreateOption,
) error {
	c := said(options)
	t := table{client: client, op: "Create", name: schema.Name}
	in, err := c.input(schema)
	if err != nil {
		return t.fail(err)
	}
	attempts := call.Watch()
	out, err := client.CreateTable(ctx, in, attempts.Options(nil)...)
	var inUse *types.ResourceInUseException
	there := errors.As(err, &inUse)
	switch {
	case there && !c.existing && !attempts.Doubtful():
		return t.fail(monotable.ErrExists, err)
	case err != nil && !there:
		return t.fail(err)
	}
	var seen *types.TableDescription
	if !there && out != nil {
		seen = out.TableDescription
	}
	waiting, cancel := bounded(ctx, wait)
	defer cancel()
	if seen, err = t.waitReady(waiting, seen); err != nil {
		return err
	}
	lacksTTL := schema.TTL != ""
	if there { // ours by an answer that was lost, or allowed: either way it must be as the schema says
		if lacksTTL, err = t.adopt(ctx, schema, seen); err != nil {
			return err
		}
	}
	if lacksTTL {
		if err := t.enableTTL(ctx, schema.TTL); err != nil {
			return err
		}
	}
	if c.recovery {
		return t.enableRecovery(waiting)
	}
	return nil
}

// adopt tells of a table that was there whether it lacks the schema's TTL, which can be enabled; what else differs is
// an error.
func (t table) adopt(
	ctx context.Context, schema monotable.Schema, seen *types.TableDescription,
) (lacksTTL bool, err error) {
	ttl, err := t.ttl(ctx)
	if err != nil {
		return false, err
	}
	if lacksTTL = schema.TTL != "" && ttl == ""; lacksTTL {
		ttl = schema.TTL
	}
	if differences := compare(schema, seen, ttl, &creation{}); len(differences) > 0 {
		return false, t.fail(monotable.ErrExists, &MismatchError{Table: t.name, Differences: differences})
	}
	return lacksTTL, nil
}

// Delete deletes the schema's table with everything in it, and waits until it is gone, as long as ctx lives and, when
// wait is positive, no longer than wait. Of the schema it needs the name alone.
//
// It sends one DeleteTable, and DescribeTable until the table is not found or is another table of that name, after
// pauses that grow from 50 ms to 5 s. A table that is not there is monotable.ErrNotFound; one under deletion protection
// is the service's error. When the waiting ends too early the error is ctx's or context.DeadlineExceeded, and the
// deletion goes on.
func Delete(ctx context.Context, client Client, schema monotable.Schema, wait time.Duration) error {
	t := table{client: client, op: "Delete", name: schema.Name}
	attempts := call.Watch()
	out, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &t.name}, attempts.Options(nil)...)
	switch {
	case notFound(err) && attempts.Doubtful():
		return nil // by an attempt whose answer was lost
	case notFound(err):
		return t.fail(monotable.ErrNotFound, err)
	case err != nil:
		return t.fail(err)
	}
	var deleted *string
	if out != nil && out.TableDescription != nil {
		deleted = out.TableDescription.TableId
	}
	waiting, cancel := bounded(ctx, wait)
	defer cancel()
	return t.poll(waiting, func() (bool, string, error) {
		seen, err := t.describe(waiting)
		switch {
		case notFound(err):
			return true, "", nil
		case err != nil:
			return false, "", err
		}
		another := deleted != nil && seen.TableId != nil && *deleted != *seen.TableId
		return another, string(seen.TableStatus), nil
	})
}
