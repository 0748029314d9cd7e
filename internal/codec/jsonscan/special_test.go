package jsonscan

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// specialSlowly is Special, one byte at a time.
func specialSlowly(b []byte, i int) (int, bool) { return specialBytes(b, i, true) }

func TestSpecial(t *testing.T) {
	for _, fill := range []byte{'a', ' ', 0x7f, '!', '#', '[', ']'} {
		for size := range 140 {
			b := bytes.Repeat([]byte{fill}, size)
			for _, c := range []byte{'"', '\\', 0, 0x1f, 0x80, 0xa2, 0xdc, 0xff} {
				for at := range b {
					b[at] = c
					for start := range min(at+1, 9) {
						end, ascii := Special(b, start)
						wantEnd, wantASCII := specialSlowly(b, start)
						if end != wantEnd || ascii != wantASCII {
							t.Fatalf("%d, %v instead of %d, %v for %q from %d", end, ascii, wantEnd, wantASCII, b,
								start)
						}
					}
					b[at] = fill
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.SampledFrom(
			[]byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa !#[]\x7f\x80\xff\"\\\x1f"))).Draw(t, "text")
		i := rapid.IntRange(0, len(b)).Draw(t, "from")
		end, ascii := Special(b, i)
		wantEnd, wantASCII := specialSlowly(b, i)
		require.Equal(t, wantEnd, end)
		require.Equal(t, wantASCII, ascii)
	})
}

func BenchmarkSpecial(b *testing.B) {
	for name, size := range map[string]int{"name": 12, "line": 48, "text": 600} {
		b.Run(name, func(b *testing.B) {
			text := append(bytes.Repeat([]byte("x"), size), bytes.Repeat([]byte(`"`), 40)...)
			b.SetBytes(int64(size))
			for b.Loop() {
				Special(text, 0)
			}
		})
	}
}
