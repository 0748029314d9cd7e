package monotable_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// gauge has a field of each kind whose encoding its tags decide.
type gauge struct {
	ID      string              `dynamodbav:"id"`
	Names   []string            `dynamodbav:"names,omitempty,stringset"`
	Sizes   []int               `dynamodbav:"sizes,omitempty,numberset"`
	Blobs   [][]byte            `dynamodbav:"blobs,omitempty"`
	At      time.Time           `dynamodbav:"at,unixtime"`
	Times   []unixTime          `dynamodbav:"times,omitempty"`
	ByName  map[string]unixTime `dynamodbav:"by_name,omitempty"`
	Code    int                 `dynamodbav:"code,string"`
	Count   int                 `dynamodbav:"count"`
	Address address             `dynamodbav:"address"`
	Pets    []gaugePet          `dynamodbav:"pets,omitempty"`
	Any     any                 `dynamodbav:"any,omitempty"`
	Note    *string             `dynamodbav:"note,omitempty"`
	Updated time.Time           `dynamodbav:"updated"`
	V       int                 `dynamodbav:"v"`
	Expires time.Time           `dynamodbav:"ttl,unixtime"`
	Email   string              `dynamodbav:"email,omitempty"`
}

type unixTime = attributevalue.UnixTime

type gaugePet struct {
	Name string    `dynamodbav:"name"`
	Born time.Time `dynamodbav:"born,unixtime"`
}

var gaugeSchema = monotable.Schema{Name: "gauges", Partition: monotable.S("PK"), EntityType: "type", TTL: "ttl",
	Indexes: []monotable.Index{{Name: "by-city", Partition: monotable.S("GP"), Sort: monotable.S("GS")}}}

var gaugeModel = monotable.Model{Type: "gauge", Version: "v", Updated: "updated",
	Unique: map[string]string{"email": "{email|lower}"},
	Keys:   map[string]string{"PK": "G#{id}", "GP": "CITY#{address.city}#{code:3}", "GS": "{at}"}}

func gauges(t *testing.T) (*monotable.DB, *monotable.Table[gauge], *recorder, func() monotable.Item) {
	t.Helper()
	db, requests := newDB(t, gaugeSchema)
	table, name := tableOf[gauge](t, db, gaugeModel), db.Schema().Name
	one := gauge{ID: "1", At: day(1), Address: address{City: "Rome", Zip: "1"}, Names: []string{"a"},
		Pets: []gaugePet{{Name: "Rex"}}}
	require.NoError(t, table.Create(t.Context(), &one))
	requests.seen()
	return db, table, requests, func() monotable.Item {
		out, err := requests.service.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name,
			Key: monotable.Item{"PK": text("G#1")}})
		require.NoError(t, err)
		return out.Item
	}
}

