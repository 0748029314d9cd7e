package pets

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/stream"
)

// Name is one item of the table of names: the ids of the pets that have the name. How many they are is the size of the
// set.
type Name struct {
	Name string  `dynamodbav:"name"`
	Pets []int64 `dynamodbav:"pets,numberset"`
}

// Names keeps the table of names in step with that of pets, by the changes of the latter.
type Names struct {
	pets  *Table
	db    *monotable.DB // the table of pets, whose changes these are
	names *monotable.Table[Name]
}

// NamesSchema is the table of names of template.yaml under a name.
func NamesSchema(name string) monotable.Schema {
	return monotable.Schema{Name: name, Partition: monotable.S("name")}
}

// NewNames binds both tables by their names. Nothing is ever sent to the table of pets: what is known of it comes as
// events.
func NewNames(client monotable.Client, petsTable, namesTable string) (n Names, err error) {
	if n.db, err = monotable.Open(client, Schema(petsTable)); err != nil {
		return Names{}, err
	}
	if n.pets, err = monotable.New[Pet](n.db, monotable.Model{}); err != nil {
		return Names{}, err
	}
	db, err := monotable.Open(client, NamesSchema(namesTable))
	if err != nil {
		return Names{}, err
	}
	n.names, err = monotable.New[Name](db, monotable.Model{})
	return n, err
}

// Change brings the names up to date after one change of a pet: old is nil for a pet that is new, new for one that is
// gone. It sends one UpdateItem for each name concerned, none for a pet that kept its name.
//
// Lambda delivers every change at least once, and so perhaps twice. Adding an id to a set that has it, and taking one
// out that is not in it, do nothing: what comes twice counts once. An "ADD count 1" would not forgive it.
func (n Names) Change(ctx context.Context, old, new *Pet) error {
	if old != nil && new != nil && old.Name == new.Name {
		return nil
	}
	if new != nil {
		if _, err := n.names.Upsert(ctx, Name{Name: new.Name}, expression.Add(petIDs, set(new.ID))); err != nil {
			return err
		}
	}
	if old != nil {
		_, err := n.names.Update(ctx, Name{Name: old.Name}, expression.Delete(petIDs, set(old.ID)))
		if err != nil && !errors.Is(err, monotable.ErrNotFound) {
			return err
		}
	}
	return nil
}

var petIDs = expression.Name("pets")

// set is a number set of one id.
func set(id int64) expression.ValueBuilder {
	return expression.Value(&types.AttributeValueMemberNS{Value: []string{strconv.FormatInt(id, 10)}})
}

// Follow makes names what the Lambda runtime calls with batches of changes: it handles them in order up to the first
// that fails, and tells Lambda which one that was, so that only it and those behind it come again. Each batch gets one
// line in the log, and so does the change that failed; neither has anything of a pet in it.
func Follow(names Names, log *slog.Logger) (func(context.Context, stream.Event) (stream.Response, error), error) {
	router, err := stream.New(names.db,
		stream.On(names.pets, names.Change),
		stream.Failed(func(ctx context.Context, err *stream.Error) {
			log.ErrorContext(ctx, "change", "request_id", requestID(ctx), "sequence", err.Sequence, "error",
				err.Error())
		}),
	)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, event stream.Event) (stream.Response, error) {
		began := time.Now()
		handling, cancel := beforeDeadline(ctx)
		defer cancel()
		response, err := router.Handle(handling, event)
		log.InfoContext(ctx, "batch", "request_id", requestID(ctx), "changes", len(event.Records),
			"failed", len(response.BatchItemFailures) > 0, "took_ms", milliseconds(time.Since(began)))
		return response, err
	}, nil
}
