package monotable

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/cursor"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/estimate"
	"github.com/monotable/monotable/internal/read"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/schema"
	"github.com/monotable/monotable/internal/write"
)

// Client is what *dynamodb.Client, dynamotest.Client and your own fakes have in common: the ten data-plane methods that
// a table's items need. A table's own life is admin.Client's.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput,
		...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput,
		...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactGetItems(context.Context, *dynamodb.TransactGetItemsInput,
		...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput,
		...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// DB is a Schema bound to a client: one physical table, and the registry of the entity types that live in it. It is
// safe for concurrent use, as are the tables and views made from it.
type DB struct {
	public  Schema         // as it was given
	schema  *schema.Schema // the same
	line    *call.Line
	cursors *cursor.Sealer
	clock   func() time.Time
	types   *read.Types
}

// Open binds a schema to a client. It sends nothing: admin.Verify compares a schema with the table that is there. Its
// error joins everything that is wrong with client, schema and options.
func Open(client Client, schema Schema, options ...OpenOption) (*DB, error) {
	schema = schema.clone()
	wrong := []error{schema.Validate()}
	if client == nil {
		wrong = append(wrong, errors.New("monotable: Open: the client is nil"))
	}
	s := given(options, &openSettings{clock: time.Now}, OpenOption.open)
	if s.clock == nil {
		wrong = append(wrong, errors.New("monotable: Open: Clock: the function is nil"))
	}
	sealer, err := cursor.New(s.cursorKeys)
	if err != nil {
		wrong = append(wrong, fmt.Errorf("monotable: Open: %w", err))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	table := schema.table()
	return &DB{public: schema, schema: table, line: &call.Line{Client: client, Observe: s.observe}, cursors: sealer,
		clock: s.clock, types: read.NewTypes(table, itemType, s.mapped, s.ownMemory)}, nil
}

// Schema is the table that db is bound to.
func (db *DB) Schema() Schema { return db.public.clone() }

// made tells whether db is Open's.
func (db *DB) made() bool { return db != nil && db.line != nil }

// Table is one entity type in a DB: its items are read and written as T. Make one with New, once, and keep it.
type Table[T any] struct{ of *face }

// View reads the items of entity type T as the smaller V, whose attributes are the projection asked of the service. A
// view cannot write: what it read is not the whole item. Make one with As.
//
// A projection saves what is sent, not what is read: units are those of the whole items.
type View[V, T any] struct{ of *face }

// face is what a Table or View is made of. Each T has code of its own in a program, so the methods of Table and View
// are few and short, and those of face, which is not generic, call the layers below. It is nil in the zero Table and
// View.
type face struct {
	name    string // of the entity type
	read    *read.Reader
	write   *write.Entity
	weigher *estimate.Weigher // nil where items cannot be weighed without making them
}

var itemType = reflect.TypeFor[Item]()

// Defaulter is implemented by a *T that fills in what its maker left out. Whole-item writes and Modify call it, before
// Validate and before the item is encoded, on a copy that becomes *T when the write succeeds; the copy is shallow, so
// that it must not change maps, slices or what pointers point at in place.
type Defaulter interface{ SetDefaults() }

// Validator is implemented by a *T that knows when it is wrong. Whole-item writes and Modify call it before anything is
// sent, and return its error.
type Validator interface{ Validate() error }

// New makes the table of entity type T: a struct with dynamodbav tags, or Item for items without a type. What is wrong
// with tags, templates or key types is found here, with its place, and nothing is sent. One DB has one table for each
// Model.Type; asking again for the same T and model gives an equal table.
func New[T any](db *DB, model Model) (*Table[T], error) {
	of, err := newFace(db, reflect.TypeFor[T](), model)
	if err != nil {
		return nil, err
	}
	return &Table[T]{of}, nil
}

// newFace makes the entity type that New does.
func newFace(db *DB, t reflect.Type, m Model) (*face, error) {
	fail := func(err error) (*face, error) { return nil, fmt.Errorf("monotable: New[%s]: %w", t, err) }
	if !db.made() {
		return fail(errors.New("the DB is nil, or not made with Open"))
	}
	if t.Kind() != reflect.Struct && t != itemType {
		return fail(errors.New("T is a struct or monotable.Item"))
	}
	of, err := entity.Of(db.schema, db.clock, t, t == itemType, layout(m))
	if err != nil {
		return fail(err)
	}
	maker := &request.Maker{Type: of}
	reads, err := read.New(maker, db.line, db.cursors, db.types)
	if err != nil {
		return fail(err)
	}
	return &face{of.Name, reads, &write.Entity{Maker: maker, Line: db.line, ItemType: itemType},
		estimate.NewWeigher(of)}, nil
}

// As makes a view of table's items as V, a struct some of whose attributes T has too. It returns an error for an
// attribute that T does not have.
func As[V, T any](table *Table[T]) (*View[V, T], error) {
	v := reflect.TypeFor[V]()
	if table == nil || table.of == nil {
		return nil, fmt.Errorf("monotable: As[%s]: the table was not made with New", v)
	}
	reads, err := table.of.read.As(v)
	if err != nil {
		return nil, fmt.Errorf("monotable: As[%s]: %w", v, err)
	}
	return &View[V, T]{&face{name: table.of.name, read: reads}}, nil
}

// Get reads the item with key's key attributes; key's other fields do not matter. It sends one GetItem, eventually
// consistent unless Consistent is given. It returns ErrNotFound when there is no such item, and ErrKey for an
// incomplete key.
func (t *Table[T]) Get(ctx context.Context, key T, options ...GetOption) (result T, err error) {
	err = t.of.get(ctx, reflect.ValueOf(&key).Elem(), options, reflect.ValueOf(&result).Elem())
	return result, err
}

// Get is Table.Get, of the attributes that V has.
func (v *View[V, T]) Get(ctx context.Context, key T, options ...GetOption) (result V, err error) {
	err = v.of.get(ctx, reflect.ValueOf(&key).Elem(), options, reflect.ValueOf(&result).Elem())
	return result, err
}

func (f *face) get(ctx context.Context, key reflect.Value, options []GetOption, result reflect.Value) error {
	return f.failed("Get", f.reads().Get(ctx, key, readSettings(options, GetOption.get), result))
}

// Create writes an item that is not there yet, with one PutItem, or with unique constraints or Once one
// TransactWriteItems. It returns ErrExists, with the item that is there in Error.Existing, if one of its key exists;
// where an attempt's answer was lost before, that may be this call's own, and ErrAmbiguous stands beside it. A value
// that another item has taken is ErrExists as well, with Error.Constraint. With a versioned model the item gets version
// 1. *item changes only if the write took place.
func (t *Table[T]) Create(ctx context.Context, item *T, options ...ItemOption) error {
	return t.of.put(ctx, "Create", reflect.ValueOf(item), true, options)
}

// Put writes an item whether or not one of its key is there, with one PutItem; the item that was there is replaced as a
// whole, attributes that T does not name included. Of a type with unique constraints it costs one consistent GetItem
// more, and is a transaction. With If it returns ErrCondition, and the item that is there in Error.Existing, when
// the condition fails. With a versioned model the item must be at the version that *item carries, or not be there (or
// carry no version) when that is 0, else ErrVersion; on success *item holds the new version. *item changes only if the
// write took place.
func (t *Table[T]) Put(ctx context.Context, item *T, options ...ItemOption) error {
	return t.of.put(ctx, "Put", reflect.ValueOf(item), false, options)
}

func (f *face) put(ctx context.Context, op string, item reflect.Value, create bool, options []ItemOption) error {
	return f.failed(op, f.writes().Put(ctx, item, create, writeSettings(options, ItemOption.whole)))
}

// Delete removes the item of that key, with one DeleteItem; of a type with unique constraints it costs one consistent
// GetItem more, and is a transaction with the guards. It is no error if there is none; with If, a condition that fails
// is ErrCondition, or ErrNotFound where there is no item: where an attempt's answer was lost before, this call may have
// removed it, and ErrAmbiguous stands beside it.
func (t *Table[T]) Delete(ctx context.Context, key T, options ...ItemOption) error {
	return t.of.delete(ctx, reflect.ValueOf(&key).Elem(), options)
}

func (f *face) delete(ctx context.Context, key reflect.Value, options []ItemOption) error {
	return f.failed("Delete", f.writes().Delete(ctx, key, writeSettings(options, ItemOption.whole)))
}

// Update changes some attributes of an item that is there, with one UpdateItem, and returns the item as it is then. It
// returns ErrNotFound if there is none, and ErrCondition, with the item in Error.Existing, if a condition given with If
// fails.
//
// An update whose repetition would double an effect, such as an ADD of a number or a list's append, is not sent again
// after a lost answer, unless AtVersion guards it; throttles are. It is then ErrAmbiguous.
//
// An index key that a template makes of a changed attribute is rewritten in the same request. For that Update must know
// the template's other attributes: from u itself, from the key, or from Known; otherwise it is refused with ErrKey,
// naming what it lacks, and nothing is sent. An index key that is made of what the table's key tells is written only if
// the item has that attribute, else ErrCondition. Attributes of the primary key cannot change. A versioned item's
// version rises by one.
func (t *Table[T]) Update(ctx context.Context, key T, u expression.UpdateBuilder,
	options ...UpdateOption) (result T, err error) {
	err = t.of.update(ctx, "Update", reflect.ValueOf(&key).Elem(), u, false, options,
		reflect.ValueOf(&result).Elem())
	return result, err
}

// Upsert is Update that creates the item where there is none: with its key's attributes, its entity type, and what u
// sets.
//
// Where the key keeps only a part of an attribute ({email|lower}, {at|date}, a shard), an item that is there keeps its
// own form of it, and the index keys made of that. If u changes an index key that is made of it as well, the item must
// hold it as key does, or not at all, else ErrCondition with the item. ErrCondition is also returned for an item that
// others stored without what its key is made of, where index keys or unique values could then not be told. A type of
// whose unique constraints a new item could have a value at once, of its key, of zero numbers or of Created, is refused
// with ErrKey: use Create, Put or Modify.
func (t *Table[T]) Upsert(ctx context.Context, key T, u expression.UpdateBuilder,
	options ...UpdateOption) (result T, err error) {
	err = t.of.update(ctx, "Upsert", reflect.ValueOf(&key).Elem(), u, true, options,
		reflect.ValueOf(&result).Elem())
	return result, err
}

func (f *face) update(ctx context.Context, op string, key reflect.Value, u expression.UpdateBuilder, upsert bool,
	options []UpdateOption, result reflect.Value) error {
	s := writeSettings(options, UpdateOption.update)
	return f.failed(op, f.writes().Update(ctx, key, u, upsert, s, result))
}

// Modify reads an item, lets fn change it, and writes the difference: one consistent GetItem, then one UpdateItem,
// which expects the version it read or, without a versioned model, every attribute of T as it was read. When someone
// else wrote the item in between, or a transaction was at it, fn runs again on what is there now, so it must not count
// on running once. It does not run again once an attempt's answer was lost: the call then ends with ErrAmbiguous,
// unless a later attempt took place. An error of fn ends Modify and is returned as it is. It returns the item as it is
// then, ErrNotFound if there is none, ErrCondition if a condition given with If fails, or when the item changed under
// it a hundred times, and with AtVersion ErrVersion, without running fn, if the item is at another version.
//
// fn may not change the attributes that the primary key is made of. Index keys follow by themselves. When fn changes
// nothing, and there is no If, nothing is written. Attributes that T does not name stay as they are. With Once the
// write is a transaction.
func (t *Table[T]) Modify(ctx context.Context, key T, fn func(*T) error, options ...ItemOption) (T, error) {
	var result T
	var change func(reflect.Value) error
	if fn != nil {
		change = func(v reflect.Value) error { return fn(v.Addr().Interface().(*T)) }
	}
	if err := t.of.modify(ctx, reflect.ValueOf(&key).Elem(), options, reflect.ValueOf(&result).Elem(),
		change); err != nil {
		var none T
		return none, err
	}
	return result, nil
}

func (f *face) modify(ctx context.Context, key reflect.Value, options []ItemOption, result reflect.Value,
	fn func(reflect.Value) error) error {
	return f.failed("Modify", f.writes().Modify(ctx, key, writeSettings(options, ItemOption.whole), result, fn))
}

// Type is the name of the entity type: Model.Type, or T's name where that is empty.
func (t *Table[T]) Type() string {
	if t.of == nil {
		return ""
	}
	return t.of.name
}

// Is tells whether an item, from a stream or an export, is of this entity type: by its entity-type attribute, and where
// it has none by whether its key is one that the model's templates make. It sends nothing.
func (t *Table[T]) Is(item Item) bool { return t.of != nil && t.of.read.Mine(item) }

// Decode makes a T of an item as the table stores it. It sends nothing; an attribute that does not fit its field is an
// error that names it.
func (t *Table[T]) Decode(item Item) (v T, err error) {
	err = t.of.decode(item, reflect.ValueOf(&v).Elem())
	return v, err
}

func (f *face) decode(item Item, into reflect.Value) error {
	if f == nil {
		return errNotMade
	}
	return f.failed("Decode", f.read.Decode(f.read.Form.Plan, item, into))
}

// Encode is the item that a write of v stores: its attributes, the key attributes that templates make, its entity type.
// It sends nothing, and returns ErrKey where a write would.
func (t *Table[T]) Encode(v T) (Item, error) { return t.of.encode(reflect.ValueOf(&v).Elem()) }

func (f *face) encode(v reflect.Value) (Item, error) {
	if f == nil {
		return nil, errNotMade
	}
	item, err := f.read.Item(v)
	return item, f.failed("Encode", err)
}
