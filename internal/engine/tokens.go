package engine

import (
	"crypto/sha256"
	"maps"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/wire"
)

// tokenLife is how long a transaction's ClientRequestToken is remembered (DynamoDB guide, "Idempotency").
const tokenLife = 10 * time.Minute

// tokenDigest tells a transaction's request from others.
type tokenDigest [sha256.Size]byte

// tokens remembers the transactions that were done.
type tokens struct {
	mu    sync.Mutex
	done  map[string]doneTransaction
	swept time.Time
}

type doneTransaction struct {
	digest tokenDigest
	until  time.Time
}

// digestOf digests what a transaction does, without the parameters that only shape its answer.
func digestOf(in *dynamodb.TransactWriteItemsInput) tokenDigest {
	body := wire.AppendOutput(nil, &struct{ TransactItems []types.TransactWriteItem }{in.TransactItems})
	return sha256.Sum256(body)
}

// replays says whether the transaction of a token was done already, and refuses another one under the same token.
func (k *tokens) replays(token string, digest tokenDigest, now time.Time) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	done, ok := k.done[token]
	if !ok || !now.Before(done.until) {
		return false, nil
	}
	if done.digest != digest {
		return false, &types.IdempotentParameterMismatchException{Message: aws.String("The provided client token is " +
			"already in use with different parameters")}
	}
	return true, nil
}

// remember keeps a token of a transaction that was done, and forgets those whose time is over.
func (k *tokens) remember(token string, digest tokenDigest, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.done == nil {
		k.done = map[string]doneTransaction{}
	}
	if now.Sub(k.swept) >= tokenLife {
		maps.DeleteFunc(k.done, func(_ string, done doneTransaction) bool { return !now.Before(done.until) })
		k.swept = now
	}
	k.done[token] = doneTransaction{digest: digest, until: now.Add(tokenLife)}
}
