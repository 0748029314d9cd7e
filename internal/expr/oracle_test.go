//go:build oracle

package expr

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
)

// The tests of this file ask a DynamoDB, at the endpoint in MONOTABLE_DYNAMODB_LOCAL, what it makes of tables of expressions
// and of random ones, and compare its answers and messages with this package's.
//
//	MONOTABLE_DYNAMODB_LOCAL=http://127.0.0.1:8000 go test -tags oracle -run Oracle ./internal/expr
//
// ORACLE_CASES sets the number of random cases of each test, ORACLE_SEED their seed.

// oracle is a table of one item in another DynamoDB.
type oracle struct {
	client *dynamodb.Client
	table  string
}

func newOracle(t *testing.T, key ...types.KeySchemaElement) *oracle {
	endpoint := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
	require.NotEmpty(t, endpoint, "MONOTABLE_DYNAMODB_LOCAL holds no endpoint")
	o := &oracle{table: fmt.Sprintf("expr-oracle-%d", rand.Uint32())}
	o.client = dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1", RetryMaxAttempts: 3,
		Credentials: credentials.NewStaticCredentialsProvider("expr", "expr", ""),
	})
	definitions := []types.AttributeDefinition{{AttributeName: aws.String("p"), AttributeType: types.ScalarAttributeTypeS}}
	if len(key) == 2 {
		definitions = append(definitions, types.AttributeDefinition{AttributeName: aws.String("s"), AttributeType: types.ScalarAttributeTypeN})
	}
	_, err := o.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &o.table, KeySchema: key, AttributeDefinitions: definitions, BillingMode: types.BillingModePayPerRequest,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		o.client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &o.table})
	})
	return o
}

var (
	hashOnly  = []types.KeySchemaElement{{AttributeName: aws.String("p"), KeyType: types.KeyTypeHash}}
	hashRange = append(hashOnly[:1:1], types.KeySchemaElement{AttributeName: aws.String("s"), KeyType: types.KeyTypeRange})
)

func (o *oracle) put(t *testing.T, item map[string]types.AttributeValue) {
	with := map[string]types.AttributeValue{"p": &types.AttributeValueMemberS{Value: "k"}}
	for name, v := range item {
		with[name] = v
	}
	_, err := o.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &o.table, Item: with})
	require.NoError(t, err)
}

// answer is what became of an expression: a refusal or a result, both as text.
func answer(result func() string, err error) string {
	if err == nil {
		return result()
	}
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Message
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return known(api.ErrorMessage())
	}
	return "? " + err.Error()
}

// known rewrites what the oracle words otherwise than the service.
func known(message string) string {
	message = strings.Replace(message, "DynamoDB only supports precision up to 38 digits", "Attempting to store more than 38 significant digits in a Number", 1)
	return message
}

// cases is the number of random cases of a test.
func cases(t *testing.T) int {
	if text := os.Getenv("ORACLE_CASES"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		return n
	}
	return 2000
}

func source(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	if text := os.Getenv("ORACLE_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("ORACLE_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// ask runs one expression on the oracle and here, and compares.
type ask func(text string, names map[string]string, values map[string]types.AttributeValue) (theirs, ours string)

func (o *oracle) filters(t *testing.T) ask {
	item := sample()
	o.put(t, item)
	return func(text string, names map[string]string, values map[string]types.AttributeValue) (string, string) {
		out, err := o.client.Scan(t.Context(), &dynamodb.ScanInput{
			TableName: &o.table, FilterExpression: &text, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		})
		theirs := answer(func() string { return strconv.FormatBool(out.Count > 0) }, err)
		var meets bool
		err = func() error {
			scope, err := NewScope(names, values)
			if err != nil {
				return err
			}
			c, err := scope.Condition(FilterKind, text)
			if err != nil {
				return err
			}
			if err := scope.CheckUnused(); err != nil {
				return err
			}
			meets, err = c.Eval(MapItem(item))
			return err
		}()
		return theirs, answer(func() string { return strconv.FormatBool(meets) }, err)
	}
}

func (o *oracle) projections(t *testing.T) ask {
	item := sample()
	o.put(t, item)
	return func(text string, names map[string]string, _ map[string]types.AttributeValue) (string, string) {
		out, err := o.client.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: &o.table, Key: m{"p": str("k")}, ProjectionExpression: &text, ExpressionAttributeNames: names,
		})
		theirs := answer(func() string { return showItem(out.Item) }, err)
		var part map[string]types.AttributeValue
		err = func() error {
			scope, err := NewScope(names, nil)
			if err != nil {
				return err
			}
			p, err := scope.Projection(text)
			if err != nil {
				return err
			}
			part = p.Apply(item)
			return scope.CheckUnused()
		}()
		return theirs, answer(func() string { return showItem(part) }, err)
	}
}

func (o *oracle) updates(t *testing.T) ask {
	return func(text string, names map[string]string, values map[string]types.AttributeValue) (string, string) {
		o.put(t, sample())
		out, err := o.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &o.table, Key: m{"p": str("k")}, UpdateExpression: &text, ReturnValues: types.ReturnValueAllNew,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		})
		theirs := answer(func() string { delete(out.Attributes, "p"); return showItem(out.Attributes) }, err)
		old := sample()
		var now map[string]types.AttributeValue
		err = func() error {
			scope, err := NewScope(names, values)
			if err != nil {
				return err
			}
			u, err := scope.Update(text)
			if err != nil {
				return err
			}
			if err := scope.CheckUnused(); err != nil {
				return err
			}
			now, err = u.Apply(old)
			return err
		}()
		require.Equal(t, sample(), old, text)
		return theirs, answer(func() string { return showItem(now) }, err)
	}
}

