package jsonscan_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/monotable/monotable/internal/codec/jsonscan"
)

func TestSkip(t *testing.T) {
	for text, end := range map[string]int{
		`{}`: 2, `[]`: 2, ` [ 1 , "a" , { "b" : [ ] , "c":null} ] x`: 38, `"\"\u00e9"`: 10, `-1.5e+7,`: 7, `0]`: 1,
		`true`: 4, `false`: 5, `null`: 4, `[[[]],{}]`: 9,
	} {
		got, ok := jsonscan.Skip([]byte(text), 0)
		assert.True(t, ok, text)
		assert.Equal(t, end, got, text)
	}
	for _, text := range []string{``, ` `, `{`, `[`, `]`, `[1`, `[1,`, `[1,]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`,
		`[1}`, `{"a":1]`, `"`, `"\`, `"\x"`, `"` + "\n" + `"`, `tru`, `-`, `.5`, `1.`, `1e`,
		strings.Repeat("[", 200) + strings.Repeat("]", 200)} {
		_, ok := jsonscan.Skip([]byte(text), 0)
		assert.False(t, ok, text)
	}
}