// Operands of updates and conditions are encoded as T encodes the path that they meet, whoever's builder made them.
func TestExpressionsSpeakTheEncodingOfT(t *testing.T) {
	at := day(3).Add(5e8)
	unix := num(fmt.Sprint(at.Unix()))
	for name, test := range map[string]struct {
		update expression.UpdateBuilder
		path   string
		want   types.AttributeValue
	}{
		"a time":           {monotable.Set("at", at), "at", unix},
		"a pointer":        {monotable.Set("at", &at), "at", unix},
		"a slice":          {monotable.Set("names", []string{"x", "y"}), "names", stringSet("x", "y")},
		"an empty slice":   {monotable.Set("names", []string{}), "names", &types.AttributeValueMemberNULL{Value: true}},
		"times":            {monotable.Set("times", []time.Time{at}), "times", list(unix)},
		"a map of times":   {monotable.Set("by_name", map[string]time.Time{"a": at}), "by_name.a", unix},
		"in a struct":      {monotable.Set("pets[0].born", at), "pets[0].born", unix},
		"a whole struct":   {monotable.Set("pets[0]", gaugePet{Born: at}), "pets[0].born", unix},
		"without its tags": {monotable.Set("pets[0]", map[string]any{"born": at}), "pets[0].born", unix},
		"a nested name":    {monotable.Set("address.zip", "00100"), "address.zip", text("00100")},
		"a string number": {monotable.Set("code", 7).Set(expression.Name("address.city"), expression.Value("x")),
			"code", text("7")},
		"appended": {monotable.Set("times", expression.ListAppend(
			expression.Name("times").IfNotExists(expression.Value([]time.Time{})),
			expression.Value([]time.Time{at}))), "times[0]", unix},
		"computed":      {monotable.Set("count", expression.Name("count").Plus(expression.Value(2))), "count", num("2")},
		"a value built": {monotable.Set("count", expression.Value(3)), "count", num("3")},
		"a raw value":   {monotable.Set("count", num("4")), "count", num("4")},
		"a raw struct":  {monotable.Set("any", types.AttributeValueMemberS{Value: "s"}), "any", text("s")},
		"added":         {monotable.Add("names", []string{"b"}), "names", stringSet("a", "b")},
		"added by SDK": {expression.Add(expression.Name("names"), expression.Value([]string{"b"})), "names",
			stringSet("a", "b")},
		"added numbers": {monotable.Add("sizes", []int{2, 1}), "sizes", numberSet("1", "2")},
		"added binaries": {monotable.Add("blobs", [][]byte{{1}}), "blobs",
			&types.AttributeValueMemberBS{Value: [][]byte{{1}}}},
		"added to any":    {monotable.Add("any", []string{"b"}), "any", stringSet("b")},
		"a number added":  {monotable.Add("count", 5), "count", num("5")},
		"deleted":         {monotable.Delete("names", []string{"a"}), "names", nil},
		"deleted raw":     {monotable.Delete("names", stringSet("a")), "names", nil},
		"nothing deleted": {monotable.Delete("names", []string{"z"}), "names", stringSet("a")},
		"removed":         {monotable.Remove("names", "pets[0].name"), "pets[0].name", nil},
	} {
		_, table, _, raw := gauges(t)
		_, err := table.Update(t.Context(), gauge{ID: "1"}, test.update, monotable.Known(gauge{
			At: day(1), Address: address{City: "Rome"}}))
		require.NoError(t, err, name)
		got, err := raw().At(test.path)
		if test.want == nil {
			require.Error(t, err, name)
		} else {
			require.Equal(t, test.want, got, name)
		}
	}
}

