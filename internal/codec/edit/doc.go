// Package edit tells what a read-modify-write changes of an item, path by path, so that what T does not name survives
// at any depth, and makes such changes to an item.
package edit
