package call

import "errors"

var (
	errEmptyOp     = errors.New("the operation is empty: make it with a table's CreateOp, GetOp and the like")
	errOtherClient = errors.New("the operation is of a table that another client serves")
)

// CheckOp tells what is wrong with an operation of a batch or transaction, whatever it does. It was made for one line,
// nil where it is empty, and is sent through another; err was found when it was made.
func CheckOp(made, sent *Line, err error) error {
	switch {
	case err != nil:
		return err
	case made == nil:
		return errEmptyOp
	case !made.Same(sent):
		return errOtherClient
	}
	return nil
}

// OneOf is what all of n operations are of, an entity type or a table; "" if they are of several.
func OneOf(n int, of func(i int) string) string {
	for i := range n {
		if of(i) != of(0) {
			return ""
		}
	}
	if n == 0 {
		return ""
	}
	return of(0)
}
