package cursor

import (
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
)

const (
	readable byte = 1 // version 1, unprotected: payload, then a check against accidents
	sealed   byte = 2 // version 1, sealed: nonce, then AES-256-GCM of the payload

	checkBytes   = 8
	minKey       = 16
	maxPlaceText = 32 << 10 // for each place; above the largest key of a table and an index in base64
)

// Errors of a cursor that cannot be used.
var (
	errText     = errors.New("it is not a cursor of this library")
	errAnother  = errors.New("it was made for another request, or cut")
	errUnsealed = errors.New("it was made for another request, with other keys, or altered")
)

// Sealer turns places into cursors and back.
type Sealer struct {
	keys []key // empty: readable cursors
}

type key struct {
	aead  cipher.AEAD
	nonce []byte // HMAC key that derives nonces
}

// New makes a sealer of secrets of at least 16 bytes, the newest first, with which cursors are made; the others open
// theirs. Without secrets cursors are readable.
func New(secrets [][]byte) (*Sealer, error) {
	var sealer Sealer
	var short []error
	for i, secret := range secrets {
		if len(secret) < minKey {
			short = append(short, fmt.Errorf("cursor key %d has %d bytes, at least %d are needed", i, len(secret), minKey))
			continue
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
		sealer.keys = append(sealer.keys, key{aead, material[32:]})
	}
	if len(short) > 0 {
		return nil, errors.Join(short...)
	}
	return &sealer, nil
}

// seal makes a cursor of contents. binding says what the cursor is good for; it is authenticated, not stored. The nonce
// is derived from all of it, so that one place has one cursor and no nonce meets two different ones.
func (s *Sealer) seal(binding, contents []byte) string {
	if len(s.keys) == 0 {
		raw := append([]byte{readable}, contents...)
		return base64.RawURLEncoding.EncodeToString(append(raw, check(binding, contents)...))
	}
	newest := s.keys[0]
	mac := hmac.New(sha256.New, newest.nonce)
	mac.Write(binding)
	mac.Write(contents)
	nonce := mac.Sum(nil)[:newest.aead.NonceSize()]
	raw := append([]byte{sealed}, nonce...)
	return base64.RawURLEncoding.EncodeToString(newest.aead.Seal(raw, nonce, contents, binding))
}

// open gives back the contents of a cursor of so many places that was made for the same binding.
func (s *Sealer) open(binding []byte, cursor string, places int) ([]byte, error) {
	if len(cursor) > maxPlaceText*places || strings.ContainsAny(cursor, "\r\n") {
		return nil, errText
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) == 0 {
		return nil, errText
	}
	version, raw := raw[0], raw[1:]
	switch {
	case version == readable && len(s.keys) == 0:
		if len(raw) < checkBytes {
			return nil, errText
		}
		contents, sum := raw[:len(raw)-checkBytes], raw[len(raw)-checkBytes:]
		if subtle.ConstantTimeCompare(sum, check(binding, contents)) != 1 {
			return nil, errAnother
		}
		return contents, nil
	case version == sealed && len(s.keys) > 0:
		for _, key := range s.keys {
			n := key.aead.NonceSize()
			if len(raw) < n {
				return nil, errText
			}
			if contents, err := key.aead.Open(nil, raw[:n], raw[n:], binding); err == nil {
				return contents, nil
			}
		}
		return nil, errUnsealed
	}
	return nil, errText
}

func check(binding, contents []byte) []byte {
	h := sha256.New()
	h.Write(binding)
	h.Write(contents)
	return h.Sum(nil)[:checkBytes]
}
