package expr

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Operand is what an expression computes with: a *Value, a Path, *Size, *IfNotExists, *ListAppend or *Arithmetic.
type Operand interface {
	// typeName is the type that the operand is known to have before any item is seen, "" if none.
	typeName() string
}

// TypeOf is the type that an operand is known to have before any item is seen, "" for none.
func TypeOf(o Operand) string { return o.typeName() }

// Value is an operand given by the request under a placeholder.
type Value struct {
	Placeholder string // with its colon
	Value       types.AttributeValue
	datum       datum
}

// NewValue makes an operand of a value that CheckValue finds right, without a placeholder.
func NewValue(v types.AttributeValue) *Value { return &Value{Value: v, datum: datumOf(v)} }

// Size is the operand size(of) of a condition: of a path, or of a value.
type Size struct{ Of Operand }

// IfNotExists is the operand if_not_exists(path, otherwise) of an update.
type IfNotExists struct {
	Path Path
	Else Operand
}

// ListAppend is the operand list_append(left, right) of an update.
type ListAppend struct{ Left, Right Operand }

// Arithmetic is the sum or difference of an update.
type Arithmetic struct {
	Minus       bool // a difference; else a sum
	Left, Right Operand
}

func (v *Value) typeName() string     { return typeName(v.Value) }
func (Path) typeName() string         { return "" }
func (*Size) typeName() string        { return "N" }
func (*IfNotExists) typeName() string { return "" }
func (*ListAppend) typeName() string  { return "L" }
func (*Arithmetic) typeName() string  { return "N" }

// Role says how a value operand meets a path.
type Role string

// The roles of a value operand.
const (
	RoleCompare   Role = "compare"   // =, <>, <, <=, >, >=, BETWEEN, IN: the path's own type
	RolePrefix    Role = "prefix"    // begins_with(path, :v)
	RoleContains  Role = "contains"  // contains(path, :v): a substring of the path, or an element of it
	RoleContainer Role = "container" // contains(:v, path) or begins_with(:v, path): what may hold the path's value
	RoleType      Role = "type"      // attribute_type: a type's name
	RoleSize      Role = "size"      // compared with size(path): a number
	RoleAssign    Role = "assign"    // SET path = :v, also through if_not_exists: the path's own type
	RoleAppend    Role = "append"    // SET path = list_append(…, :v): a list whose elements are the path's
	RoleNumber    Role = "number"    // SET path = … + :v: an addend
	RoleAdd       Role = "add"       // ADD path :v: a number or a set
	RoleDelete    Role = "delete"    // DELETE path :v: a set of elements
)

// Use is one meeting of a value operand with a path, for checks of the value against what the path holds.
type Use struct {
	Path        Path
	Placeholder string
	Value       types.AttributeValue
	Role        Role
}

// use makes the Use of an operand that is a value.
func (v *Value) use(path Path, role Role) Use { return Use{path, v.Placeholder, v.Value, role} }
