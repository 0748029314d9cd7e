package monotable

import "github.com/monotable/monotable/internal/response"

// WithoutFastPath makes reads decode what the client gives them, as attribute maps, and nothing else. Responses
// otherwise decode from JSON straight into T, several times as fast, wherever the client is a *dynamodb.Client or hands
// option functions on to one; the results are the same.
//
// It is for middleware or a wrapped client that looks at the items of an output, or changes them: with the fast path an
// output passes by without those items. Count, LastEvaluatedKey and all else are there as ever.
func WithoutFastPath() OpenOption { return openOption(func(s *openSettings) { s.mapped = true }) }

// OwnMemory gives every string, binary and pointer that a read decodes memory of its own. By default those of up to 1
// KB share chunks of up to 32 KB, and the items that GetMany, BatchRead and Read point to share one for each request,
// which saves most allocations: as long as one of them is in use, its chunk stays in memory. Give it where a few small
// values out of many pages are kept for long. It matters on the fast path only.
func OwnMemory() OpenOption { return openOption(func(s *openSettings) { s.ownMemory = true }) }

// ReadStats counts how a DB's responses to reads were decoded.
type ReadStats struct {
	Fast  uint64 // responses decoded from JSON straight into T
	Maps  uint64 // responses decoded as attribute maps: the client is not the SDK's, or a response was not as expected
	Again uint64 // items of fast responses that were decoded as attribute maps after all
}

// ReadStats tells how responses were decoded since Open, of those reads that have a fast path: Get, GetMany, BatchRead,
// Read, Query, QueryPage, Scan, ScanPage and the reads of collections. It is for tests and debugging; a Fast of 0
// beside many Maps says that the fast path is not active.
func (db *DB) ReadStats() ReadStats {
	if !db.made() {
		return ReadStats{}
	}
	return ReadStats{db.fast.Fast.Load(), db.fast.Maps.Load(), db.fast.Again.Load()}
}

// wireReadingOf is the fast path of the entity type of that name; nil for none.
func (db *DB) wireReadingOf(name string) *response.Reading {
	db.mu.Lock()
	defer db.mu.Unlock()
	if e := db.entities[name]; e != nil && e.Plan != nil {
		return e.wire
	}
	return nil
}
