package codec

import (
	"errors"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/monotable/monotable/internal/attr"
)

// Error is an encoding or decoding error with the path of its attribute. Its text never contains values. Err is what
// attributevalue would have returned, as far as its type goes, or the error of a type's own Marshaler; it is for errors.As
// and may contain values.
type Error struct {
	Path   string // such as "address.city" or "pets[0].name"; "" for the item itself
	Shown  string // the same with attr.SomeKey for the keys of maps, which are values: what the text has
	Reason string
	Err    error // nil if Reason is all there is
}

func (e *Error) Error() string {
	if e.Shown == "" {
		return e.Reason
	}
	return "attribute " + e.Shown + ": " + e.Reason
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// TypeError says what is wrong with a Go type: which field of it, and what about the field's tag or type.
type TypeError struct {
	Type   reflect.Type // the type given to Of
	Field  string       // Go selector, such as "Address.City"; "" for the type itself
	Reason string
}

func (e *TypeError) Error() string {
	if e.Field == "" {
		return "type " + e.Type.String() + ": " + e.Reason
	}
	return "type " + e.Type.String() + ", field " + e.Field + ": " + e.Reason
}

// inField sets a type's error into a field of struct type t.
func inField(t reflect.Type, goName string, err error) error {
	var inner *TypeError
	if !errors.As(err, &inner) {
		return err
	}
	return &TypeError{Type: t, Field: join(goName, inner.Field), Reason: inner.Reason}
}

// at sets an error into the attribute of that name.
func at(name string, err error) error {
	name = EscapeName(name)
	return within(name, name, err)
}

// atKey sets an error into an entry of a map.
func atKey(name string, err error) error { return within(EscapeName(name), attr.SomeKey, err) }

// atIndex sets an error into an element of a list.
func atIndex(i int, err error) error {
	step := "[" + strconv.Itoa(i) + "]"
	return within(step, step, err)
}

func within(step, shown string, err error) error {
	inner, ok := err.(*Error)
	if !ok {
		inner = &Error{Reason: "cannot be encoded or decoded", Err: err} // its text may have the value
	}
	return &Error{Path: attr.Join(step, inner.Path), Shown: attr.Join(shown, inner.Shown), Reason: inner.Reason, Err: inner.Err}
}

// EscapeName writes an attribute's name as an element of a path: with a backslash before each dot, bracket and backslash that
// is part of the name.
func EscapeName(name string) string { return attr.EscapeName(name) }

// join puts a Go selector behind another.
func join(name, path string) string { return attr.Join(name, path) }

func quote(s string) string { return strconv.Quote(s) }

// marshalFailure is an encoding error; the cause is an InvalidMarshalError, as attributevalue's is, unless another is given.
func marshalFailure(reason string, cause error) error {
	if cause == nil {
		cause = &attributevalue.InvalidMarshalError{}
	}
	return &Error{Reason: reason, Err: cause}
}

// mismatch is the error of an attribute type that Go type t cannot hold.
func mismatch(what string, t reflect.Type) error {
	return &Error{
		Reason: "cannot decode " + what + " into Go type " + t.String(),
		Err:    &attributevalue.UnmarshalTypeError{Value: what, Type: t},
	}
}

// numberFailure is the error of a number's text that Go type t cannot hold; strconv's own error has the text in it.
func numberFailure(t reflect.Type, err error) error {
	var num *strconv.NumError
	if errors.As(err, &num) {
		err = &strconv.NumError{Func: num.Func, Err: num.Err}
	}
	reason := "is no number of Go type " + t.String()
	if errors.Is(err, strconv.ErrRange) {
		reason = "number overflows Go type " + t.String()
	}
	return &Error{Reason: reason, Err: err}
}

func overflow(t reflect.Type) error {
	return &Error{
		Reason: "number overflows Go type " + t.String(),
		Err:    &attributevalue.UnmarshalTypeError{Value: "number overflow", Type: t},
	}
}

var (
	errNotRFC3339 = errors.New("not a time of RFC 3339")
	errNotEpoch   = errors.New("not a whole number of seconds")
)

func timeFailure(cause error) error {
	return &Error{
		Reason: "cannot decode into time.Time: " + cause.Error(),
		Err:    &attributevalue.UnmarshalError{Err: cause, Type: timeType},
	}
}

var (
	errNotText     = marshalFailure(attr.NotText, nil)
	errNotTextName = marshalFailure(attr.NotTextName, nil)
	errTwice       = marshalFailure(attr.Twice, nil)
)

// customFailure is the error of a type's own method. Its text is left out, for it may well quote the value.
func customFailure(method string, t reflect.Type, err error) error {
	return &Error{Reason: method + " of Go type " + t.String() + " failed", Err: err}
}
