package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// A tenant has a partition of its own, with its users and boards, and one for each board, with its cards.
type (
	Tenant struct {
		ID     string `dynamodbav:"id"`
		Closed bool   `dynamodbav:"closed,omitempty"`
	}
	User struct {
		Tenant string `dynamodbav:"tenant"`
		Name   string `dynamodbav:"name"`
		Email  string `dynamodbav:"email"`
	}
	Board struct {
		Tenant string `dynamodbav:"tenant"`
		Name   string `dynamodbav:"name"`
	}
	Card struct {
		Tenant string `dynamodbav:"tenant"`
		Board  string `dynamodbav:"board"`
		ID     int    `dynamodbav:"id"`
	}
)

// Service is the tables of a service with tenants.
type Service struct {
	db      *monotable.DB
	tenants *monotable.Table[Tenant]
	users   *monotable.Table[User]
	boards  *monotable.Table[Board]
	cards   *monotable.Table[Card]
}

// serviceOn makes the service's table and the entity types in it.
func serviceOn(ctx context.Context, client *dynamotest.Client) (s Service, err error) {
	schema := monotable.Schema{Name: "service", Partition: monotable.S("pk"), Sort: monotable.S("sk"),
		EntityType: "type"}
	if err := admin.Create(ctx, client, schema, 0); err != nil {
		return s, err
	}
	if s.db, err = monotable.Open(client, schema); err != nil {
		return s, err
	}
	s.tenants, err = monotable.New[Tenant](s.db, monotable.Model{
		Keys: map[string]string{"pk": "TENANT#{id}", "sk": "TENANT"}})
	if err != nil {
		return s, err
	}
	s.users, err = monotable.New[User](s.db, monotable.Model{Unique: map[string]string{"email": "{email|lower}"},
		Keys: map[string]string{"pk": "TENANT#{tenant}", "sk": "USER#{name}"}})
	if err != nil {
		return s, err
	}
	s.boards, err = monotable.New[Board](s.db, monotable.Model{
		Keys: map[string]string{"pk": "TENANT#{tenant}", "sk": "BOARD#{name}"}})
	if err != nil {
		return s, err
	}
	s.cards, err = monotable.New[Card](s.db, monotable.Model{
		Keys: map[string]string{"pk": "BOARD#{tenant}#{board}", "sk": "CARD#{id:6}"}})
	return s, err
}

var errClosed = errors.New("the tenant is closed")

// AddCard writes a card, unless the tenant is closed or gone.
func (s Service) AddCard(ctx context.Context, card Card) error {
	return s.db.Write(ctx, []monotable.Op{
		s.cards.CreateOp(&card),
		s.tenants.CheckOp(Tenant{ID: card.Tenant}, monotable.Absent("closed")).Else(errClosed),
	})
}

// DeleteTenant deletes all that a tenant has, at 100 units a second. After an error it is called again: the partition
// that tells of the others goes last.
func (s Service) DeleteTenant(ctx context.Context, tenant string) (deleted int, err error) {
	_, err = s.tenants.Update(ctx, Tenant{ID: tenant}, monotable.Set("closed", true)) // nothing is added from here on
	if err != nil && !errors.Is(err, monotable.ErrNotFound) {
		return 0, err
	}
	for board, err := range s.boards.Query(ctx, Board{Tenant: tenant}, monotable.Consistent()) {
		if err != nil {
			return deleted, err
		}
		n, err := s.cards.DeleteCollection(ctx, Card{Tenant: tenant, Board: board.Name}, monotable.Pace(100))
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	n, err := s.tenants.DeleteCollection(ctx, Tenant{ID: tenant}, monotable.Pace(100))
	return deleted + n, err
}

// A tenant whose partitions are many is deleted partition by partition.
func ExampleTable_DeleteCollection() {
	ctx := context.Background()
	s, err := serviceOn(ctx, dynamotest.NewClient())
	if err != nil {
		log.Fatal(err)
	}
	for _, tenant := range []string{"acme", "other"} {
		err := s.db.Write(ctx, []monotable.Op{
			s.tenants.CreateOp(&Tenant{ID: tenant}),
			s.users.CreateOp(&User{Tenant: tenant, Name: "ann", Email: "ann@" + tenant}),
			s.boards.CreateOp(&Board{tenant, "todo"}), s.boards.CreateOp(&Board{tenant, "done"}),
		})
		if err != nil {
			log.Fatal(err)
		}
		for i := range 30 {
			if err := s.AddCard(ctx, Card{tenant, "todo", i}); err != nil {
				log.Fatal(err)
			}
		}
	}

	deleted, err := s.DeleteTenant(ctx, "acme")
	fmt.Println(deleted, err)

	err = s.AddCard(ctx, Card{"acme", "todo", 31})
	fmt.Println(errors.Is(err, errClosed), errors.Is(err, monotable.ErrNotFound))
	left, err := s.cards.Count(ctx, Card{Tenant: "other", Board: "todo"})
	fmt.Println(left, err)
	// Its users' addresses are free.
	fmt.Println(s.users.Create(ctx, &User{Tenant: "other", Name: "ann2", Email: "ann@acme"}))
	// Output:
	// 34 <nil>
	// true true
	// 30 <nil>
	// <nil>
}

// A condition that fails says what it means to the program.
func ExampleOp_Else() {
	ctx := context.Background()
	s, err := serviceOn(ctx, dynamotest.NewClient())
	if err != nil {
		log.Fatal(err)
	}
	noTenant, taken := errors.New("there is no such tenant"), errors.New("the address is taken")
	addUser := func(u User) error {
		return s.db.Write(ctx, []monotable.Op{
			s.users.CreateOp(&u).Else(taken),
			s.tenants.CheckOp(Tenant{ID: u.Tenant}).Else(noTenant),
		}, monotable.Retry(3))
	}
	fmt.Println(errors.Is(addUser(User{"acme", "ann", "ann@acme"}), noTenant))
	if err := s.tenants.Create(ctx, &Tenant{ID: "acme"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(addUser(User{"acme", "ann", "ann@acme"}))
	err = addUser(User{"acme", "anna", "Ann@acme"})
	var failed *monotable.Error
	if errors.As(err, &failed) {
		fmt.Println(errors.Is(err, taken), failed.Constraint)
	}
	// Output:
	// true
	// <nil>
	// true email
}

// What failed, and where, is for the program: the text has no key.
func ExampleError() {
	ctx := context.Background()
	s, err := serviceOn(ctx, dynamotest.NewClient())
	if err != nil {
		log.Fatal(err)
	}
	_, err = s.users.Get(ctx, User{Tenant: "acme", Name: "ann"})
	fmt.Println(err)
	var failed *monotable.Error
	if errors.As(err, &failed) {
		sk, _ := failed.Key.String("sk")
		fmt.Println(failed.Op, failed.Entity, failed.Table, sk)
	}
	// Output:
	// monotable: Get User: not found
	// Get User service USER#ann
}

// A job that writes much leaves the table's capacity to others: 2,000 write units a second here, for it.
func ExamplePace() {
	ctx := context.Background()
	s, err := serviceOn(ctx, dynamotest.NewClient())
	if err != nil {
		log.Fatal(err)
	}
	var cards []Card
	for i := range 500 {
		cards = append(cards, Card{"acme", "todo", i})
	}
	start := time.Now()
	fmt.Println(s.cards.PutMany(ctx, cards, monotable.Pace(2000)))
	fmt.Println(time.Since(start) > 200*time.Millisecond)
	// Output:
	// <nil>
	// true
}
