// Package monotable models several entity types in one DynamoDB table, over the AWS SDK for Go v2.
//
// # Tables
//
// A [Schema] says what the physical table is: its key attributes with their types, its indexes, and which attribute
// holds an item's entity type. [Open] binds it to a client, a *dynamodb.Client or the fake of package dynamotest, as a
// [DB]. [New] makes a [Table] of one entity type in it, laid out by a [Model]:
//
//	db, err := monotable.Open(client, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
//	pets, err := monotable.New[Pet](db, monotable.Model{})
//
// All that can be wrong with a schema, a type's tags or a model is reported there, once; neither sends anything.
// [github.com/monotable/monotable/admin] creates, verifies and deletes the table itself.
//
// # Items
//
// T is a struct with the tags of the SDK's attributevalue package, and is encoded as that does. A field tagged
// `monotable:"unknown"`, of type [Item], keeps the attributes that T does not name, so that they survive when an item
// is read, changed and put back. T may also be Item itself, for items without a type.
//
// # Keys
//
// A key attribute is T's own attribute of that name, or the model makes it from T's attributes with a template:
//
//	monotable.Model{Keys: map[string]string{"PK": "CUSTOMER#{customer_id}", "SK": "ORDER#{placed_at}#{id}"}}
//
// Integers, decimals, times, bools and, at the end of a template, strings sort in it as their values do. Values cannot
// run into each other: what separates two fields is escaped inside the first. {stars:3} gives an integer three digits
// instead of 19 (a larger one is refused), {price:8.2} a decimal its digits, {email|lower} folds case, {at|date} cuts a
// time, {n|desc} sorts downwards, {n|plain} leaves an integer unpadded, {sku|raw} a string unescaped.
//
// A partition that takes more writes than DynamoDB gives one (1,000 units a second) is spread over several by a field
// that is written as a shard: "STATUS#{status}#{id|shard:10}" ends in a number from 0 to 9 that is chosen by a hash of
// id, so that calls by key know it. A query gives the partition's other fields, and asks all shards at a time, merging
// what they answer in the order of the sort key; where Eq gives the shard's field, it asks the one. The hash is the
// first eight bytes, big-endian, of the SHA-256 of what the template would write for the field without shard at its
// end, modulo the number of shards. It will not change. More shards of an index can be had at any time, readers first:
// items stay in the shard they were written to, which is among the new ones, until a write makes its key again. For
// fewer, or for the table's own key, the items must be written anew first.
//
// A key is given as a T with its key fields set. Zero numbers and false are values; an empty string, a nil or a zero
// time is [ErrKey]. An index whose templates lack a value is sparse: the item is left out of it.
//
// # Reading
//
// Get and GetMany read by key. Query takes the partition's fields as a T, and conditions on sort fields as options,
// from the left: [Eq], then one of [Between], [From], [Before] and [BeginsWith]. Scan reads the whole table. Both yield
// items as the caller iterates; QueryPage and ScanPage give a [Page] and a [Cursor] for the next. [Limit] means items
// returned. Only items of T's own type come back, whatever else lives beside them. A [View] reads some of the
// attributes only.
//
// # Writing
//
// Create never overwrites, Put always does, Update changes an item that is there, Upsert makes it if need be, and
// Modify runs a function on it and writes the difference, again if someone else was faster. Index keys are rewritten
// with whatever they are made of; where an update does not know enough for that it is refused before it is sent.
// Operands of expressions are checked against T's own encoding. [If] adds a condition, [AtVersion] expects a version,
// [Old] keeps the item as it was.
//
// Success means that a write took place, and an error that it did not, but for [ErrAmbiguous], which says that nobody
// knows: an attempt's answer was lost, and no later one settled it. A write whose repetition would double an effect,
// such as an ADD, is not sent again after a lost answer. [Once] makes a write exact, at twice the units.
//
// # Costs
//
// Each method says which requests it sends; there are no others. [Metered] adds what a call consumed to a [Meter],
// [Budget] ends a read at a number of units.
//
// # Speed
//
// What a *dynamodb.Client reads is decoded from the response straight into T, without the SDK's attribute maps, several
// times as fast and with a hundredth of the allocations for a page; the client still signs, retries, checks, logs and
// traces. Get, GetMany, BatchRead, Read, Query, Scan and collections do it, and [DB.ReadStats] counts. Short strings of
// a page share memory, unless [OwnMemory] is given. Middleware that looks at the items of an output sees none of them,
// and needs [WithoutFastPath]. A client that is not the SDK's, such as a fake, is read through its maps, with the same
// results.
//
// # Errors
//
// Errors wrap both this package's sentinel and the SDK's error: errors.Is(err, ErrExists) and errors.As(err, &ccf) with
// a *types.ConditionalCheckFailedException hold for the same error. [Error] names operation and entity type, and
// carries the item that a failed condition met. No error text contains a value of an item.
package monotable

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/cursor"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/estimate"
	"github.com/monotable/monotable/internal/request"
	"github.com/monotable/monotable/internal/response"
	"github.com/monotable/monotable/internal/schema"
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
	client  Client
	public  Schema         // as it was given
	schema  *schema.Schema // the same
	cursors *cursor.Sealer
	clock   func() time.Time
	observe func(context.Context, Usage) // nil for nobody
	fast    response.Path

	mu       sync.Mutex
	entities map[string]*core // by Model.Type
}