// keyConditions compares refusals only: what a key condition finds is the engine's.
func (o *oracle) keyConditions(t *testing.T) ask {
	return func(text string, names map[string]string, values map[string]types.AttributeValue) (string, string) {
		_, err := o.client.Query(t.Context(), &dynamodb.QueryInput{
			TableName: &o.table, KeyConditionExpression: &text, ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		})
		theirs := answer(func() string { return "ok" }, err)
		err = func() error {
			scope, err := NewScope(names, values)
			if err != nil {
				return err
			}
			k, err := scope.KeyCondition(text)
			if err != nil {
				return err
			}
			if err := scope.CheckUnused(); err != nil {
				return err
			}
			for _, path := range k.Paths() {
				if (path[0].Name == "p" || path[0].Name == "s") && len(path) > 1 {
					return refuse("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: %s", path[0].Name)
				}
			}
			return k.Check()
		}()
		ours := answer(func() string { return "ok" }, err)
		if ours == "ok" {
			switch theirs { // the engine's rules
			case "Query condition missed key schema element", "Query key condition not supported", "Conditions can be of length 1 or 2 only",
				"One or more parameter values were invalid: Condition parameter type does not match schema type":
				theirs = "ok"
			}
			if strings.HasPrefix(theirs, "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value") {
				theirs = "ok"
			}
		}
		return theirs, ours
	}
}

// explained says that the two answers differ for a reason that the package comment gives.
func explained(text, theirs, ours string) bool {
	const overlap = "Two document paths "
	at := func(s string) string {
		i := strings.Index(s, overlap)
		if i < 0 {
			return s
		}
		return s[:i]
	}
	switch {
	case strings.Contains(ours, "attribute name: :"):
		return true
	case strings.Contains(theirs, overlap) && strings.Contains(ours, overlap):
		return at(theirs) == at(ours)
	case strings.Contains(ours, "reserved keyword: "):
		word := strings.ToUpper(ours[strings.LastIndex(ours, " ")+1:])
		return word == "SIZE" || word == "CONVERT"
	case strings.Contains(theirs, "java.nio.HeapByteBuffer"):
		return strings.HasPrefix(ours, theirs[:strings.Index(theirs, "{B:java")][:40])
	}
	return severally(text, theirs)
}

// severally says that theirs is the refusal of one of the actions of an update, of which the oracle tells any.
func severally(text, theirs string) bool {
	names, values := used(text)
	scope, err := NewScope(names, values)
	if err != nil {
		return false
	}
	u, err := scope.Update(text)
	if err != nil {
		return false
	}
	for _, action := range u.Actions {
		if _, err := (&Update{Actions: []Action{action}}).Apply(sample()); err != nil && err.Error() == theirs {
			return true
		}
	}
	return false
}

// compare asks of many expressions and reports every difference that is not explained.
func compare(t *testing.T, ask ask, n int, next func() string) {
	refused, explainedCount, different := 0, 0, 0
	messages := map[string]int{}
	for range n {
		text := next()
		if len(text) == 0 || len(text) > maxText {
			continue
		}
		names, values := used(text)
		theirs, ours := ask(text, names, values)
		if strings.Contains(theirs, " ") && !strings.HasPrefix(theirs, "{") {
			refused++
			messages[strings.SplitN(theirs, ";", 2)[0]]++
		}
		if theirs == ours {
			continue
		}
		if explained(text, theirs, ours) {
			explainedCount++
			continue
		}
		if different++; different <= 20 {
			t.Errorf("%q\n theirs: %s\n ours:   %s", text, theirs, ours)
		}
	}
	t.Logf("%d cases, %d refused by the oracle, %d explained differences, %d others", n, refused, explainedCount, different)
	if testing.Verbose() {
		for _, message := range sortedKeys(messages) {
			t.Logf("%6d %s", messages[message], message)
		}
	}
}

func TestOracleRandom(t *testing.T) {
	for _, kind := range []struct {
		name     string
		key      []types.KeySchemaElement
		ask      func(*oracle, *testing.T) ask
		generate func(*generator) string
	}{
		{"conditions", hashOnly, (*oracle).filters, func(g *generator) string { return g.condition(3) }},
		{"updates", hashOnly, (*oracle).updates, (*generator).update},
		{"projections", hashOnly, (*oracle).projections, (*generator).projection},
		{"key conditions", hashRange, (*oracle).keyConditions, (*generator).keyCondition},
	} {
		for _, how := range []string{"valid", "broken", "spoilt"} {
			t.Run(kind.name+" "+how, func(t *testing.T) {
				g := &generator{Rand: source(t), broken: how != "valid"}
				ask := kind.ask(newOracle(t, kind.key...), t)
				compare(t, ask, cases(t), func() string {
					text := kind.generate(g)
					if how == "spoilt" {
						text = g.spoilt(text)
					}
					return text
				})
			})
		}
	}
}
