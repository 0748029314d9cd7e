package monotable

import (
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/keytext"
	"github.com/monotable/monotable/internal/read"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/write"
)

// An option's type says where it fits: Get takes GetOptions, Query QueryOptions, and so on; some options are several of
// them. Two options of one kind add up where that means something (Ifs and Filters are ANDed, SDK options are all
// passed on); otherwise the last one counts.
type (
	// GetOption fits Get and GetMany.
	GetOption interface{ get(*read.Settings) }
	// QueryOption fits Query, QueryPage and Count.
	QueryOption interface{ query(*read.Settings) }
	// ScanOption fits Scan and ScanPage.
	ScanOption interface{ scan(*read.Settings) }
	// ItemOption fits Create, Put, Modify and Delete.
	ItemOption interface{ whole(*write.Settings) }
	// UpdateOption fits Update and Upsert.
	UpdateOption interface{ update(*write.Settings) }
	// OpOption fits the operations of a transaction: CreateOp, PutOp, ReplaceOp, UpdateOp, UpsertOp and DeleteOp.
	OpOption interface{ op(*write.Settings) }
	// WriteOption fits every write, by itself and in a transaction.
	WriteOption interface {
		ItemOption
		UpdateOption
		OpOption
	}
)

// BulkOption fits every call that sends many requests: GetMany, PutMany, DeleteMany, DB.BatchWrite, DB.BatchRead,
// DeleteCollection, queries and scans.
type BulkOption interface {
	BatchOption
	GetOption
	QueryOption
	ScanOption
}

// CallOption fits every call.
type CallOption struct{ set func(*call.Settings) }

// ReadOption fits every read.
type ReadOption struct{ set func(*read.Settings) }

// PageOption fits queries and scans.
type PageOption struct{ set func(*read.Settings) }

type (
	queryOption func(*read.Settings)
	scanOption  func(*read.Settings)
	writeOption func(*write.Settings)
	itemOption  func(*write.Settings)
	oldOption   func(*write.Settings)
	knownOption func(*write.Settings)
	bulkOption  func(*call.Settings)
)

func (o CallOption) get(s *read.Settings)              { apply(o.set, &s.Settings) }
func (o CallOption) query(s *read.Settings)            { apply(o.set, &s.Settings) }
func (o CallOption) scan(s *read.Settings)             { apply(o.set, &s.Settings) }
func (o CallOption) whole(s *write.Settings)           { apply(o.set, &s.Settings) }
func (o CallOption) update(s *write.Settings)          { apply(o.set, &s.Settings) }
func (o CallOption) batch(s *call.Settings)            { apply(o.set, s) }
func (o CallOption) transact(s *call.TransactSettings) { apply(o.set, &s.Settings) }
func (o ReadOption) get(s *read.Settings)              { apply(o.set, s) }
func (o ReadOption) query(s *read.Settings)            { apply(o.set, s) }
func (o ReadOption) scan(s *read.Settings)             { apply(o.set, s) }
func (o ReadOption) cost(s *read.Settings)             { apply(o.set, s) }
func (o PageOption) query(s *read.Settings)            { apply(o.set, s) }
func (o PageOption) scan(s *read.Settings)             { apply(o.set, s) }
func (o queryOption) query(s *read.Settings)           { apply(o, s) }
func (o scanOption) scan(s *read.Settings)             { apply(o, s) }
func (o writeOption) whole(s *write.Settings)          { apply(o, s) }
func (o writeOption) update(s *write.Settings)         { apply(o, s) }
func (o writeOption) op(s *write.Settings)             { apply(o, s) }
func (o itemOption) whole(s *write.Settings)           { apply(o, s) }
func (o oldOption) whole(s *write.Settings)            { apply(o, s) }
func (o oldOption) update(s *write.Settings)           { apply(o, s) }
func (o knownOption) update(s *write.Settings)         { apply(o, s) }
func (o knownOption) op(s *write.Settings)             { apply(o, s) }

func (o bulkOption) batch(s *call.Settings) { apply(o, s) }
func (o bulkOption) get(s *read.Settings)   { apply(o, &s.Settings) }
func (o bulkOption) query(s *read.Settings) { apply(o, &s.Settings) }
func (o bulkOption) scan(s *read.Settings)  { apply(o, &s.Settings) }

func apply[S any, F ~func(*S)](set F, s *S) {
	if set != nil {
		set(s)
	}
}

