package monotable

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/call"
)

// Admin is what CreateTable, VerifyTable and DeleteTable need of a client: the control-plane methods that *dynamodb.Client and
// dynamotest.Client share. A service whose role may only read and write items needs no Admin.
type Admin interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
	UpdateContinuousBackups(context.Context, *dynamodb.UpdateContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateContinuousBackupsOutput, error)
}

// CreateTable creates the schema's table, billed by request unless an option says otherwise, and waits until the table and all
// its global indexes can be used. It then enables TTL on the schema's TTL attribute, and point-in-time recovery where asked. It
// waits as long as ctx lives and, when wait is positive, no longer than wait.
//
// It sends one CreateTable; DescribeTable until the table is ready, after pauses that grow from 50 ms to 5 s; one
// UpdateTimeToLive when the schema has a TTL attribute; UpdateContinuousBackups with PointInTimeRecovery, again while the
// service is still preparing backups. When the SDK had to repeat a request whose answer was lost, and the service says that the
// thing is done already, it sends one DescribeTimeToLive and is content with what it meant to do.
//
// A schema or options that cannot be are an error before anything is sent. A table of that name that is there already is
// ErrExists, whatever it is like: see AllowExisting. When the waiting ends before the table is ready, the error says how the
// table was last seen and is ctx's error or context.DeadlineExceeded; the table goes on being created, without TTL and
// point-in-time recovery, and CreateTable with AllowExisting resumes there.
func CreateTable(ctx context.Context, a Admin, s Schema, wait time.Duration, opts ...CreateOption) error {
	var c creation
	for _, o := range opts {
		if o != nil {
			o.create(&c)
		}
	}
	t := tableLife{admin: a, op: "CreateTable", name: s.Name}
	in, err := c.input(s)
	if err != nil {
		return t.fail(err)
	}
	attempts := call.Watch()
	out, err := a.CreateTable(ctx, in, attempts.Options(nil)...)
	var inUse *types.ResourceInUseException
	there := errors.As(err, &inUse)
	switch {
	case there && !c.existing && !attempts.Doubtful():
		return t.fail(ErrExists, err)
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
	wantsTTL := s.TTL != ""
	if there { // ours by an answer that was lost, or one to be taken as it is: either way it must be as the schema says
		ttl, err := t.ttl(ctx)
		if err != nil {
			return err
		}
		wantsTTL = wantsTTL && ttl == ""
		if wantsTTL {
			ttl = s.TTL
		}
		if differences := s.differences(seen, ttl); len(differences) > 0 {
			return t.fail(ErrExists, &MismatchError{Table: s.Name, Differences: differences})
		}
	}
	if wantsTTL {
		if err := t.enableTTL(ctx, s.TTL); err != nil {
			return err
		}
	}
	if c.recovery {
		return t.enableRecovery(waiting)
	}
	return nil
}

// DeleteTable deletes the schema's table with everything in it, and waits until it is gone, as long as ctx lives and, when wait
// is positive, no longer than wait.
//
// It sends one DeleteTable, and DescribeTable until the table is not found or is another table of that name, after pauses that
// grow from 50 ms to 5 s. A table that is not there is ErrNotFound; one under deletion protection is the service's error. When
// the waiting ends too early the error is ctx's or context.DeadlineExceeded, and the deletion goes on.
func DeleteTable(ctx context.Context, a Admin, s Schema, wait time.Duration) error {
	t := tableLife{admin: a, op: "DeleteTable", name: s.Name}
	attempts := call.Watch()
	out, err := a.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &s.Name}, attempts.Options(nil)...)
	switch {
	case notFound(err) && attempts.Doubtful():
		return nil // by an attempt whose answer was lost
	case notFound(err):
		return t.fail(ErrNotFound, err)
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

// tableLife is one call about a table.
type tableLife struct {
	admin    Admin
	op, name string
}

// fail names the call and the table.
func (t tableLife) fail(causes ...error) error {
	return &tableError{op: t.op, table: t.name, errs: causes}
}

// tableError is what failed in a table's life. Like Error it keeps the sentinel and the SDK's error side by side.
type tableError struct {
	op, table string
	errs      []error
}

func (e *tableError) Error() string {
	text := "monotable: " + e.op + " " + e.table
	for _, err := range e.errs {
		text += ": " + strings.TrimPrefix(err.Error(), "monotable: ")
	}
	return text
}

func (e *tableError) Unwrap() []error { return e.errs }

func notFound(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}

func (t tableLife) describe(ctx context.Context) (*types.TableDescription, error) {
	out, err := t.admin.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if err != nil {
		return nil, err
	}
	if out == nil || out.Table == nil {
		return nil, errors.New("DescribeTable answered without a table")
	}
	return out.Table, nil
}

// waitReady describes the table until it and its global indexes can be used, and returns it as it then is. It needs no request
// when it was seen so.
func (t tableLife) waitReady(ctx context.Context, seen *types.TableDescription) (*types.TableDescription, error) {
	if ready, _, err := readiness(seen); ready && err == nil {
		return seen, nil
	}
	err := t.poll(ctx, func() (bool, string, error) {
		var err error
		if seen, err = t.describe(ctx); notFound(err) {
			return false, "not to be seen yet", nil // DescribeTable is eventually consistent
		}
		if err != nil {
			return false, "", err
		}
		return readiness(seen)
	})
	return seen, err
}

// readiness tells whether a table can be used, what it still waits for, and whether that is in vain.
func readiness(seen *types.TableDescription) (ready bool, state string, err error) {
	if seen == nil {
		return false, "", nil
	}
	switch seen.TableStatus {
	case types.TableStatusActive, types.TableStatusUpdating:
	case types.TableStatusCreating:
		return false, string(seen.TableStatus), nil
	default:
		return false, "", fmt.Errorf("the table is %s", seen.TableStatus)
	}
	for _, index := range seen.GlobalSecondaryIndexes {
		if index.IndexStatus == types.IndexStatusCreating {
			return false, fmt.Sprintf("%s with index %s %s", seen.TableStatus, deref(index.IndexName), index.IndexStatus), nil
		}
	}
	return true, "", nil
}

// Pauses between two polls.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
)

