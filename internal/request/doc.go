// Package request makes the expressions of an entity type's requests: key conditions, filters, conditions, and updates
// with the index keys that follow from them. Operands are checked against T's encoding. It sends nothing.
package request