// What cannot be is an error of the call, in words, without values, and nothing is sent.
func TestExpressionsRefuse(t *testing.T) {
	ctx := t.Context()
	db, table, requests, _ := gauges(t)
	key, seen := gauge{ID: "1"}, gauge{Address: address{City: "Rome"}, At: day(1)}
	items := tableOf[monotable.Item](t, db, monotable.Model{})
	var none *gauge
	for name, test := range map[string]struct {
		update expression.UpdateBuilder
		says   string
	}{
		"nothing":           {expression.UpdateBuilder{}, "the update changes nothing"},
		"Remove of nothing": {monotable.Remove(), "the update changes nothing"},
		"Patch of nothing":  {monotable.Patch(key), "the update changes nothing"},
		"Patch of another type": {monotable.Patch(sale{Note: new(string)}, "note"),
			"Patch takes a monotable_test.gauge, or a pointer to one, not a monotable_test.sale"},
		"removal of another":    {monotable.Patch(sale{}, "note"), "not a monotable_test.sale"},
		"Patch of a map":        {monotable.Patch(monotable.Item{"count": num("1")}, "count"), "not a monotable.Item"},
		"Patch of nil":          {monotable.Patch(none, "count"), "Patch of a nil pointer"},
		"Patch of any nil":      {monotable.Patch[any](nil, "count"), "Patch of a nil pointer"},
		"no attribute":          {monotable.Patch(key, "count", "cuont"), "monotable_test.gauge has no attribute cuont"},
		"no nested attribute":   {monotable.Patch(key, "address.ctiy"), "has no attribute address.ctiy"},
		"in a number":           {monotable.Patch(key, "count.secret"), "has no attribute count{key}"},
		"an element of a map":   {monotable.Patch(key, "address[0]"), "has no attribute address[0]"},
		"an empty path":         {monotable.Patch(key, ""), "unset parameter: NameBuilder"},
		"an empty step":         {monotable.Patch(key, "address."), "invalid parameter: NameBuilder"},
		"a path twice":          {monotable.Patch(key, "count", "count"), "overlap"},
		"a path in a path":      {monotable.Patch(key, "address", "address.zip"), "overlap"},
		"the primary key":       {monotable.Patch(key, "id"), "never changes"},
		"the version":           {monotable.Patch(key, "v"), "is the version"},
		"a unique attribute":    {monotable.Patch(gauge{Email: "a"}, "email"), "unique constraint email"},
		"what cannot be stored": {monotable.Patch(gauge{Any: make(chan int)}, "any"), "attribute any"},
		"text that is none":     {monotable.Patch(gauge{Note: ptr("secret\xff")}, "note"), "is text that is not UTF-8"},
		"Set of a channel":      {monotable.Set("count", make(chan int)), "operand on count: type chan int"},
		"Set in a map":          {monotable.Set("by_name.secret", make(chan int)), "operand on by_name.…: "},
		"Set of another kind":   {monotable.Set("count", "secret"), "operand on count"},
		"Set of nothing":        {monotable.Set("cuont", 1), "has no attribute cuont"},
		"Set of an empty path":  {monotable.Set("", 1), "unset parameter: NameBuilder"},
		"Add of a path":         {monotable.Add("count", expression.Name("v")), "a expression.NameBuilder is no value"},
		"Add of text":           {monotable.Add("names", "x"), "stores no S"},
		"Add of other elements": {monotable.Add("names", []int{1}), "stores no NS"},
		"Add of no elements":    {monotable.Add("names", []string{}), "there are no elements"},
		"Add of one twice":      {monotable.Add("names", []string{"a", "a"}), "with an element twice"},
		"Add of mixed elements": {monotable.Add("any", []any{"a", 1}), "Incorrect operand type"},
		"Delete of a list":      {monotable.Delete("pets", []string{"a"}), "stores no SS"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := table.Update(ctx, key, test.update, monotable.Known(seen))
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), "secret")
			require.Error(t, db.Write(ctx, []monotable.Op{table.UpdateOp(key, test.update, monotable.Known(seen))}))
			if name == "nothing" || name == "Remove of nothing" || name == "Patch of nothing" {
				return
			}
			_, err = table.Upsert(ctx, key, test.update, monotable.Known(seen))
			require.ErrorContains(t, err, test.says)
		})
	}
	for name, test := range map[string]struct {
		known monotable.UpdateOption
		says  string
	}{
		"Known of another type": {monotable.Known(sale{}),
			"Known takes a monotable_test.gauge, or a pointer to one, not a monotable_test.sale"},
		"Known of nil":     {monotable.Known(none), "Known: the pointer is nil"},
		"Known of any nil": {monotable.Known[any](nil), "Known: the pointer is nil"},
		"Known of text":    {monotable.Known(gauge{Address: address{City: "secret\xff"}}), "UTF-8"},
	} {
		_, err := table.Update(ctx, key, monotable.Set("code", 1), test.known)
		require.ErrorContains(t, err, test.says, name)
		assert.NotContains(t, err.Error(), "secret", name)
	}
	for name, condition := range map[string]expression.ConditionBuilder{
		"another kind": monotable.Is("count", "secret"), "no attribute": monotable.Absent("cuont"),
		"a channel": monotable.Is("count", make(chan int)),
	} {
		_, err := table.Update(ctx, key, monotable.Set("count", 1), monotable.If(condition))
		require.Error(t, err, name)
		_, err = table.ScanPage(ctx, monotable.Filter(condition))
		require.Error(t, err, name)
	}
	_, err := items.Update(ctx, monotable.Item{"PK": text("x")}, monotable.Patch(key, "count"))
	require.ErrorContains(t, err, "Patch takes a monotable.Item")
	assert.Empty(t, requests.seen(), "nothing of this was sent")
}

