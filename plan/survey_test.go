package plan_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/monotable/monotable/plan"
)

var surveySchema = monotable.Schema{
	Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type", TTL: "expires",
	Indexes: []monotable.Index{
		{Name: "by-status", Partition: monotable.S("status"), Sort: monotable.S("SK"), KeysOnly: true},
		{Name: "unused", Partition: monotable.S("nobody")},
	},
}

// fillShop stores 40 customers with 5 orders each, one of them open, and 10 baskets that have expired.
func fillShop(t testing.TB, client *dynamotest.Client) {
	put := func(item monotable.Item) {
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &surveySchema.Name, Item: item})
		require.NoError(t, err)
	}
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	for c := range 40 {
		pk := fmt.Sprintf("CUSTOMER#%03d", c)
		put(monotable.Item{"PK": s(pk), "SK": s("PROFILE"), "type": s("Customer"),
			"email_address_secret": s("someone@example.com")})
		for o := range 5 {
			item := monotable.Item{"PK": s(pk), "SK": s(fmt.Sprintf("ORDER#%d", o)), "type": s("Order"),
				"note": s(strings.Repeat("x", 100*(o+1)))}
			if o == 0 {
				item["status"] = s("open")
			}
			if c == 7 && o == 4 {
				item["note"] = s(strings.Repeat("x", 200_000))
			}
			put(item)
		}
	}
	for b := range 10 {
		past := fmt.Sprint(time.Now().Add(-time.Hour).Unix())
		put(monotable.Item{"PK": s(fmt.Sprintf("BASKET#%d", b)), "SK": s("BASKET"), "type": s("Basket"),
			"expires": &types.AttributeValueMemberN{Value: past}})
	}
}

func TestSurveyOfAllCountsExactly(t *testing.T) {
	client := dynamotest.New(t, surveySchema)
	fillShop(t, client)
	got, err := plan.SurveyTable(t.Context(), client, surveySchema,
		plan.SurveyOptions{Segments: 4, Share: 1, Pace: 1e6})
	require.NoError(t, err)
	assert.Equal(t, 250, got.Items)
	assert.Equal(t, 1.0, got.Scale)
	assert.Empty(t, got.Ended)
	require.Len(t, got.Entities, 3)
	orders := got.Entities[0]
	assert.Equal(t, "Order", orders.Name)
	assert.Equal(t, 200, orders.Items)
	assert.Zero(t, orders.Error)
	require.Len(t, orders.Indexes, 1)
	assert.Equal(t, 40, orders.Indexes[0].Items)
	assert.InDelta(t, 0.2, orders.Indexes[0].Share, 1e-9)
	// The entry: PK and CUSTOMER#000, SK and ORDER#0, status and open.
	assert.InDelta(t, 2+12+2+7+6+4, orders.Indexes[0].Sizes.Mean(), 1e-9)
	// An order: PK, SK, type and note with values of 12, 7, 5 and 100 to 500 bytes.
	assert.Equal(t, 2+12+2+7+4+5+4+300, orders.Sizes.At(50))
	assert.Equal(t, 10, got.Entities[2].Expired+got.Entities[1].Expired)
	for _, a := range got.Attributes {
		if a.Name == "email_address_secret" {
			assert.Equal(t, plan.AttributeUse{Entity: "Customer", Name: a.Name, Count: 40, NameBytes: 40 * len(a.Name),
				ValueBytes: 40 * len("someone@example.com")}, a)
		}
	}
	assert.Equal(t, 2+12+2+7+4+5+4+200_000, got.LargeItems[0].Bytes)
	assert.Equal(t, 6, got.Collections[0].Items)
	assert.Contains(t, strings.Join(got.Advice, "\n"), "Index unused holds none")
	assert.Contains(t, strings.Join(got.Advice, "\n"), "The largest item has 195.3 KB")

	w := got.Workload()
	require.Len(t, w.Entities, 3)
	assert.Equal(t, 200.0, w.Entities[0].Count)
	assert.Equal(t, 0.2, w.Entities[0].Entries[0].Share)
	sheet, err := plan.Prices("us-east-1")
	require.NoError(t, err)
	p, err := plan.New(w, sheet)
	require.NoError(t, err)
	assert.InDelta(t, float64(got.Bytes)+250*100, p.Arms[0].Storage, 1)
}

