package monotable

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/read"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/write"
)

// Errors that a call can be told by, with errors.Is. The service's own error, where there was one, stays in the chain
// beside ours, so that errors.As finds *types.ConditionalCheckFailedException or a smithy.APIError in the same error.
var (
	// ErrKey: a key cannot be made of what was given, or a request would put an index key out of step. Nothing was
	// sent.
	ErrKey = cause.Key
	// ErrNotFound: there is no item with that key, or none of this entity type.
	ErrNotFound = cause.NotFound
	// ErrExists: Create found an item with that key; Error.Existing holds it.
	ErrExists = cause.Exists
	// ErrCondition: a condition did not hold; Error.Existing holds the item as it is.
	ErrCondition = cause.Condition
	// ErrVersion: the item is at another version than was expected, or for a Put gone. It is an ErrCondition.
	ErrVersion = cause.Version
	// ErrAmbiguous: the write may have taken place. An attempt's answer was lost (a broken connection, an internal
	// error of the service, a context that ended in flight), and no later attempt settled it; or it did take place, and
	// what it answered cannot be had. It stands beside what the error would be otherwise: ErrExists, ErrCondition,
	// ErrNotFound, ErrThrottled or the transport's error. Error.Existing is kept.
	ErrAmbiguous = cause.Ambiguous
	// ErrThrottled: the service refused the last attempt for want of capacity. Nothing was written, unless ErrAmbiguous
	// is there too.
	ErrThrottled = cause.Throttled
	// ErrConflict: a transaction was at the item, or another request at one of a transaction's items, at the same time.
	// Nothing was written, unless ErrAmbiguous is there too. It may succeed when sent again, which Modify does by
	// itself, and Retry for transactions.
	ErrConflict = cause.Conflict
	// ErrCursor: a cursor was forged, cut, made with other keys or for another request. Nothing was sent.
	ErrCursor = cause.Cursor
	// ErrBudget: a read stopped at the units given to Budget with more to read; its cursor continues it.
	ErrBudget = cause.Budget
	// ErrTooLarge: an item, with its entries in local indexes, would be larger than the 409,600 bytes that DynamoDB takes.
	// Nothing was sent. A *SizeError in the chain has the sizes.
	ErrTooLarge = cause.TooLarge
)

// errNotMade is what the zero Table, View and DB answer.
var errNotMade = cause.NotMade

// Error is what failed, and where. Error() names the operation, the entity type and the cause, and never a value of an
// item; Key and Existing are for the program, not for a log.
type Error struct {
	Op     string // the method: "Create", "Query"
	Entity string // Model.Type
	Table  string // the physical table; "" when it is about several
	Index  int    // the operation's place in a transaction; -1 outside of one, or when it is about the whole
	// Key is the primary key of the item that was read or written: of a transaction, that of the operation that failed.
	// It is nil where the call is on many items or on none, and where the key could not be made.
	Key Item
	// Constraint is the unique constraint that was violated; Existing is then its guard, whose attribute owner is the
	// key of the item that has the value.
	Constraint string
	Existing   Item // the item that a failed condition met, all attributes; nil when there was none
	errs       []error
}

// Error names operation, entity type and causes.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("monotable: ")
	b.WriteString(e.Op)
	if e.Entity != "" {
		b.WriteByte(' ')
		b.WriteString(e.Entity)
	}
	if e.Index >= 0 {
		fmt.Fprintf(&b, " (operation %d)", e.Index)
	}
	if e.Constraint != "" {
		b.WriteString(": unique constraint " + e.Constraint)
	}
	for _, err := range e.errs {
		b.WriteString(": ")
		b.WriteString(cause.Text(err))
	}
	return b.String()
}

// Unwrap gives the sentinel and the cause, so that errors.Is and errors.As see both.
func (e *Error) Unwrap() []error { return e.errs }

// failed is the error of one call on this entity type; nil for nil.
func (f *face) failed(op string, err error) error {
	if f == nil {
		return failed(op, "", "", err)
	}
	return failed(op, f.name, f.read.Schema.Name, err)
}

