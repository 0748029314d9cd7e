package call

import "errors"

// What is wrong with operations of a batch or transaction, whatever they do.
var (
	ErrEmptyOp     = errors.New("the operation is empty: make it with a table's CreateOp, GetOp and the like")
	ErrOtherClient = errors.New("the operation is of a table that another client serves")
)

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
