package monotable

import (
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
)

// attempts counts how often the SDK sent one call, since a condition that fails on a repeated attempt may have met the first
// attempt's own write.
type attempts struct{ sent atomic.Int32 }

// counted adds the count to a call's options.
func (a *attempts) counted(options []func(*dynamodb.Options)) []func(*dynamodb.Options) {
	return append(options[:len(options):len(options)], func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], func(stack *middleware.Stack) error {
			count := middleware.FinalizeMiddlewareFunc("monotable.attempts",
				func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
					a.sent.Add(1)
					return next.HandleFinalize(ctx, in)
				})
			if err := stack.Finalize.Insert(count, "Retry", middleware.After); err != nil {
				return nil // a client without retries sends once
			}
			return nil
		})
	})
}

// repeated tells whether the SDK sent the call more than once.
func (a *attempts) repeated() bool { return a.sent.Load() > 1 }
