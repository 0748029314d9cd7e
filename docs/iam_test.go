package docs_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// cells are the rows of iam.md's table, by the methods that they name: what they send, and with unique constraints.
func cells(t *testing.T) map[string][2]string {
	t.Helper()
	all := map[string][2]string{}
	for line := range strings.Lines(pages(t)["iam.md"]) {
		row := strings.Split(line, "|")
		if len(row) != 5 {
			continue
		}
		for _, name := range strings.Split(row[1], ",") {
			all[strings.Trim(name, " `")] = [2]string{row[2], row[3]}
		}
	}
	return all
}

// sent is a call of a method, of a type without unique constraints (column 0) or with some (1).
type sent struct {
	method string
	unique int
	send   func() error
}

func sends(s shop) []sent {
	ctx := context.Background()
	order, customer := Order{Customer: "c1", ID: "o1", PlacedAt: day}, Customer{ID: "c1"}
	vip := func(c *Customer) error { c.Tags = []string{"vip"}; return nil }
	moved := func(c *Customer) error { c.Email = "other@example.com"; return nil }
	return []sent{
		{"Table.Get", 0, func() error { _, err := s.orders.Get(ctx, order); return err }},
		{"Table.GetMany", 0, func() error { _, err := s.orders.GetMany(ctx, []Order{order}); return err }},
		{"Table.GetBy", 1, func() error {
			_, err := s.customers.GetBy(ctx, "email", Customer{Email: "rachel@example.com"})
			return err
		}},
		{"Table.Create", 0, func() error { return s.orders.Create(ctx, &Order{Customer: "c1", ID: "x", PlacedAt: day}) }},
		{"Table.Create", 1, func() error { return s.customers.Create(ctx, &Customer{ID: "c2", Email: "a@example.com"}) }},
		{"Table.Put", 0, func() error { return s.orders.Put(ctx, &order, monotable.Once()) }},
		{"Table.Put", 1, func() error { return s.customers.Put(ctx, &Customer{ID: "c3", Email: "b@example.com"}) }},
		{"Table.Update", 0, func() error { _, err := s.orders.Update(ctx, order, monotable.Set("total", 1)); return err }},
		{"Table.Update", 1, func() error {
			_, err := s.customers.Update(ctx, customer, monotable.Add("spent", 1))
			return err
		}},
		{"Table.Modify", 1, func() error { _, err := s.customers.Modify(ctx, customer, vip); return err }},
		{"Table.Modify", 1, func() error { _, err := s.customers.Modify(ctx, customer, moved); return err }},
		{"Table.Delete", 0, func() error { return s.orders.Delete(ctx, order) }},
		{"Table.Delete", 1, func() error { return s.customers.Delete(ctx, Customer{ID: "c3"}) }},
		{"Table.PutMany", 0, func() error { return s.orders.PutMany(ctx, []Order{order}) }},
		{"Table.Query", 0, func() error {
			_, err := monotable.Collect(s.orders.Query(ctx, Order{Customer: "c1"}))
			return err
		}},
		{"Table.Scan", 0, func() error { _, err := monotable.Collect(s.orders.Scan(ctx)); return err }},
		{"DB.Write", 0, func() error { return s.db.Write(ctx, []monotable.Op{s.orders.CheckOp(order)}) }},
		{"DB.Read", 0, func() error {
			var o *Order
			return s.db.Read(ctx, []monotable.ReadOp{s.orders.GetOp(order, &o)})
		}},
		{"DB.BatchRead", 0, func() error {
			var o *Order
			return s.db.BatchRead(ctx, []monotable.ReadOp{s.orders.GetOp(order, &o)})
		}},
		{"DB.BatchWrite", 0, func() error { return s.db.BatchWrite(ctx, []monotable.Op{s.orders.PutOp(&order)}) }},
		{"Table.DeleteCollection", 1, func() error { _, err := s.customers.DeleteCollection(ctx, customer); return err }},
	}
}

// Each method sends what the table says that it does, and nothing else.
func TestPermissionsAreWhatIsSent(t *testing.T) {
	rows := cells(t)
	ctx := context.Background()
	s := open(ctx)
	for _, of := range sends(s) {
		s.client.ResetUsage()
		require.NoError(t, of.send(), of.method)
		row, there := rows[of.method]
		require.True(t, there, of.method)
		var names []string
		for _, line := range s.client.Usage().Lines {
			assert.Contains(t, row[of.unique], line.Operation, of.method)
			names = append(names, line.Operation)
		}
		require.NotEmpty(t, names, of.method)
		if !strings.ContainsAny(row[of.unique], ",;") {
			assert.Equal(t, strings.TrimSpace(row[of.unique]), slices.Compact(names)[0])
		}
	}
	_, err := s.customers.Update(ctx, Customer{ID: "c1"}, monotable.Set("email", "c@example.com"))
	require.ErrorIs(t, err, monotable.ErrKey, "a guarded value is changed by whole items and Modify alone")
}

func TestPermissionsOfDeployments(t *testing.T) {
	rows, ctx, client := cells(t), t.Context(), dynamotest.NewClient()
	expiring := schema
	expiring.TTL = "expires_at"
	create := func() error {
		return admin.Create(ctx, client, expiring, time.Minute, admin.AllowExisting(), admin.PointInTimeRecovery())
	}
	for _, of := range []sent{
		{"admin.Create", 0, create},
		{"admin.Create", 0, create}, // it is there
		{"admin.Verify", 0, func() error { return admin.Verify(ctx, client, expiring) }},
		{"admin.Delete", 0, func() error { return admin.Delete(ctx, client, expiring, time.Minute) }},
	} {
		client.ResetUsage()
		require.NoError(t, of.send(), of.method)
		require.NotEmpty(t, client.Usage().Lines)
		for _, line := range client.Usage().Lines {
			assert.Contains(t, rows[of.method][of.unique], line.Operation, of.method)
		}
	}
}
