// Package expr is DynamoDB's expression language: conditions, filters, key conditions, updates and projections, with the
// service's rules and its exact error messages (DynamoDB guide, "Using expressions in DynamoDB").
//
// A request's names and values make a Scope; its expressions are parsed in it, and CheckUnused ends the parsing. Parsed
// expressions are immutable and safe for concurrent use.
package expr

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

// Error is a refusal as the service words it. Its text is the whole message of a ValidationException.
type Error struct{ Message string }

// Error returns the service's message.
func (e *Error) Error() string { return e.Message }

// Scope holds one request's names and values and remembers which of them were used. It is not safe for concurrent use.
type Scope struct {
	names  map[string]string
	values map[string]types.AttributeValue
}

// NewScope checks ExpressionAttributeNames and ExpressionAttributeValues, of which nil means that the request had none.
func NewScope(names map[string]string, values map[string]types.AttributeValue) (*Scope, error) {
	return &Scope{names: names, values: values}, nil
}

// Condition parses a condition or filter expression; kind is ConditionKind or FilterKind.
func (s *Scope) Condition(kind Kind, text string) (*Condition, error) {
	panic("expr: Condition is being built")
}

// KeyCondition parses a key condition expression.
func (s *Scope) KeyCondition(text string) (*KeyCondition, error) {
	panic("expr: KeyCondition is being built")
}

// Update parses an update expression.
func (s *Scope) Update(text string) (*Update, error) { panic("expr: Update is being built") }

// Projection parses a projection expression.
func (s *Scope) Projection(text string) (*Projection, error) {
	panic("expr: Projection is being built")
}

// CheckUnused returns an error if a name or a value was used by none of the expressions parsed so far.
func (s *Scope) CheckUnused() error { panic("expr: CheckUnused is being built") }