// Open binds a schema to a client. It sends nothing: admin.Verify compares a schema with the table that is there. It
// returns everything that is wrong with the schema or the options.
func Open(client Client, schema Schema, options ...OpenOption) (*DB, error) {
	if client == nil {
		return nil, errors.New("monotable: Open: the client is nil")
	}
	schema = schema.clone()
	if err := schema.Validate(); err != nil {
		return nil, err
	}
	s := given(options, &openSettings{clock: time.Now}, OpenOption.open)
	sealer, err := cursor.New(s.cursorKeys)
	if err != nil {
		return nil, fmt.Errorf("monotable: Open: %w", err)
	}
	db := &DB{client: client, public: schema, schema: schema.table(), cursors: sealer, clock: s.clock,
		observe: s.observe, entities: map[string]*core{}}
	db.fast.Off, db.fast.OwnMemory, db.fast.Of = s.mapped, s.ownMemory, db.wireReadingOf
	return db, nil
}

// Schema is the table that db is bound to.
func (db *DB) Schema() Schema { return db.public.clone() }

// Table is one entity type in a DB: its items are read and written as T. Make one with New, once, and keep it.
type Table[T any] struct{ of reader }

// View reads the items of entity type T as the smaller V, whose attributes are the projection asked of the service. A
// view cannot write: what it read is not the whole item. Make one with As.
//
// A projection saves what is sent, not what is read: units are those of the whole items.
type View[V, T any] struct{ of reader }

// core is one entity type in a DB: everything about a Table[T] that does not depend on T at compile time.
type core struct {
	*request.Maker
	db      *DB
	rivals  atomic.Bool       // another type of the DB may have the same keys
	weigher *estimate.Weigher // nil where items cannot be weighed without making them
	wire    *response.Reading // of T; nil without the fast path
}

// reader reads the items of an entity type as values of a Go type, its own or a view's. Each T has code of its own in a
// program, so the methods of Table and View are few and short, and reader, which is not generic, does the work.
type reader struct {
	*core
	read *reading
}

// reading is how items become values of a Go type.
type reading struct {
	typ     reflect.Type
	plan    *codec.Plan // nil for Item
	partial []string    // the attributes asked for, keys and entity type among them; nil for whole items
	wire    *response.Reading
}

var itemsType = reflect.TypeFor[Item]()

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
	r, err := newReader(db, reflect.TypeFor[T](), model)
	if err != nil {
		return nil, err
	}
	return &Table[T]{r}, nil
}

// newReader makes the entity type that New does.
func newReader(db *DB, t reflect.Type, m Model) (reader, error) {
	fail := func(err error) (reader, error) { return reader{}, fmt.Errorf("monotable: New[%s]: %w", t, err) }
	if !db.made() {
		return fail(errors.New("the DB is nil, or not made with Open"))
	}
	if t.Kind() != reflect.Struct && t != itemsType {
		return fail(errors.New("T is a struct or monotable.Item"))
	}
	of, err := entity.Of(db.schema, db.clock, t, t == itemsType, layout(m))
	if err != nil {
		return fail(err)
	}
	e := &core{Maker: &request.Maker{Type: of}, db: db}
	e.weigher, e.wire = estimate.NewWeigher(e.Type), response.NewReading(&db.fast, e.Type, e.Plan, t)
	if err := db.register(e); err != nil {
		return fail(err)
	}
	return reader{e, &reading{typ: t, plan: e.Plan, wire: e.wire}}, nil
}

