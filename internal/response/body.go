package response

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// lazyBody is a response's body as the SDK's deserializer reads it: the first Read takes in all of source and decodes
// the items, and what is read is the rest. It does so inside Read so that the SDK's own spans and timers hold all of
// the work.
type lazyBody struct {
	call    *Call
	source  io.ReadCloser
	size    int64 // Content-Length; -1 if it is not known
	checked bool  // there is a checksum, and closing source tells whether it holds

	loaded  bool
	text    *buffer // all of the body, as long as this is its owner
	rest    []byte
	err     error
	page    *Page // nil if the response is left to the SDK
	closed  bool
	closing error
}

// Read gives what is left of the body.
func (b *lazyBody) Read(p []byte) (int, error) {
	if !b.loaded {
		b.loaded = true
		b.load()
	}
	if len(b.rest) > 0 {
		n := copy(p, b.rest)
		b.rest = b.rest[n:]
		return n, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	return 0, io.EOF
}

func (b *lazyBody) load() {
	b.text = takeBuffer(b.size)
	if b.err = b.text.fill(b.source); b.err != nil {
		b.rest = b.text.bytes
		return
	}
	if err := b.closeSource(); err != nil && b.checked {
		b.err = errDamaged{err}
		return
	}
	b.rest = b.text.bytes
	if rest, page := b.call.decode(b.text.bytes); page != nil {
		b.rest, b.page = rest, page
		if b.call.places {
			page.text, b.text = b.text, nil
		} else {
			b.text.release()
			b.text = nil
		}
	}
}

// Close closes the source, if it is not closed yet, and returns what that said.
func (b *lazyBody) Close() error {
	b.loaded, b.rest = true, nil
	b.text.release()
	b.text = nil
	return b.closeSource()
}

func (b *lazyBody) closeSource() error {
	if !b.closed {
		b.closed = true
		b.closing = b.source.Close()
	}
	return b.closing
}

// errDamaged is a body that is not what its checksum says. The SDK's retryer takes it for a failure of the connection.
type errDamaged struct{ err error }

func (e errDamaged) Error() string        { return fmt.Sprintf("damaged response: %v", e.err) }
func (e errDamaged) Unwrap() error        { return e.err }
func (e errDamaged) RetryableError() bool { return true }

var errForeignOutput = errors.New("an output's items are not those of its response: a client that keeps, merges or " +
	"changes outputs needs WithoutFastPath")

// buffer is memory for one response.
type buffer struct{ bytes []byte }

const (
	// largestKept bounds the buffers that are kept for later responses. A page of 1 MB of attributes is rarely more
	// than 2 MB of JSON.
	largestKept = 4 << 20
	// largestTrusted bounds how much is made ready because a header says so: twice the largest response of a batch.
	largestTrusted = 32 << 20
	smallestBuffer = 4 << 10
)

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// takeBuffer is an empty buffer with room for size bytes, if that is known.
func takeBuffer(size int64) *buffer {
	b := buffers.Get().(*buffer)
	if want := min(max(size+1, smallestBuffer), largestTrusted); int64(cap(b.bytes)) < want {
		b.bytes = make([]byte, 0, want)
	}
	b.bytes = b.bytes[:0]
	return b
}

// fill reads all of r.
func (b *buffer) fill(r io.Reader) error {
	for {
		if len(b.bytes) == cap(b.bytes) {
			b.bytes = append(b.bytes, 0)[:len(b.bytes)]
		}
		n, err := r.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// release gives the buffer back; nil is none.
func (b *buffer) release() {
	if b != nil && cap(b.bytes) <= largestKept {
		buffers.Put(b)
	}
}
