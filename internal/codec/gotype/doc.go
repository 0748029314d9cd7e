// Package gotype tells what a Go type is to an item: its shape, its dynamodbav options, a struct's attributes with the
// way to each in memory, a map's keys. A Node says it of one type under one set of options; nodes are compiled once,
// and all that is wrong with a type is found then. How values are encoded and decoded is for those above to know.
package gotype
