package expr

// Kind names the request parameter that an expression stands in.
type Kind string

// The kinds of expressions.
const (
	ConditionKind    Kind = "ConditionExpression"
	FilterKind       Kind = "FilterExpression"
	KeyConditionKind Kind = "KeyConditionExpression"
	UpdateKind       Kind = "UpdateExpression"
	ProjectionKind   Kind = "ProjectionExpression"
)

// ActionKind is the clause that an action stands in.
type ActionKind string

// The clauses of an update expression.
const (
	Set    ActionKind = "SET"
	Remove ActionKind = "REMOVE"
	Add    ActionKind = "ADD"
	Delete ActionKind = "DELETE"
)
