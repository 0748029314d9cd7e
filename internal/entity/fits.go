package entity

import (
	"fmt"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/size"
)

// SizeError says how large an item would have been, and what made it so. It is cause.TooLarge.
type SizeError struct {
	Bytes   int  // of the item and its entries in local indexes
	Local   int  // of Bytes, those of entries in local indexes
	Partial bool // an update's: what the item had before it is not known and not counted
	Largest []size.Named
}

// Error names the sizes.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%s: %d bytes of at most %d", cause.Text(cause.TooLarge), e.Bytes, size.MaxItem)
}

// Unwrap is cause.TooLarge.
func (e *SizeError) Unwrap() error { return cause.TooLarge }

// largestNamed is how many attributes a SizeError names.
const largestNamed = 5

// CheckFits refuses an item that, with its entries in local indexes, is too large. What UpdateItem charges an update of
// its own differs by region, so that the service alone knows it.
func (e *Type) CheckFits(item attr.Item) error {
	bytes := size.Item(item)
	if bytes <= size.MaxItem/(1+len(e.Schema.Indexes)) {
		return nil // with entries as large as the item it would fit
	}
	local := 0
	for i := range e.Schema.Indexes {
		if x := &e.Schema.Indexes[i]; x.Local {
			bytes, _ := x.Entry(e.Schema, item)
			local += bytes
		}
	}
	if bytes+local <= size.MaxItem {
		return nil
	}
	return TooLarge(item, bytes+local, local)
}

// TooLarge is the error of an item of so many bytes.
func TooLarge(item attr.Item, bytes, local int) *SizeError {
	largest := size.Attributes(item)
	return &SizeError{Bytes: bytes, Local: local, Largest: largest[:min(len(largest), largestNamed)]}
}
