package dynamotest

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/engine"
	"github.com/monotable/monotable/internal/wire"
)

// Effect is what a Fault does to the calls that it hits. The functions of this package that return one make it; the
// zero Effect is none.
type Effect struct {
	name    string
	err     error // what is wrong with it
	history engine.Lag
	on      func(operation string) bool // nil for every operation
	fits    func(in any) bool           // nil for every call of those
	act     func(*verdict, hit)
	late    bool // it can come to pass once the operation took place
	cancels bool // it cancels transactions, and so not those that took place
}

// String names the effect.
func (e Effect) String() string { return e.name }

// refuse makes an effect that is an error in place of the operation.
func refuse(name string, on func(string) bool, err func(hit) error) Effect {
	return Effect{name: name, on: on, act: func(v *verdict, h hit) { v.err = err(h) }}
}

// refuseItems is refuse for what the service refuses item by item: of a batch of statements those that match.
func refuseItems(name string, on func(string) bool, err func(hit) error) Effect {
	return Effect{name: name, on: on, act: func(v *verdict, h hit) {
		if h.call.Operation != "BatchExecuteStatement" {
			v.err = err(h)
			return
		}
		if v.members == nil {
			v.members = refusedMembers{}
		}
		for i, p := range h.parts {
			if h.fault.On.takes(p) {
				v.members[i] = err(h)
			}
		}
	}}
}

// Fail answers with err and does nothing else. In the process an error that is a smithy.APIError, such as the SDK's own
// types, is wrapped as the SDK wraps it, and any other is returned as an operation's error. Over HTTP the first is the
// answer, with status 500 where its fault is the server's and 400 otherwise, and any other is an InternalServerError.
func Fail(err error) Effect {
	e := refuse("Fail", nil, func(hit) error { return err })
	if err == nil {
		e.err = errors.New("no error to fail with")
	}
	api := smithy.APIError(nil)
	e.late = !errors.As(err, &api) || wire.Status(api) >= http.StatusInternalServerError
	return e
}

// InternalError answers with InternalServerError, status 500, and does nothing else. The service may as well have done
// what was asked when it answers so: that is AfterWork(InternalError()).
func InternalError() Effect {
	return refuse("InternalError", nil, func(hit) error {
		return &types.InternalServerError{Message: aws.String("Internal server error")}
	}).asLate()
}

// ServiceUnavailable answers with ServiceUnavailable, status 503, and does nothing else. The service may as well have
// done what was asked when it answers so: that is AfterWork(ServiceUnavailable()).
func ServiceUnavailable() Effect {
	return refuse("ServiceUnavailable", nil, func(hit) error {
		return &smithy.GenericAPIError{Code: wire.CodeUnavailable, Fault: smithy.FaultServer,
			Message: "The service is currently unavailable. Please try again"}
	}).asLate()
}

// Throttle refuses calls that read or write items as the service does where provisioned throughput is used up:
// ProvisionedThroughputExceededException with the table's or index's ThrottlingReason. Of a batch of PartiQL statements
// those that match are refused, each by itself. A transaction is cancelled with ProvisionedThroughputExceeded in the
// places that match; the repetition of one that took place, under its token, is answered and does not match.
func Throttle() Effect {
	return refuseItems("Throttle", onItems, func(h hit) error {
		message := "The level of configured provisioned throughput for the table was exceeded. Consider increasing " +
			"your provisioning level with the UpdateTable API."
		if h.transaction() {
			return h.cancelled("ProvisionedThroughputExceeded", message)
		}
		return &types.ProvisionedThroughputExceededException{Message: &message,
			ThrottlingReasons: h.reasons("ProvisionedThroughputExceeded")}
	}).asCancelling()
}

// ThrottleOnDemand refuses calls as the service does where a table that is billed by request scales too slowly, or
// where the control plane is asked too often: ThrottlingException. A transaction is cancelled with ThrottlingError in
// the places that match; the repetition of one that took place, under its token, is answered and does not match.
func ThrottleOnDemand() Effect {
	return refuseItems("ThrottleOnDemand", onTables, func(h hit) error {
		if h.transaction() {
			return h.cancelled("ThrottlingError",
				"Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is "+
					"automatically "+
					"scaling your index so please try again shortly.")
		}
		if !onItems(h.call.Operation) {
			return &types.ThrottlingException{Message: aws.String("Rate of requests exceeds the allowed throughput.")}
		}
		return &types.ThrottlingException{Message: aws.String("Throughput exceeds the current capacity of your table " +
			"or index. DynamoDB is automatically scaling your table or index so please try again shortly. " +
			"If exceptions persist, check if you have a hot key: " +
			"https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"),
			ThrottlingReasons: h.reasons("KeyRangeThroughputExceeded")}
	}).asCancelling()
}

