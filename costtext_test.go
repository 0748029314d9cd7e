package monotable_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// note is a type whose writes meet every rule: a sparse index, and a unique constraint.
type note struct {
	ID    string `dynamodbav:"id"`
	Day   string `dynamodbav:"day,omitempty"`
	Title string `dynamodbav:"title,omitempty"`
	Text  string `dynamodbav:"text,omitempty"`
}

func noteTables(t *testing.T) (plain, unique *monotable.Table[note]) {
	schema := monotable.Schema{Name: "notes", Partition: monotable.S("PK"), EntityType: "type", Indexes: []monotable.Index{
		{Name: "byDay", Partition: monotable.S("day"), Include: []string{"title"}}}}
	db, err := monotable.Open(newService(t), schema)
	require.NoError(t, err)
	return tableOf[note](t, db, monotable.Model{Type: "note", Keys: map[string]string{"PK": "N#{id}"}}),
		tableOf[note](t, db, monotable.Model{Type: "titled", Keys: map[string]string{"PK": "T#{id}"},
			Unique: map[string]string{"title": "{title}"}})
}

// What an estimate says of every rule.
func TestCostExplainsEveryRule(t *testing.T) {
	notes, titled := noteTables(t)
	var all []string
	say := func(name string, cost monotable.Cost, err error) {
		t.Helper()
		require.NoError(t, err)
		all = append(all, name+": "+cost.String())
	}
	plain, day := note{ID: "1"}, note{ID: "1", Day: "mon"}
	later, longer := note{ID: "1", Day: "tue"}, note{ID: "1", Day: "mon", Title: strings.Repeat("x", 2000)}
	same := note{ID: "1", Day: "mon", Text: "more"}
	cost, err := monotable.ReadCost(4097, monotable.Consistent())
	say("read", cost, err)
	cost, err = monotable.QueryCost(3, 4096)
	say("query", cost, err)
	cost, err = monotable.TransactReadCost([]int{0})
	say("transact", cost, err)
	for _, c := range []struct {
		name          string
		before, after *note
		options       []monotable.WriteCostOption
	}{
		{name: "plain", after: &plain},
		{name: "none", options: []monotable.WriteCostOption{monotable.ConditionFails()}},
		{name: "enters", before: &plain, after: &day}, {name: "leaves", before: &day, after: &plain},
		{name: "changes", before: &day, after: &longer}, {name: "moves", before: &day, after: &later},
		{name: "same", before: &day, after: &same},
	} {
		cost, err := notes.WriteCost(c.before, c.after, c.options...)
		say(c.name, cost, err)
	}
	cost, err = notes.CheckCost(&plain)
	say("check", cost, err)
	cost, err = titled.WriteCost(nil, &note{ID: "1", Title: "one"})
	say("guard", cost, err)
	cost.Missing = append(cost.Missing, "repeats")
	say("missing", cost, nil)
	recorded(t, "costs.txt", strings.Join(all, "\n")+"\n")
}
