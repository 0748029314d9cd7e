//go:build oracle

package number

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oracle is a table of the DynamoDB at the endpoint in MONOTABLE_DYNAMODB_LOCAL, which these tests ask about numbers.
type oracle struct {
	client *dynamodb.Client
	table  string
}

func newOracle(t *testing.T) *oracle {
	endpoint := os.Getenv("MONOTABLE_DYNAMODB_LOCAL")
	require.NotEmpty(t, endpoint, "MONOTABLE_DYNAMODB_LOCAL holds no endpoint")
	o := &oracle{table: fmt.Sprintf("number-oracle-%d", rand.Uint32())}
	o.client = dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("number", "number", ""),
	})
	_, err := o.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &o.table, BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("p"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("p"),
			AttributeType: types.ScalarAttributeTypeN}},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		o.client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &o.table})
	})
	return o
}

// message words a refusal as the oracle does.
func message(err error) string {
	switch {
	case errors.Is(err, ErrSyntax):
		return "A value provided cannot be converted into a number"
	case errors.Is(err, ErrPrecision):
		return "DynamoDB only supports precision up to 38 digits"
	}
	return err.Error()
}

var key = map[string]types.AttributeValue{"p": &types.AttributeValueMemberN{Value: "1"}}

// sum asks for a + b, or a - b; the answer is a number or a message.
func (o *oracle) sum(t *testing.T, a, b, operator string) string {
	set := "SET v = :a " + operator + " :b"
	out, err := o.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &o.table, Key: key, UpdateExpression: &set, ReturnValues: types.ReturnValueUpdatedNew,
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":a": &types.AttributeValueMemberN{Value: a}, ":b": &types.AttributeValueMemberN{Value: b},
		},
	})
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return refused.ErrorMessage()
	}
	require.NoError(t, err)
	answer := out.Attributes["v"].(*types.AttributeValueMemberN).Value
	if d, err := Parse(answer); err == nil {
		return d.String() // it leaves zeros at the end
	}
	return answer
}

// stored puts a number and reads it back.
func (o *oracle) stored(t *testing.T, text string) string {
	item := map[string]types.AttributeValue{"p": key["p"], "v": &types.AttributeValueMemberN{Value: text}}
	_, err := o.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &o.table, Item: item})
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return refused.ErrorMessage()
	}
	require.NoError(t, err)
	out, err := o.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &o.table, Key: key})
	require.NoError(t, err)
	return out.Item["v"].(*types.AttributeValueMemberN).Value
}

// text makes a random number, now and then none.
func text(r *rand.Rand) string {
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte("0123456789009"[r.IntN(13)])
		}
		return b.String()
	}
	s := []string{"", "", "-", "+"}[r.IntN(4)] + digits(r.IntN(25))
	if r.IntN(2) == 0 {
		s += "." + digits(r.IntN(20))
	}
	if r.IntN(3) == 0 {
		s += fmt.Sprintf("%se%d", digits(1), r.IntN(300)-150)
	}
	if r.IntN(10) == 0 {
		s += []string{"e", "x", " ", ".", "E+", "--", "f", "e1.5"}[r.IntN(8)]
	}
	return s
}

func TestOracleNumbers(t *testing.T) {
	o := newOracle(t)
	r := rand.New(rand.NewPCG(1, rand.Uint64()))
	const cases = 3000
	for range cases {
		s := text(r)
		ours := ""
		if d, err := Parse(s); err != nil {
			ours = message(err)
		} else {
			ours = d.String()
		}
		stored := o.stored(t, s)
		if stored == "0" && (ours == string(ErrOverflow) || ours == string(ErrUnderflow)) {
			continue // the service refuses a zero of such a magnitude
		}
		assert.Equal(t, stored, ours, "%q", s)
	}
	t.Logf("%d numbers", cases)
}

func TestOracleSums(t *testing.T) {
	o := newOracle(t)
	r := rand.New(rand.NewPCG(2, rand.Uint64()))
	sums := 0
	for sums < 3000 {
		a, aErr := Parse(text(r))
		b, bErr := Parse(text(r))
		if aErr != nil || bErr != nil {
			continue
		}
		sums++
		operator, compute := "+", Decimal.Add
		if r.IntN(2) == 0 {
			operator, compute = "-", Decimal.Sub
		}
		ours := ""
		if sum, err := compute(a, b); err != nil {
			ours = message(err)
		} else {
			ours = sum.String()
		}
		assert.Equal(t, o.sum(t, a.String(), b.String(), operator), ours, "%s %s %s", a, operator, b)
	}
	t.Logf("%d sums and differences", sums)
}
