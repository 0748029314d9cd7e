package expr

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// ActionKind is the clause that an action stands in.
type ActionKind string

// The clauses of an update expression.
const (
	Set    ActionKind = "SET"
	Remove ActionKind = "REMOVE"
	Add    ActionKind = "ADD"
	Delete ActionKind = "DELETE"
)

// Action is one action of an update.
type Action struct {
	Kind  ActionKind
	Path  Path
	Value Operand // nil for Remove, a *Value for Add and Delete
}

// Update is a parsed update expression.
type Update struct {
	Actions []Action // in the order of the text
	uses    []Use
}

// Uses lists every value operand that meets a path, in the order of the text.
func (u *Update) Uses() []Use { return u.uses }

// Creates says whether the update creates an item that is absent: one that only removes or deletes does not.
func (u *Update) Creates() bool { panic("expr: Creates is being built") }

// Apply returns the item as the update leaves it. It neither changes old nor shares containers with it. For an absent item
// old holds the key alone. Its errors are the service's ValidationExceptions.
func (u *Update) Apply(old map[string]types.AttributeValue) (map[string]types.AttributeValue, error) {
	panic("expr: Apply is being built")
}

// Updated returns the touched paths of an item, as UPDATED_OLD shows them of the item before and UPDATED_NEW of the item
// after. It returns nil if the item has none of them.
func (u *Update) Updated(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	panic("expr: Updated is being built")
}
