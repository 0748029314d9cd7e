package monotable_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

func ExampleTable_GetBy() {
	type Customer struct {
		ID    string `dynamodbav:"id"`
		Email string `dynamodbav:"email"`
	}
	ctx := context.Background()
	client := dynamotest.NewClient()
	schema := monotable.Schema{Name: "shop", Partition: monotable.S("PK"), Sort: monotable.S("SK")}
	if err := admin.Create(ctx, client, schema, 0); err != nil {
		log.Fatal(err)
	}
	db, err := monotable.Open(client, schema)
	if err != nil {
		log.Fatal(err)
	}
	customers, err := monotable.New[Customer](db, monotable.Model{
		Keys:   map[string]string{"PK": "CUSTOMER#{id}", "SK": "CUSTOMER"},
		Unique: map[string]string{"email": "{email|lower}"},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := customers.Create(ctx, &Customer{ID: "c1", Email: "ann@example.com"}); err != nil {
		log.Fatal(err)
	}
	found, err := customers.GetBy(ctx, "email", Customer{Email: "Ann@Example.com"})
	fmt.Println(found.ID, err)
	// Output: c1 <nil>
}

func TestGetBy(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	ann := account{Tenant: "t", ID: "ann", Email: "Ann@b.c", Phone: "1", Logins: 3}
	require.NoError(t, accounts.Create(ctx, &ann))
	requests.seen()

	got, err := accounts.GetBy(ctx, "email", account{Email: "ANN@B.C"}, monotable.Consistent())
	require.NoError(t, err)
	assert.Equal(t, ann, got)
	assert.Equal(t, []string{"GetItem", "GetItem"}, requests.seen())
	got, err = accounts.GetBy(ctx, "phone", account{Tenant: "t", Phone: "1"})
	require.NoError(t, err)
	assert.Equal(t, ann, got)

	type logins struct {
		Logins int `dynamodbav:"logins"`
	}
	view, err := monotable.As[logins](accounts)
	require.NoError(t, err)
	seen, err := view.GetBy(ctx, "email", account{Email: "ann@b.c"})
	require.NoError(t, err)
	assert.Equal(t, logins{3}, seen,
		"the constraint's own attributes are read too, to see that the value is still hers")

	requests.seen()
	_, err = accounts.GetBy(ctx, "email", account{Email: "bob@b.c"})
	require.ErrorIs(t, err, monotable.ErrNotFound)
	assert.Equal(t, []string{"GetItem"}, requests.seen())
	_, err = accounts.GetBy(ctx, "email", account{})
	require.ErrorIs(t, err, monotable.ErrKey)
	_, err = accounts.GetBy(ctx, "mail", account{Email: "ann@b.c"})
	require.ErrorContains(t, err, `no unique constraint "mail", the model has email, phone`)
	assert.Empty(t, requests.seen())
}

// A value that changes hands between the two reads is followed to whom it went.
func TestGetByFollowsAValue(t *testing.T) {
	ctx := t.Context()
	db, requests := newDB(t, store)
	accounts := tableOf[account](t, db, accountModel)
	ann, bob := account{Tenant: "t", ID: "ann", Email: "ann@b.c"}, account{Tenant: "t", ID: "bob", Email: "bob@b.c"}
	require.NoError(t, accounts.Create(ctx, &ann))
	require.NoError(t, accounts.Create(ctx, &bob))
	was, now := ann, ann
	now.Email = "bob@b.c"
	other, mine := bob, bob
	mine.Email = "ann@b.c"
	reads := 0
	requests.after = func(op string, in any) error {
		if _, ok := in.(*dynamodb.GetItemInput); !ok {
			return nil
		}
		if reads++; reads == 1 {
			return db.Write(ctx, []monotable.Op{accounts.ReplaceOp(was, &now), accounts.ReplaceOp(other, &mine)})
		}
		return nil
	}
	got, err := accounts.GetBy(ctx, "email", account{Email: "ann@b.c"})
	require.NoError(t, err)
	assert.Equal(t, "bob", got.ID)
	assert.Equal(t, 4, reads)

	reads = 0
	requests.after = func(op string, in any) error {
		if _, ok := in.(*dynamodb.GetItemInput); !ok {
			return nil
		}
		if reads++; reads == 1 {
			return accounts.Delete(ctx, account{Tenant: "t", ID: "bob"})
		}
		return nil
	}
	_, err = accounts.GetBy(ctx, "email", account{Email: "ann@b.c"})
	require.ErrorIs(t, err, monotable.ErrNotFound)
}
