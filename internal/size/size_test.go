package size

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type vector struct {
	Name  string
	Item  json.RawMessage
	Bytes int
}

// vectors are items whose sizes were measured.
func vectors(t testing.TB) (named []vector, items []map[string]types.AttributeValue) {
	b, err := os.ReadFile("testdata/item_sizes.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &named))
	require.GreaterOrEqual(t, len(named), 300)
	for _, v := range named {
		item, err := attributevalue.UnmarshalMapJSON(v.Item)
		require.NoError(t, err, v.Name)
		items = append(items, item)
	}
	return named, items
}

func TestItemIsAsMeasured(t *testing.T) {
	named, items := vectors(t)
	for i, v := range named {
		assert.Equal(t, v.Bytes, Item(items[i]), v.Name)
	}
}

func TestItemDoesNotAllocate(t *testing.T) {
	_, items := vectors(t)
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		for _, item := range items {
			Item(item)
		}
	}))
}

func TestValueOfNothingIsZero(t *testing.T) {
	assert.Zero(t, Value(nil))
	assert.Zero(t, Number("no number"))
	assert.Equal(t, 3, Value(&types.AttributeValueMemberL{}))
	assert.Equal(t, 3, Value(&types.AttributeValueMemberM{}))
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		bytes                                    int
		consistent, eventual, write, tread, twrt float64
	}{
		{0, 1, 0.5, 1, 2, 2},
		{1, 1, 0.5, 1, 2, 2},
		{1024, 1, 0.5, 1, 2, 2},
		{1025, 1, 0.5, 2, 2, 4},
		{4096, 1, 0.5, 4, 2, 8},
		{4097, 2, 1, 5, 4, 10},
		{12289, 4, 2, 13, 8, 26},
		{409600, 100, 50, 400, 200, 800},
	} {
		assert.Equal(t, c.consistent, ReadUnits(c.bytes, true), c.bytes)
		assert.Equal(t, c.eventual, ReadUnits(c.bytes, false), c.bytes)
		assert.Equal(t, c.write, WriteUnits(c.bytes), c.bytes)
		assert.Equal(t, c.tread, TransactReadUnits(c.bytes), c.bytes)
		assert.Equal(t, c.twrt, TransactWriteUnits(c.bytes), c.bytes)
	}
}

func TestIndexWrite(t *testing.T) {
	for _, c := range []struct {
		name                             string
		was, is                          int
		wasPresent, isPresent, key, rest bool
		want                             float64
	}{
		{"never there", 0, 0, false, false, false, false, 0},
		{"enters", 0, 1500, false, true, false, false, 2},
		{"leaves", 1500, 0, true, false, false, false, 2},
		{"same", 1500, 1500, true, true, true, true, 0},
		{"projection grows", 500, 1500, true, true, true, false, 2},
		{"projection shrinks", 1500, 500, true, true, true, false, 2},
		{"key changes", 1500, 500, true, true, false, false, 3},
		{"key changes, rest same", 500, 500, true, true, false, true, 2},
	} {
		assert.Equal(t, c.want, IndexWrite(c.was, c.is, c.wasPresent, c.isPresent, c.key, c.rest), c.name)
	}
}
