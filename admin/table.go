package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// table is the table that one call is about.
type table struct {
	client   Client
	op, name string
}

// fail names the call and the table.
func (t table) fail(causes ...error) error {
	return &tableError{op: t.op, table: t.name, errs: causes}
}

// tableError is what failed in a table's life. Like monotable.Error it keeps the sentinel and the SDK's error side by
// side.
type tableError struct {
	op, table string
	errs      []error
}

func (e *tableError) Error() string {
	text := "monotable: admin." + e.op + " " + e.table
	for _, err := range e.errs {
		text += ": " + strings.ReplaceAll(err.Error(), "monotable: ", "")
	}
	return text
}

func (e *tableError) Unwrap() []error { return e.errs }

func notFound(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}

func (t table) describe(ctx context.Context) (*types.TableDescription, error) {
	out, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if err != nil {
		return nil, err
	}
	if out == nil || out.Table == nil {
		return nil, errors.New("DescribeTable answered without a table")
	}
	return out.Table, nil
}

// waitReady describes the table until it and its global indexes can be used, and returns it as it then is. It needs no
// request when it was seen so.
func (t table) waitReady(ctx context.Context, seen *types.TableDescription) (*types.TableDescription, error) {
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
			name := aws.ToString(index.IndexName)
			return false, fmt.Sprintf("%s with index %s %s", seen.TableStatus, name, index.IndexStatus), nil
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
func (t table) poll(ctx context.Context, ask func() (done bool, state string, err error)) error {
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
func (t table) ttl(ctx context.Context) (string, error) {
	out, err := t.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &t.name})
	if err != nil {
		return "", t.fail(err)
	}
	if out == nil || out.TimeToLiveDescription == nil {
		return "", nil
	}
	switch d := out.TimeToLiveDescription; d.TimeToLiveStatus {
	case types.TimeToLiveStatusEnabled, types.TimeToLiveStatusEnabling:
		return aws.ToString(d.AttributeName), nil
	}
	return "", nil
}

// enableTTL turns TTL on. The service refuses what is so already, as it is where the SDK repeats a request whose answer
// was lost.
func (t table) enableTTL(ctx context.Context, attribute string) error {
	enabled := true
	_, err := t.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &t.name,
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

// enableRecovery turns point-in-time recovery on. For some time after a table is ready the service may answer that its
// backups are not.
func (t table) enableRecovery(ctx context.Context) error {
	enabled := true
	return t.poll(ctx, func() (bool, string, error) {
		_, err := t.client.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{TableName: &t.name,
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
