package monotable_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// order is what this program knows of orders, which others know more of.
type order struct {
	ID      string             `dynamodbav:"id"`
	Address address            `dynamodbav:"address"`
	Lines   []line             `dynamodbav:"lines"`
	Rates   map[string]float64 `dynamodbav:"rates"`
	Places  map[string]address `dynamodbav:"places"`
	Open    bool               `dynamodbav:"open"`
}

type line struct {
	SKU string `dynamodbav:"sku"`
	N   int    `dynamodbav:"n"`
}

// parse reads an item's JSON as DynamoDB writes it.
func parse(t testing.TB, text string) monotable.Item {
	t.Helper()
	var item monotable.Item
	require.NoError(t, (*monotable.DynamoDBJSON)(&item).UnmarshalJSON([]byte(text)))
	return item
}

// storedBy writes an item as another program does, and reads it so.
func storedBy(t testing.TB, client service, table string, item monotable.Item) func() monotable.Item {
	t.Helper()
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
	require.NoError(t, err)
	return func() monotable.Item {
		out, err := client.GetItem(t.Context(),
			&dynamodb.GetItemInput{TableName: &table, Key: monotable.Item{"id": item["id"]}})
		require.NoError(t, err)
		return out.Item
	}
}

// What T does not name survives, at any depth, with a version and without.
func TestModifyKeepsWhatItDoesNotKnow(t *testing.T) {
	type versioned struct {
		order
		V int64 `dynamodbav:"v"`
	}
	const before = `{"id":{"S":"1"},"note":{"S":"theirs"},"open":{"BOOL":true},
		"address":{"M":{"city":{"S":"Oslo"},"zip":{"S":"1"},"floor":{"N":"3"},"geo":{"M":{"lat":{"N":"60"}}}}},
		"lines":{"L":[{"M":{"sku":{"S":"a"},"n":{"N":"1"},"gift":{"BOOL":true}}},
			{"M":{"sku":{"S":"b"},"n":{"N":"2"},"colour":{"S":"red"}}}]},
		"rates":{"M":{"x":{"N":"1.5"},"y":{"N":"2"}}},
		"places":{"M":{"home":{"M":{"city":{"S":"Oslo"},"floor":{"N":"1"}}},
			"work":{"M":{"city":{"S":"Bergen"},"desk":{"S":"7"}}}}}%s}`
	const after = `{"id":{"S":"1"},"note":{"S":"theirs"},"open":{"BOOL":true},
		"address":{"M":{"city":{"S":"Bergen"},"floor":{"N":"3"},"geo":{"M":{"lat":{"N":"60"}}}}},
		"lines":{"L":[{"M":{"sku":{"S":"a"},"n":{"N":"1"},"gift":{"BOOL":true}}},
			{"M":{"sku":{"S":"b"},"n":{"N":"5"},"colour":{"S":"red"}}},{"M":{"sku":{"S":"c"},"n":{"N":"1"}}}]},
		"rates":{"M":{"y":{"N":"3"}}},
		"places":{"M":{"work":{"M":{"city":{"S":"Moss"},"desk":{"S":"7"}}},"cabin":{"M":{"city":{"S":"Geilo"}}}}}%s}`
	change := func(o *order) {
		o.Address = address{City: "Bergen"}
		o.Lines[1].N = 5
		o.Lines = append(o.Lines, line{"c", 1})
		delete(o.Rates, "x")
		o.Rates["y"] = 3
		delete(o.Places, "home")
		o.Places["work"] = address{City: "Moss"}
		o.Places["cabin"] = address{City: "Geilo"}
	}
	db, requests := newDB(t, monotable.Schema{Name: "orders", Partition: monotable.S("id")})
	table := db.Schema().Name
	read := storedBy(t, requests.service, table, parse(t, fmt.Sprintf(before, "")))
	orders := tableOf[order](t, db, monotable.Model{Type: "plain"})
	got, err := orders.Modify(t.Context(), order{ID: "1"}, func(o *order) error { change(o); return nil })
	require.NoError(t, err)
	assert.Equal(t, "Bergen", got.Address.City)
	assert.True(t, read().Equal(parse(t, fmt.Sprintf(after, ""))), "%v", read())

	read = storedBy(t, requests.service, table, parse(t, fmt.Sprintf(before, `,"v":{"N":"4"}`)))
	again, err := monotable.Open(requests, db.Schema())
	require.NoError(t, err)
	numbered := tableOf[versioned](t, again, monotable.Model{Version: "v"})
	_, err = numbered.Modify(t.Context(), versioned{order: order{ID: "1"}},
		func(o *versioned) error { change(&o.order); return nil }, monotable.Once())
	require.NoError(t, err)
	assert.True(t, read().Equal(parse(t, fmt.Sprintf(after, `,"v":{"N":"5"}`))), "%v", read())
}