// failed makes an error of what the layers below say: all of this package's errors of calls are made here. nil for nil.
func failed(op, entity, table string, err error) error {
	switch err := err.(type) {
	case nil:
		return nil
	case cause.Callers:
		return err.Err
	case *cause.Failure:
		of := &Error{Op: strings.TrimSpace(op + " " + err.Operation), Entity: cmp.Or(err.Entity, entity),
			Table: cmp.Or(err.Table, table), Index: err.Index, Key: err.Key, Constraint: err.Constraint,
			Existing: err.Existing, errs: slices.Clone(err.Causes)}
		return of.publicly()
	}
	if err == errNotMade {
		return err
	}
	return (&Error{Op: op, Entity: entity, Table: table, Index: -1, errs: []error{err}}).publicly()
}

// publicly puts errors that programs look into in the place of those below, and says of a throttle and of a table that
// is not there what they are.
func (e *Error) publicly() error {
	var missing *types.ResourceNotFoundException
	if errors.As(e.errs[len(e.errs)-1], &missing) {
		e.errs = append([]error{noTable(e.Table)}, e.errs...)
	}
	if last := e.errs[len(e.errs)-1]; call.Throttled(last) && !errors.Is(e, ErrThrottled) {
		e.errs = append([]error{ErrThrottled}, e.errs...)
	}
	for i, err := range e.errs {
		e.errs[i] = public(err)
	}
	return e
}

// public is the error that programs look into in the place of one from below.
func public(err error) error {
	switch err := err.(type) {
	case *cause.Unfinished:
		return &BatchError{err.Places, err.Err}
	case *entity.SizeError:
		return sizeError(err)
	case cause.All:
		all := make([]error, len(err))
		for i := range err {
			all[i] = public(err[i])
		}
		return errors.Join(all...)
	}
	return err
}

// noTable says what to do about a table that the service does not find; name is "" for one of several.
func noTable(name string) error {
	if name == "" {
		name = "a table of the call"
	} else {
		name = "table " + name
	}
	return errors.New(name +
		" does not exist, or is not active yet: create it with admin.Create, or check region and name")
}

// reads is what reads a Table's or View's items; nil in the zero one, which says so.
func (f *face) reads() *read.Reader {
	if f == nil {
		return nil
	}
	return f.read
}

// writes is likewise for writes.
func (f *face) writes() *write.Entity {
	if f == nil {
		return nil
	}
	return f.write
}

// SizeError says how large an item would have been, and what made it so. It is ErrTooLarge.
type SizeError struct {
	Bytes   int             // of the item and its entries in local indexes, as the service measures the write
	Limit   int             // 409,600
	Local   int             // of Bytes, those of entries in local indexes
	Partial bool            // an update's: what the item had before it is not known and not counted
	Largest []AttributeSize // the heaviest attributes, at most five
}

// Error names the sizes and the heaviest attributes, and no values.
func (e *SizeError) Error() string {
	var b strings.Builder
	b.WriteString(cause.Text(ErrTooLarge) + ": ")
	if e.Partial {
		b.WriteString("at least ")
	}
	fmt.Fprintf(&b, "%s of at most %s", size.Count(e.Bytes, "byte"), size.Grouped(e.Limit))
	if e.Local > 0 {
		fmt.Fprintf(&b, ", %s of them in local indexes", size.Grouped(e.Local))
	}
	for i, a := range e.Largest {
		sep := ", "
		if i == 0 {
			sep = "; the largest attributes: "
		}
		fmt.Fprintf(&b, "%s%s %s", sep, a.Name, size.Grouped(a.Bytes))
	}
	return b.String()
}

// Unwrap is ErrTooLarge.
func (e *SizeError) Unwrap() error { return ErrTooLarge }

// sizeError is what the layers below say of an item that is too large.
func sizeError(e *entity.SizeError) *SizeError {
	of := &SizeError{Bytes: e.Bytes, Limit: size.MaxItem, Local: e.Local, Partial: e.Partial}
	for _, named := range e.Largest {
		of.Largest = append(of.Largest, AttributeSize(named))
	}
	return of
}
