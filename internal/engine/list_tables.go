package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/size"
)

// ListTables lists the tables' names in their order.
func (e *Engine) ListTables(ctx context.Context, in *dynamodb.ListTablesInput) (*dynamodb.ListTablesOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var c constraints
	c.length(in.ExclusiveStartTableName, "exclusiveStartTableName", 3, 255)
	c.pattern(in.ExclusiveStartTableName, "exclusiveStartTableName")
	c.atLeast(in.Limit, "limit", 1)
	c.atMost(in.Limit, "limit", size.MaxTableNames)
	if err := c.err(); err != nil {
		return nil, err
	}
	names := e.tableNames()
	if in.ExclusiveStartTableName != nil {
		after, _ := slices.BinarySearch(names, *in.ExclusiveStartTableName+"\x00")
		names = names[after:]
	}
	limit := size.MaxTableNames
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	out := &dynamodb.ListTablesOutput{TableNames: names}
	if len(names) > limit {
		out.TableNames = names[:limit]
		out.LastEvaluatedTableName = new(names[limit-1])
	}
	return out, nil
}

// tableNames lists the tables that are there.
func (e *Engine) tableNames() []string {
	e.mu.RLock()
	names := make([]string, 0, len(e.tables))
	for name := range e.tables {
		names = append(names, name)
	}
	e.mu.RUnlock()
	names = slices.DeleteFunc(names, func(name string) bool { return e.find(name) == nil })
	slices.SortFunc(names, strings.Compare)
	return names
}
