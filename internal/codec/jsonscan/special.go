package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The bytes of eight in one word.
const ones, tops = 0x0101010101010101, 0x8080808080808080

// Special finds the first byte of b, from i on, that a JSON string cannot hold as it is: a quote, a backslash or a
// control character. ascii tells that no byte before it has its top bit set. It looks at eight bytes at a time, and at
// 32 of a text that goes on.
func Special(b []byte, i int) (end int, ascii bool) {
	for {
		for range 4 {
			if len(b)-i < 8 {
				return specialBytes(b, i, true)
			}
			if found := marks(binary.LittleEndian.Uint64(b[i:])) & tops; found != 0 {
				n := i + bits.TrailingZeros64(found)/8
				if b[n] < utf8.RuneSelf {
					return n, true
				}
				return specialMixed(b, i), false
			}
			i += 8
		}
		for ; len(b)-i >= 32; i += 32 {
			block := b[i : i+32 : i+32]
			found := marks(binary.LittleEndian.Uint64(block)) | marks(binary.LittleEndian.Uint64(block[8:])) |
				marks(binary.LittleEndian.Uint64(block[16:])) | marks(binary.LittleEndian.Uint64(block[24:]))
			if found&tops != 0 {
				break
			}
		}
	}
}

// specialMixed is special for text that is not ASCII.
func specialMixed(b []byte, i int) int {
	for ; len(b)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, escape := w^ones*'"', w^ones*'\\'
		// The lowest top bit that is left is that of the first such byte; above it others may be marked that are none.
		if found := ((w-ones*' ')&^w | (quote-ones)&^quote | (escape-ones)&^escape) & tops; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	i, _ = specialBytes(b, i, false)
	return i
}

// marks sets top bits, of which the lowest is that of the first of eight bytes that is special or has its own top bit
// set. In a word without top bits each subtraction sets that of the first byte that it looks for: with their second
// bits turned, quotes and control characters are those below '!'.
func marks(w uint64) uint64 {
	return w | ((w ^ ones*2) - ones*'!') | ((w ^ ones*'\\') - ones)
}

// specialBytes is special for the last few bytes of a text.
func specialBytes(b []byte, i int, ascii bool) (int, bool) {
	for ; i < len(b); i++ {
		c := b[i]
		if c == '"' || c == '\\' || c < ' ' {
			break
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return i, ascii
}
