package monotable_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
)

func outsideTable[T any](t *testing.T, s monotable.Schema,
	m monotable.Model) (*dynamotest.Client, *monotable.DB, *monotable.Table[T]) {
	t.Helper()
	c := dynamotest.New(t, s)
	db, err := monotable.Open(c, s)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := monotable.New[T](db, m)
	if err != nil {
		t.Fatal(err)
	}
	return c, db, tab
}

func outsideRaw(t *testing.T, c *dynamotest.Client, name string) (all []monotable.Item) {
	t.Helper()
	out, err := c.Scan(context.Background(), &dynamodb.ScanInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range out.Items {
		all = append(all, i)
	}
	return all
}

// outsideDrift compares the index key GP with what its template makes of each item as decoded.
func outsideDrift[T any](t *testing.T, c *dynamotest.Client, tab *monotable.Table[T], after string) {
	t.Helper()
	for _, raw := range outsideRaw(t, c, "ftab") {
		v, err := tab.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		want, err := tab.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		have, _ := raw.String("GP")
		made, _ := want.String("GP")
		if have != made {
			t.Errorf("after %s: GP is stored as %q, and its template makes %q of the stored item", after, have, made)
		}
	}
}

var outsideschema = monotable.Schema{Name: "ftab", Partition: monotable.S("PK"),
	Indexes: []monotable.Index{{Name: "GSI1", Partition: monotable.S("GP")}}}

// Modify sends names and map keys that are not UTF-8; the SDK stores them as U+FFFD, and the call succeeds.
func TestModifyOfNamesThatAreNotUTF8(t *testing.T) {
	type X struct {
		ID   string            `dynamodbav:"PK"`
		M    map[string]string `dynamodbav:"m"`
		A    any               `dynamodbav:"a"`
		Rest monotable.Item    `monotable:"unknown"`
	}
	ctx := context.Background()
	s := monotable.Schema{Name: "ztab", Partition: monotable.S("PK")}
	c := dynamotest.New(t, s)
	server, err := dynamotest.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	db, err := monotable.Open(dynamodb.NewFromConfig(server.Config()), s)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := monotable.New[X](db, monotable.Model{})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*X){
		"map":     func(x *X) { x.M["k\xff"] = "new" },
		"any":     func(x *X) { x.A.(map[string]any)["k\xff"] = "new" },
		"unknown": func(x *X) { x.Rest = monotable.Item{"k\xff": &types.AttributeValueMemberS{Value: "new"}} },
	} {
		x := X{ID: name, M: map[string]string{"k\ufffd": "precious"}, A: map[string]any{"k\ufffd": "precious"}}
		if err := tab.Create(ctx, &x); err != nil {
			t.Fatal(err)
		}
		_, err := tab.Modify(ctx, X{ID: name}, func(x *X) error { change(x); return nil })
		if err == nil {
			now, _ := tab.Get(ctx, X{ID: name})
			t.Errorf("%s: Modify succeeded; stored: m=%q a=%q rest has %d", name, now.M, now.A, len(now.Rest))
		}
	}
}

var _ = expression.Name

// an Update that removes a map's entry (or a field of an embedded pointer), or is told by Known of one that is not
// there, writes an index key of T's zero number, though the item as decoded has no value there.
func TestKeysOfMapEntries(t *testing.T) {
	type X struct {
		ID string         `dynamodbav:"id"`
		M  map[string]int `dynamodbav:"m"`
		S  string         `dynamodbav:"s"`
	}
	ctx := context.Background()
	c, _, tab := outsideTable[X](t, outsideschema,
		monotable.Model{Keys: map[string]string{"PK": "X#{id}", "GP": "N#{m.n:3}#{s}"}})
	tab.Create(ctx, &X{"1", map[string]int{"n": 5}, "a"})
	_, err := tab.Update(ctx, X{ID: "1"}, expression.Remove(expression.Name("m.n")), monotable.Known(X{S: "a"}))
	t.Log(err)
	outsideDrift(t, c, tab, "Remove(m.n)")
	tab.Delete(ctx, X{ID: "1"})
	tab.Create(ctx, &X{"2", map[string]int{"o": 5}, "a"})
	_, err = tab.Update(ctx, X{ID: "2"}, expression.Set(expression.Name("s"), expression.Value("b")),
		monotable.Known(X{M: map[string]int{"n": 0}}))
	t.Log(err)
	outsideDrift(t, c, tab, "Known(m.n = 0)")
}

