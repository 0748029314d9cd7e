package expr

import "fmt"

// Error is a refusal of an expression, or of names and values. Message is the whole message of the service's
// ValidationException; it shows values, and names from within values. Error leaves those out, so that it can stand in
// an error of a caller's own and in a log.
type Error struct {
	Message string
	Value   string // the placeholder of the value that is none; "" where something else is wrong
	quiet   string
}

// Error returns the message without values: … stands for each.
func (e *Error) Error() string { return e.quiet }

// fault is a refusal that does not yet name the expression it is about.
type fault struct{ message, quiet string }

func (f fault) Error() string { return f.quiet }

// hidden is a value, or a name from within one, in a message.
type hidden string

// hiding is something that a message shows and a quiet text shows in part.
type hiding interface {
	texts() (message, quiet string)
}

func (h hidden) texts() (message, quiet string) { return string(h), "…" }

func (f fault) texts() (message, quiet string) { return f.message, f.quiet }

// texts formats a message and its quiet text.
func texts(format string, args []any) (message, quiet string) {
	shown, left := make([]any, len(args)), make([]any, len(args))
	for i, arg := range args {
		shown[i], left[i] = arg, arg
		if h, ok := arg.(hiding); ok {
			shown[i], left[i] = h.texts()
		}
	}
	return fmt.Sprintf(format, shown...), fmt.Sprintf(format, left...)
}

func faultf(format string, args ...any) error {
	message, quiet := texts(format, args)
	return fault{message, quiet}
}

func refuse(format string, args ...any) error {
	message, quiet := texts(format, args)
	return &Error{Message: message, quiet: quiet}
}

// refuseValue is refuse for the value of a placeholder.
func refuseValue(placeholder, format string, args ...any) error {
	message, quiet := texts(format, args)
	return &Error{Message: message, Value: placeholder, quiet: quiet}
}
