package number

import "errors"

// Errors of Parse, Add and Sub. Their texts are the messages that the service puts into a ValidationException; for ErrSyntax
// the service adds ": " and the text that was given, which the caller does if the text may be shown.
var (
	// ErrSyntax means that a text is not a number.
	ErrSyntax = errors.New("The parameter cannot be converted to a numeric value")
	// ErrOverflow means a magnitude above 9.9999999999999999999999999999999999999E+125.
	ErrOverflow = errors.New("Number overflow. Attempting to store a number with magnitude larger than supported range")
	// ErrUnderflow means a magnitude other than zero below 1E-130.
	ErrUnderflow = errors.New("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	// ErrPrecision means more than 38 significant digits.
	ErrPrecision = errors.New("Attempting to store more than 38 significant digits in a Number")
)

// Parse reads a number as the service does: an optional sign, digits with an optional point, an optional exponent.
// It returns ErrSyntax, ErrOverflow, ErrUnderflow or ErrPrecision for what the service refuses.
func Parse(text string) (Decimal, error) { panic("number: Parse is being built") }

// String returns the number as the service writes it: plain digits without exponent, leading or trailing zeros.
func (d Decimal) String() string { panic("number: String is being built") }

// Compare returns -1, 0 or 1 as d is less than, equal to or greater than e.
func (d Decimal) Compare(e Decimal) int { panic("number: Compare is being built") }

// Add returns d + e, or ErrOverflow, ErrUnderflow or ErrPrecision where the service refuses the sum.
func (d Decimal) Add(e Decimal) (Decimal, error) { panic("number: Add is being built") }

// Sub returns d - e, with the errors of Add.
func (d Decimal) Sub(e Decimal) (Decimal, error) { panic("number: Sub is being built") }

// AppendSortable appends 2 to 22 bytes that sort, as bytes, like the numbers they stand for. They are self-delimiting, so
// that they can be followed by others in a composite key. DecodeSortable reads them back.
func (d Decimal) AppendSortable(dst []byte) []byte { panic("number: AppendSortable is being built") }

// DecodeSortable reads a number that AppendSortable wrote at the start of b and returns it with the bytes that follow.
// It returns ErrSyntax for bytes that AppendSortable does not write.
func DecodeSortable(b []byte) (d Decimal, rest []byte, err error) {
	panic("number: DecodeSortable is being built")
}

// Size returns the bytes that the service counts for the number, 1 to 21.
func (d Decimal) Size() int { panic("number: Size is being built") }
