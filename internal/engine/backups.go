package engine

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// UpdateContinuousBackups turns point-in-time recovery on or off. It is a setting only: nothing can be restored.
func (e *Engine) UpdateContinuousBackups(
	ctx context.Context, in *dynamodb.UpdateContinuousBackupsInput,
) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	if err := checkTableName(in.TableName); err != nil {
		return nil, err
	}
	var c constraints
	s := in.PointInTimeRecoverySpecification
	c.required(s != nil, "pointInTimeRecoverySpecification")
	if s != nil {
		c.required(s.PointInTimeRecoveryEnabled != nil, "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled")
		c.atLeast(s.RecoveryPeriodInDays, "pointInTimeRecoverySpecification.recoveryPeriodInDays", 1)
		c.atMost(s.RecoveryPeriodInDays, "pointInTimeRecoverySpecification.recoveryPeriodInDays", 35)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := e.backedUp(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if *s.PointInTimeRecoveryEnabled && !t.settings.recovery {
		t.settings.recoverySince = e.stamp()
	}
	t.settings.recovery = *s.PointInTimeRecoveryEnabled
	if s.RecoveryPeriodInDays != nil {
		t.settings.recoveryDays = *s.RecoveryPeriodInDays
	}
	return &dynamodb.UpdateContinuousBackupsOutput{ContinuousBackupsDescription: t.describeBackups()}, nil
}

// DescribeContinuousBackups tells whether point-in-time recovery is on.
func (e *Engine) DescribeContinuousBackups(
	ctx context.Context, in *dynamodb.DescribeContinuousBackupsInput,
) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	t, err := e.backedUp(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return &dynamodb.DescribeContinuousBackupsOutput{ContinuousBackupsDescription: t.describeBackups()}, nil
}

// backedUp finds the table of a request about backups, which have their own error for a missing one.
func (e *Engine) backedUp(ctx context.Context, name *string) (*table, error) {
	t, err := e.control(ctx, name)
	if _, missing := err.(*types.ResourceNotFoundException); missing {
		return nil, &types.TableNotFoundException{Message: new("Table not found: " + tableName(*name))}
	}
	return t, err
}

func (t *table) describeBackups() *types.ContinuousBackupsDescription {
	recovery := &types.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: types.PointInTimeRecoveryStatusDisabled}
	if t.settings.recovery {
		now := t.shared.stamp()
		earliest := now.Add(-time.Duration(t.settings.recoveryDays) * 24 * time.Hour)
		if earliest.Before(t.settings.recoverySince) {
			earliest = t.settings.recoverySince
		}
		recovery.PointInTimeRecoveryStatus = types.PointInTimeRecoveryStatusEnabled
		recovery.EarliestRestorableDateTime = &earliest
		recovery.LatestRestorableDateTime = &now
		recovery.RecoveryPeriodInDays = aws.Int32(t.settings.recoveryDays)
	}
	return &types.ContinuousBackupsDescription{
		ContinuousBackupsStatus:        types.ContinuousBackupsStatusEnabled,
		PointInTimeRecoveryDescription: recovery,
	}
}
