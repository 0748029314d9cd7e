package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type leftOutKey struct{}

// WithLeftOut makes the batches of a context leave the keys and items unprocessed for which left returns true. It is
// asked once for each, with the table's name and the key or item, after the whole batch was found right.
func WithLeftOut(
	ctx context.Context, left func(table string, item map[string]types.AttributeValue) bool,
) context.Context {
	return context.WithValue(ctx, leftOutKey{}, left)
}

func leftOutOf(ctx context.Context) func(string, map[string]types.AttributeValue) bool {
	if left, ok := ctx.Value(leftOutKey{}).(func(string, map[string]types.AttributeValue) bool); ok {
		return left
	}
	return func(string, map[string]types.AttributeValue) bool { return false }
}
