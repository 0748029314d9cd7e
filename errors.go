package monotable

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/entity"
)

// Errors that a call can be told by, with errors.Is. The service's own error, where there was one, stays in the chain
// beside ours, so that errors.As finds *types.ConditionalCheckFailedException or a smithy.APIError in the same error.
var (
	// ErrKey: a key cannot be made of what was given, or a request would put an index key out of step. Nothing was
	// sent.
	ErrKey = entity.ErrKey
	// ErrNotFound: there is no item with that key, or none of this entity type.
	ErrNotFound = errors.New("monotable: not found")
	// ErrExists: Create found an item with that key; Error.Existing holds it.
	ErrExists = errors.New("monotable: exists")
	// ErrCondition: a condition did not hold; Error.Existing holds the item as it is.
	ErrCondition = errors.New("monotable: condition failed")
	// ErrVersion: the item is at another version than was expected, or for a Put gone. It is an ErrCondition.
	ErrVersion = fmt.Errorf("monotable: another version: %w", ErrCondition)
	// ErrAmbiguous: the write may have taken place. An attempt's answer was lost (a broken connection, an internal
	// error of the service, a context that ended in flight), and no later attempt settled it; or it did take place, and
	// what it answered cannot be had. It stands beside what the error would be otherwise: ErrExists, ErrCondition,
	// ErrNotFound, ErrThrottled or the transport's error. Error.Existing is kept.
	ErrAmbiguous = errors.New("monotable: it may have taken place")
	// ErrThrottled: the service refused the last attempt for want of capacity. Nothing was written, unless ErrAmbiguous
	// is there too.
	ErrThrottled = errors.New("monotable: throttled")
	// ErrConflict: a transaction was at the item, or another request at one of a transaction's items, at the same time.
	// Nothing was written, unless ErrAmbiguous is there too. It may succeed when sent again, which Modify does by
	// itself, and Retry for transactions.
	ErrConflict = errors.New("monotable: transaction conflict")
	// ErrCursor: a cursor was forged, cut, made with other keys or for another request. Nothing was sent.
	ErrCursor = errors.New("monotable: bad cursor")
	// ErrBudget: a read stopped at the units given to Budget with more to read; its cursor continues it.
	ErrBudget = errors.New("monotable: budget spent")
)

// errNotMade is what the zero Table, View and DB answer.
var errNotMade = errors.New("monotable: the table was not made with New, or the DB not with Open")

// Error is what failed, and where. Error() names the operation, the entity type and the cause, and never a value of an
// item; Existing is for the program, not for a log.
type Error struct {
	Op     string // the method: "Create", "Query"
	Entity string // Model.Type
	Index  int    // the operation's place in a transaction; -1 outside of one, or when it is about the whole
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
		b.WriteString(strings.ReplaceAll(err.Error(), "monotable: ", ""))
	}
	return b.String()
}

// Unwrap gives the sentinel and the cause, so that errors.Is and errors.As see both.
func (e *Error) Unwrap() []error { return e.errs }

// fail wraps the causes, sentinel first, as the error of one call on this entity type.
func (e *core) fail(op string, causes ...error) error {
	if e == nil {
		return errNotMade
	}
	if last := causes[len(causes)-1]; call.Throttled(last) && !errors.Is(last, ErrThrottled) {
		causes = append([]error{ErrThrottled}, causes...)
	}
	return &Error{Op: op, Entity: e.Name, Index: -1, errs: causes}
}

// refused tells a failed condition from other failures: the item that stood in the way, and whether a condition failed
// at all.
func refused(err error) (existing map[string]types.AttributeValue, condition bool) {
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return nil, false
	}
	return failed.Item, true
}
