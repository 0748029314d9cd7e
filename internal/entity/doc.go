// Package entity knows how the values of a Go type become keys and items of a table: which attribute of which key is
// made how, what an item of the type is, its version and timestamps, and the values of its unique constraints. It sends
// nothing.
package entity
