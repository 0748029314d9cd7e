// Package failure has the codec's errors: what is wrong with a value, at the path of its attribute, or with a Go type,
// at its field. Their texts never contain values, nor the keys of maps, which are values.
package failure

import (
	"errors"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/monotable/monotable/internal/attr"
)

// Error is an encoding or decoding error with the path of its attribute. Its text never contains values. Err is what
// attributevalue would have returned, as far as its type goes, or the error of a type's own Marshaler; it is for
// errors.As and may contain values.
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

// InField sets a type's error into a field of struct type t.
func InField(t reflect.Type, goName string, err error) error {
	var inner *TypeError
	if !errors.As(err, &inner) {
		return err
	}
	return &TypeError{Type: t, Field: attr.Join(goName, inner.Field), Reason: inner.Reason}
}

// At sets an error into the attribute of that name.
func At(name string, err error) error {
	name = attr.EscapeName(name)
	return Within(name, name, err)
}

// AtKey sets an error into an entry of a map.
func AtKey(name string, err error) error { return Within(attr.EscapeName(name), attr.SomeKey, err) }

// AtIndex sets an error into an element of a list.
func AtIndex(i int, err error) error {
	step := "[" + strconv.Itoa(i) + "]"
	return Within(step, step, err)
}

// Within sets an error into one step of a path; shown is what its text has for that.
func Within(step, shown string, err error) error {
	inner, ok := err.(*Error)
	if !ok {
		inner = &Error{Reason: "cannot be encoded or decoded", Err: err} // its text may have the value
	}
	return &Error{
		Path: attr.Join(step, inner.Path), Shown: attr.Join(shown, inner.Shown), Reason: inner.Reason, Err: inner.Err,
	}
}

// Marshal is an encoding error; the cause is an InvalidMarshalError, as attributevalue's is, unless another is given.
func Marshal(reason string, cause error) error {
	if cause == nil {
		cause = &attributevalue.InvalidMarshalError{}
	}
	return &Error{Reason: reason, Err: cause}
}

// Mismatch is the error of an attribute type that Go type t cannot hold.
func Mismatch(what string, t reflect.Type) error {
	return &Error{
		Reason: "cannot decode " + what + " into Go type " + t.String(),
		Err:    &attributevalue.UnmarshalTypeError{Value: what, Type: t},
	}
}

// Number is the error of a number's text that Go type t cannot hold; strconv's own error has the text in it.
func Number(t reflect.Type, err error) error {
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

func Overflow(t reflect.Type) error {
	return &Error{
		Reason: "number overflows Go type " + t.String(),
		Err:    &attributevalue.UnmarshalTypeError{Value: "number overflow", Type: t},
	}
}

// Causes of Time.
var (
	ErrNotRFC3339 = errors.New("not a time of RFC 3339")
	ErrNotEpoch   = errors.New("not a whole number of seconds")
)

// Time is the error of a text or a number that is no time.
func Time(cause error) error {
	return &Error{
		Reason: "cannot decode into time.Time: " + cause.Error(),
		Err:    &attributevalue.UnmarshalError{Err: cause, Type: reflect.TypeFor[time.Time]()},
	}
}

// Texts, names and sets that DynamoDB has not.
var (
	ErrNotText     = Marshal(attr.NotText, nil)
	ErrNoName      = Marshal("a map key cannot be empty", nil)
	ErrNotTextName = Marshal(attr.NotTextName, nil)
	ErrTwice       = Marshal(attr.Twice, nil)
)

// Custom is the error of a type's own method. Its text is left out, for it may well quote the value.
func Custom(method string, t reflect.Type, err error) error {
	return &Error{Reason: method + " of Go type " + t.String() + " failed", Err: err}
}
