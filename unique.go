package monotable

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/guards"
)

// GetBy reads the one item that has a unique constraint's value, such as the customer of an e-mail address, without an
// index: values has the fields of the constraint's template set. An unset one is ErrKey, and a value that nobody has is
// ErrNotFound.
//
// It sends two GetItem requests, for the constraint's guard and for its owner, and two more where the value changed
// hands between them, at most six in all. A guard of up to 4 KB costs half a read unit besides the item's own, or one
// with Consistent.
func (t *Table[T]) GetBy(ctx context.Context, constraint string, values T, options ...GetOption) (result T, err error) {
	err = t.of.getBy(ctx, constraint, reflect.ValueOf(&values).Elem(), options, reflect.ValueOf(&result).Elem())
	return result, err
}

// GetBy is Table.GetBy, of the attributes that V has.
func (v *View[V, T]) GetBy(ctx context.Context, constraint string, values T,
	options ...GetOption) (result V, err error) {
	err = v.of.getBy(ctx, constraint, reflect.ValueOf(&values).Elem(), options, reflect.ValueOf(&result).Elem())
	return result, err
}

func (f *face) getBy(ctx context.Context, constraint string, values reflect.Value, options []GetOption,
	result reflect.Value) error {
	s := readSettings(options, GetOption.get)
	return f.failed("GetBy", f.reads().GetBy(ctx, constraint, values, s, result))
}

// IsGuard tells whether an item, from a stream, an export or a scan of Item, is the guard of a unique constraint, which
// the library keeps beside the items of a type that has some. It sends nothing.
func (s Schema) IsGuard(item Item) bool {
	_, owned := item[entity.GuardOwner].(*types.AttributeValueMemberM)
	return owned && s.IsGuardKey(item)
}

// IsGuardKey tells whether a primary key is one of guards, for where no more is known of an item. It sends nothing.
func (s Schema) IsGuardKey(item Item) bool {
	if len(s.Partition) == 0 {
		return false
	}
	sort := ""
	if len(s.Sort) > 0 {
		sort = *s.Sort[0].AttributeName
	}
	return entity.IsGuardKey(*s.Partition[0].AttributeName, sort, item)
}

// GuardProblem is one fault that was found. It holds keys, and so values of items: it is for the program, not for a
// log.
type GuardProblem struct {
	// Fault is "orphaned guard", whose owner is gone or has another value, so that nobody can take the guard's; "missing
	// guard", where an item's value has none and another item could take it; or "duplicate value", of an item whose
	// value's guard another item has, and has rightly. Others than the library wrote, restored or expired either, or a
	// constraint was added to a type that has items already.
	Fault      string
	Constraint string
	Guard      Item // the guard's primary key
	Owner      Item // primary key of the item that the guard names or, for the other faults, that lacks one
	Repaired   bool
}

// GuardReport is what CheckGuards and RepairGuards found in one call.
type GuardReport struct {
	Items    int64 // of the entity type, that were checked
	Guards   int64 // of its constraints, that were checked
	Problems []GuardProblem
}

// CheckGuards compares the guards of the type's unique constraints with the items that they belong to, and changes
// nothing. It sends Scan requests over the whole table, one or two BatchGetItem for each page, of the guards and items
// that the page's items and guards name, and for each suspect a TransactGetItems, which sees both at one moment, so
// that writers at work are no fault.
//
// It takes Pace, Progress, Budget, Consistent, Metered, SDK, and Resume, whose cursor stands behind the last page that
// was checked. Filters, limits and segments do not fit. With an error the report holds what was found before.
func (t *Table[T]) CheckGuards(ctx context.Context, options ...ScanOption) (GuardReport, error) {
	return t.of.guards(ctx, "CheckGuards", false, options)
}

// RepairGuards is CheckGuards that mends what it finds: it removes an orphaned guard, or gives it to the item that has
// its value and lacks one, and writes a missing guard; for each a TransactWriteItems more, on condition that the items
// it follows from are as they were seen, so that it can run beside writers. What they changed first is left unrepaired
// and found again, if it is still wrong, by the next call. A duplicate value is for the program to settle. Guards of
// constraints that the model does not name are left alone, since a newer version of the program may have them.
func (t *Table[T]) RepairGuards(ctx context.Context, options ...ScanOption) (GuardReport, error) {
	return t.of.guards(ctx, "RepairGuards", true, options)
}

func (f *face) guards(ctx context.Context, op string, repair bool, options []ScanOption) (GuardReport, error) {
	if f == nil {
		return GuardReport{}, errNotMade
	}
	found, err := guards.Check(ctx, f.read.Entity, f.write, repair, readSettings(options, ScanOption.scan))
	report := GuardReport{Items: found.Items, Guards: found.Guards}
	for _, p := range found.Problems {
		report.Problems = append(report.Problems,
			GuardProblem{string(p.Fault), p.Constraint, p.Guard, p.Owner, p.Repaired})
	}
	return report, f.failed(op, err)
}
