package monotable

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Cursor is an opaque place in a query or a scan, from which a later call goes on, in this process or another. "" is the start,
// and as Page.Next the end.
//
// A cursor is bound to its table, index, partition, direction and conditions: handed to any other request it is ErrCursor.
// When the DB was opened with CursorKeys it is sealed, and safe to give to strangers: they can neither read nor alter it.
// Without CursorKeys it holds the item's key in readable form and anyone can make one, for any item of the same partition (of
// the table, for a scan): do not let such a cursor leave your own systems.
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

// CursorKeys seals cursors with AES-256-GCM. Each key is at least 16 random bytes, kept secret and shared by all processes
// that exchange cursors. The newest key makes cursors; the older ones still open theirs, so that keys can be rotated.
func CursorKeys(newest []byte, older ...[]byte) OpenOption {
	return openOption(func(s *openSettings) {
		s.cursorKeys = append([][]byte{newest}, older...)
	})
}

const (
	cursorReadable byte = 1 // version 1, unprotected: payload, then a check against accidents
	cursorSealed   byte = 2 // version 1, sealed: nonce, then AES-256-GCM of the payload

	cursorCheckBytes = 8
	minCursorKey     = 16
	maxPlaceText     = 32 << 10 // for each segment of a scan; above the largest key of a table and an index in base64
)

// cursorSealer turns places into cursors and back.
type cursorSealer struct {
	keys []cursorKey // empty: readable cursors
}

type cursorKey struct {
	aead  cipher.AEAD
	nonce []byte // HMAC key that derives nonces
}

func newCursorSealer(s openSettings) (*cursorSealer, error) {
	var sealer cursorSealer
	for i, secret := range s.cursorKeys {
		if len(secret) < minCursorKey {
			return nil, fmt.Errorf("cursor key %d has %d bytes, at least %d are needed", i, len(secret), minCursorKey)
		}
		material, err := hkdf.Key(sha256.New, secret, nil, "monotable cursor v1", 64)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(material[:32])
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		sealer.keys = append(sealer.keys, cursorKey{aead, material[32:]})
	}
	return &sealer, nil
}

// seal makes a cursor of a place. binding says what the cursor is good for; it is authenticated, not stored. The nonce is
// derived from all of it, so that one place has one cursor and no nonce meets two different ones.
func (c *cursorSealer) seal(binding, place []byte) Cursor {
	if len(c.keys) == 0 {
		raw := append([]byte{cursorReadable}, place...)
		return Cursor(base64.RawURLEncoding.EncodeToString(append(raw, cursorCheck(binding, place)...)))
	}
	key := c.keys[0]
	mac := hmac.New(sha256.New, key.nonce)
	mac.Write(binding)
	mac.Write(place)
	nonce := mac.Sum(nil)[:key.aead.NonceSize()]
	raw := append([]byte{cursorSealed}, nonce...)
	return Cursor(base64.RawURLEncoding.EncodeToString(key.aead.Seal(raw, nonce, place, binding)))
}

var errCursorText = errors.New("it is not a cursor of this library")

// open gives back the place of a cursor made for the same binding.
func (c *cursorSealer) open(binding []byte, cursor Cursor, segments int) ([]byte, error) {
	if len(cursor) > maxPlaceText*segments || strings.ContainsAny(string(cursor), "\r\n") {
		return nil, errCursorText
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(string(cursor))
	if err != nil || len(raw) == 0 {
		return nil, errCursorText
	}
	version, raw := raw[0], raw[1:]
	switch {
	case version == cursorReadable && len(c.keys) == 0:
		if len(raw) < cursorCheckBytes {
			return nil, errCursorText
		}
		place, check := raw[:len(raw)-cursorCheckBytes], raw[len(raw)-cursorCheckBytes:]
		if subtle.ConstantTimeCompare(check, cursorCheck(binding, place)) != 1 {
			return nil, errors.New("it was made for another request, or cut")
		}
		return place, nil
	case version == cursorSealed && len(c.keys) > 0:
		for _, key := range c.keys {
			n := key.aead.NonceSize()
			if len(raw) < n {
				return nil, errCursorText
			}
			if place, err := key.aead.Open(nil, raw[:n], raw[n:], binding); err == nil {
				return place, nil
			}
		}
		return nil, errors.New("it was made for another request, with other keys, or altered")
	}
	return nil, errCursorText
}

func cursorCheck(binding, place []byte) []byte {
	h := sha256.New()
	h.Write(binding)
	h.Write(place)
	return h.Sum(nil)[:cursorCheckBytes]
}