// given is what options set in s, each by the method of its type; a nil option sets nothing.
func given[O comparable, S any](options []O, s *S, set func(O, *S)) *S {
	var none O
	for _, o := range options {
		if o != none {
			set(o, s)
		}
	}
	return s
}

func readSettings[O comparable](options []O, set func(O, *read.Settings)) *read.Settings {
	return given(options, new(read.Settings), set)
}

func writeSettings[O comparable](options []O, set func(O, *write.Settings)) *write.Settings {
	return given(options, new(write.Settings), set)
}

// SDK passes per-call options on to each of the call's requests: another region or retryer, middleware, a timeout.
func SDK(options ...func(*dynamodb.Options)) CallOption {
	return CallOption{func(s *call.Settings) { s.SDK = append(s.SDK, options...) }}
}

// Consistent makes reads strongly consistent, at twice the read units. Global secondary indexes do not offer it: On
// such an index it is refused before anything is sent.
func Consistent() ReadOption { return ReadOption{func(s *read.Settings) { s.Consistent = true }} }

// Limit ends a read after that many items returned, whatever filters leave out on the way. It must be positive.
func Limit(items int) PageOption {
	return PageOption{func(s *read.Settings) { s.Limit, s.Limited = items, true }}
}

// Budget ends a read once it has consumed that many read units or more: with what was read so far, a cursor, and
// ErrBudget if there may be more. A request is not cut short, so the last one may overdraw, as those sent in parallel
// may: a query of a partition that is spread over shards reads a page of each, whatever the budget, since the first
// item cannot be told before. It must be positive.
func Budget(units float64) PageOption {
	return PageOption{func(s *read.Settings) { s.Budget, s.Budgeted = units, true }}
}

// Filter keeps the items for which the condition holds. Filtered items are read and paid for. Operands are checked
// against T's own encoding.
func Filter(c expression.ConditionBuilder) PageOption {
	return PageOption{func(s *read.Settings) { s.Filters = append(s.Filters, c) }}
}

// StartAfter starts behind a cursor that a page of the same request gave; "" is the start.
func StartAfter(c Cursor) PageOption {
	return PageOption{func(s *read.Settings) { s.After = string(c) }}
}

// Lookahead asks for one item more than Limit, so that Page.Next is "" exactly when nothing is left. The item is read
// and paid for, and again by the next page, since the cursor stands behind the last item given; where a filter keeps
// little, or an index is hydrated, more requests may go into it. It fits QueryPage and ScanPage, with a Limit: other
// calls, and pages without one, refuse it before anything is sent. A Budget that ends before the item is found gives a
// cursor and ErrBudget.
func Lookahead() PageOption { return PageOption{func(s *read.Settings) { s.Lookahead = true }} }

// Resume starts behind *c and, while the caller iterates, keeps *c at the item last yielded; "" once the read has come
// to its end. Store *c to go on later, in another process if need be. In the loop's body *c stands behind the item at
// hand already: store it when that item is done, or in the function given to Progress, which is called between pages.
func Resume(c *Cursor) PageOption {
	return PageOption{func(s *read.Settings) { s.Resume = (*string)(c) }}
}

// On reads a secondary index instead of the table.
func On(index string) QueryOption { return queryOption(func(s *read.Settings) { s.Index = index }) }

// Descending reads from the highest sort key down.
func Descending() QueryOption { return queryOption(func(s *read.Settings) { s.Descending = true }) }

// Hydrate reads the whole items behind the entries of an index that does not project all that T needs: one BatchGetItem
// per hundred items more, which costs units as GetMany does.
func Hydrate() QueryOption { return queryOption(func(s *read.Settings) { s.Hydrate = true }) }

// Segments scans n segments in parallel, 1 to 1,000,000 of them. Items of one segment come in its order, segments
// mixed.
func Segments(n int) ScanOption {
	return scanOption(func(s *read.Settings) { s.Segments, s.Segmented = n, true })
}

// If makes the write depend on a condition. Several are ANDed. Operands are checked against T's own encoding.
func If(c expression.ConditionBuilder) WriteOption {
	return writeOption(func(s *write.Settings) { s.Conditions = append(s.Conditions, c) })
}

