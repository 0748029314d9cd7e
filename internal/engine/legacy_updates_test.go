package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// AttributeUpdates are no expression, whose text and values are bounded: an item's size alone bounds them.
func TestAttributeUpdatesOfManyAttributes(t *testing.T) {
	e := withTables(t, Options{})
	update := func(value string, n int) string {
		return `{"TableName":"tab_h","Key":{"p":{"S":"a"}},"AttributeUpdates":{` +
			strings.Join(strs(n, `"a%d":{"Value":{"S":"`+value+`"}}`), ",") + `}}`
	}
	send(t, e, "UpdateItem", update("x", 1000))
	assert.Len(t, e.Items("tab_h")[0], 1001)
	for _, n := range []int{2, 9} { // the second are more bytes than an expression may have values
		assert.Equal(t, "ValidationException: Item size to update has exceeded the maximum allowed size",
			refused(t, e, "UpdateItem", update(strings.Repeat("x", 300000), n)), fmt.Sprint(n))
	}
}
