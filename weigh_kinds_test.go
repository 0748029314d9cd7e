package monotable_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// allKinds has attributes of every kind, under keys of every kind of template.
type allKinds struct {
	ID      string                `dynamodbav:"id"`
	N       int8                  `dynamodbav:"n"`
	Price   float64               `dynamodbav:"price"`
	Ratio   float32               `dynamodbav:"ratio,omitempty"`
	At      time.Time             `dynamodbav:"at"`
	Expires time.Time             `dynamodbav:"expires,unixtime"`
	Flag    *bool                 `dynamodbav:"flag"`
	Empty   string                `dynamodbav:"empty,nullempty"`
	AsText  uint16                `dynamodbav:"as_text,string"`
	Inner   inner                 `dynamodbav:"inner"`
	Some    *inner                `dynamodbav:"some,omitempty"`
	Map     map[string]int        `dynamodbav:"map"`
	Any     any                   `dynamodbav:"any"`
	Words   []string              `dynamodbav:"words,stringset"`
	Floats  []float64             `dynamodbav:"floats,numberset,omitempty"`
	Blobs   [][]byte              `dynamodbav:"blobs,binaryset"`
	List    []inner               `dynamodbav:"list"`
	Number  attributevalue.Number `dynamodbav:"number,omitempty"`
	Hash    [4]byte               `dynamodbav:"hash"`
	City    string                `dynamodbav:"city,omitempty"`
	Zone    string                `dynamodbav:"zone,omitempty"`
	Made    time.Time             `dynamodbav:"made"`
	Touched int64                 `dynamodbav:"touched_at_all,omitempty"`
	Changed time.Time             `dynamodbav:"changed"`
	Version uint32                `dynamodbav:"v"`
}

type inner struct {
	A string   `dynamodbav:"a,omitempty"`
	B *float64 `dynamodbav:"b"`
	C []int    `dynamodbav:"c,omitempty"`
}

var kinds = monotable.Schema{
	Name: "kinds", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "kind", TTL: "expires",
	Indexes: []monotable.Index{
		{Name: "by-city", Partition: monotable.S("GSI1PK"), Sort: monotable.S("GSI1SK"),
			Include: []string{"GSI2PK", "expires", "kind", "v", "absent"}},
		{Name: "spread", Partition: monotable.S("GSI2PK", "zone"), Sort: monotable.N("price").S("GSI1SK"),
			Include: []string{"GSI1PK", "inner"}},
		{Name: "by-time", Local: true, Sort: monotable.S("LSI1"), Include: []string{"GSI1PK", "changed"}},
		{Name: "by-n", Local: true, Sort: monotable.N("n"), KeysOnly: true},
		{Name: "inverted", Partition: monotable.S("SK"), Sort: monotable.S("PK")},
	},
}

var kindsModel = monotable.Model{Type: "Kind", Version: "v", Created: "made", Updated: "changed",
	Keys: map[string]string{
		"PK": "K#{id:2}#{n|shard:3}", "SK": "{n:3}#{flag}", "GSI1PK": "CITY#{city|lower}",
		"GSI1SK": "{price:6.4}#{inner.a}",
		"GSI2PK": "Z#{zone}#{id:2|shard:7}", "LSI1": "{at|date|desc}",
	}}

func drawKinds(t *rapid.T) allKinds {
	text := rapid.SampledFrom([]string{"", "x", "größe#%", strings.Repeat("long", 400)})
	float := rapid.SampledFrom([]float64{0, 1, -1, 0.1, -2.25, 1234.5678, 1e5, 99999.9999, -0.0001})
	pick := rapid.IntRange(0, 3)
	x := allKinds{
		ID: "id", N: int8(rapid.IntRange(-128, 127).Draw(t, "n")), Price: float.Draw(t, "price"),
		Ratio: float32(float.Draw(t, "ratio")),
		At: time.Date(2026, 1, pick.Draw(t, "day")+1, 5, 0, 0, 120,
			time.FixedZone("x", 3600*pick.Draw(t, "zone of time"))),
		Flag: new(rapid.Bool().Draw(t, "flag")), Empty: text.Draw(t, "empty"),
		AsText: rapid.Uint16().Draw(t, "as text"),
		City:   text.Draw(t, "city"), Zone: text.Draw(t, "zone"), Hash: [4]byte{1},
	}
	if pick.Draw(t, "expires") > 0 {
		x.Expires = time.Unix(rapid.Int64Range(1, 1<<40).Draw(t, "at"), 0)
	}
	someInner := func() inner {
		i := inner{A: text.Draw(t, "a")}
		if pick.Draw(t, "b") == 0 {
			i.B = new(float.Draw(t, "b"))
		}
		for range pick.Draw(t, "c") {
			i.C = append(i.C, rapid.Int().Draw(t, "c"))
		}
		return i
	}
	x.Inner = someInner()
	if pick.Draw(t, "some") > 0 {
		x.Some = new(someInner())
	}
	for i := range pick.Draw(t, "list") {
		x.List = append(x.List, someInner())
		x.Floats = append(x.Floats, float64(i)+0.25) // elements of a set differ
		x.Words = append(x.Words, fmt.Sprint(text.Draw(t, "word"), i))
		x.Blobs = append(x.Blobs, []byte{byte(i), byte(pick.Draw(t, "blob"))})
	}
	x.Any = rapid.SampledFrom([]any{nil, 1, "x", []any{1.5, nil, map[string]any{"k": true}}, []byte("b")}).
		Draw(t, "any")
	x.Number = rapid.SampledFrom([]attributevalue.Number{"", "1e3", "100.00", "-7"}).Draw(t, "number")
	x.Map = rapid.SampledFrom([]map[string]int{nil, {}, {"a": -100, "bb": 5}}).Draw(t, "map")
	return x
}