func TestKeysBehindAPointer(t *testing.T) {
	type A struct {
		Zip int `dynamodbav:"zip"`
	}
	type X struct {
		ID   string `dynamodbav:"id"`
		Addr *A     `dynamodbav:"addr,omitempty"`
		S    string `dynamodbav:"s"`
	}
	ctx := context.Background()
	c, _, tab := outsideTable[X](t, outsideschema,
		monotable.Model{Keys: map[string]string{"PK": "X#{id}", "GP": "N#{addr.zip:3}#{s}"}})
	tab.Create(ctx, &X{"2", nil, "a"})
	_, err := tab.Update(ctx, X{ID: "2"}, expression.Set(expression.Name("s"), expression.Value("b")),
		monotable.Known(X{Addr: &A{}}))
	t.Log(err)
	outsideDrift(t, c, tab, "Known(addr.zip = 0)")
}

type F02Base struct {
	N int `dynamodbav:"n"`
}

func TestKeysOfAnEmbeddedPointer(t *testing.T) {
	type X struct {
		ID string `dynamodbav:"id"`
		*F02Base
		S string `dynamodbav:"s"`
	}
	ctx := context.Background()
	c, _, tab := outsideTable[X](t, outsideschema,
		monotable.Model{Keys: map[string]string{"PK": "X#{id}", "GP": "N#{n:3}#{s}"}})
	tab.Create(ctx, &X{"1", &F02Base{4}, "a"})
	_, err := tab.Update(ctx, X{ID: "1"}, expression.Remove(expression.Name("n")), monotable.Known(X{S: "a"}))
	t.Log(err)
	outsideDrift(t, c, tab, "Remove(n)")
}

var _ = expression.Name

type outside06X struct {
	ID string `dynamodbav:"id"`
	N  int    `dynamodbav:"n"`
	S  string `dynamodbav:"s"`
	O  string `dynamodbav:"o"`
}

// an item of others has NULL (or another value) in an attribute that the primary key is made of. Upsert sets that
// attribute, but takes "exists" for "is as the key says": index keys and guards that are made of it too stay as they
// were.
func TestUpsertOfANullIdentity(t *testing.T) {
	ctx := context.Background()
	table := "ftab"
	str := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	s := monotable.Schema{Name: table, Partition: monotable.S("PK"), Sort: monotable.S("SK"),
		Indexes: []monotable.Index{{Name: "GSI1", Partition: monotable.S("GP")}}}
	c, _, tab := outsideTable[outside06X](t, s,
		monotable.Model{Keys: map[string]string{"PK": "X#{id}", "SK": "{n:3}", "GP": "{n:3}#{s}"}})
	item := monotable.Item{"PK": str("X#1"), "SK": str("001"), "id": str("1"),
		"n": &types.AttributeValueMemberNULL{Value: true}, "s": str("x"), "GP": str("000#x")}
	if _, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
		t.Fatal(err)
	}
	_, err := tab.Upsert(ctx, outside06X{ID: "1", N: 1}, expression.Set(expression.Name("o"), expression.Value("q")))
	t.Log(err)
	outsideDrift(t, c, tab, "Upsert")
}

