package engine

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/engine/refusal"
)

var (
	errTwiceInTransaction  = refusal.Invalid("Transaction request cannot include multiple operations on one item")
	errTransactionTooLarge = refusal.Invalid("Transaction request size exceeded the maximum allowed size")
)

// reasonOf shapes what became of one action of a transaction; no error is None.
func reasonOf(err error) types.CancellationReason {
	var (
		failed     *types.ConditionalCheckFailedException
		collection *types.ItemCollectionSizeLimitExceededException
		refusal    *smithy.GenericAPIError
		exceeded   *types.ProvisionedThroughputExceededException
		throttled  *types.ThrottlingException
	)
	switch {
	case errors.As(err, &failed):
		return types.CancellationReason{Code: aws.String("ConditionalCheckFailed"), Message: failed.Message,
			Item: failed.Item}
	case errors.As(err, &collection):
		return types.CancellationReason{Code: aws.String("ItemCollectionSizeLimitExceeded"),
			Message: collection.Message}
	case errors.As(err, &exceeded):
		return types.CancellationReason{Code: aws.String("ProvisionedThroughputExceeded"), Message: exceeded.Message}
	case errors.As(err, &throttled):
		return types.CancellationReason{Code: aws.String("ThrottlingError"), Message: throttled.Message}
	case errors.As(err, &refusal):
		return types.CancellationReason{Code: aws.String("ValidationError"), Message: aws.String(refusal.Message)}
	}
	return types.CancellationReason{Code: aws.String("None")}
}

// isItemError says whether an error of one action cancels the transaction in its place.
func isItemError(err error) bool { return *reasonOf(err).Code != "None" }

// cancelled is the answer to a transaction that was not done.
func cancelled(reasons []types.CancellationReason) error {
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = *r.Code
	}
	return &types.TransactionCanceledException{
		Message: aws.String("Transaction cancelled, please refer cancellation reasons for specific " +
			"reasons [" + strings.Join(codes, ", ") + "]"),
		CancellationReasons: reasons,
	}
}