func ptr[T any](v T) *T { return &v }

// Conditions compare with what T stores, and go on with the SDK's methods.
func TestIsAndAbsent(t *testing.T) {
	ctx := t.Context()
	_, table, _, _ := gauges(t)
	for _, test := range []struct {
		is   expression.ConditionBuilder
		want bool
	}{
		{monotable.Is("at", day(1)), true}, {monotable.Is("at", day(2)), false},
		{monotable.Is("names", []string{"a"}), true}, {monotable.Is("names", []string{"b"}), false},
		{monotable.Is("code", 0), true}, {monotable.Is("address.city", "Rome"), true},
		{monotable.Is("pets[0].name", "Rex"), true}, {monotable.Is("count", expression.Name("v").Size()), false},
		{monotable.Is("address.city", expression.Name("address.zip")), false}, {monotable.Is("note", nil), false},
		{monotable.Absent("note"), true}, {monotable.Absent("pets[1]"), true}, {monotable.Absent("address.zip"), false},
		{monotable.Absent("note").Not(), false}, {monotable.Absent("note").And(monotable.Is("count", 0)), true},
		{monotable.Is("count", 1).Or(monotable.Is("count", 0)), true},
	} {
		found := len(collect(t, table.Scan(ctx, monotable.Filter(test.is)))) == 1
		require.Equal(t, test.want, found)
		_, err := table.Update(ctx, gauge{ID: "1"}, monotable.Set("note", "x").Remove(expression.Name("note.none")),
			monotable.If(test.is))
		require.Error(t, err)
		_, err = table.Update(ctx, gauge{ID: "1"}, monotable.Remove("note"), monotable.If(test.is))
		require.Equal(t, test.want, err == nil, "%v", err)
	}
}