// So many changes in one attribute that an expression has no room for their paths are one: the attribute as they make
// it.
func TestModifyOfManyPaths(t *testing.T) {
	type ledger struct {
		ID    string         `dynamodbav:"id"`
		Books map[string]int `dynamodbav:"books"`
		V     int            `dynamodbav:"v"`
	}
	for _, model := range []monotable.Model{{}, {Version: "v"}} {
		db, requests := newDB(t, monotable.Schema{Name: "ledgers", Partition: monotable.S("id")})
		ledgers := tableOf[ledger](t, db, model)
		x := ledger{ID: "1", Books: map[string]int{}}
		for i := range 400 {
			x.Books[fmt.Sprint("book-", i)] = i
		}
		require.NoError(t, ledgers.Create(t.Context(), &x))
		ran := 0
		got, err := ledgers.Modify(t.Context(), x, func(l *ledger) error {
			if ran++; ran == 1 { // another program, which raises no version, is faster
				table := db.Schema().Name
				expression, one := "SET books.foreign_book = :n", &types.AttributeValueMemberN{Value: "1"}
				_, err := requests.service.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
					TableName: &table, Key: monotable.Item{"id": text("1")}, UpdateExpression: &expression,
					ExpressionAttributeValues: monotable.Item{":n": one},
				})
				require.NoError(t, err)
			}
			for name := range l.Books {
				l.Books[name]++
			}
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, 2, ran)
		assert.Len(t, got.Books, 401)
		assert.Equal(t, 2, got.Books["foreign_book"])
		assert.Equal(t, 400, got.Books["book-399"])
		now, err := ledgers.Get(t.Context(), x)
		require.NoError(t, err)
		assert.Equal(t, got, now)
	}
}

// An attribute that is stored under another case of its name is emptied and rewritten where it is.
func TestModifyOfNamesInAnotherCase(t *testing.T) {
	type named struct {
		ID   string         `dynamodbav:"id"`
		Name string         `dynamodbav:"name,omitempty"`
		Home address        `dynamodbav:"home"`
		More monotable.Item `monotable:"unknown"`
	}
	db, requests := newDB(t, monotable.Schema{Name: "names", Partition: monotable.S("id")})
	table := db.Schema().Name
	names := tableOf[named](t, db, monotable.Model{})
	item := parse(t,
		`{"id":{"S":"1"},"Name":{"S":"Rachel"},"home":{"M":{"CITY":{"S":"Oslo"},"x":{"N":"1"}}},"y":{"N":"2"}}`)
	read := storedBy(t, requests.service, table, item)
	got, err := names.Modify(t.Context(), named{ID: "1"}, func(n *named) error { n.Name = ""; return nil })
	require.NoError(t, err)
	assert.Empty(t, got.Name)
	assert.NotContains(t, read(), "Name")
	_, err = names.Modify(t.Context(), named{ID: "1"}, func(n *named) error { n.Home.City = "Moss"; return nil })
	require.NoError(t, err)
	assert.True(t,
		read().Equal(parse(t, `{"id":{"S":"1"},"home":{"M":{"city":{"S":"Moss"},"x":{"N":"1"}}},"y":{"N":"2"}}`)), "%v",
		read())
}

