package monotable_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
)

var (
	newKey = bytes.Repeat([]byte("n"), 32)
	oldKey = bytes.Repeat([]byte("o"), 32)
)

func TestCursorsAreBoundToTheirRequest(t *testing.T) {
	for name, options := range map[string][]monotable.OpenOption{
		"sealed":   {monotable.CursorKeys(newKey)},
		"readable": nil,
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			db, requests := newDB(t, store, options...)
			sales := tableOf[sale](t, db, saleModel)
			seed(t, sales)
			c1 := sale{CustomerID: "c1"}
			first, err := sales.QueryPage(ctx, c1, monotable.Limit(2))
			require.NoError(t, err)
			next, err := sales.QueryPage(ctx, c1, monotable.Limit(3), monotable.StartAfter(first.Next))
			require.NoError(t, err)
			assert.Equal(t, []string{"s3", "s4", "s5"}, ids(next.Items), "another limit is the same request")
			again, err := sales.QueryPage(ctx, c1, monotable.Limit(2))
			require.NoError(t, err)
			assert.Equal(t, first.Next, again.Next, "one place has one cursor")
			requests.seen()

			paid := monotable.Filter(expression.Name("status").Equal(expression.Value("paid")))
			for name, options := range map[string][]monotable.QueryOption{
				"direction": {monotable.Descending()},
				"filter":    {paid},
				"condition": {monotable.From("placed_at", day(1))},
				"index":     {monotable.On("by-total")},
			} {
				_, err := sales.QueryPage(ctx, c1, append(options, monotable.StartAfter(first.Next))...)
				require.ErrorIs(t, err, monotable.ErrCursor, name)
			}
			_, err = sales.QueryPage(ctx, sale{CustomerID: "c10"}, monotable.StartAfter(first.Next))
			require.ErrorIs(t, err, monotable.ErrCursor, "another partition")
			_, err = sales.ScanPage(ctx, monotable.StartAfter(first.Next))
			require.ErrorIs(t, err, monotable.ErrCursor, "another operation")
			require.ErrorIs(t, firstError(sales.Query(ctx, c1, monotable.Resume(new(first.Next+"A")))),
				monotable.ErrCursor)
			assert.Empty(t, requests.seen())
		})
	}
}

func TestATamperedCursorIsRefused(t *testing.T) {
	ctx := t.Context()
	for name, options := range map[string][]monotable.OpenOption{
		"sealed":   {monotable.CursorKeys(newKey)},
		"readable": nil,
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := newDB(t, store, options...)
			sales := tableOf[sale](t, db, saleModel)
			seed(t, sales)
			page, err := sales.QueryPage(ctx, sale{CustomerID: "c1"}, monotable.Limit(2))
			require.NoError(t, err)
			refuse := func(c monotable.Cursor) {
				t.Helper()
				_, err := sales.QueryPage(ctx, sale{CustomerID: "c1"}, monotable.StartAfter(c))
				require.ErrorIs(t, err, monotable.ErrCursor)
			}
			raw, err := base64.RawURLEncoding.DecodeString(string(page.Next))
			require.NoError(t, err)
			for i := range raw {
				for _, flip := range []byte{1, 128} {
					forged := bytes.Clone(raw)
					forged[i] ^= flip
					refuse(monotable.Cursor(base64.RawURLEncoding.EncodeToString(forged)))
				}
				if cut := monotable.Cursor(base64.RawURLEncoding.EncodeToString(raw[:i])) + "A"; cut != page.Next {
					refuse(cut)
				}
			}
			for _, c := range []monotable.Cursor{"x", "=", "////", page.Next + "=", page.Next + "\n", page.Next[1:],
				"AQ", "Ag", monotable.Cursor(bytes.Repeat([]byte("A"), 1<<20))} {
				refuse(c)
			}
		})
	}
}

func TestCursorKeysRotate(t *testing.T) {
	ctx := t.Context()
	db, client := newDB(t, store, monotable.CursorKeys(oldKey))
	sales := tableOf[sale](t, db, saleModel)
	seed(t, sales)
	c1 := sale{CustomerID: "c1"}
	page, err := sales.QueryPage(ctx, c1, monotable.Limit(2))
	require.NoError(t, err)
	assert.NotContains(t, string(page.Next), base64.RawURLEncoding.EncodeToString([]byte("CUSTOMER")))

	open := func(options ...monotable.OpenOption) *monotable.Table[sale] {
		db, err := monotable.Open(client, db.Schema(), options...)
		require.NoError(t, err)
		return tableOf[sale](t, db, saleModel)
	}
	rotated, err := open(monotable.CursorKeys(newKey, oldKey)).
		QueryPage(ctx, c1, monotable.Limit(2), monotable.StartAfter(page.Next))
	require.NoError(t, err)
	assert.Equal(t, []string{"s3", "s4"}, ids(rotated.Items))
	_, err = open(monotable.CursorKeys(newKey)).QueryPage(ctx, c1, monotable.StartAfter(rotated.Next))
	require.NoError(t, err, "the newest key makes cursors")
	for name, options := range map[string][]monotable.OpenOption{
		"old key gone": {monotable.CursorKeys(newKey)}, "no keys": nil,
	} {
		_, err = open(options...).QueryPage(ctx, c1, monotable.StartAfter(page.Next))
		require.ErrorIs(t, err, monotable.ErrCursor, name)
	}
	_, err = monotable.Open(client, db.Schema(), monotable.CursorKeys([]byte("short")))
	require.ErrorContains(t, err, "cursor key 0")
	_, err = monotable.Open(client, db.Schema(), monotable.CursorKeys(nil))
	require.Error(t, err)
}

func FuzzCursor(f *testing.F) {
	schema := store
	schema.Name = "fuzzed"
	if err := admin.Create(f.Context(), fake, schema, 0); err != nil {
		f.Fatal(err)
	}
	var tables []*monotable.Table[sale]
	for _, options := range [][]monotable.OpenOption{nil, {monotable.CursorKeys(newKey, oldKey)}} {
		db, err := monotable.Open(fake, schema, options...)
		require.NoError(f, err)
		sales := tableOf[sale](f, db, saleModel)
		seed(f, sales)
		page, err := sales.QueryPage(f.Context(), sale{CustomerID: "c1"}, monotable.Limit(2))
		require.NoError(f, err)
		f.Add(string(page.Next))
		tables = append(tables, sales)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		for _, sales := range tables {
			_, err := sales.QueryPage(t.Context(), sale{CustomerID: "c1"}, monotable.Limit(2),
				monotable.StartAfter(monotable.Cursor(cursor)))
			if err != nil {
				require.ErrorIs(t, err, monotable.ErrCursor)
			}
		}
	})
}