func TestSurveyShowsNoValues(t *testing.T) {
	client := dynamotest.New(t, surveySchema)
	fillShop(t, client)
	for _, show := range []bool{false, true} {
		got, err := plan.SurveyTable(t.Context(), client, surveySchema,
			plan.SurveyOptions{Share: 1, Pace: 1e6, ShowKeys: show})
		require.NoError(t, err)
		var all strings.Builder
		require.NoError(t, plan.Text(&all, got))
		require.NoError(t, plan.JSON(&all, got))
		require.NoError(t, plan.HTML(&all, "survey", got))
		assert.NotContains(t, all.String(), "someone")
		assert.Equal(t, show, strings.Contains(all.String(), "CUSTOMER#"), "keys are shown only where asked")
	}
}

func TestSurveyEstimates(t *testing.T) {
	client := dynamotest.New(t, surveySchema)
	fillShop(t, client)
	within, runs := 0, 40
	for seed := range runs {
		got, err := plan.SurveyTable(t.Context(), client, surveySchema,
			plan.SurveyOptions{Segments: 40, Share: 0.5, Pace: 1e6, Seed: uint64(seed)})
		require.NoError(t, err)
		assert.Equal(t, 20, got.Whole)
		assert.InDelta(t, 2, got.Scale, 1e-9)
		for _, e := range got.Entities {
			if e.Name == "Order" {
				assert.Positive(t, e.Error)
				if d := float64(e.Items)*got.Scale - 200; d <= e.Error && d >= -e.Error {
					within++
				}
			}
		}
	}
	assert.GreaterOrEqual(t, within, runs*8/10, "95%% intervals held the count in %d of %d surveys", within, runs)
}

func TestSurveyKeepsItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := dynamotest.New(t, surveySchema)
		fillShop(t, client)
		from := time.Now()
		got, err := plan.SurveyTable(t.Context(), client, surveySchema,
			plan.SurveyOptions{Segments: 10, Share: 1, Pace: 2})
		require.NoError(t, err)
		took := time.Since(from).Seconds()
		assert.Greater(t, got.Units, 20.0)
		// The last page is not waited for: it has the largest item at most, or two seconds' worth.
		assert.InDelta(t, got.Units/2, took, 26)
		assert.LessOrEqual(t, took, got.Units/2+1e-6)
	})
}

func TestSurveyEndsWithItsBudget(t *testing.T) {
	client := dynamotest.New(t, surveySchema)
	fillShop(t, client)
	got, err := plan.SurveyTable(t.Context(), client, surveySchema,
		plan.SurveyOptions{Segments: 2, Share: 1, Pace: 1e6, Budget: 0.5})
	require.NoError(t, err)
	assert.Equal(t, "the budget was spent", got.Ended)
	assert.Zero(t, got.Scale)
	assert.Contains(t, got.String(), "nothing can be said of the table")
	assert.Positive(t, got.Items)
}

// failing fails every scan but the first.
type failing struct {
	*dynamotest.Client
	scans int
}

func (f *failing) Scan(ctx context.Context, in *dynamodb.ScanInput,
	options ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if f.scans++; f.scans > 1 {
		return nil, &types.ResourceNotFoundException{}
	}
	return f.Client.Scan(ctx, in, options...)
}

func TestSurveyReturnsWhatItHasWithAnError(t *testing.T) {
	client := dynamotest.New(t, surveySchema)
	fillShop(t, client)
	got, err := plan.SurveyTable(t.Context(), &failing{Client: client}, surveySchema,
		plan.SurveyOptions{Share: 1, Pace: 1e6, Segments: 2})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	assert.Positive(t, got.Items)
	assert.Equal(t, "a request failed", got.Ended)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = plan.SurveyTable(ctx, client, surveySchema, plan.SurveyOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestSurveyOptionsAreRefusedByName(t *testing.T) {
	client := dynamotest.New(t, surveySchema)
	for name, o := range map[string]plan.SurveyOptions{
		"Segments": {Segments: -1}, "Share": {Share: 2}, "Pace": {Pace: -1}, "Budget": {Budget: -1},
		"Largest": {Largest: 1e6},
	} {
		_, err := plan.SurveyTable(t.Context(), client, surveySchema, o)
		assert.ErrorContains(t, err, name)
	}
	_, err := plan.SurveyTable(t.Context(), nil, surveySchema, plan.SurveyOptions{})
	assert.ErrorContains(t, err, "client is nil")
	_, err = plan.SurveyTable(t.Context(), client, monotable.Schema{}, plan.SurveyOptions{})
	assert.ErrorContains(t, err, "table name")
}

func TestSurveyOfAnEmptyTable(t *testing.T) {
	client := dynamotest.New(t, surveySchema)
	got, err := plan.SurveyTable(t.Context(), client, surveySchema, plan.SurveyOptions{Share: 1, Pace: 1e6})
	require.NoError(t, err)
	assert.Zero(t, got.Items)
	assert.NotEmpty(t, got.String())
}