// Items of all kinds weigh without being made what they weigh when they are.
func TestSizeOfAllKinds(t *testing.T) {
	table := offline[allKinds](t, kinds, kindsModel)
	rapid.Check(t, func(rt *rapid.T) {
		x := drawKinds(rt)
		x.Made, x.Changed, x.Version = day(1), day(2).Add(10), 1
		sameSize(rt, table, x)
	})
}

// What writes of them are said to cost is what they are charged, on the table and on indexes of every kind.
func TestCostsOfAllKinds(t *testing.T) {
	t.Parallel()
	ctx, charged := t.Context(), map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		client := dynamotest.NewClient()
		require.NoError(rt, admin.Create(ctx, client, kinds, 0))
		now := day(3)
		db, err := monotable.Open(client, kinds, monotable.Clock(func() time.Time { return now }))
		require.NoError(rt, err)
		table := tableOf[allKinds](t, db, kindsModel)
		c := &costing{T: rt}
		c.m = monotable.Metered(&c.meter)
		check := func(operation string, cost monotable.Cost, err error) {
			c.check(operation, cost, err)
			charged[operation]++
		}
		var stored *allKinds
		for range 6 {
			x := drawKinds(rt)
			x.N, x.Flag = 1, new(true)
			now = now.Add(time.Duration(rapid.IntRange(0, 1000).Draw(rt, "pass")) * time.Millisecond)
			if stored == nil {
				cost, err := table.WriteCost(nil, &x)
				failed := table.Create(ctx, &x, c.m)
				require.Equal(rt, err == nil, failed == nil, "%v, %v", err, failed)
				if err != nil {
					continue
				}
				check("create", cost, err)
				stored = &x
				continue
			}
			x.Version, x.Made = stored.Version, stored.Made
			switch rapid.IntRange(0, 4).Draw(rt, "operation") {
			case 0:
				cost, err := table.WriteCost(stored, &x)
				failed := table.Put(ctx, &x, c.m)
				require.Equal(rt, err == nil, failed == nil, "%v, %v", err, failed)
				if err == nil {
					check("put", cost, err)
					stored = &x
				}
			case 1:
				cost, err := table.ModifyCost(stored, &x)
				now, failed := table.Modify(ctx, x, func(y *allKinds) error { *y = x; return nil }, c.m)
				require.Equal(rt, err == nil, failed == nil, "%v, %v", err, failed)
				if err == nil {
					check("modify", cost, err)
					stored = &now
				}
				c.meter.Reset()
			case 2:
				after := *stored
				after.Empty, after.Version, after.Changed = "y", after.Version+1, now
				cost, err := table.UpdateCost(stored, &after)
				require.NoError(rt, err)
				got, err := table.Update(ctx, x, expression.Set(expression.Name("empty"), expression.Value("y")), c.m)
				check("update", cost, err)
				stored = &got
			case 3:
				cost, err := table.WriteCost(stored, nil, monotable.Transactional())
				require.NoError(rt, err)
				check("delete", cost, db.Write(ctx, []monotable.Op{table.DeleteOp(x)}, c.m))
				stored = nil
			case 4:
				cost, err := table.WriteCost(stored, &x, monotable.Transactional())
				failed := db.Write(ctx, []monotable.Op{table.PutOp(&x)}, c.m)
				require.Equal(rt, err == nil, failed == nil, "%v, %v", err, failed)
				if err == nil {
					check("put in a transaction", cost, err)
					stored = &x
				}
			}
		}
	})
	for _, operation := range []string{"create", "put", "modify", "update", "delete", "put in a transaction"} {
		require.NotZero(t, charged[operation], operation)
	}
}