func TestUpsertOfANullUniqueValue(t *testing.T) {
	ctx := context.Background()
	table := "ftab"
	str := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	s := monotable.Schema{Name: table, Partition: monotable.S("PK"), Sort: monotable.S("SK")}
	c, _, tab := outsideTable[outside06X](t, s,
		monotable.Model{Keys: map[string]string{"PK": "X#{id}", "SK": "{n:3}"},
			Unique: map[string]string{"ns": "{n}#{s}"}})
	item := monotable.Item{"PK": str("X#1"), "SK": str("001"), "id": str("1"),
		"n": &types.AttributeValueMemberNULL{Value: true}, "s": str("x")}
	if _, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
		t.Fatal(err)
	}
	if _, err := tab.RepairGuards(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := tab.Upsert(ctx, outside06X{ID: "1", N: 1}, expression.Set(expression.Name("o"), expression.Value("q")))
	t.Log(err)
	if report, err := tab.CheckGuards(ctx); err != nil || len(report.Problems) > 0 {
		t.Errorf("after Upsert %d guards are wrong: %v", len(report.Problems), err)
	}
}

var _ = expression.Name

type F08Email string

func (e F08Email) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberS{Value: strings.ToLower(string(e))}, nil
}

func (e *F08Email) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	*e = F08Email(av.(*types.AttributeValueMemberS).Value)
	return nil
}

// of a string type with a Marshaler that makes values uniform (lower case here), keys and guards are made of the Go
// string and not of what is stored: the index key drifts with Create already, two items hold one unique value, and
// guards are left over.
func TestKeysOfWhatAMarshalerMakes(t *testing.T) {
	type X struct {
		ID string   `dynamodbav:"id"`
		E  F08Email `dynamodbav:"e"`
	}
	ctx := context.Background()
	s := monotable.Schema{Name: "ftab", Partition: monotable.S("PK"),
		Indexes: []monotable.Index{{Name: "GSI1", Partition: monotable.S("GP")}}}
	c, _, tab := outsideTable[X](t, s, monotable.Model{Keys: map[string]string{"PK": "X#{id}", "GP": "{e}"}})
	if err := tab.Create(ctx, &X{"1", "Ann@X"}); err != nil {
		t.Fatal(err)
	}
	outsideDrift(t, c, tab, "Create")

	s.Indexes = nil
	c, _, tab = outsideTable[X](t, s, monotable.Model{Keys: map[string]string{"PK": "X#{id}"},
		Unique: map[string]string{"e": "{e}"}})
	if tab.Create(ctx, &X{"1", "Ann@X"}) == nil && tab.Create(ctx, &X{"2", "ann@X"}) == nil {
		t.Error("two items hold one unique value as stored")
	}
	tab.Delete(ctx, X{ID: "1"})
	tab.Delete(ctx, X{ID: "2"})
	if left := outsideRaw(t, c, "ftab"); len(left) > 0 {
		t.Errorf("%d guards are left over", len(left))
	}
}

var _ = expression.Name

// Concurrent writers of other programs: with a Version, a list that is set as a whole (an element was added) is not
// guarded, unlike an attribute that Whole gathers (guard() in modify.go); what another program, which raises no
// version, wrote to its elements meanwhile is lost. The same holds for elements changed in place when others removed
// one before them.
func TestModifyOfListsThatOthersChange(t *testing.T) {
	type El struct {
		N string `dynamodbav:"n"`
	}
	type X struct {
		ID string `dynamodbav:"PK"`
		L  []El   `dynamodbav:"l"`
		V  int    `dynamodbav:"v"`
	}
	ctx := context.Background()
	table := "ftab"
	c, _, tab := outsideTable[X](t, monotable.Schema{Name: table, Partition: monotable.S("PK")},
		monotable.Model{Version: "v"})
	if err := tab.Create(ctx, &X{ID: "1", L: []El{{"a"}}}); err != nil {
		t.Fatal(err)
	}
	_, err := tab.Modify(ctx, X{ID: "1"}, func(x *X) error {
		if len(x.L) == 1 {
			other := outsideRaw(t, c, table)[0]
			if err := other.Set("l[0].u", "of another program"); err != nil {
				t.Fatal(err)
			}
			if _, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: other}); err != nil {
				t.Fatal(err)
			}
			x.L = append(x.L, El{"b"})
		}
		return nil
	})
	t.Log(err)
	if now := outsideRaw(t, c, table)[0]; !now.Has("l[0].u") {
		t.Error("what another program wrote to the list is lost")
	}
}

