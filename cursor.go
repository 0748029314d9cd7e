package monotable

import (
	"context"
	"time"
)

// Cursor is an opaque place in a query or a scan, from which a later call goes on, in this process or another. "" is
// the start, and as Page.Next the end.
//
// A cursor is bound to its table, index, partition, direction and conditions: handed to any other request it is
// ErrCursor. When the DB was opened with CursorKeys it is sealed, and safe to give to strangers: they can neither read
// nor alter it. Without CursorKeys it holds the item's key in readable form and anyone can make one, for any item of
// the same partition (of the table, for a scan): do not let such a cursor leave your own systems.
type Cursor string

// OpenOption fits Open.
type OpenOption interface{ open(*openSettings) }

type openOption func(*openSettings)

func (o openOption) open(s *openSettings) { o(s) }

type openSettings struct {
	cursorKeys [][]byte
	clock      func() time.Time
	observe    func(context.Context, Usage)
	mapped     bool // no fast path
	ownMemory  bool
}

// CursorKeys seals cursors with AES-256-GCM. Each key is at least 16 random bytes, kept secret and shared by all
// processes that exchange cursors. The newest key makes cursors; the older ones still open theirs, so that keys can be
// rotated.
func CursorKeys(newest []byte, older ...[]byte) OpenOption {
	return openOption(func(s *openSettings) {
		s.cursorKeys = append([][]byte{newest}, older...)
	})
}

// Clock tells the time that timestamps and expiry go by; the default is time.Now. Tests set it.
func Clock(now func() time.Time) OpenOption {
	return openOption(func(s *openSettings) { s.clock = now })
}