// Known tells an Update the item as it was seen: v is a T, or a pointer to one. Each attribute that a changed index key
// is made of, and that neither the key nor the update gives, is taken from v and becomes a condition of the write:
// ErrCondition if the item has another value. What v lacks is expected to be absent, or empty. An update that needs
// nothing of v does not depend on it.
//
// A v of another type, or a nil pointer, is an error of the call before anything is sent. Operations other than
// UpdateOp and UpsertOp refuse Known.
func Known[T any](v T) interface {
	UpdateOption
	OpOption
} {
	return knownOption(func(s *write.Settings) { s.Known = append(s.Known, reflect.ValueOf(&v).Elem()) })
}

// integer is any integer type.
type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

// AtVersion lets a write take place only if the item is at version n, else ErrVersion; 0 means that it has none. Modify
// does not run its function on an item at another version. For Put it stands in the place of the version that *item
// carries. Create, and the operations that are told a whole item as it was, take none. It needs a Model with a Version;
// a negative n is an error.
func AtVersion[N integer](n N) WriteOption {
	at := uint64(n)
	return writeOption(func(s *write.Settings) { s.Version, s.Negative = &at, n < 0 })
}

// Once makes a write take place at most once, and its success mean exactly once, lost answers included: the write is
// sent as a transaction of one, under a token by which the service knows a repetition for ten minutes, at twice the
// table's units, and again, with a new token and a pause, up to a hundred times when it was cancelled by a conflict or
// for want of capacity. Writes of types with unique constraints are such transactions without it.
//
// ErrAmbiguous is left where no attempt was answered. Old fits beside it only where the call reads first: Modify, and
// Put and Delete of types with unique constraints. Update and Upsert, which answer with the item, cannot have it:
// UpdateOp in DB.Write is their way.
func Once() ItemOption { return itemOption(func(s *write.Settings) { s.Once = true }) }

// Old keeps the item as it was before the write, free of units. into is a *T of the table's type or an *Item; it is
// left alone when there was no item. A Put or Delete with it, and an Update without AtVersion, are not sent again after
// a lost answer, since a repetition would be answered with what the first attempt left: that is ErrAmbiguous.
func Old[T any](into *T) interface {
	ItemOption
	UpdateOption
} {
	return oldOption(func(s *write.Settings) { s.Old = into })
}

func sorted(field string, op keytext.Op, a, b any) QueryOption {
	return queryOption(func(s *read.Settings) {
		s.Sort = append(s.Sort, request.SortCondition{Field: field, Op: op, A: a, B: b})
	})
}

// Eq asks for one value of a sort field. Sort fields are given in the key's order, from the left; the last one may be a
// range: a lower bound (From or After), an upper one (UpTo or Before), or one of each. A field of which the partition's
// key keeps only a part ({at|date}) is set in the partition and may have conditions too. Times are compared with a
// unixtime field in what it stores: Eq with a fraction of a second is ErrKey.
//
// Ranges are of fields that sort: T's own attributes, and in a template numbers, times, bools, strings of a width
// ({id:26}), and a string or bytes at its end. A bound on another field is ErrKey, as are two bounds of one side, a
// bound beside Eq or BeginsWith on the same field, ends that are the wrong way round, and an operand that is no value
// of the field: one that is empty or not set, or finer than the field's precision. A range that holds no value ("less
// than 5 and at least 5") finds nothing. Open ends cost nothing: they are part of the key condition.
func Eq(field string, v any) QueryOption { return sorted(field, keytext.Eq, v, nil) }

// Between asks for a range of a sort field, both ends in: it is From with UpTo.
func Between(field string, from, to any) QueryOption { return sorted(field, keytext.Between, from, to) }

// From asks for values of a sort field of at least v. With UpTo or Before it is a range; see Eq.
func From(field string, v any) QueryOption { return sorted(field, keytext.From, v, nil) }

// After asks for values of a sort field greater than v. With UpTo or Before it is a range; see Eq.
func After(field string, v any) QueryOption { return sorted(field, keytext.After, v, nil) }

// UpTo asks for values of a sort field of at most v. With From or After it is a range; see Eq.
func UpTo(field string, v any) QueryOption { return sorted(field, keytext.UpTo, v, nil) }

// Before asks for values of a sort field less than v. With From or After it is a range; see Eq.
func Before(field string, v any) QueryOption { return sorted(field, keytext.Before, v, nil) }

