package shop

import (
	"context"
	"errors"
	"time"

	"github.com/monotable/monotable"
)

// Customer is someone who has registered. No two customers have the same e-mail, in whatever case it is written.
type Customer struct {
	ID       string    `dynamodbav:"id"`
	Email    string    `dynamodbav:"email"`
	Name     string    `dynamodbav:"name"`
	Country  string    `dynamodbav:"country"`   // ISO 3166, "CA"
	Spent    Cents     `dynamodbav:"spent"`     // on all orders that were not cancelled
	Orders   int       `dynamodbav:"orders"`    // how many those are
	JoinedAt time.Time `dynamodbav:"joined_at"` // set when the customer is registered
}

// Cents are money: integers of the smallest unit, which add up exactly.
type Cents int64

// ErrEmailTaken: another customer has that e-mail.
var ErrEmailTaken = errors.New("shop: the e-mail is taken")

// Register stores a new customer: one TransactWriteItems of the customer and the guard of the e-mail. It returns
// ErrEmailTaken, or monotable.ErrExists where the id is taken.
func (s *Shop) Register(ctx context.Context, c *Customer) error {
	return emailTaken(s.Customers.Create(ctx, c, s.metered))
}

// emailTaken tells a taken e-mail from any other failure.
func emailTaken(err error) error {
	var failed *monotable.Error
	if errors.Is(err, monotable.ErrExists) && errors.As(err, &failed) && failed.Constraint == "email" {
		return ErrEmailTaken
	}
	return err
}

// Customer reads a customer: one GetItem.
func (s *Shop) Customer(ctx context.Context, id string) (Customer, error) {
	return s.Customers.Get(ctx, Customer{ID: id}, s.metered)
}

// Login is what signing in needs of a customer.
type Login struct {
	ID string `dynamodbav:"id"`
}

// SignIn finds the customer with an e-mail, in whatever case: one Query of an index. It returns monotable.ErrNotFound
// if there is none.
func (s *Shop) SignIn(ctx context.Context, email string) (Login, error) {
	for login, err := range s.logins.Query(ctx, Customer{Email: email}, monotable.On(Worklists), s.metered) {
		return login, err
	}
	return Login{}, monotable.ErrNotFound
}

// ChangeEmail gives a customer another e-mail: one GetItem, and one TransactWriteItems of the customer, the old
// e-mail's guard and the new one's. It returns ErrEmailTaken.
func (s *Shop) ChangeEmail(ctx context.Context, id, email string) (Customer, error) {
	c, err := s.Customers.Modify(ctx, Customer{ID: id}, func(c *Customer) error {
		c.Email = email
		return nil
	}, s.metered)
	return c, emailTaken(err)
}

// Account is what a customer sees after signing in.
type Account struct {
	Customer Customer
	Orders   []Order // the newest
}

// Account reads a customer with the newest of their orders: one Query of the customer's partition, strongly consistent,
// so that the order just placed is there. It returns monotable.ErrNotFound if there is no such customer.
func (s *Shop) Account(ctx context.Context, id string, orders int) (Account, error) {
	return monotable.Gather[Account](ctx, s.Customers, Customer{ID: id},
		monotable.Limit(1+orders), monotable.Consistent(), s.metered)
}
