package monotable

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/monotable/monotable/internal/request"
)

// The SDK's expression builders, shorter to write: what these functions return goes on with the SDK's own methods, as
// in Set("status", "paid").Add(expression.Name("edits"), expression.Value(1)). They send nothing.
//
// Paths have dots and [0], as in "address.city" and "pets[0].name", with expression.Name's meaning; what leads to a
// nested attribute must be stored. Values are written as T's attribute at the path is: a time on a unixtime field is a
// number, a slice on a set field a set. A value that cannot be encoded, that T could not have stored there, or a path
// that T does not have, is an error of the call that is given the expression, before anything is sent.

// Set sets an attribute to a value. A value that the SDK's builders made, such as
// expression.Name("stock").Minus(expression.Value(1)), is what it computes. For several attributes there is Patch.
func Set(path string, value any) expression.UpdateBuilder {
	return expression.Set(expression.Name(path), request.Operand(path, value))
}

// Add adds a number to an attribute, or elements, a slice, to a set. An attribute that is absent counts as 0, or as the
// empty set.
func Add(path string, value any) expression.UpdateBuilder {
	return expression.Add(expression.Name(path), request.Value(path, value))
}

// Delete takes elements, a slice, out of a set. A set that becomes empty is removed.
func Delete(path string, elements any) expression.UpdateBuilder {
	return expression.Delete(expression.Name(path), request.Value(path, elements))
}

// Remove removes attributes, and elements of lists.
func Remove(paths ...string) (u expression.UpdateBuilder) {
	for _, path := range paths {
		u = u.Remove(expression.Name(path))
	}
	return u
}

// Patch makes the attributes that are named what they are in v, a T or a pointer to one: those that v's encoding has
// are set, encoded as T does, and those that it leaves out (omitempty) are removed. It is an update of what a request
// brought with it, without a read. v is encoded at once; what becomes of it later does not matter.
//
// A v of another type than the table's, a nil pointer, a value that cannot be encoded, and a path that T does not have
// are errors of the call that is given the update, before anything is sent. It fits Update, Upsert, UpdateOp and
// UpsertOp of this library alone. Names that come from strangers are to be checked first: Patch refuses none that T
// has, but those of the primary key, of the version and of unique constraints.
func Patch[T any](v T, paths ...string) expression.UpdateBuilder {
	return request.Patch(reflect.ValueOf(&v).Elem(), paths)
}

// Is is the condition that an attribute has a value; one that is absent has none.
func Is(path string, value any) expression.ConditionBuilder {
	return expression.Name(path).Equal(request.Operand(path, value))
}

// Absent is the condition that an attribute is not there. One that is NULL, or empty, is there.
func Absent(path string) expression.ConditionBuilder {
	return expression.AttributeNotExists(expression.Name(path))
}