// BeginsWith asks for strings of a sort field that begin so; see Eq.
func BeginsWith(field, prefix string) QueryOption {
	return sorted(field, keytext.BeginsWith, prefix, nil)
}

// Unexpired leaves out items whose TTL is past, which DynamoDB deletes only some time later. It needs a Schema with a
// TTL attribute. Expired items are read and paid for all the same. What DynamoDB never deletes is not expired: a TTL of
// more than five years ago, such as 0, or one that is no number.
func Unexpired() ReadOption { return ReadOption{func(s *read.Settings) { s.Unexpired = true }} }

// Pace keeps a call at that many units a second, read units of what it reads and write units of what it writes, over
// all its requests together, so that it leaves the rest of the table's capacity to others. Each request waits until
// those before it are paid for by what the service says they consumed (ReturnConsumedCapacity), so that those sent in
// any second consume no more than the pace and what the last of them does; with Segments, or with Parallel, as many as
// are under way. Batches go one at a time unless Parallel is given. A page or a batch is of about as many items as a
// second's units buy, so that it is no burst.
//
// What a slow caller leaves unused is not saved up. A write whose answer was lost is paid for all the same. A wait ends
// with the context, whose error the call then ends with. The pace must be positive; it is one call's, not that of
// several pages. Get and GetBy refuse it.
func Pace(unitsPerSecond float64) BulkOption {
	return bulkOption(func(s *call.Settings) { s.Pace, s.Paced = unitsPerSecond, true })
}

// Cursor is an opaque place in a query or a scan, from which a later call goes on, in this process or another. "" is
// the start, and as Page.Next the end.
//
// A cursor is bound to its table, index, partition, direction and conditions: handed to any other request it is
// ErrCursor. When the DB was opened with CursorKeys it is sealed, and safe to give to strangers: they can neither read
// nor alter it. Without CursorKeys it holds the item's key in readable form and anyone can make one, for any item of
// the same partition (of the table, for a scan): do not let such a cursor leave your own systems.
type Cursor string

// OpenOption fits Open.
type OpenOption interface{ open(*openSettings) }

type openOption func(*openSettings)

func (o openOption) open(s *openSettings) { apply(o, s) }

type openSettings struct {
	cursorKeys [][]byte
	clock      func() time.Time
	observe    call.Meter // nil for nobody
	mapped     bool       // no fast path
	ownMemory  bool
}

// CursorKeys seals cursors with AES-256-GCM. Each key is at least 16 random bytes, kept secret and shared by all
// processes that exchange cursors. The newest key makes cursors; the older ones still open theirs, so that keys can be
// rotated.
func CursorKeys(newest []byte, older ...[]byte) OpenOption {
	return openOption(func(s *openSettings) {
		s.cursorKeys = append([][]byte{newest}, older...)
	})
}

// Clock tells the time that timestamps and expiry go by; the default is time.Now. Tests set it.
func Clock(now func() time.Time) OpenOption {
	return openOption(func(s *openSettings) { s.clock = now })
}

// WithoutFastPath makes reads decode what the client gives them, as attribute maps, and nothing else. Responses
// otherwise decode from JSON straight into T, several times as fast, wherever the client is a *dynamodb.Client or hands
// option functions on to one; the results are the same.
//
// It is for middleware or a wrapped client that looks at the items of an output, or changes them: with the fast path an
// output passes by without those items. Count, LastEvaluatedKey and all else are there as ever.
func WithoutFastPath() OpenOption { return openOption(func(s *openSettings) { s.mapped = true }) }

// OwnMemory gives every string, binary and pointer that a read decodes memory of its own. By default those of up to 1
// KB share chunks of up to 32 KB, and the items that GetMany, BatchRead and Read point to share one for each request,
// which saves most allocations: as long as one of them is in use, its chunk stays in memory. Give it where a few small
// values out of many pages are kept for long. It matters on the fast path only.
func OwnMemory() OpenOption { return openOption(func(s *openSettings) { s.ownMemory = true }) }

// ErrPreview is what a call given Preview returns in place of sending its request.
var ErrPreview = cause.Previewed

// Preview makes a call stop before its first request: *into becomes the input, a *dynamodb.PutItemInput or whatever the
// call would send, and the call returns ErrPreview. A call that reads before it writes shows the read.
func Preview(into *any) CallOption {
	return CallOption{func(s *call.Settings) { s.Preview = &call.Preview{Into: into} }}
}