// A Patch is an update like others: index keys, versions and times follow from it, and it goes with other actions.
func TestPatch(t *testing.T) {
	ctx := t.Context()
	db, table, requests, raw := gauges(t)
	in := gauge{Names: []string{"n"}, Count: 4, Address: address{City: "Oslo", Zip: "2"}, Code: 7, At: day(2),
		Expires: day(9), Note: ptr("note"), Pets: []gaugePet{{Born: day(3)}}}
	got, err := table.Update(ctx, gauge{ID: "1"}, monotable.Patch(&in, "names", "note", "ttl", "pets[0].born").
		Add(expression.Name("count"), expression.Value(5)))
	require.NoError(t, err)
	assert.Equal(t, []string{"UpdateItem"}, requests.seen())
	assert.Equal(t, 2, got.V)
	assert.Equal(t, 5, got.Count)
	assert.Equal(t, []string{"n"}, got.Names)
	assert.Equal(t, "Rex", got.Pets[0].Name)
	assert.True(t, got.Pets[0].Born.Equal(day(3)))
	assert.True(t, got.Expires.Equal(day(9)))
	assert.Equal(t, "CITY#Rome#000", textAt(t, raw(), "GP"))

	none := gauge{}
	_, err = table.Update(ctx, gauge{ID: "1"}, monotable.Patch(none, "names", "note", "ttl", "count"))
	require.NoError(t, err)
	for _, gone := range []string{"names", "note", "ttl"} {
		assert.NotContains(t, raw(), gone, "what T leaves out, and a zero time to expire by, are removed")
	}
	assert.Equal(t, num("0"), raw()["count"])

	// Index keys follow from a part of an attribute, from all of it, and from what was seen.
	_, err = table.Update(ctx, gauge{ID: "1"}, monotable.Patch(in, "address.city"))
	require.ErrorIs(t, err, monotable.ErrKey)
	require.ErrorContains(t, err, "also made of code")
	require.ErrorContains(t, err, "Known")
	_, err = table.Update(ctx, gauge{ID: "1"}, monotable.Patch(in, "address.city"), monotable.Known(in))
	require.ErrorIs(t, err, monotable.ErrCondition)
	_, err = table.Update(ctx, gauge{ID: "1"}, monotable.Patch(in, "address.city"), monotable.Known(&none))
	require.NoError(t, err)
	assert.Equal(t, "CITY#Oslo#000", textAt(t, raw(), "GP"))
	in.Address = address{City: "Bern"}
	got, err = table.Update(ctx, gauge{ID: "1"}, monotable.Patch(in, "address", "code", "at"))
	require.NoError(t, err)
	assert.Equal(t, in.Address, got.Address, "it is replaced as a whole")
	assert.Equal(t, "CITY#Bern#007", textAt(t, raw(), "GP"))
	assert.Equal(t, "2026-01-02T12:00:00.000000000Z", textAt(t, raw(), "GS"))
	require.Len(t, collect(t, table.Query(ctx, gauge{Address: in.Address, Code: 7}, monotable.On("by-city"))), 1)
	_, err = table.Update(ctx, gauge{ID: "1"}, monotable.Remove("address"))
	require.NoError(t, err)
	assert.NotContains(t, raw(), "GP", "without a city it is not in the index")

	// The other calls that take an update.
	ofNew := gauge{ID: "2", Address: address{City: "Nice"}, Code: 9, At: day(4)}
	_, err = table.Upsert(ctx, gauge{ID: "2"}, monotable.Patch(ofNew, "address", "code", "at", "note", "names"))
	require.ErrorIs(t, err, nil)
	require.NoError(t, db.Write(ctx, []monotable.Op{
		table.UpdateOp(gauge{ID: "1"}, monotable.Patch(in, "address"), monotable.Known(in)),
		table.UpsertOp(gauge{ID: "3"}, monotable.Patch(ofNew, "address", "code", "at")),
	}))
	for id, city := range map[string]string{"1": "Bern", "2": "Nice", "3": "Nice"} {
		x, err := table.Get(ctx, gauge{ID: id})
		require.NoError(t, err)
		assert.Equal(t, city, x.Address.City)
		found := collect(t, table.Query(ctx, gauge{Address: x.Address, Code: x.Code}, monotable.On("by-city")))
		assert.Len(t, found, map[string]int{"Bern": 1, "Nice": 2}[city])
	}
	_, err = table.Update(ctx, gauge{ID: "1"}, monotable.Patch(in, "count"), monotable.AtVersion(1))
	require.ErrorIs(t, err, monotable.ErrVersion)
}

// Items without a Go type are patched by what they hold.
func TestPatchOfAnItem(t *testing.T) {
	ctx := t.Context()
	items := newTable[monotable.Item](t, gaugeSchema, monotable.Model{})
	one := monotable.Item{"PK": text("x"), "a": text("old"), "b": text("old"), "m": fields(monotable.Item{"k": num("1")})}
	require.NoError(t, items.Put(ctx, &one))
	in := monotable.Item{"a": text("new"), "m": fields(monotable.Item{"k": num("2"), "l": list(num("3"))})}
	got, err := items.Update(ctx, one, monotable.Patch(in, "a", "b", "m.k", "m.none"))
	require.NoError(t, err)
	assert.Equal(t, monotable.Item{"PK": text("x"), "a": text("new"), "m": fields(monotable.Item{"k": num("2")})}, got)
}

// The item is as it was when Patch was called, and a builder that was used once is not changed by that.
func TestPatchIsOfItsTime(t *testing.T) {
	ctx := t.Context()
	_, table, _, _ := gauges(t)
	in := gauge{Names: []string{"first"}}
	u := monotable.Patch(&in, "names")
	in.Names[0] = "second"
	for range 2 {
		got, err := table.Update(ctx, gauge{ID: "1"}, u)
		require.NoError(t, err)
		assert.Equal(t, []string{"first"}, got.Names)
	}
}

