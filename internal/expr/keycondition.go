package expr

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Op is the operator of a key term.
type Op string

// The operators of key terms.
const (
	OpEqual          Op = "="
	OpLess           Op = "<"
	OpLessOrEqual    Op = "<="
	OpGreater        Op = ">"
	OpGreaterOrEqual Op = ">="
	OpBetween        Op = "BETWEEN"     // two values, both ends in
	OpBeginsWith     Op = "begins_with" // one value, a string or binary
)

// KeyTerm is one comparison of a key attribute.
type KeyTerm struct {
	Attribute string
	Op        Op
	Values    []types.AttributeValue // two for OpBetween, else one
}

// KeyCondition is a parsed key condition: terms joined by AND, in the order of the text. Which attributes are keys, and what
// a key schema asks of them, is for the caller to check.
type KeyCondition struct{ Terms []KeyTerm }
