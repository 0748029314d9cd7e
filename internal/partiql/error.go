package partiql

import "fmt"

// Error is a refusal of a statement. Message is the whole message of the service's ValidationException, which may show
// values.
type Error struct{ Message string }

// Error is the message.
func (e *Error) Error() string { return e.Message }

// refuse makes a refusal.
func refuse(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// malformed is the refusal of a text that is no statement; the detail is empty where it cannot even be cut into words.
func malformed(detail string) error {
	return &Error{"Statement wasn't well formed, can't be processed: " + detail}
}

// unrecognised is the refusal of a function that there is not.
func unrecognised(c *Call) error { return refuse("Unrecognized function: %s at %s", c.Function, c.At) }
