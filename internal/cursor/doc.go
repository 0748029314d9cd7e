// Package cursor makes cursors of places, and places of cursors. A place is the key behind which the service goes on:
// the table's key attributes and, on an index, the index's. In a cursor it is their values in the order of their names;
// names and types follow from what the cursor is bound to.
package cursor
