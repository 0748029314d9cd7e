package engine

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/size"
)

// chargeCase is an update with a value :z that fills the charge, and the bytes that it is charged besides that value.
type chargeCase struct {
	item, update string
	values       string // beside :z
	besides      int
}

// What an update expression is charged, by the largest value that it takes: 409,600 less the sums in the cases, which
// are spelt out of 3, 19 for each SET and ADD, 1 for each REMOVE and DELETE, and the bytes of each part.
func TestUpdateCharges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]chargeCase{
		"set":            {`{}`, "SET zz = :z", "", 3 + (19 + 2)},
		"two sets":       {`{}`, "SET zz = :z, y = :y", `,":y":{"S":"four"}`, 3 + (19 + 2) + (19 + 1 + 4)},
		"number":         {`{}`, "SET zz = :z, y = :y", `,":y":{"N":"1000"}`, 3 + (19 + 2) + (19 + 1 + 2)},
		"remove":         {`{}`, "SET zz = :z REMOVE abc", "", 3 + (19 + 2) + (1 + 3)},
		"remove several": {`{}`, "SET zz = :z REMOVE a, b, c", "", 3 + (19 + 2) + 3*(1+1)},
		"delete": {`{}`, "SET zz = :z DELETE abc :y", `,":y":{"SS":["not","charged"]}`,
			3 + (19 + 2) + (1 + 3)},
		"path as target":  {`{"m":{"M":{}}}`, "SET m.zz = :z", "", 3 + (19 + 1 + 4 + 2)},
		"index as target": {`{"l":{"L":[]}}`, "SET l[0] = :z", "", 3 + (19 + 1 + 4 + 1)},
		"path as operand": {`{"y":{"S":"a"}}`, "SET zz = :z, x = y", "", 3 + (19 + 2) + (19 + 1 + 1 + 14 + 1)},
		"long operand": {`{"m":{"M":{"ab":{"S":"a"}}}}`, "SET zz = :z, x = m.ab", "",
			3 + (19 + 2) + (19 + 1 + 1 + 14 + 1 + 14 + 2)},
		"index as operand": {`{"l":{"L":[{"S":"a"}]}}`, "SET zz = :z, x = l[0]", "",
			3 + (19 + 2) + (19 + 1 + 1 + 14 + 1 + 14 + 1)},
		"sum": {`{"n":{"N":"1"}}`, "SET zz = :z, x = n + :y", `,":y":{"N":"1"}`,
			3 + (19 + 2) + (19 + 1 + 34 + 1 + 14 + 1 + 2)},
		"difference": {`{"n":{"N":"1"}}`, "SET zz = :z, x = n - :y", `,":y":{"N":"1"}`,
			3 + (19 + 2) + (19 + 1 + 37 + 1 + 14 + 1 + 2)},
		"if_not_exists": {`{}`, "SET zz = if_not_exists(yy, :z)", "", 3 + (19 + 2 + 39 + 1 + 14 + 2)},
		"list_append": {`{"l":{"L":[]}}`, "SET zz = :z, l = list_append(l, :y)", `,":y":{"L":[]}`,
			3 + (19 + 2) + (19 + 1 + 37 + 1 + 14 + 1 + 3)},
		"add a number": {`{}`, "SET zz = :z ADD n :y", `,":y":{"N":"1"}`, 3 + (19 + 2) + (19 + 1 + 2)},
		"add new members": {`{"t":{"SS":["a"]}}`, "SET zz = :z ADD t :y", `,":y":{"SS":["a","bb"]}`,
			3 + (19 + 2) + (19 + 1 + 2)},
		"add no new number": {`{"t":{"NS":["1"]}}`, "SET zz = :z ADD t :y", `,":y":{"NS":["1.0"]}`,
			3 + (19 + 2) + (19 + 1)},
		"add a new binary": {`{"t":{"BS":["AQ=="]}}`, "SET zz = :z ADD t :y", `,":y":{"BS":["AQ==","AgI="]}`,
			3 + (19 + 2) + (19 + 1 + 2)},
		"add a set":            {`{}`, "SET zz = :z ADD t :y", `,":y":{"SS":["a","bb"]}`, 3 + (19 + 2) + (19 + 1 + 3)},
		"what is left alone":   {`{"o":{"S":"other"}}`, "SET zz = :z", "", 3 + (19 + 2)},
		"a key is not charged": {`{"p":{"S":"longer"}}`, "SET zz = :z", "", 3 + (19 + 2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			largest := 409600 - c.besides
			assert.Empty(t, c.send(t, largest), "%d besides", c.besides)
			assert.Equal(t, "Item size to update has exceeded the maximum allowed size", c.send(t, largest+1))
		})
	}
}

// send stores the item, updates it with a value of so many bytes and gives the message of a refusal.
func (c chargeCase) send(t *testing.T, bytes int) string {
	e := withTables(t, Options{})
	var item map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(c.item), &item))
	if item["p"] == nil {
		item["p"] = []byte(`{"S":"k"}`)
	}
	stored, err := json.Marshal(item)
	require.NoError(t, err)
	send(t, e, "PutItem", `{"TableName":"tab_h","Item":`+string(stored)+`}`)
	_, err = call(e, "UpdateItem",
		[]byte(`{"TableName":"tab_h","Key":{"p":`+string(item["p"])+`},"UpdateExpression":"`+c.update+
			`","ExpressionAttributeValues":{":z":{"S":"`+strings.Repeat("z", bytes)+`"}`+c.values+`}}`))
	if err == nil {
		return ""
	}
	return errorMessage(err)
}

// The finished item is bounded whatever an update is charged, and alone where nothing is charged.
func TestUpdatesOfLargeItems(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: Item size to update has exceeded the maximum allowed size"
	e := withTables(t, Options{})
	fill := func(bytes int) { // an item of so many bytes
		send(t, e, "PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"k"},"d":{"S":"`+strings.Repeat("d",
			bytes-3)+`"}}}`)
	}
	expression := `"Key":{"p":{"S":"k"}},"UpdateExpression":"SET x = :x","ExpressionAttributeValues":{":x":{"S":"%"}}`
	legacy := `{"TableName":"tab_h","Key":{"p":{"S":"k"}},"AttributeUpdates":{"x":{"Value":{"S":"%"}}}}`
	transaction := `{"TransactItems":[{"Update":{"TableName":"tab_h",` + expression + `}}]}`
	with := func(request string, bytes int) string {
		return strings.Replace(request, "%", strings.Repeat("x", bytes), 1)
	}
	for operation, request := range map[string]string{"UpdateItem": `{"TableName":"tab_h",` + expression + `}`,
		"TransactWriteItems": transaction} {
		fill(409600 - 11)
		send(t, e, operation, with(request, 10))
		fill(409600 - 10)
		refused(t, e, operation, with(request, 10))
		assert.Equal(t, 409600-10, size.Item(parseItem(t, itemOf(t, e, "tab_h", `{"p":{"S":"k"}}`))),
			"nothing was done")
	}
	for operation, request := range map[string]string{"UpdateItem": legacy, "TransactWriteItems": transaction} {
		fill(100)
		send(t, e, operation, with(request, 409600-100-1))
		assert.Equal(t, 409600, size.Item(parseItem(t, itemOf(t, e, "tab_h", `{"p":{"S":"k"}}`))))
		fill(101)
		refused(t, e, operation, with(request, 409600-100-1))
	}
	fill(100)
	assert.Equal(t, refusal, refused(t, e, "UpdateItem", with(`{"TableName":"tab_h",`+expression+`}`, 409600-3-19)))
}
