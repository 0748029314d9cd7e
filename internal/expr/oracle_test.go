//go:build oracle

package expr

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// The tests of this file ask a DynamoDB, at the endpoint in MONOTABLE_DYNAMODB_LOCAL, what it makes of tables of
// expressions and of random ones, and compare its answers and messages with this package's.
//
//	MONOTABLE_DYNAMODB_LOCAL=http://127.0.0.1:8000 go test -tags oracle -run Oracle ./internal/expr
//
// ORACLE_CASES sets the number of random cases of each test, ORACLE_SEED their seed.

// oracle is a table of one item in another DynamoDB.
type oracle struct {
	client *dynamodb.Client
	table  string
	stored string // the item, as text
}

func newOracle(t *testing.T, key ...types.KeySchemaElement) *oracle {
	endpoint := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
	require.NotEmpty(t, endpoint, "MONOTABLE_DYNAMODB_LOCAL holds no endpoint")
	o := &oracle{table: fmt.Sprintf("expr-oracle-%d", rand.Uint32())}
	o.client = dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1", RetryMaxAttempts: 3,
		Credentials: credentials.NewStaticCredentialsProvider("expr", "expr", ""),
	})
	definitions := []types.AttributeDefinition{{AttributeName: aws.String("p"),
		AttributeType: types.ScalarAttributeTypeS}}
	if len(key) == 2 {
		definitions = append(definitions, types.AttributeDefinition{AttributeName: aws.String("s"),
			AttributeType: types.ScalarAttributeTypeN})
	}
	_, err := o.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &o.table, KeySchema: key, AttributeDefinitions: definitions,
		BillingMode: types.BillingModePayPerRequest,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		o.client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &o.table})
	})
	return o
}

var (
	hashOnly  = []types.KeySchemaElement{{AttributeName: aws.String("p"), KeyType: types.KeyTypeHash}}
	hashRange = append(hashOnly[:1:1], types.KeySchemaElement{AttributeName: aws.String("s"),
		KeyType: types.KeyTypeRange})
)

// put stores the only item. It does nothing if that is the item stored last.
func (o *oracle) put(t *testing.T, item m) {
	text := showItem(item)
	if text == o.stored {
		return
	}
	o.stored = text
	with := map[string]types.AttributeValue{"p": &types.AttributeValueMemberS{Value: "k"}}
	maps.Copy(with, item)
	_, err := o.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &o.table, Item: with})
	require.NoError(t, err)
}

// refusal gives the service's message of an error, where the package comment says that the oracle words it otherwise.
func refusal(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	return refuse("%s", strings.Replace(api.ErrorMessage(), "DynamoDB only supports precision up to 38 digits",
		number.ErrPrecision.Error(), 1))
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

func (o *oracle) filters(t *testing.T) outcome {
	return func(item m, text string) (string, error) {
		o.put(t, item)
		names, values := used(text)
		out, err := o.client.Scan(t.Context(), &dynamodb.ScanInput{
			TableName: &o.table, FilterExpression: &text, ExpressionAttributeNames: names,
			ExpressionAttributeValues: values,
		})
		if err != nil {
			return "", refusal(err)
		}
		return strconv.FormatBool(out.Count > 0), nil
	}
}

func (o *oracle) projections(t *testing.T) outcome {
	return func(item m, text string) (string, error) {
		o.put(t, item)
		names, _ := used(text)
		out, err := o.client.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: &o.table, Key: m{"p": str("k")}, ProjectionExpression: &text, ExpressionAttributeNames: names,
		})
		if err != nil {
			return "", refusal(err)
		}
		return showItem(out.Item), nil
	}
}

func (o *oracle) updates(t *testing.T) outcome {
	return func(item m, text string) (string, error) {
		o.put(t, item)
		o.stored = ""
		names, values := used(text)
		out, err := o.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &o.table, Key: m{"p": str("k")}, UpdateExpression: &text, ReturnValues: types.ReturnValueAllNew,
			ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		})
		if err != nil {
			return "", refusal(err)
		}
		delete(out.Attributes, "p")
		return showChange(item, out.Attributes), nil
	}
}

