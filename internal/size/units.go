package size

// ReadUnits returns the read units of one read of so many bytes: a GetItem, a key of BatchGetItem, a page of Query or
// Scan. Every read costs at least one unit if consistent and half a unit if not.
func ReadUnits(bytes int, consistent bool) float64 {
	units := float64(blocks(bytes, readBlock))
	if !consistent {
		units /= 2
	}
	return units
}

// WriteUnits returns the write units of one write: bytes is the larger of the item before and after it, 0 for a miss.
func WriteUnits(bytes int) float64 { return float64(blocks(bytes, writeBlock)) }

// TransactReadUnits returns the read units of one Get in TransactGetItems, a miss included, and of replaying one action
// of a TransactWriteItems under its token.
func TransactReadUnits(bytes int) float64 { return 2 * float64(blocks(bytes, readBlock)) }

// TransactWriteUnits returns the table's write units for one action of TransactWriteItems, a ConditionCheck included;
// index writes in a transaction cost what IndexWrite says.
func TransactWriteUnits(bytes int) float64 { return 2 * WriteUnits(bytes) }

// IndexChange is what a write to a table does to its item's entry in one index, by which the index is charged.
type IndexChange int

// What can become of an entry.
const (
	Absent  IndexChange = iota // there is none before and after
	Same                       // it stays as it is, whatever else of the item changes
	Enters                     // there is none before
	Leaves                     // there is none after
	Changes                    // its index key stays, something else that it projects does not
	Moves                      // its index key changes: one entry is removed and another written
)

// IndexChangeOf tells an index's change. An entry is present where the item has the index's key attributes. sameKey
// says that both entries are present under the same index key, sameProjection that all else that they project is equal
// too.
func IndexChangeOf(oldPresent, newPresent, sameKey, sameProjection bool) IndexChange {
	switch {
	case !oldPresent && !newPresent:
		return Absent
	case !oldPresent:
		return Enters
	case !newPresent:
		return Leaves
	case sameKey && sameProjection:
		return Same
	case sameKey:
		return Changes
	}
	return Moves
}

// Units returns the write units that the index is charged, in a transaction too. Sizes are those of the entries.
func (c IndexChange) Units(oldSize, newSize int) float64 {
	switch c {
	case Enters:
		return WriteUnits(newSize)
	case Leaves:
		return WriteUnits(oldSize)
	case Changes:
		return WriteUnits(max(oldSize, newSize))
	case Moves:
		return WriteUnits(oldSize) + WriteUnits(newSize)
	}
	return 0
}

// IndexWrite returns the write units that one index is charged for one write to its table, as IndexChangeOf tells them.
func IndexWrite(oldSize, newSize int, oldPresent, newPresent, sameKey, sameProjection bool) float64 {
	return IndexChangeOf(oldPresent, newPresent, sameKey, sameProjection).Units(oldSize, newSize)
}

const (
	readBlock  = 4096
	writeBlock = 1024
)

// blocks returns the number of blocks that bytes fill, at least one.
func blocks(bytes, block int) int { return max(1, (bytes+block-1)/block) }