// register adds an entity type; a name stands for one Go type.
func (db *DB) register(e *core) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if other, ok := db.entities[e.Name]; ok {
		if other.GoType != e.GoType {
			return fmt.Errorf("entity type %s is %s in this DB already", e.Name, other.GoType)
		}
		if !reflect.DeepEqual(other.Model, e.Model) {
			return fmt.Errorf("entity type %s has another model in this DB already", e.Name)
		}
		e.Shared.Store(other.Shared.Load())
		e.rivals.Store(other.rivals.Load())
	}
	if e.natural() {
		e.Shared.Store(true)
	}
	for _, other := range db.entities {
		if other.Name == e.Name || e.Plan == nil || other.Plan == nil || !e.Overlaps(other.Type) {
			continue
		}
		if db.schema.EntityType == "" {
			return fmt.Errorf("its keys could be those of entity type %s, and the schema has no EntityType to tell "+
				"them apart", other.Name)
		}
		for _, one := range []*core{e, other} {
			one.Shared.Store(true)
			one.rivals.Store(true)
		}
	}
	db.entities[e.Name] = e
	return nil
}

// natural tells whether the primary key is T's own attributes, and so whatever a program puts there.
func (e *core) natural() bool {
	return !slices.ContainsFunc(e.Table.Parts(), func(p entity.Part) bool { return !p.Natural() })
}

// As makes a view of table's items as V, a struct some of whose attributes T has too. It returns an error for an
// attribute that T does not have.
func As[V, T any](table *Table[T]) (*View[V, T], error) {
	var whole reader
	if table != nil {
		whole = table.of
	}
	r, err := whole.as(reflect.TypeFor[V]())
	if err != nil {
		return nil, err
	}
	return &View[V, T]{r}, nil
}

// as makes the reader of a view.
func (r *reader) as(v reflect.Type) (reader, error) {
	fail := func(err error) (reader, error) { return reader{}, fmt.Errorf("monotable: As[%s]: %w", v, err) }
	if r.core == nil {
		return fail(errors.New("the table was not made with New"))
	}
	if v.Kind() != reflect.Struct {
		return fail(errors.New("V is a struct"))
	}
	plan, err := codec.Of(v)
	if err != nil {
		return fail(err)
	}
	if plan.Unknown() {
		return fail(errors.New("a view reads the attributes it names: it has no place for others"))
	}
	partial := newNameSet()
	for _, f := range plan.Fields() {
		if r.Plan != nil {
			of, ok := r.Plan.Field(f.Name)
			if !ok && !r.Plan.Unknown() {
				return fail(fmt.Errorf("field %s: %s has no attribute %s", f.GoName, r.GoType, f.Name))
			}
			if ok && (of.Kind != f.Kind || of.UnixTime != f.UnixTime || of.AsString != f.AsString) &&
				f.Kind != codec.Any && f.Kind != codec.Raw {
				return fail(fmt.Errorf("field %s (%s): %s stores %s as %s", f.GoName, f.Type, r.GoType, f.Name,
					of.Type))
			}
		}
		partial.add(f.Name)
	}
	for _, def := range r.Schema.KeyAttributes() {
		partial.add(*def.AttributeName)
	}
	for _, name := range []string{r.Schema.EntityType, r.Schema.TTL} {
		if name != "" {
			partial.add(name)
		}
	}
	return reader{r.core, &reading{typ: v, plan: plan, partial: partial.names,
		wire: response.NewReading(&r.db.fast, r.Type, plan, v)}}, nil
}

// nameSet keeps names in order, each once.
type nameSet struct {
	names []string
	seen  map[string]bool
}

func newNameSet() *nameSet { return &nameSet{seen: map[string]bool{}} }