// keyConditions tells refusals only: what a key condition finds, and what its table asks of it, is the engine's.
func (o *oracle) keyConditions(t *testing.T) outcome {
	engines := []string{
		"Query condition missed key schema element", "Query key condition not supported",
		"Conditions can be of length 1 or 2 only",
		"One or more parameter values were invalid: Condition parameter type does not match schema type",
		"One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty " +
			"string value",
	}
	return func(_ m, text string) (string, error) {
		names, values := used(text)
		_, err := o.client.Query(t.Context(), &dynamodb.QueryInput{
			TableName: &o.table, KeyConditionExpression: &text, ExpressionAttributeNames: names,
			ExpressionAttributeValues: values,
		})
		if err == nil {
			return "ok", nil
		}
		err = refusal(err)
		for _, message := range engines {
			if strings.HasPrefix(messageOf(err), message) {
				return "ok", nil
			}
		}
		return "", err
	}
}

// kinds are the kinds of expressions, each with its oracle's key and a generator.
var kinds = []struct {
	name     string
	key      []types.KeySchemaElement
	ask      func(*oracle, *testing.T) outcome
	generate func(*generator) string
}{
	{"conditions", hashOnly, (*oracle).filters, func(g *generator) string { return g.condition(3) }},
	{"updates", hashOnly, (*oracle).updates, (*generator).update},
	{"projections", hashOnly, (*oracle).projections, (*generator).projection},
	{"keyconditions", hashRange, (*oracle).keyConditions, (*generator).keyCondition},
}

// explained says that the two answers differ for a reason that the package comment gives.
func explained(item m, text, theirs, ours string) bool {
	const overlap = "Two document paths "
	at := func(s string) string {
		before, _, _ := strings.Cut(s, overlap)
		return before
	}
	switch {
	case strings.Contains(ours, "attribute name: :"):
		return true
	case strings.Contains(theirs, overlap) && strings.Contains(ours, overlap):
		return at(theirs) == at(ours)
	case strings.Contains(ours, "reserved keyword: "):
		word := strings.ToUpper(ours[strings.LastIndex(ours, " ")+1:])
		return word == "SIZE" || word == "CONVERT"
	case strings.Contains(theirs, "function: attribute_type, operand type: {") &&
		strings.Contains(ours, "function: attribute_type, operand type: {"):
		return true // the same types in another order
	case strings.HasSuffix(ours, "Invalid function name; function: convert"):
		// the guide has no such function; the oracle's converts to types that DynamoDB has not, such as DOUBLESET
		return true
	case strings.Contains(theirs, "java.nio.HeapByteBuffer"):
		return strings.HasPrefix(ours, theirs[:strings.Index(theirs, "{B:java")][:40])
	}
	return severally(item, text, theirs)
}

// severally says that theirs is the refusal of one of the actions of an update, of which the oracle tells any.
func severally(item m, text, theirs string) bool {
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
		if _, err := (&Update{Actions: []Action{action}}).Apply(item); err != nil && messageOf(err) == theirs {
			return true
		}
	}
	return false
}

// comparison counts how far two outcomes agree.
type comparison struct{ asked, refused, explained, different int }

// compare asks of an expression and reports a difference that is not explained.
func (c *comparison) compare(t *testing.T, theirs, ours outcome, item m, text string) {
	c.asked++
	their, err := theirs(item, text)
	if err != nil {
		c.refused++
		their = messageOf(err)
	}
	our := ours.tell(item, text)
	switch {
	case their == our:
	case explained(item, text, their, our):
		c.explained++
	default:
		if c.different++; c.different <= 20 {
			t.Errorf("%q on %s\n theirs: %s\n ours:   %s", text, showItem(item), their, our)
		}
	}
}

