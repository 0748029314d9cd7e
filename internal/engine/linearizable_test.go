package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// register is what a history's operations do: two counters, in two tables, that move together only in transactions.
type register struct {
	kind string // "get", "add", "cas", "both", "swap"
	on   int    // which of the two
	want string // cas: the value that it must have
	set  string // cas: the value that it gets
}

// seen is what an operation found: the values it read or left, and whether its condition held.
type seen struct {
	values [2]string
	failed bool
}

var registerTables = [2]string{"tab_h", "tab_hr"}

// registerModel is the sequential meaning of the operations.
var registerModel = porcupine.Model{
	Init: func() any { return [2]string{"0", "0"} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.([2]string), input.(register), output.(seen)
		switch in.kind {
		case "get":
			return out.values[0] == s[in.on], s
		case "add":
			s[in.on] = increased(s[in.on])
			return out.values[0] == s[in.on], s
		case "cas":
			if s[in.on] != in.want {
				return out.failed, s
			}
			s[in.on] = in.set
			return !out.failed, s
		case "both":
			return out.values == s, s
		}
		if s[0] != in.want {
			return out.failed, s
		}
		s[0], s[1] = in.set, in.set
		return !out.failed, s
	},
}

func increased(text string) string {
	var n int
	_, _ = fmt.Sscan(text, &n)
	return fmt.Sprint(n + 1)
}

// TestHistoriesAreLinearizable runs random histories of several clients, with transactions over two tables, and finds
// an order of their operations that explains what each saw.
func TestHistoriesAreLinearizable(t *testing.T) {
	for round := range 20 {
		e := withTables(t, Options{})
		for i, table := range registerTables {
			_, err := e.PutItem(background, &dynamodb.PutItemInput{TableName: &table, Item: registerItem(i, "0")})
			require.NoError(t, err)
		}
		var (
			mu      sync.Mutex
			history []porcupine.Operation
			clients sync.WaitGroup
			start   = time.Now()
		)
		for client := range 6 {
			clients.Go(func() {
				random := rand.New(rand.NewPCG(uint64(round), uint64(client)))
				for range 25 {
					in := register{
						kind: []string{"get", "add", "cas", "both", "swap"}[random.IntN(5)],
						on:   random.IntN(2),
						want: fmt.Sprint(random.IntN(4)),
						set:  fmt.Sprint(random.IntN(4)),
					}
					called := time.Since(start)
					out, err := runRegister(e, in)
					returned := time.Since(start)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					history = append(history,
						porcupine.Operation{ClientId: client, Input: in, Output: out, Call: int64(called),
							Return: int64(returned)})
					mu.Unlock()
				}
			})
		}
		clients.Wait()
		require.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(registerModel, history, 20*time.Second),
			"round %d", round)
	}
}

func registerKey(i int) map[string]types.AttributeValue {
	key := map[string]types.AttributeValue{"p": &types.AttributeValueMemberS{Value: "counter"}}
	if i == 1 {
		key["s"] = &types.AttributeValueMemberN{Value: "1"}
	}
	return key
}

func registerItem(i int, n string) map[string]types.AttributeValue {
	item := registerKey(i)
	item["n"] = &types.AttributeValueMemberN{Value: n}
	return item
}

func numberOf(item map[string]types.AttributeValue) string {
	n, _ := item["n"].(*types.AttributeValueMemberN)
	return n.Value
}

func numberValue(n string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: n}}
}

func runRegister(e *Engine, in register) (seen, error) {
	table := registerTables[in.on]
	switch in.kind {
	case "get":
		out, err := e.GetItem(background, &dynamodb.GetItemInput{TableName: &table, Key: registerKey(in.on),
			ConsistentRead: aws.Bool(true)})
		if err != nil {
			return seen{}, err
		}
		return seen{values: [2]string{numberOf(out.Item)}}, nil
	case "add":
		out, err := e.UpdateItem(background, &dynamodb.UpdateItemInput{
			TableName: &table, Key: registerKey(in.on), UpdateExpression: aws.String("ADD n :n"),
			ExpressionAttributeValues: numberValue("1"), ReturnValues: types.ReturnValueAllNew,
		})
		if err != nil {
			return seen{}, err
		}
		return seen{values: [2]string{numberOf(out.Attributes)}}, nil
	case "cas":
		_, err := e.PutItem(background, &dynamodb.PutItemInput{
			TableName: &table, Item: registerItem(in.on, in.set),
			ConditionExpression: aws.String("n = :n"), ExpressionAttributeValues: numberValue(in.want),
		})
		var failed *types.ConditionalCheckFailedException
		if errors.As(err, &failed) {
			return seen{failed: true}, nil
		}
		return seen{}, err
	case "both":
		get := func(i int) types.TransactGetItem {
			return types.TransactGetItem{Get: &types.Get{TableName: &registerTables[i], Key: registerKey(i)}}
		}
		out, err := e.TransactGetItems(background,
			&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{get(1), get(0)}})
		if err != nil {
			return seen{}, err
		}
		return seen{values: [2]string{numberOf(out.Responses[1].Item), numberOf(out.Responses[0].Item)}}, nil
	}
	_, err := e.TransactWriteItems(background,
		&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: &registerTables[1], Item: registerItem(1, in.set)}},
			{Put: &types.Put{TableName: &registerTables[0], Item: registerItem(0, in.set),
				ConditionExpression: aws.String("n = :n"), ExpressionAttributeValues: numberValue(in.want)}},
		}})
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		return seen{failed: true}, nil
	}
	return seen{}, err
}