var _ = expression.Name

// a path given to Patch stands in an error's text without the keys of maps, which everywhere else are {key}.
func TestPatchShowsNoKeyOfAMap(t *testing.T) {
	type X struct {
		ID string            `dynamodbav:"PK"`
		M  map[string]string `dynamodbav:"m"`
	}
	_, _, tab := outsideTable[X](t, monotable.Schema{Name: "ftab", Partition: monotable.S("PK")}, monotable.Model{})
	_, err := tab.Update(context.Background(), X{ID: "1"},
		monotable.Patch(X{}, "m.SECRET.more"))
	if err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Error(err)
	}
}

var _ = expression.Name

// names of the schema and the model that are not UTF-8 pass Open and New; the entity type, the guard's key and key
// attributes' names are then sent. (The in-process client refuses most, the SDK's would replace the bytes: constraints
// "\xff" and "\xfe" become one.)
func TestNamesOfAModelAreUTF8(t *testing.T) {
	type X struct {
		ID string `dynamodbav:"id"`
		E  string `dynamodbav:"e"`
	}
	bad := "bad\xff"
	for name, change := range map[string]func(*monotable.Schema, *monotable.Model){
		"Model.Type":        func(s *monotable.Schema, m *monotable.Model) { m.Type = bad },
		"Model.Aliases":     func(s *monotable.Schema, m *monotable.Model) { m.Aliases = []string{bad} },
		"Model.Unique":      func(s *monotable.Schema, m *monotable.Model) { m.Unique = map[string]string{bad: "{e}"} },
		"Schema.EntityType": func(s *monotable.Schema, m *monotable.Model) { s.EntityType = bad },
		"Schema.TTL":        func(s *monotable.Schema, m *monotable.Model) { s.TTL = bad },
		"key attribute": func(s *monotable.Schema, m *monotable.Model) {
			s.Indexes = []monotable.Index{{Name: "GSI1", Partition: monotable.S(bad)}}
			m.Keys[bad] = "{e}"
		},
	} {
		s := monotable.Schema{Name: "ftab", Partition: monotable.S("PK"), EntityType: "type"}
		m := monotable.Model{Keys: map[string]string{"PK": "X#{id}"}}
		change(&s, &m)
		db, err := monotable.Open(dynamotest.NewClient(), s)
		if err != nil {
			continue
		}
		if _, err := monotable.New[X](db, m); err == nil {
			t.Errorf("%s: New takes it", name)
		}
	}
}

var _ = expression.Name

// A time that is not zero and is zero when cut to its precision has no key from which it could be told again: it is
// refused, and the next day is found.
func TestTheFirstYear(t *testing.T) {
	type X struct {
		ID string    `dynamodbav:"id"`
		At time.Time `dynamodbav:"at"`
	}
	ctx := context.Background()
	_, _, tab := outsideTable[X](t, monotable.Schema{Name: "ftab", Partition: monotable.S("PK"),
		Sort: monotable.S("SK")},
		monotable.Model{Keys: map[string]string{"PK": "X#{id}", "SK": "{at|date}"}})
	at := time.Date(1, 1, 1, 8, 0, 0, 0, time.UTC)
	require.ErrorIs(t, tab.Create(ctx, &X{"1", at}), monotable.ErrKey)
	n, err := tab.Count(ctx, X{ID: "1"})
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoError(t, tab.Create(ctx, &X{"1", at.AddDate(0, 0, 1)}))
	n, err = tab.Count(ctx, X{ID: "1"})
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
