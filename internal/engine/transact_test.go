package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func transactPut(p string, rest string) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: aws.String("tab_h"),
		Item: map[string]types.AttributeValue{
			"p": &types.AttributeValueMemberS{Value: p}, "v": &types.AttributeValueMemberS{Value: rest},
		}}}
}

// TestTransactionIsAllOrNothing cancels a transaction whose last action fails and finds nothing written.
func TestTransactionIsAllOrNothing(t *testing.T) {
	e := withTables(t, Options{})
	send(t, e, "PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"there"},"v":{"N":"1"}}}`)
	request := `{"TransactItems":[
	  {"Put":{"TableName":"tab_h","Item":{"p":{"S":"a"}}}},
	  {"Update":{"TableName":"tab_ix","Key":{"p":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"SET g = :g",
	    "ExpressionAttributeValues":{":g":{"S":"g"}}}},
	  {"Delete":{"TableName":"tab_h","Key":{"p":{"S":"there"}},"ConditionExpression":"v = :v",
	    "ExpressionAttributeValues":{":v":{"N":"2"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}},
	  {"ConditionCheck":{"TableName":"tab_h","Key":{"p":{"S":"nowhere"}},
	    "ConditionExpression":"attribute_exists(p)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}]}`
	_, err := call(e, "TransactWriteItems", []byte(request))
	cancelled := asError[*types.TransactionCanceledException](t, err)
	assert.Equal(t,
		"Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, "+
			"ConditionalCheckFailed, ConditionalCheckFailed]", *cancelled.Message)
	assert.Equal(t, "None", *cancelled.CancellationReasons[0].Code)
	assert.Nil(t, cancelled.CancellationReasons[0].Message)
	assert.Equal(t, &types.AttributeValueMemberN{Value: "1"}, cancelled.CancellationReasons[2].Item["v"])
	assert.Nil(t, cancelled.CancellationReasons[3].Item)
	assert.Equal(t, "", itemOf(t, e, "tab_h", `{"p":{"S":"a"}}`))
	assert.Equal(t, "", itemOf(t, e, "tab_ix", `{"p":{"S":"a"},"s":{"N":"1"}}`))

	send(t, e, "TransactWriteItems", strings.Replace(strings.Replace(request, `"N":"2"`, `"N":"1"`, 1),
		`attribute_exists(p)`, `attribute_not_exists(p)`, 1))
	assert.JSONEq(t, `{"p":{"S":"a"}}`, itemOf(t, e, "tab_h", `{"p":{"S":"a"}}`))
	assert.JSONEq(t, `{"p":{"S":"a"},"s":{"N":"1"},"g":{"S":"g"}}`,
		itemOf(t, e, "tab_ix", `{"p":{"S":"a"},"s":{"N":"1"}}`))
	assert.Equal(t, "", itemOf(t, e, "tab_h", `{"p":{"S":"there"}}`))
}

// TestNoGhosts finds nothing of a cancelled transaction: no items, no index entries, no item collections, no stream
// records, and nothing of an item that a ConditionCheck looked for in vain.
func TestNoGhosts(t *testing.T) {
	e := withTables(t, Options{})
	send(t, e, "UpdateTable",
		`{"TableName":"tab_ix","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}}`)
	refused(t, e, "TransactWriteItems", `{"TransactItems":[
	  {"Put":{"TableName":"tab_ix","Item":{"p":{"S":"a"},"s":{"N":"1"},"g":{"S":"g"},"h":{"N":"1"},"l":{"B":"YQ=="}}}},
	  {"Update":{"TableName":"tab_ix","Key":{"p":{"S":"b"},"s":{"N":"1"}},"UpdateExpression":"SET g = :g",
	    "ExpressionAttributeValues":{":g":{"S":"g"}}}},
	  {"Delete":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}},
	  {"ConditionCheck":{"TableName":"tab_hr","Key":{"p":{"S":"a"},"s":{"N":"1"}},
	    "ConditionExpression":"attribute_exists(p)"}}]}`)
	send(t, e, "TransactWriteItems", `{"TransactItems":[
	  {"ConditionCheck":{"TableName":"tab_hr","Key":{"p":{"S":"a"},"s":{"N":"1"}},
	    "ConditionExpression":"attribute_not_exists(p)"}},
	  {"Delete":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}}]}`)
	for _, request := range []string{`{"TableName":"tab_h"}`, `{"TableName":"tab_hr"}`, `{"TableName":"tab_ix"}`,
		`{"TableName":"tab_ix","IndexName":"gAll"}`, `{"TableName":"tab_ix","IndexName":"gKeys"}`,
		`{"TableName":"tab_ix","IndexName":"lInc"}`} {
		assert.JSONEq(t, `{"Count":0,"ScannedCount":0,"Items":[]}`, send(t, e, "Scan", request), request)
	}
	table := e.tables["tab_ix"]
	checkInStep(t, table)
	assert.Empty(t, table.collections)
	assert.Zero(t, table.bytes)
	assert.Empty(t, recordsOf(t, e, iteratorOf(t, e, table.streams[0].arn, "TRIM_HORIZON", nil)))
}

func TestTransactionsThatCannotBe(t *testing.T) {
	e := withTables(t, Options{})
	put := `{"Put":{"TableName":"tab_h","Item":{"p":{"S":"a"}}}}`
	for actions, message := range map[string]string{
		put + `,{"Delete":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}}`: "ValidationException: Transaction request " +
			"cannot include multiple operations on one item",
		put + `,{"ConditionCheck":{"TableName":"tab_h","Key":{"p":{"S":"a"}},
			"ConditionExpression":"attribute_exists(p)"}}`: "ValidationException: Transaction request cannot include " +
			"multiple operations on one item",
		`{}`: "ValidationException: Invalid Request: TransactWriteRequest should contain Delete or Put or Update " +
			"request",
		`{"Put":{"TableName":"tab_h","Item":{"p":{"S":"a"}}},
			"Delete":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}}`: "ValidationException: TransactItems can only " +
			"contain one of Check, Put, Update or Delete",
		`{"Put":{"TableName":"missing","Item":{"p":{"S":"a"}}}}`: "ResourceNotFoundException: Requested resource " +
			"not found",
		`{"ConditionCheck":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}}`: "ValidationException: 1 validation error " +
			"detected: Value null at 'transactItems.1.member.conditionCheck.conditionExpression' failed to satisfy " +
			"constraint: Member must not be null",
		strings.Repeat(put+",", 100) +
			put: "ValidationException: 1 validation error detected: Value '[101 members]' at 'transactItems' failed " +
			"to satisfy constraint: Member must have length less than or equal to 100",
		`{"ConditionCheck":{"TableName":"tab_h","Key":{"p":{"S":"none"}},"ConditionExpression":"attribute_exists(p)"}},
			{"Put":{"TableName":"tab_h","Item":{"p":{"N":"1"}}}},` + put: "TransactionCanceledException: Transaction " +
			"cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, " +
			"ValidationError, None]",
		`{"Put":{"TableName":"tab_h","Item":{"p":{"N":"1"}}}},` +
			put: "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for " +
			"specific reasons [ValidationError, None]",
	} {
		assert.Equal(t, message, refused(t, e, "TransactWriteItems", `{"TransactItems":[`+actions+`]}`), actions)
	}
	assert.Contains(t, refused(t, e, "TransactGetItems",
		`{"TransactItems":[{"Get":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}},
			{"Get":{"TableName":"tab_h","Key":{"p":{"S":"a"}}}}]}`),
		"multiple operations on one item")
}

// TestTransactionSize refuses more than 4 MB and takes what is just below.
func TestTransactionSize(t *testing.T) {
	e := withTables(t, Options{})
	in := &dynamodb.TransactWriteItemsInput{}
	for i := range 11 {
		in.TransactItems = append(in.TransactItems, transactPut(fmt.Sprintf("%02d", i), strings.Repeat("v", 390000)))
	}
	_, err := e.TransactWriteItems(background, in)
	assert.Equal(t, "Transaction payload size cannot exceed 4MB. Payload Size: 4290044", errorMessage(err))
	in.TransactItems = in.TransactItems[:10]
	_, err = e.TransactWriteItems(background, in)
	require.NoError(t, err)
	get := &dynamodb.TransactGetItemsInput{}
	for i := range 10 {
		get.TransactItems = append(get.TransactItems,
			types.TransactGetItem{Get: &types.Get{TableName: aws.String("tab_h"),
				Key: parseItem(t, fmt.Sprintf(`{"p":{"S":"%02d"}}`, i))}})
	}
	out, err := e.TransactGetItems(background, get)
	require.NoError(t, err)
	require.Len(t, out.Responses, 10)
	assert.Len(t, out.Responses[3].Item, 2)
}

// TestTransactionsAreMeasuredByWhatTheySend finds that the items that actions meet do not count, and that their
// conditions do.
func TestTransactionsAreMeasuredByWhatTheySend(t *testing.T) {
	e := withTables(t, Options{})
	for i := range 11 {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"tab_h","Item":{"p":{"S":"%02d"},"v":{"S":"%s"}}}`, i,
			strings.Repeat("v", 400000)))
	}
	deletes := &dynamodb.TransactWriteItemsInput{}
	for i := range 11 {
		deletes.TransactItems = append(deletes.TransactItems, types.TransactWriteItem{Delete: &types.Delete{
			TableName: aws.String("tab_h"), Key: parseItem(t, fmt.Sprintf(`{"p":{"S":"%02d"}}`, i))}})
	}
	_, err := e.TransactWriteItems(background, deletes)
	require.NoError(t, err)
	assert.Empty(t, e.Items("tab_h"))
	check := func(key string, bytes int) types.TransactWriteItem {
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: aws.String("tab_h"), Key: parseItem(t, `{"p":{"S":"`+key+`"}}`),
			// 20 bytes, and what stands for #a and :v twice
			ConditionExpression:      aws.String("#a <> :v OR #a <> :v"),
			ExpressionAttributeNames: map[string]string{"#a": "attribute"},
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":v": &types.AttributeValueMemberS{Value: strings.Repeat("v", bytes)}},
		}}
	}
	const whole = 4<<20 - 8*(1+1+20+2*9)
	checks := &dynamodb.TransactWriteItemsInput{}
	for i := range 7 {
		checks.TransactItems = append(checks.TransactItems, check(fmt.Sprint(i), whole/16))
	}
	last := whole/2 - 7*(whole/16)
	checks.TransactItems = append(checks.TransactItems, check("7", last+1))
	_, err = e.TransactWriteItems(background, checks)
	assert.Equal(t, "Transaction payload size cannot exceed 4MB. Payload Size: 4194306", errorMessage(err))
	checks.TransactItems[7] = check("7", last)
	_, err = e.TransactWriteItems(background, checks)
	assert.NoError(t, err)
}

// TestTransactionToken replays a transaction within ten minutes, charged as reads, and refuses another under its token.
func TestTransactionToken(t *testing.T) {
	c := newClock()
	var charges []Charge
	e := withTables(t, Options{Clock: c.read,
		Charged: func(_ context.Context, charge Charge) { charges = append(charges, charge) }})
	in := &dynamodb.TransactWriteItemsInput{
		ClientRequestToken: aws.String("token"),
		TransactItems: []types.TransactWriteItem{{Update: &types.Update{
			TableName: aws.String("tab_h"), Key: parseItem(t, `{"p":{"S":"a"}}`),
			UpdateExpression: aws.String("ADD n :one"), ExpressionAttributeValues: parseItem(t, `{":one":{"N":"1"}}`),
		}}},
	}
	for range 3 {
		_, err := e.TransactWriteItems(background, in)
		require.NoError(t, err)
		c.add(3 * time.Minute)
	}
	assert.JSONEq(t, `{"p":{"S":"a"},"n":{"N":"1"}}`, itemOf(t, e, "tab_h", `{"p":{"S":"a"}}`))
	require.GreaterOrEqual(t, len(charges), 3)
	assert.Equal(t, []float64{2, 0}, []float64{charges[0].Write, charges[0].Read})
	assert.Equal(t, []float64{0, 2}, []float64{charges[1].Write, charges[1].Read})

	in.TransactItems[0].Update.ExpressionAttributeValues = parseItem(t, `{":one":{"N":"2"}}`)
	_, err := e.TransactWriteItems(background, in)
	asError[*types.IdempotentParameterMismatchException](t, err)
	c.add(2 * time.Minute)
	_, err = e.TransactWriteItems(background, in)
	require.NoError(t, err)
	assert.JSONEq(t, `{"p":{"S":"a"},"n":{"N":"3"}}`, itemOf(t, e, "tab_h", `{"p":{"S":"a"}}`))
}

// TestFailedTransactionCanBeSentAgain finds that a cancelled transaction leaves its token free.
func TestFailedTransactionCanBeSentAgain(t *testing.T) {
	e := withTables(t, Options{})
	request := `{"ClientRequestToken":"t","TransactItems":[{"Put":{"TableName":"tab_h","Item":{"p":{"S":"a"}},
		"ConditionExpression":"attribute_exists(p)"}}]}`
	refused(t, e, "TransactWriteItems", request)
	send(t, e, "PutItem", `{"TableName":"tab_h","Item":{"p":{"S":"a"},"old":{"S":"x"}}}`)
	send(t, e, "TransactWriteItems", request)
	assert.JSONEq(t, `{"p":{"S":"a"}}`, itemOf(t, e, "tab_h", `{"p":{"S":"a"}}`))
}
