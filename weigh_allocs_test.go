//go:build !race

package monotable_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/codec/codectest"
)

// Not under the race detector, which has sync.Pool forget some of what it is given.
func TestSizeDoesNotAllocate(t *testing.T) {
	flats := offline[codectest.Flat](t, monotable.Schema{Name: "flat", Partition: monotable.S("id")}, monotable.Model{})
	bytes, err := flats.Size(codectest.FlatValue)
	require.NoError(t, err)
	assert.InDelta(t, 1024, bytes, 100)
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = flats.Size(codectest.FlatValue) }))
}
