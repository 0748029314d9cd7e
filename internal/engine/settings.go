package engine

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// settings are what a table has beside its items.
type settings struct {
	billing            types.BillingMode
	onDemandSince      time.Time
	class              types.TableClass
	classChanged       time.Time
	deletionProtection bool
	encryption         *types.SSEDescription
	onDemand           *types.OnDemandThroughput
	ttlAttribute       string // "" while TTL is off
	tags               map[string]string
	recovery           bool
	recoverySince      time.Time
	recoveryDays       int32
}

// throughput is what was provisioned, and when that last changed.
type throughput struct {
	read, write          int64
	increased, decreased time.Time
	decreasesToday       int64
}