// ExceedRequestLimit refuses calls that read or write items as the service does where the account's quota is used up:
// RequestLimitExceeded.
func ExceedRequestLimit() Effect {
	return refuse("ExceedRequestLimit", onItems, func(h hit) error {
		return &types.RequestLimitExceeded{Message: aws.String("Throughput exceeds the current throughput limit for " +
			"your account. " +
			"Contact AWS Support at https://aws.amazon.com/support request a limit increase"),
			ThrottlingReasons: h.reasons("AccountLimitExceeded")}
	})
}

// Conflict refuses writes as the service does where another transaction holds the item: TransactionConflictException
// for PutItem, UpdateItem, DeleteItem and a PartiQL statement that writes; of a batch of statements those that match.
// A transaction that reads or writes is cancelled with TransactionConflict in the places that match; the repetition of
// one that took place, under its token, is answered and does not match.
func Conflict() Effect {
	e := refuseItems("Conflict", func(operation string) bool {
		return singleWrite(operation) || isTransaction(operation) || executesStatements(operation)
	}, func(h hit) error {
		const message = "Transaction is ongoing for the item"
		if h.transaction() {
			return h.cancelled("TransactionConflict", message)
		}
		return &types.TransactionConflictException{Message: aws.String(message)}
	}).asCancelling()
	e.fits = func(in any) bool {
		if _, transaction := in.(*dynamodb.ExecuteTransactionInput); transaction {
			return true
		}
		statements := statementsOf(in)
		return statements == nil || writes("", in)
	}
	return e
}

// ResetConnection cuts the connection before the request is read: nothing takes place. Over HTTP the TCP connection is
// reset; in the process the error is the one that the SDK wraps a reset connection in.
func ResetConnection() Effect {
	return refuse("ResetConnection", nil, func(hit) error { return errConnectionReset }).asLate()
}

// LoseAnswer carries the operation out and cuts the connection in place of its answer, whatever the answer was, so that
// the caller sees what it sees with ResetConnection and cannot know what took place. It is
// AfterWork(ResetConnection()).
func LoseAnswer() Effect {
	e := AfterWork(ResetConnection())
	e.name = "LoseAnswer"
	return e
}

// CutAnswer carries the operation out and closes the connection in the middle of its answer: status and headers arrive,
// and half of the body. What the caller sees is a smithy.DeserializationError around io.ErrUnexpectedEOF, in a response
// whose status tells how the operation ended.
func CutAnswer() Effect {
	return Effect{name: "CutAnswer", act: func(v *verdict, _ hit) { v.failLate(&cutAnswer{}) }}
}

// Hang lets the call wait until its context ends, and does nothing. A call whose context never ends waits for ever.
// Over HTTP the server notices that the caller has gone, or is closed.
func Hang() Effect {
	return refuse("Hang", nil, func(hit) error { return errHang }).asLate()
}

// AfterWork carries the operation out, and then e happens in place of its answer, whatever the answer was. What e may
// be is what leaves the caller in doubt: InternalError, ServiceUnavailable, ResetConnection, Hang, Delay, and Fail with
// an error that is the server's fault or no smithy.APIError. The other effects say that nothing took place, and make
// the fault one that cannot be.
func AfterWork(e Effect) Effect {
	late := Effect{name: "AfterWork(" + e.name + ")", err: e.err, on: e.on, fits: e.fits, act: func(v *verdict, h hit) {
		now := verdict{}
		e.act(&now, h)
		v.late.delay += now.delay
		if now.err != nil {
			v.failLate(now.err)
		}
	}}
	switch {
	case e.name == "":
		late.err = errors.New("no effect")
	case !e.late && e.err == nil:
		late.err = errors.New(e.name + " does not come after an operation that took place")
	}
	return late
}

// asCancelling is e as one that cancels transactions.
func (e Effect) asCancelling() Effect {
	e.cancels = true
	return e
}

// asLate is e as one that can come to pass once the operation took place.
func (e Effect) asLate() Effect {
	e.late = true
	return e
}

// Delay holds a call up for d before anything else happens to it, or until its context ends. It sleeps by the time
// package, so that a bubble of testing/synctest does not wait at all, and not by the client's clock. Of several delays
// the sum is waited.
func Delay(d time.Duration) Effect {
	e := Effect{name: "Delay", late: true, act: func(v *verdict, _ hit) { v.delay += d }}
	if d < 0 {
		e.err = errors.New("the delay is negative")
	}
	return e
}

