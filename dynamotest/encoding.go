package dynamotest

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/monotable/monotable/internal/wire"
)

// compressFrom is the size from which an answer is compressed for a client that takes that.
const compressFrom = 4 << 10

var errTooLarge = frontError("RequestEntityTooLargeException", "The request is larger than 16 MiB")

// errEncoding is the refusal of a body whose Content-Encoding is unknown or not what it says: the service has an
// internal error.
var errEncoding = errors.New("the body cannot be decompressed")

// readRequest reads the body, uncompressed, and stops where it is too large.
func readRequest(into *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > maxRequestBytes {
		return errTooLarge
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxRequestBytes)
	encoding := strings.ToLower(r.Header.Get("Content-Encoding"))
	packed := encoding != "" && encoding != "identity"
	if packed {
		unpacked, err := decompress(body, encoding)
		if err != nil {
			return unread(err, errEncoding)
		}
		body = io.LimitReader(unpacked, maxRequestBytes+1)
	}
	n, err := into.ReadFrom(body)
	switch {
	case err != nil && packed:
		return unread(err, errEncoding)
	case err != nil:
		return unread(err, &wire.Error{Code: wire.CodeSerialization})
	case n > maxRequestBytes:
		return errTooLarge
	}
	return nil
}

// unread is the refusal of a body that could not be read: refusal, unless it was too large.
func unread(err, refusal error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errTooLarge
	}
	return refusal
}

// decompress undoes an encoding. Deflate is taken in the form that HTTP means, zlib's, and bare, as some clients send
// it.
func decompress(body io.Reader, encoding string) (io.Reader, error) {
	switch encoding {
	case "gzip":
		return gzip.NewReader(body)
	case "deflate":
		buffered := bufio.NewReader(body)
		head, err := buffered.Peek(2)
		if err != nil {
			return nil, err
		}
		const method = 8 // of compression, in zlib's first byte
		if head[0]&0xf == method && (int(head[0])<<8|int(head[1]))%31 == 0 {
			return zlib.NewReader(buffered)
		}
		return flate.NewReader(buffered), nil
	}
	return nil, errEncoding
}

// compress writes a body in an encoding that acceptedEncoding gave.
func compress(into *bytes.Buffer, encoding string, body []byte) {
	var z io.WriteCloser = gzip.NewWriter(into)
	if encoding == "deflate" {
		z = zlib.NewWriter(into)
	}
	_, _ = z.Write(body) // a bytes.Buffer takes everything
	_ = z.Close()
}

// acceptedEncoding is the encoding that a client takes for its answer, gzip before deflate, "" for none.
func acceptedEncoding(h http.Header) string {
	deflate := ""
	for encoding := range strings.SplitSeq(h.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(encoding), ";")
		if strings.ReplaceAll(weight, " ", "") == "q=0" {
			continue
		}
		switch strings.ToLower(name) {
		case "gzip":
			return "gzip"
		case "deflate":
			deflate = "deflate"
		}
	}
	return deflate
}

// maxRequestBytes bounds a request's body, compressed or not. It is the service's own bound.
const maxRequestBytes = 16 << 20
