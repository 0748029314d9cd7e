package size

// ReadUnits returns the read units of one read of so many bytes: a GetItem, a key of BatchGetItem, a page of Query or Scan.
// Every read costs at least one unit if consistent and half a unit if not.
func ReadUnits(bytes int, consistent bool) float64 {
	units := float64(blocks(bytes, readBlock))
	if !consistent {
		units /= 2
	}
	return units
}

// WriteUnits returns the write units of one write: bytes is the larger of the item before and after it, 0 for a miss.
func WriteUnits(bytes int) float64 { return float64(blocks(bytes, writeBlock)) }

// TransactReadUnits returns the read units of one Get in TransactGetItems, a miss included, and of replaying one action of
// a TransactWriteItems under its token.
func TransactReadUnits(bytes int) float64 { return 2 * float64(blocks(bytes, readBlock)) }

// TransactWriteUnits returns the table's write units for one action of TransactWriteItems, a ConditionCheck included;
// index writes in a transaction cost what IndexWrite says.
func TransactWriteUnits(bytes int) float64 { return 2 * WriteUnits(bytes) }

// IndexWrite returns the write units that one index is charged for one write to its table. Sizes are those of the index
// entries; an entry is present where the item has the index's key attributes. sameKey says that both entries are present
// under the same index key, sameProjection that all else that they project is equal too.
func IndexWrite(oldSize, newSize int, oldPresent, newPresent, sameKey, sameProjection bool) float64 {
	switch {
	case !oldPresent && !newPresent:
		return 0
	case !oldPresent:
		return WriteUnits(newSize)
	case !newPresent:
		return WriteUnits(oldSize)
	case sameKey && sameProjection:
		return 0
	case sameKey:
		return WriteUnits(max(oldSize, newSize))
	}
	return WriteUnits(oldSize) + WriteUnits(newSize)
}

const (
	readBlock  = 4096
	writeBlock = 1024
)

// blocks returns the number of blocks that bytes fill, at least one.
func blocks(bytes, block int) int { return max(1, (bytes+block-1)/block) }