// Unprocessed makes BatchGetItem and BatchWriteItem leave n of their keys and items unprocessed, of those that match,
// chosen by the client's seed; 0 leaves all of them. The request is still checked as a whole first.
func Unprocessed(n int) Effect {
	e := Effect{name: "Unprocessed", on: func(operation string) bool {
		return operation == "BatchGetItem" || operation == "BatchWriteItem"
	}, act: func(v *verdict, h hit) {
		if v.leftOut == nil {
			v.leftOut = map[batchPart]bool{}
		}
		var matching []part
		for _, p := range h.parts {
			if h.fault.On.takes(p) {
				matching = append(matching, p)
			}
		}
		if n > 0 && n < len(matching) {
			h.faults.drawn.Store(true)
			h.random.Shuffle(len(matching), func(i, j int) { matching[i], matching[j] = matching[j], matching[i] })
			matching = matching[:n]
		}
		for _, p := range matching {
			v.leftOut[batchPartOf(p.table, p.item)] = true
		}
	}}
	if n < 0 {
		e.err = errors.New("a negative number of items")
	}
	return e
}

// Stale makes eventually consistent reads, of tables and indexes, stand behind the last n writes to their table: they
// return what they would have returned before. Only writes since the fault was injected can be stood behind. Give Match
// an Index for stale reads of that index alone. A stale read holds its table for itself.
func Stale(n int) Effect {
	e := lagging("Stale", engine.Lag{Writes: n})
	if n <= 0 {
		e.err = errors.New("the number of writes is not positive")
	}
	return e
}

// StaleFor is Stale with a time, by the client's clock, in place of a number: of the writes of the last d nothing is
// seen.
func StaleFor(d time.Duration) Effect {
	e := lagging("StaleFor", engine.Lag{Time: d})
	if d <= 0 {
		e.err = errors.New("the time is not positive")
	}
	return e
}

func lagging(name string, lag engine.Lag) Effect {
	return Effect{name: name, history: lag, on: readsEventually, fits: eventuallyConsistent,
		act: func(v *verdict, _ hit) {
			v.lag = engine.Lag{Writes: max(v.lag.Writes, lag.Writes), Time: max(v.lag.Time, lag.Time)}
		}}
}

// readsEventually says whether an operation has reads that may be stale.
func readsEventually(operation string) bool {
	return readsItems(operation) && !isTransaction(operation)
}

// eventuallyConsistent says whether a call has a read that may be stale.
func eventuallyConsistent(in any) bool {
	switch in := in.(type) {
	case *dynamodb.GetItemInput:
		return !aws.ToBool(in.ConsistentRead)
	case *dynamodb.QueryInput:
		return !aws.ToBool(in.ConsistentRead)
	case *dynamodb.ScanInput:
		return !aws.ToBool(in.ConsistentRead)
	case *dynamodb.ExecuteStatementInput:
		return !aws.ToBool(in.ConsistentRead) && !writes("", in)
	case *dynamodb.BatchExecuteStatementInput:
		return !writes("", in) && slices.ContainsFunc(in.Statements, func(s types.BatchStatementRequest) bool {
			return !aws.ToBool(s.ConsistentRead)
		})
	case *dynamodb.BatchGetItemInput:
		for _, keys := range in.RequestItems {
			if !aws.ToBool(keys.ConsistentRead) {
				return true
			}
		}
	}
	return false
}

func (h hit) transaction() bool { return isTransaction(h.call.Operation) }

// cancelled is the answer to a transaction that failed in the places that match.
func (h hit) cancelled(code, message string) error {
	reasons := make([]types.CancellationReason, len(h.parts))
	codes := make([]string, len(h.parts))
	for i, p := range h.parts {
		codes[i] = "None"
		if h.fault.On.takes(p) {
			codes[i] = code
			reasons[i].Message = &message
		}
		reasons[i].Code = &codes[i]
	}
	return &types.TransactionCanceledException{CancellationReasons: reasons,
		Message: aws.String("Transaction cancelled, please refer cancellation reasons for specific reasons [" +
			strings.Join(codes, ", ") + "]")}
}

// reasons says which table or index ran into a limit.
func (h hit) reasons(limit string) []types.ThrottlingReason {
	if len(h.call.Resources) == 0 {
		return nil
	}
	resource, kind := h.call.Resources[0], "Table"
	if strings.Contains(resource, "/index/") {
		kind = "Index"
	}
	access := "Read"
	if h.writes {
		access = "Write"
	}
	return []types.ThrottlingReason{{Reason: aws.String(kind + access + limit), Resource: &resource}}
}