// bounded ends ctx after wait, when that is positive.
func bounded(ctx context.Context, wait time.Duration) (context.Context, context.CancelFunc) {
	if wait > 0 {
		return context.WithTimeout(ctx, wait)
	}
	return ctx, func() {}
}

// poll asks until it is done or ctx ends; the error then says in what state things were last seen.
func (t tableLife) poll(ctx context.Context, ask func() (done bool, state string, err error)) error {
	last := "not described yet"
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		done, state, err := ask()
		switch {
		case err == nil && done:
			return nil
		case err != nil && ctx.Err() == nil:
			return t.fail(err)
		case err == nil:
			last = state
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return t.fail(fmt.Errorf("waited, and the table is %s: %w", last, ctx.Err()))
		}
	}
}

// ttl is the attribute by which the table's items expire, "" for none.
func (t tableLife) ttl(ctx context.Context) (string, error) {
	out, err := t.admin.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &t.name})
	if err != nil {
		return "", t.fail(err)
	}
	if out == nil || out.TimeToLiveDescription == nil {
		return "", nil
	}
	switch d := out.TimeToLiveDescription; d.TimeToLiveStatus {
	case types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling:
		return deref(d.AttributeName), nil
	}
	return "", nil
}

// enableTTL turns TTL on. The service refuses what is so already, as it is where the SDK repeats a request whose answer was lost.
func (t tableLife) enableTTL(ctx context.Context, attribute string) error {
	enabled := true
	_, err := t.admin.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &t.name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &enabled}})
	if err == nil {
		return nil
	}
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "ValidationException" {
		if now, describeErr := t.ttl(ctx); describeErr == nil && now == attribute {
			return nil
		}
	}
	return t.fail(fmt.Errorf("the table is there, and TTL is not enabled: %w", err))
}

// enableRecovery turns point-in-time recovery on. For some time after a table is ready the service may answer that its backups
// are not.
func (t tableLife) enableRecovery(ctx context.Context) error {
	enabled := true
	return t.poll(ctx, func() (bool, string, error) {
		_, err := t.admin.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{TableName: &t.name,
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &enabled}})
		var early *types.ContinuousBackupsUnavailableException
		if errors.As(err, &early) {
			return false, "ready, and its backups are not", nil
		}
		if err != nil {
			return false, "", fmt.Errorf("the table is there, and point-in-time recovery is not enabled: %w", err)
		}
		return true, "", nil
	})
}

// deref is the value, or its zero.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
