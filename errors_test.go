package monotable_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

func TestMisuseIsAnErrorAndNoPanic(t *testing.T) {
	ctx := t.Context()
	var table monotable.Table[sale]
	var view monotable.View[sale, sale]
	one := saleOf("c1", 1, "open")
	_, err := table.Get(ctx, one)
	require.Error(t, err)
	_, err = view.GetMany(ctx, nil)
	require.Error(t, err)
	require.Error(t, table.Put(ctx, &one))
	require.Error(t, table.Create(ctx, &one))
	require.Error(t, table.Delete(ctx, one))
	require.Error(t, table.PutMany(ctx, []sale{one}))
	_, err = table.Update(ctx, one, set("status", "x"))
	require.Error(t, err)
	_, err = table.Modify(ctx, one, func(*sale) error { return nil })
	require.Error(t, err)
	require.Error(t, firstError(table.Query(ctx, sale{CustomerID: "c1"})))
	require.Error(t, firstError(table.Scan(ctx)))
	require.Error(t, firstError(table.Collection(ctx, sale{CustomerID: "c1"})))
	_, err = monotable.Gather[struct{ Sales []sale }](ctx, &table, sale{CustomerID: "c1"})
	require.Error(t, err)
	_, err = table.Count(ctx, sale{CustomerID: "c1"})
	require.Error(t, err)
	for _, db := range []*monotable.DB{nil, {}} {
		require.Error(t, db.Write(ctx, nil))
		require.Error(t, db.Read(ctx, nil))
		require.Error(t, db.BatchWrite(ctx, []monotable.Op{{}}))
		require.Error(t, db.BatchRead(ctx, []monotable.ReadOp{{}}))
		_, err := monotable.New[sale](db, saleModel)
		require.Error(t, err)
	}
	sales := newTable[sale](t, store, saleModel)
	_, err = sales.Modify(ctx, one, nil)
	require.Error(t, err)
	_, err = sales.Get(ctx, one, nil)
	require.ErrorIs(t, err, monotable.ErrNotFound)
	require.Error(t, firstError(sales.Scan(ctx, monotable.Segments(0))))
	require.ErrorIs(t, firstError(sales.Query(ctx, sale{Region: "eu"}, monotable.On("by-region"),
		monotable.Between("total", 2, 1))), monotable.ErrKey)
	require.ErrorContains(t, firstError(sales.Query(ctx, sale{PlacedAt: day(1), ID: "s1"}, monotable.On("inverted"),
		monotable.Hydrate(),
		monotable.Filter(expression.Name("total").Equal(expression.Value(1))))), "does not project total")
}

// leaky is an id whose errors hold its value.
type leaky [6]byte

func (l leaky) MarshalText() ([]byte, error) { return nil, errors.New("bad " + string(l[:])) }

func TestCausesMayNotLeak(t *testing.T) {
	type x struct {
		ID leaky `dynamodbav:"id"`
	}
	xs := newTable[x](t, store, monotable.Model{Type: "leaky", Keys: map[string]string{"PK": "X#{id}", "SK": "X"}})
	_, err := xs.Get(t.Context(), x{leaky([]byte("secret"))})
	require.ErrorIs(t, err, monotable.ErrKey)
	assert.NotContains(t, err.Error(), "secret")
}

// A program's own tests make errors that its code is to understand, with what it looks at alone.
func TestErrorsThatProgramsMake(t *testing.T) {
	assert.Equal(t, "2 entries are left", (&monotable.BatchError{Left: []int{0, 1}}).Error())
	assert.Equal(t, "1 entries are left: throttled",
		(&monotable.BatchError{Left: []int{3}, Err: monotable.ErrThrottled}).Error())
	for _, err := range []error{new(monotable.Error), new(monotable.SizeError), new(monotable.AttributeError)} {
		assert.NotEmpty(t, err.Error())
		assert.NotErrorIs(t, err, monotable.ErrNotFound)
	}
}
