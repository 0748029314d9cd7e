// Package cause says why a call failed. Layers below the face return what it holds; the face alone makes errors of it
// that name the operation.
package cause

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Kind is what a program tells an error by. Standing alone its text names the library; in an error that begins with the
// library's name it does not.
type Kind struct {
	text string
	of   error // the wider kind that it is one of; nil for none
}

// Error names the library and the kind.
func (k *Kind) Error() string { return "monotable: " + k.text }

// Unwrap is the wider kind.
func (k *Kind) Unwrap() error { return k.of }

// The kinds. The face says what they mean to a program.
var (
	Key       error = &Kind{text: "key"}
	NotFound  error = &Kind{text: "not found"}
	Exists    error = &Kind{text: "exists"}
	Condition error = &Kind{text: "condition failed"}
	Version   error = &Kind{text: "the item is not at the expected version: condition failed", of: Condition}
	Ambiguous error = &Kind{text: "it may have taken place"}
	Throttled error = &Kind{text: "throttled"}
	Conflict  error = &Kind{text: "transaction conflict"}
	Cursor    error = &Kind{text: "bad cursor"}
	Budget    error = &Kind{text: "budget spent"}
	TooLarge  error = &Kind{text: "item too large"}
)

// NotMade is what the zero Table, View and DB answer.
var NotMade error = &Kind{text: "the table was not made with New, or the DB not with Open"}

// Previewed is what a call ends with that keeps its request in place of sending it.
var Previewed error = &unsent{Kind{text: "request previewed, not sent"}}

// unsent is a kind of which nothing took place.
type unsent struct{ Kind }

// Unsent says that nothing took place.
func (*unsent) Unsent() bool { return true }

func (k *Kind) bare() string { return k.text }

// Text is an error's text in one that begins with the library's name.
func Text(err error) string {
	if k, ok := err.(interface{ bare() string }); ok {
		return k.bare()
	}
	return err.Error()
}

// Of is an error of some kind, with its cause.
func Of(kind error, format string, args ...any) error {
	return &explained{kind: kind, because: fmt.Errorf(format, args...)}
}

// explained is a kind and its cause.
type explained struct{ kind, because error }

func (e *explained) Error() string   { return Text(e.kind) + ": " + Text(e.because) }
func (e *explained) Unwrap() []error { return []error{e.kind, e.because} }

// Because puts a kind before a cause.
func Because(kind, err error) error { return &explained{kind, err} }

// Failure is all that is known of why a call, or one of its operations, failed.
type Failure struct {
	Causes     []error                         // the kinds first
	Operation  string                          // of several, its name; "" for the call itself
	Entity     string                          // of several, the entity type of the one that failed; "" for the call's
	Table      string                          // of several, the table of the one that failed; "" for the call's
	Index      int                             // of several, the place of the one that failed; -1 for the call as a whole
	Constraint string                          // the unique constraint that was violated
	Key        map[string]types.AttributeValue // of the item that it was about; nil for none, or several
	Existing   map[string]types.AttributeValue
}

// Fail is the failure of a call as a whole.
func Fail(causes ...error) *Failure { return &Failure{Causes: causes, Index: -1} }

// Error joins the causes.
func (f *Failure) Error() string {
	texts := make([]string, len(f.Causes))
	for i, err := range f.Causes {
		texts[i] = Text(err)
	}
	return strings.Join(texts, ": ")
}

// Unwrap gives the causes.
func (f *Failure) Unwrap() []error { return f.Causes }

// Existing is the item that a failed condition met.
func Existing(err error) map[string]types.AttributeValue {
	var f *Failure
	if errors.As(err, &f) {
		return f.Existing
	}
	return nil
}

// Constraint is the unique constraint that was violated, "" for none.
func Constraint(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Constraint
	}
	return ""
}

// At says which item a failure was about, unless it says so itself. nil for nil.
func At(err error, key map[string]types.AttributeValue) error {
	if err == nil || key == nil {
		return err
	}
	of := Fail(err)
	switch err := err.(type) {
	case Callers:
		return err
	case *Failure:
		if err.Key != nil {
			return err
		}
		same := *err
		of = &same
	}
	of.Key = key
	return of
}

// And adds a further cause to a failure, such as the context's end while it was to be tried again.
func And(err, more error) error {
	var f *Failure
	if !errors.As(err, &f) {
		return Fail(err, more)
	}
	both := *f
	both.Causes = append(both.Causes[:len(both.Causes):len(both.Causes)], more)
	return &both
}

// Callers is an error of the caller's own function, which the call ends with as it is.
type Callers struct{ Err error }

// Error is the caller's.
func (c Callers) Error() string { return c.Err.Error() }

// Unwrap is the caller's error.
func (c Callers) Unwrap() error { return c.Err }

// Unfinished is what a batch left undone, and why.
type Unfinished struct {
	Places []int // in what the call was given, ascending
	Err    error
}

// Error counts what is left.
func (u *Unfinished) Error() string {
	return fmt.Sprintf("%d entries are left: %s", len(u.Places), Text(u.Err))
}

// Unwrap is the reason.
func (u *Unfinished) Unwrap() error { return u.Err }

// All are the errors of requests that were under way at the same time.
type All []error

// Error is a line for each.
func (a All) Error() string { return errors.Join(a...).Error() }

// Unwrap gives them all.
func (a All) Unwrap() []error { return a }
