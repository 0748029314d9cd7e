package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
)

// DeleteTable deletes a table and its items.
func (e *Engine) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput) (*dynamodb.DeleteTableOutput, error) {
	t, err := e.control(ctx, in.TableName)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.settled(); err != nil {
		return nil, err
	}
	if t.settings.deletionProtection {
		return nil, refusal.Invalid(
			"Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection " +
				"first.")
	}
	t.pass(types.TableStatusDeleting)
	if t.stream() != nil {
		t.disableStream()
	}
	d := t.describe()
	d.AttributeDefinitions, d.KeySchema, d.CreationDateTime = nil, nil, nil
	d.LocalSecondaryIndexes, d.GlobalSecondaryIndexes = nil, nil
	return &dynamodb.DeleteTableOutput{TableDescription: d}, nil
}

// settled refuses a change while another one is under way. It is called under the table's lock.
func (t *table) settled() error {
	const busy = "Attempt to change a resource which is still in use: Table is being "
	switch t.status {
	case types.TableStatusCreating:
		return refusal.InUse(busy+"created: %s", t.name)
	case types.TableStatusUpdating:
		return refusal.InUse(busy+"updated: %s", t.name)
	case types.TableStatusDeleting:
		return refusal.InUse(busy+"deleted: %s", t.name)
	}
	return nil
}

// pass puts the table into a status that ends by itself. It is called under the table's lock.
func (t *table) pass(status types.TableStatus) {
	t.status = status
	t.until = t.shared.options.Clock().Add(t.shared.options.Transition)
	t.passing.Store(true)
}