// A comment counts on its task, which must be there, without raising its version, and one by a member alone.
func TestACounterThatDisturbsNothing(t *testing.T) {
	ctx := t.Context()
	type member struct {
		Tenant string `dynamodbav:"tenant"`
		User   string `dynamodbav:"user"`
	}
	type task struct {
		ID       string     `dynamodbav:"id"`
		Comments int        `dynamodbav:"comments"`
		Deleted  *time.Time `dynamodbav:"deleted_at,omitempty"`
		Version  int64      `dynamodbav:"version"`
	}
	type comment struct {
		Task string `dynamodbav:"task"`
		ID   string `dynamodbav:"id"`
	}
	db, _ := newDB(t, store)
	tasks := tableOf[task](t, db, monotable.Model{Version: "version", Uncounted: []string{"comments"},
		Keys: map[string]string{"PK": "TASK#{id}", "SK": "TASK"}})
	comments := tableOf[comment](t, db, monotable.Model{Keys: map[string]string{"PK": "TASK#{task}",
		"SK": "COMMENT#{id}"}})
	members := tableOf[member](t, db, monotable.Model{Keys: map[string]string{"PK": "TENANT#{tenant}", "SK": "{user}"}})
	require.NoError(t, tasks.Create(ctx, &task{ID: "1"}))
	key := task{ID: "1"}
	errGone, errForbidden := errors.New("gone"), errors.New("forbidden")
	write := func(id string) error {
		c := comment{Task: "1", ID: id}
		return db.Write(ctx, []monotable.Op{
			comments.CreateOp(&c),
			tasks.UpdateOp(key, monotable.Add("comments", 1), monotable.If(monotable.Absent("deleted_at"))).
				Else(errGone),
			members.CheckOp(member{Tenant: "t", User: "u"}).Else(errForbidden),
		}, monotable.Retry(3))
	}
	require.ErrorIs(t, write("a"), errForbidden)
	require.NoError(t, members.Create(ctx, &member{Tenant: "t", User: "u"}))
	require.NoError(t, write("b"))
	got, err := tasks.Get(ctx, key)
	require.NoError(t, err)
	assert.Equal(t, task{ID: "1", Comments: 1, Version: 1}, got)
	_, err = tasks.Update(ctx, key, monotable.Set("deleted_at", day(1)))
	require.NoError(t, err)
	require.ErrorIs(t, write("c"), errGone)
}

// A partial update of what a request brought, without a read.
func TestAPartialUpdateOfARequest(t *testing.T) {
	ctx := t.Context()
	type order struct {
		ID      string     `dynamodbav:"id"`
		Status  string     `dynamodbav:"status"`
		Shipped *time.Time `dynamodbav:"shipped_at,omitempty"`
		Address address    `dynamodbav:"address"`
		Region  string     `dynamodbav:"region"`
		Edits   int        `dynamodbav:"edits"`
	}
	orders := newTable[order](t, store, monotable.Model{Keys: map[string]string{"PK": "ORDER#{id}", "SK": "ORDER",
		"GSI1PK": "STATUS#{status}#{region}", "GSI1SK": "{id}"}})
	seen := order{ID: "1", Status: "open", Address: address{City: "Rome", Zip: "1"}, Region: "eu"}
	require.NoError(t, orders.Create(ctx, &seen))
	key, at := order{ID: "1"}, day(2)
	in := order{Status: "shipped", Shipped: &at, Address: address{City: "Oslo"}}
	got, err := orders.Update(ctx, key, monotable.Patch(in, "status", "shipped_at", "address.city"),
		monotable.Known(seen))
	require.NoError(t, err)
	assert.Equal(t, order{ID: "1", Status: "shipped", Shipped: &at, Address: address{City: "Oslo", Zip: "1"},
		Region: "eu"}, got)
	got, err = orders.Update(ctx, key, monotable.Patch(in, "status").
		Add(expression.Name("edits"), expression.Value(1)), monotable.Known(&got))
	require.NoError(t, err)
	assert.Equal(t, 1, got.Edits)
	assert.Len(t, collect(t, orders.Query(ctx, order{Status: "shipped", Region: "eu"}, monotable.On("GSI1"))), 1)
}