// An item that others wrote without an index's key can be changed in what the index does not need.
func TestModifyChecksWhatItWrites(t *testing.T) {
	type place struct {
		ID     string `dynamodbav:"id"`
		Region string `dynamodbav:"region"`
		Note   string `dynamodbav:"note"`
	}
	db, requests := newDB(t, monotable.Schema{Name: "places", Partition: monotable.S("id"),
		Indexes: []monotable.Index{{Name: "by-region", Partition: monotable.S("region")}}})
	places := tableOf[place](t, db, monotable.Model{})
	read := storedBy(t, requests.service, db.Schema().Name, parse(t, `{"id":{"S":"1"},"note":{"S":"a"}}`))
	_, err := places.Modify(t.Context(), place{ID: "1"}, func(p *place) error { p.Note = "b"; return nil })
	require.NoError(t, err)
	assert.True(t, read().Equal(parse(t, `{"id":{"S":"1"},"note":{"S":"b"}}`)), "%v", read())
	_, err = places.Modify(t.Context(), place{ID: "1"}, func(p *place) error { p.Region = "eu"; return nil })
	require.NoError(t, err)
	requests.seen()
	_, err = places.Modify(t.Context(), place{ID: "1"}, func(p *place) error { p.Region = ""; return nil })
	require.ErrorIs(t, err, monotable.ErrKey)
	require.ErrorContains(t, err, "omitempty")
	assert.Equal(t, []string{"GetItem"}, requests.seen())
}

// Who raises no version may have removed what a change leads through: the function then runs on what is there.
func TestModifyWhoseWayIsGone(t *testing.T) {
	type numbered struct {
		order
		V int64 `dynamodbav:"v"`
	}
	const item = `{"id":{"S":"1"},"v":{"N":"1"},"address":{"M":{"city":{"S":"Oslo"},"zip":{"S":"1"}}},` +
		`"lines":{"L":[{"M":{"sku":{"S":"a"},"n":{"N":"1"},"x":{"N":"1"}}}]},` +
		`"places":{"M":{"home":{"M":{"city":{"S":"Oslo"},"x":{"N":"1"}}}}}}`
	for _, gone := range []string{"REMOVE address", "REMOVE places.home", "SET places = id", "REMOVE #l[0]",
		"REMOVE #l, address", "SET address = id"} {
		for _, options := range [][]monotable.ItemOption{nil, {monotable.Once()}} {
			db, requests := newDB(t, monotable.Schema{Name: "orders", Partition: monotable.S("id")})
			table := db.Schema().Name
			storedBy(t, requests.service, table, parse(t, item))
			orders := tableOf[numbered](t, db, monotable.Model{Version: "v"})
			ran := 0
			got, err := orders.Modify(t.Context(), numbered{order: order{ID: "1"}}, func(o *numbered) error {
				if ran++; ran == 1 {
					in := &dynamodb.UpdateItemInput{TableName: &table, Key: monotable.Item{"id": text("1")},
						UpdateExpression: &gone}
					if strings.Contains(gone, "#l") {
						in.ExpressionAttributeNames = map[string]string{"#l": "lines"}
					}
					_, err := requests.service.UpdateItem(t.Context(), in)
					require.NoError(t, err)
				}
				o.Address.City = "Moss"
				for i := range o.Lines {
					o.Lines[i].N++
				}
				for name := range o.Places {
					o.Places[name] = address{City: "Moss"}
				}
				return nil
			}, options...)
			if strings.HasPrefix(gone, "SET") { // which T cannot read
				require.Error(t, err, gone)
				assert.NotErrorIs(t, err, monotable.ErrAmbiguous)
				continue
			}
			require.NoError(t, err, gone)
			assert.Equal(t, 2, ran, gone)
			assert.Equal(t, "Moss", got.Address.City)
			now, err := orders.Get(t.Context(), got)
			require.NoError(t, err)
			assert.Equal(t, got, now)
		}
	}
}