func (c *comparison) log(t *testing.T) {
	t.Logf("%d expressions, %d refused by the oracle, %d explained differences, %d others", c.asked, c.refused,
		c.explained, c.different)
}

// TestOracleRecorded asks the oracle of the expressions of testdata, and with ORACLE_RECORD writes their answers there.
func TestOracleRecorded(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			theirs, ours := kind.ask(newOracle(t, kind.key...), t), outcomes[kind.name]
			var count comparison
			var lines strings.Builder
			for _, r := range records(t, kind.name) {
				count.compare(t, theirs, ours, sample(), r.text)
				fmt.Fprintf(&lines, "%q %q\n", r.text, ours.tell(sample(), r.text))
			}
			count.log(t)
			if os.Getenv("ORACLE_RECORD") != "" {
				require.NoError(t, os.WriteFile("testdata/"+kind.name+".txt", []byte(lines.String()), 0o644))
			}
		})
	}
}

func TestOracleRandom(t *testing.T) {
	for _, kind := range kinds {
		for _, how := range []string{"valid", "broken", "spoilt"} {
			t.Run(kind.name+" "+how, func(t *testing.T) {
				g := &generator{Rand: source(t), broken: how != "valid"}
				theirs := kind.ask(newOracle(t, kind.key...), t)
				var count comparison
				item := sample()
				for i := range cases(t) {
					if i%10 == 0 && kind.name != "keyconditions" {
						item = g.item()
					}
					text := kind.generate(g)
					if how == "spoilt" {
						text = g.spoilt(text)
					}
					if text != "" && len(text) <= size.MaxExpression {
						count.compare(t, theirs, outcomes[kind.name], item, text)
					}
				}
				count.log(t)
			})
		}
	}
}

// TestOracleScopes asks the oracle of the names and values that TestNewScope knows.
func TestOracleScopes(t *testing.T) {
	o := newOracle(t, hashOnly...)
	o.put(t, sample())
	for _, c := range scopes {
		if c.values[":v"] == nil && c.values != nil && len(c.values) == 1 || c.about == "nothing within" {
			continue // the client refuses to send it
		}
		text := "attribute_exists(a)"
		_, err := o.client.Scan(t.Context(), &dynamodb.ScanInput{
			TableName: &o.table, FilterExpression: &text, ExpressionAttributeNames: c.names,
			ExpressionAttributeValues: c.values,
		})
		theirs := ""
		if err != nil {
			theirs = messageOf(refusal(err))
		}
		if strings.HasPrefix(theirs, "Value provided in ") {
			theirs = ""
		}
		ours := c.want
		for _, other := range [][2]string{
			{"The parameter cannot be converted to a numeric value: x",
				"A value provided cannot be converted into a number"},
			{"The parameter cannot be converted to a numeric value",
				"A value provided cannot be converted into a number"},
			{"contains duplicates. for key", "contains duplicates for key"},
		} {
			if theirs != ours {
				ours = strings.Replace(ours, other[0], other[1], 1)
			}
		}
		if theirs != ours {
			t.Errorf("%s\n theirs: %s\n ours:   %s", c.about, theirs, ours)
		}
	}
}

// TestOracleReservedWords asks the oracle of each reserved word as an attribute.
func TestOracleReservedWords(t *testing.T) {
	o := newOracle(t, hashOnly...)
	ask := o.projections(t)
	unreserved := 0
	for word := range strings.FieldsSeq(reservedWords) {
		switch ours, theirs := outcomes["projections"].tell(sample(), word), ask.tell(sample(), word); {
		case ours == theirs:
		case word == "CONVERT" || word == "SIZE":
			unreserved++
		default:
			t.Errorf("%s\n theirs: %s\n ours:   %s", word, theirs, ours)
		}
	}
	t.Logf("%d reserved words, %d of them free there", len(reserved), unreserved)
}