func (s *nameSet) add(name string) {
	if !s.seen[name] {
		s.seen[name] = true
		s.names = append(s.names, name)
	}
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

func (r *reader) get(ctx context.Context, key reflect.Value, options []GetOption, result reflect.Value) error {
	if r.core == nil {
		return errNotMade
	}
	primary, err := r.PrimaryKey(key)
	if err != nil {
		return r.fail("Get", err)
	}
	s := getSettings(options)
	of, err := r.getPrimary(ctx, "Get", primary, r.read.partial, r.read.wire.ByKey(response.FormItem, s.unexpired), s)
	if err != nil {
		return err
	}
	if of.Page != nil {
		result.Set(of.Page.Value(of.At))
		return nil
	}
	if err := r.Decode(r.read.plan, of.Item, result); err != nil {
		return r.fail("Get", err)
	}
	return nil
}

func getSettings(options []GetOption) *settings {
	return given(options, new(settings), GetOption.get)
}

// getItem sends one GetItem for a key of this entity type.
func (e *core) getItem(ctx context.Context, op string, key reflect.Value, partial []string,
	s *settings) (map[string]types.AttributeValue, error) {
	primary, err := e.PrimaryKey(key)
	if err != nil {
		return nil, e.fail(op, err)
	}
	of, err := e.getPrimary(ctx, op, primary, partial, nil, s)
	return of.Item, err
}

// getPrimary sends one GetItem for a primary key. Without a fast path the row has the item.
func (e *core) getPrimary(ctx context.Context, op string, primary attributes, partial []string, call *response.Call,
	s *settings) (response.Row, error) {
	if err := e.CheckUnexpired(&e.Table); s.unexpired && err != nil {
		return response.Row{}, e.fail(op, err)
	}
	in := &dynamodb.GetItemInput{TableName: &e.Schema.Name, Key: primary, ReturnConsumedCapacity: s.report()}
	if s.consistent {
		in.ConsistentRead = &s.consistent
	}
	if partial != nil {
		in.ProjectionExpression, in.ExpressionAttributeNames = entity.Projection(partial)
	}
	out, err := e.via(s).GetItem(ctx, in, call.Options(s.sdk)...)
	if err != nil {
		return response.Row{}, e.fail(op, err)
	}
	left := 0
	if len(out.Item) > 0 {
		left = 1
	}
	page, err := call.Result(out.ResultMetadata, left)
	if err != nil {
		return response.Row{}, e.fail(op, err)
	}
	if page != nil && len(page.Items) > 0 && page.Items[0].Group > 0 {
		return response.Row{Page: page}, nil
	}
	if left == 0 || !e.Owns(out.Item) || s.unexpired && e.Expired(out.Item) {
		return response.Row{}, e.fail(op, ErrNotFound)
	}
	return response.Row{Entry: out.Item, Item: out.Item}, nil
}

// Type is the name of the entity type: Model.Type, or T's name where that is empty.
func (t *Table[T]) Type() string {
	if t.of.core == nil {
		return ""
	}
	return t.of.Name
}

// Is tells whether an item, from a stream or an export, is of this entity type: by its entity-type attribute, and where
// it has none by whether its key is one that the model's templates make. It sends nothing.
func (t *Table[T]) Is(item Item) bool { return t.of.core != nil && t.of.Mine(item) }

// Decode makes a T of an item as the table stores it. It sends nothing; an attribute that does not fit its field is an
// error that names it.
func (t *Table[T]) Decode(item Item) (v T, err error) {
	err = t.of.decodeItem(item, reflect.ValueOf(&v).Elem())
	return v, err
}

func (r *reader) decodeItem(item Item, into reflect.Value) error {
	if r.core == nil {
		return errNotMade
	}
	if err := r.Decode(r.read.plan, item, into); err != nil {
		return r.fail("Decode", err)
	}
	return nil
}

// Encode is the item that a write of v stores: its attributes, the key attributes that templates make, its entity type.
// It sends nothing, and returns ErrKey where a write would.
func (t *Table[T]) Encode(v T) (Item, error) { return t.of.encodeItem(reflect.ValueOf(&v).Elem()) }

func (e *core) encodeItem(v reflect.Value) (Item, error) {
	if e == nil {
		return nil, errNotMade
	}
	item, err := e.Item(v)
	if err != nil {
		return nil, e.fail("Encode", err)
	}
	return item, nil
}
