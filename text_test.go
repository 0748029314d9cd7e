package monotable_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// letter has text wherever a type can have it.
type letter struct {
	From  string            `dynamodbav:"from"`
	To    string            `dynamodbav:"to"`
	Body  string            `dynamodbav:"body"`
	Lines []string          `dynamodbav:"lines"`
	Tags  []string          `dynamodbav:"tags,omitempty,stringset"`
	Head  map[string]string `dynamodbav:"head"`
	Any   any               `dynamodbav:"any"`
	More  monotable.Item    `monotable:"unknown"`
}

var letterModel = monotable.Model{Keys: map[string]string{
	"PK": "FROM#{from}", "SK": "TO#{to|lower}", "GSI1PK": "BODY#{body}", "GSI1SK": "{to}",
}}

// Text that is not UTF-8 would arrive as other text, the same for what differs: no call sends it, wherever it stands,
// and the error names the attribute and not the text.
func TestTextThatIsNotUTF8IsNotSent(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	letters := tableOf[letter](t, db, letterModel)
	items := tableOf[monotable.Item](t, db, monotable.Model{Type: "Anything"})
	const bad = "secret\xff"
	good := letter{From: "a", To: "b", Body: "c"}
	require.NoError(t, letters.Put(ctx, &good))
	requests.seen()

	for name, spoil := range map[string]func(*letter){
		"from":      func(l *letter) { l.From = bad },
		"to":        func(l *letter) { l.To = bad },
		"body":      func(l *letter) { l.Body = bad },
		"lines[1]":  func(l *letter) { l.Lines = []string{"x", bad} },
		"tags":      func(l *letter) { l.Tags = []string{bad} },
		"head{key}": func(l *letter) { l.Head = map[string]string{"secret": bad} },
		"head":      func(l *letter) { l.Head = map[string]string{bad: "x"} },
		"any":       func(l *letter) { l.Any = []any{map[string]any{"k": bad}} },
		"more":      func(l *letter) { l.More = monotable.Item{"more": text(bad)} },
	} {
		spoilt := good
		spoil(&spoilt)
		for call, err := range map[string]error{
			"Create":  letters.Create(ctx, &spoilt),
			"Put":     letters.Put(ctx, &spoilt),
			"PutMany": letters.PutMany(ctx, []letter{spoilt}),
			"Write":   db.Write(ctx, []monotable.Op{letters.CreateOp(&spoilt)}),
		} {
			require.ErrorContains(t, err, name, call)
			assert.ErrorContains(t, err, "not UTF-8")
			assert.NotContains(t, err.Error(), "secret", call)
		}
		assert.Empty(t, requests.seen())
		if name != "from" && name != "to" {
			_, err := letters.Modify(ctx, good, func(l *letter) error { spoil(l); return nil })
			require.ErrorContains(t, err, name)
			assert.NotContains(t, err.Error(), "secret")
			assert.Equal(t, []string{"GetItem"}, requests.seen())
		}
	}

	key := letter{From: bad, To: "b"}
	is := func(name string) expression.ConditionBuilder {
		return expression.Name(name).Equal(expression.Value(bad))
	}
	refused := map[string]func() error{
		"from of Get":        func() error { _, err := letters.Get(ctx, key); return err },
		"to of Get":          func() error { _, err := letters.Get(ctx, letter{From: "a", To: bad}); return err },
		"from of GetMany":    func() error { _, err := letters.GetMany(ctx, []letter{key}); return err },
		"from of Delete":     func() error { return letters.Delete(ctx, key) },
		"from of DeleteMany": func() error { return letters.DeleteMany(ctx, []letter{key}) },
		"from of Query":      func() error { return firstError(letters.Query(ctx, letter{From: bad})) },
		"to of Query": func() error {
			return firstError(letters.Query(ctx, letter{Body: "c"}, monotable.On("GSI1"), monotable.Eq("to", bad)))
		},
		"to of a prefix": func() error {
			return firstError(letters.Query(ctx, letter{Body: "c"}, monotable.On("GSI1"),
				monotable.BeginsWith("to", bad)))
		},
		"body of Query": func() error {
			return firstError(letters.Query(ctx, letter{Body: bad}, monotable.On("GSI1")))
		},
		"body of a filter": func() error { return firstError(letters.Scan(ctx, monotable.Filter(is("body")))) },
		"body of If":       func() error { return letters.Put(ctx, &good, monotable.If(is("body"))) },
		"head{key} of If":  func() error { return letters.Delete(ctx, good, monotable.If(is("head.secret"))) },
		"body of Update":   func() error { _, err := letters.Update(ctx, good, set("body", bad)); return err },
		"lines of Update": func() error {
			_,
				err := letters.Update(ctx, good, set("lines", []string{bad}))
			return err
		},
		"tags of Update": func() error {
			_,
				err := letters.Update(ctx, good, set("tags", []string{bad}))
			return err
		},
		"body of UpdateOp": func() error {
			return db.Write(ctx,
				[]monotable.Op{letters.UpdateOp(good, set("body", bad))})
		},
		"body of CheckOp": func() error { return db.Write(ctx, []monotable.Op{letters.CheckOp(good, is("body"))}) },
		"body of Patch": func() error {
			_, err := letters.Update(ctx, good, monotable.Patch(letter{Body: bad}, "body"))
			return err
		},
		"a path of a name": func() error { _, err := letters.Update(ctx, good, set("head."+bad, "x")); return err },
		"a token": func() error {
			return db.Write(ctx, []monotable.Op{letters.DeleteOp(good)},
				monotable.Token(bad))
		},
		"PK of an Item": func() error {
			_,
				err := items.Get(ctx, monotable.Item{"PK": text(bad), "SK": text("b")})
			return err
		},
		"PK of an Item put": func() error { return items.Put(ctx, &monotable.Item{"PK": text(bad), "SK": text("b")}) },
		"x of an Item": func() error {
			return items.Put(ctx, &monotable.Item{"PK": text("a"), "SK": text("b"),
				"x": &types.AttributeValueMemberSS{Value: []string{bad}}})
		},
	}
	for name, call := range refused {
		err := call()
		what, _, _ := strings.Cut(name, " of ")
		require.ErrorContains(t, err, what, name)
		assert.ErrorContains(t, err, "UTF-8", name)
		assert.NotContains(t, err.Error(), "secret", name)
	}
	assert.Empty(t, requests.seen())
}

