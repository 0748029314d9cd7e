package stream

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that a failure can be told by, with errors.Is.
var (
	// ErrUnrouted: the record's entity type has no function, or more than one claims it.
	ErrUnrouted = errors.New("stream: no one function for the entity type")
	// ErrImage: the function needs an image that the stream's view type leaves out.
	ErrImage = errors.New("stream: image missing")
	// ErrRecord: the record is not a change of the router's table as DynamoDB records one.
	ErrRecord = errors.New("stream: not a change of the table")
)

// Error is a record that was not handled, and why. It holds nothing of the item.
type Error struct {
	Sequence string // the record's sequence number; "" if it has none
	ID       string // the record's event id
	Kind     Kind   // what happened to the item
	Entity   string // the Go type that it is of; "" if that is not known
	err      error
}

// Error names the record, its entity type and the cause. The cause may be what a function returned, in its own words.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("stream: record ")
	if e.Sequence == "" {
		b.WriteString("without a sequence number")
	} else {
		b.WriteString(e.Sequence)
	}
	if e.Kind != "" {
		b.WriteString(" (" + string(e.Kind) + ")")
	}
	if e.Entity != "" {
		b.WriteString(": " + e.Entity)
	}
	b.WriteString(": " + strings.TrimPrefix(e.err.Error(), "stream: "))
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.err }

// fail wraps the cause of a record's failure.
func (r *Record) fail(entity string, cause error) *Error {
	kind := r.Kind
	if !kind.known() {
		kind = "" // whatever it is, it is not for an error's text
	}
	return &Error{Sequence: r.Sequence, ID: r.ID, Kind: kind, Entity: entity, err: cause}
}

// PanicError is a function's panic, as the cause of its record's failure.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // where, as runtime/debug.Stack has it
}

// Error has the panic's text if it is an error or a string, and else names its type, so that no item's values get into
// a log.
func (e *PanicError) Error() string {
	switch v := e.Value.(type) {
	case error:
		return "panic: " + v.Error()
	case string:
		return "panic: " + v
	}
	return fmt.Sprintf("panic with a %T", e.Value)
}

// Unwrap gives the error that it panicked with, if it was one.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