// An element twice in a set is found before anything is sent, and by an error without it: the service's has all
// elements.
func TestSetsWithAnElementTwiceAreNotSent(t *testing.T) {
	ctx := t.Context()
	type tagged struct {
		ID   string   `dynamodbav:"id"`
		Tags []string `dynamodbav:"tags,stringset"`
		N    []int    `dynamodbav:"n,numberset,omitempty"`
	}
	db, requests := newDB(t, monotable.Schema{Name: "tagged", Partition: monotable.S("id")})
	table := tableOf[tagged](t, db, monotable.Model{})
	one := tagged{ID: "1", Tags: []string{"a"}}
	require.NoError(t, table.Put(ctx, &one))
	requests.seen()
	twice := tagged{ID: "1", Tags: []string{"secret", "b", "secret"}}
	numbers := &types.AttributeValueMemberNS{Value: []string{"1", "1.0"}}
	for name, call := range map[string]func() error{
		"Put":     func() error { return table.Put(ctx, &twice) },
		"PutMany": func() error { return table.PutMany(ctx, []tagged{twice}) },
		"Update":  func() error { _, err := table.Update(ctx, one, set("tags", twice.Tags)); return err },
		"Update of a set": func() error {
			_, err := table.Update(ctx, one, expression.Add(expression.Name("n"), expression.Value(numbers)))
			return err
		},
		"a filter": func() error {
			return firstError(table.Scan(ctx,
				monotable.Filter(expression.Name("tags").Equal(expression.Value(twice.Tags)))))
		},
		"a reversed range": func() error {
			return firstError(table.Scan(ctx,
				monotable.Filter(expression.Name("id").
					Between(expression.Value("secret2"), expression.Value("secret1")))))
		},
	} {
		err := call()
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "secret", name)
	}
	assert.Empty(t, requests.seen())
	_, err := table.Modify(ctx, one, func(x *tagged) error { x.Tags = twice.Tags; return nil })
	require.ErrorContains(t, err, "tags: is a set with an element twice")
	assert.Equal(t, []string{"GetItem"}, requests.seen())
}
