package stream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/stream"
)

// changes makes records of what tables encode, numbered from 1.
type changes struct {
	t         require.TestingT
	orders    *monotable.Table[Order]
	customers *monotable.Table[Customer]
	n         int
}

func (c *changes) record(kind stream.Kind, keys, old, new monotable.Item) stream.Record {
	c.n++
	return stream.Record{
		ID: "e" + strconv.Itoa(c.n), Kind: kind, Sequence: fmt.Sprintf("1%020d", c.n),
		View: types.StreamViewTypeNewAndOldImages,
		Keys: keys, Old: old, New: new,
	}
}

func (c *changes) order(kind stream.Kind, id string) stream.Record {
	image := func(status string) monotable.Item {
		item, err := c.orders.Encode(Order{CustomerID: "ann", ID: id, Status: status, Total: 1})
		require.NoError(c.t, err)
		return item
	}
	var old, new monotable.Item
	if kind != stream.Insert {
		old = image("old")
	}
	if kind != stream.Remove {
		new = image("new")
	}
	return c.record(kind, keysOf(image("")), old, new)
}

func (c *changes) customer(kind stream.Kind, id string) stream.Record {
	item, err := c.customers.Encode(Customer{ID: id, Email: id + "@example.com"})
	require.NoError(c.t, err)
	var old, new monotable.Item
	if kind != stream.Insert {
		old = item
	}
	if kind != stream.Remove {
		new = item
	}
	return c.record(kind, keysOf(item), old, new)
}

func keysOf(item monotable.Item) monotable.Item {
	return monotable.Item{"PK": item["PK"], "SK": item["SK"]}
}

// viewed leaves out what a stream of that view does not carry.
func viewed(r stream.Record, view types.StreamViewType) stream.Record {
	r.View = view
	if view == types.StreamViewTypeKeysOnly || view == types.StreamViewTypeNewImage {
		r.Old = nil
	}
	if view == types.StreamViewTypeKeysOnly || view == types.StreamViewTypeOldImage {
		r.New = nil
	}
	return r
}

// journal notes what functions were called with.
type journal struct{ lines []string }

func (j *journal) note(format string, args ...any) error {
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
	return nil
}

func status(o *Order) string {
	if o == nil {
		return "-"
	}
	return o.ID + " " + o.Status
}

func email(c *Customer) string {
	if c == nil {
		return "-"
	}
	return c.Email
}

func setUp(t testing.TB) (*monotable.DB, *changes) {
	db, orders, customers := tables(&dynamodb.Client{})
	return db, &changes{t: t, orders: orders, customers: customers}
}

func TestEachTypeGoesToItsFunction(t *testing.T) {
	db, c := setUp(t)
	var j journal
	router := quiet(t, db,
		stream.On(c.orders, func(_ context.Context, old, new *Order) error {
			return j.note("order %s > %s", status(old), status(new))
		}),
		stream.On(c.customers, func(_ context.Context, old, new *Customer) error {
			return j.note("customer %s > %s", email(old), email(new))
		}),
		stream.Others(func(_ context.Context, r stream.Record) error {
			sku, err := r.Keys.String("SK")
			return errors.Join(err, j.note("%s %s", r.Kind, sku))
		}),
	)
	stock := monotable.Item{"PK": &types.AttributeValueMemberS{Value: "STOCK"},
		"SK": &types.AttributeValueMemberS{Value: "sku"}}
	response, err := router.Handle(context.Background(), stream.Event{Records: []stream.Record{
		c.order(stream.Insert, "1"), c.customer(stream.Insert, "ann"), c.order(stream.Modify, "1"),
		c.record(stream.Insert, stock, nil, stock),
		c.customer(stream.Remove, "ann"), c.order(stream.Remove, "1"),
	}})
	require.NoError(t, err)
	assert.Empty(t, response.BatchItemFailures)
	assert.Equal(t, []string{
		"order - > 1 new", "customer - > ann@example.com", "order 1 old > 1 new", "INSERT sku",
		"customer ann@example.com > -", "order 1 old > -",
	}, j.lines)
}

func TestUnknownTypesAreNotDropped(t *testing.T) {
	db, c := setUp(t)
	orders := stream.On(c.orders, func(context.Context, *Order, *Order) error { return nil })
	event := stream.Event{Records: []stream.Record{c.order(stream.Insert, "1"), c.customer(stream.Insert, "ann"),
		c.order(stream.Insert, "2")}}
	for name, options := range map[string][]stream.Option{
		"Ignore":       {orders, stream.Ignore(c.customers)},
		"IgnoreOthers": {orders, stream.IgnoreOthers()},
	} {
		assert.NoError(t, quiet(t, db, options...).HandleWhole(context.Background(), event), name)
	}
	err := quiet(t, db, orders).HandleWhole(context.Background(), event)
	require.ErrorIs(t, err, stream.ErrUnrouted)
	assert.EqualError(t, err,
		"stream: record 100000000000000000002 (INSERT): no one function for the entity type: give New an option for "+
			"it, Others or IgnoreOthers")
	var failed *stream.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, &stream.Error{Sequence: "100000000000000000002", ID: "e2", Kind: stream.Insert}, clean(failed))
}

// clean leaves out the cause.
func clean(e *stream.Error) *stream.Error {
	return &stream.Error{Sequence: e.Sequence, ID: e.ID, Kind: e.Kind, Entity: e.Entity}
}

// An item that becomes another type's under the same key is gone for the one and new for the other.
func TestItemThatChangesItsType(t *testing.T) {
	db, c := setUp(t)
	type Profile struct {
		ID   string `dynamodbav:"id"`
		Name string `dynamodbav:"name"`
	}
	profiles, err := monotable.New[Profile](db,
		monotable.Model{Keys: map[string]string{"PK": "CUSTOMER#{id}", "SK": "PROFILE"}})
	require.NoError(t, err)
	after, err := profiles.Encode(Profile{ID: "ann", Name: "Ann"})
	require.NoError(t, err)
	r := c.customer(stream.Remove, "ann")
	r.Kind, r.New = stream.Modify, after

	var j journal
	half := func(ctx context.Context) string {
		r, ok := stream.RecordOf(ctx)
		assert.True(t, ok)
		assert.Equal(t, "e1", r.ID)
		return fmt.Sprintf("%s %t %t %t", r.Kind, r.Retyped, r.Old != nil, r.New != nil)
	}
	customers := stream.On(c.customers, func(ctx context.Context, old, new *Customer) error {
		return j.note("%s > %s: %s", email(old), email(new), half(ctx))
	})
	profile := stream.On(profiles, func(ctx context.Context, old, new *Profile) error {
		return j.note("%v %v: %s", old == nil, new.Name, half(ctx))
	})
	others := stream.Others(func(ctx context.Context, r stream.Record) error { return j.note("other: %s", half(ctx)) })
	for name, router := range map[string]*stream.Router{
		"both":   quiet(t, db, profile, customers),
		"first":  quiet(t, db, customers, others),
		"second": quiet(t, db, profile, others),
	} {
		j = journal{}
		require.NoError(t, router.HandleWhole(context.Background(), stream.Event{Records: []stream.Record{r}}), name)
		want := map[string][]string{
			"both":   {"ann@example.com > -: REMOVE true true false", "true Ann: INSERT true false true"},
			"first":  {"ann@example.com > -: REMOVE true true false", "other: INSERT true false true"},
			"second": {"other: REMOVE true true false", "true Ann: INSERT true false true"},
		}[name]
		assert.Equal(t, want, j.lines, name)
	}
	j = journal{}
	err = quiet(t, db, customers).HandleWhole(context.Background(), stream.Event{Records: []stream.Record{r}})
	assert.ErrorIs(t, err, stream.ErrUnrouted)
	assert.Empty(t, j.lines, "nothing is called for a record that cannot be handled whole")
}

// Which kinds of change each option can handle on a stream of each view.
func TestViews(t *testing.T) {
	all := []types.StreamViewType{types.StreamViewTypeNewAndOldImages, types.StreamViewTypeNewImage,
		types.StreamViewTypeOldImage, types.StreamViewTypeKeysOnly}
	for name, c := range map[string]struct {
		on   func(*monotable.Table[Order], *journal) stream.Option
		want map[types.StreamViewType]string // insert, modify, remove; ! for ErrImage
	}{
		"On": {func(orders *monotable.Table[Order], j *journal) stream.Option {
			return stream.On(orders, func(_ context.Context, old,
				new *Order) error {
				return j.note("%s > %s", status(old), status(new))
			})
		}, map[types.StreamViewType]string{
			types.StreamViewTypeNewAndOldImages: "- > 1 new|1 old > 1 new|1 old > -",
			types.StreamViewTypeNewImage:        "- > 1 new|!|!",
			types.StreamViewTypeOldImage:        "!|!|1 old > -", types.StreamViewTypeKeysOnly: "!|!|!",
		}},
		"OnNew": {func(orders *monotable.Table[Order], j *journal) stream.Option {
			return stream.OnNew(orders, func(_ context.Context, new *Order) error { return j.note("%s", status(new)) })
		}, map[types.StreamViewType]string{
			types.StreamViewTypeNewAndOldImages: "1 new|1 new|-", types.StreamViewTypeNewImage: "1 new|1 new|-",
			types.StreamViewTypeOldImage: "!|!|-", types.StreamViewTypeKeysOnly: "!|!|-",
		}},
		"OnOld": {func(orders *monotable.Table[Order], j *journal) stream.Option {
			return stream.OnOld(orders, func(_ context.Context, old *Order) error { return j.note("%s", status(old)) })
		}, map[types.StreamViewType]string{
			types.StreamViewTypeNewAndOldImages: "-|1 old|1 old", types.StreamViewTypeNewImage: "-|!|!",
			types.StreamViewTypeOldImage: "-|1 old|1 old", types.StreamViewTypeKeysOnly: "-|!|!",
		}},
		"OnKeys": {func(orders *monotable.Table[Order], j *journal) stream.Option {
			return stream.OnKeys(orders, func(ctx context.Context, keys monotable.Item) error {
				r, _ := stream.RecordOf(ctx)
				sk, err := keys.String("SK")
				return errors.Join(err, j.note("%s %s", sk, r.Kind))
			})
		}, map[types.StreamViewType]string{
			types.StreamViewTypeNewAndOldImages: "ORDER#1 INSERT|ORDER#1 MODIFY|ORDER#1 REMOVE",
			types.StreamViewTypeNewImage:        "ORDER#1 INSERT|ORDER#1 MODIFY|ORDER#1 REMOVE",
			types.StreamViewTypeOldImage:        "ORDER#1 INSERT|ORDER#1 MODIFY|ORDER#1 REMOVE",
			types.StreamViewTypeKeysOnly:        "ORDER#1 INSERT|ORDER#1 MODIFY|ORDER#1 REMOVE",
		}},
	} {
		for _, view := range all {
			var j journal
			db, made := setUp(t)
			router := quiet(t, db, c.on(made.orders, &j), stream.Ignore(made.customers))
			for _, kind := range []stream.Kind{stream.Insert, stream.Modify, stream.Remove} {
				record := viewed(made.order(kind, "1"), view)
				err := router.HandleWhole(context.Background(), stream.Event{Records: []stream.Record{record}})
				if err != nil {
					require.ErrorIs(t, err, stream.ErrImage, "%s %s", name, view)
					assert.ErrorContains(t, err, ": Order: image missing: "+name+" needs the ")
					assert.ErrorContains(t, err, "a stream of view type "+string(view)+" does not carry")
					_ = j.note("!")
				}
				customer := viewed(made.customer(kind, "ann"), view)
				assert.NoError(t, router.HandleWhole(context.Background(),
					stream.Event{Records: []stream.Record{customer}}))
			}
			assert.Equal(t, c.want[view], strings.Join(j.lines, "|"), "%s %s", name, view)
		}
	}
}

// A record that says it has both images and lacks one is an error as well.
func TestImageMissingFromRecord(t *testing.T) {
	db, c := setUp(t)
	router := quiet(t, db, stream.On(c.orders, func(context.Context, *Order, *Order) error { return nil }))
	r := c.order(stream.Modify, "1")
	r.Old = nil
	err := router.HandleWhole(context.Background(), stream.Event{Records: []stream.Record{r}})
	assert.ErrorIs(t, err, stream.ErrImage)
	assert.ErrorContains(t, err, "On needs the old image, which the record does not have")
}

// Types that keys alone do not tell apart are not guessed.
func TestTypesThatLookAlike(t *testing.T) {
	db, c := setUp(t)
	type Profile struct {
		ID string `dynamodbav:"id"`
	}
	profiles, err := monotable.New[Profile](db,
		monotable.Model{Keys: map[string]string{"PK": "CUSTOMER#{id}", "SK": "PROFILE"}})
	require.NoError(t, err)
	router := quiet(t, db, stream.OnKeys(c.customers, func(context.Context, monotable.Item) error { return nil }),
		stream.Ignore(profiles))
	r := c.customer(stream.Insert, "ann")
	require.NoError(t, router.HandleWhole(context.Background(), stream.Event{Records: []stream.Record{r}}))
	err = router.HandleWhole(context.Background(),
		stream.Event{Records: []stream.Record{viewed(r, types.StreamViewTypeKeysOnly)}})
	require.ErrorIs(t, err, stream.ErrUnrouted)
	assert.ErrorContains(t, err, "it could be Customer as well as Profile")
}

// Failures of all sorts stop the batch there, name the record, and show no values.
func TestFailures(t *testing.T) {
	wrong := errors.New("wrong")
	type secret struct{ Password string }
	for name, c := range map[string]struct {
		fn   func() error
		want string
		is   error
	}{
		"error":            {func() error { return wrong }, "wrong", wrong},
		"panic":            {func() error { panic("at the disco") }, "panic: at the disco", nil},
		"panic with error": {func() error { panic(wrong) }, "panic: wrong", wrong},
		"runtime error":    {func() error { var o *Order; o.ID = "x"; return nil }, "nil pointer", nil},
		"panic with value": {func() error { panic(secret{"hunter2"}) }, "panic with a stream_test.secret", nil},
	} {
		db, made := setUp(t)
		calls := 0
		var reported []*stream.Error
		for _, n := range []int{1, 3} {
			calls, reported = 0, nil
			router, err := stream.New(db, stream.Parallel(n),
				stream.Failed(func(_ context.Context, e *stream.Error) { reported = append(reported, e) }),
				stream.On(made.orders, func(_ context.Context, _, new *Order) error {
					calls++
					if new.Status == "new" && calls == 2 {
						return c.fn()
					}
					return nil
				}))
			require.NoError(t, err)
			made.n = 0
			response, err := router.Handle(context.Background(), stream.Event{Records: []stream.Record{
				made.order(stream.Insert, "1"), made.order(stream.Modify, "1"), made.order(stream.Modify, "1"),
			}})
			require.NoError(t, err, name)
			assert.Equal(t, []stream.Failure{{ItemIdentifier: "100000000000000000002"}}, response.BatchItemFailures,
				name)
			assert.Equal(t, 2, calls, name)
			require.Len(t, reported, 1, name)
			assert.ErrorContains(t, reported[0], "stream: record 100000000000000000002 (MODIFY): Order: ", name)
			assert.ErrorContains(t, reported[0], c.want, name)
			assert.NotContains(t, reported[0].Error(), "hunter2")
			if c.is != nil {
				assert.ErrorIs(t, reported[0], c.is, name)
			}
			var p *stream.PanicError
			assert.Equal(t, strings.Contains(name, "panic") ||
				name == "runtime error", errors.As(reported[0], &p), name)
			if p != nil {
				assert.Contains(t, string(p.Stack), "router_test.go", name)
			}
		}
	}
}

// What does not fit T fails its record, before any function is called.
func TestImageThatDoesNotFit(t *testing.T) {
	db, c := setUp(t)
	router := quiet(t, db, stream.On(c.orders, func(context.Context, *Order, *Order) error {
		t.Error("called")
		return nil
	}))
	r := c.order(stream.Modify, "1")
	r.New["total"] = &types.AttributeValueMemberS{Value: "hunter2"}
	err := router.HandleWhole(context.Background(), stream.Event{Records: []stream.Record{r}})
	assert.ErrorContains(t, err, "(MODIFY): Order: new image: ")
	assert.ErrorContains(t, err, "total")
	assert.NotContains(t, err.Error(), "hunter2")
}

// erratic panics when it is decoded.
type erratic string

func (*erratic) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { panic("no") }

func TestPanicInDecoding(t *testing.T) {
	type Trap struct {
		PK, SK string
		Name   erratic
	}
	db, c := setUp(t)
	traps, err := monotable.New[Trap](db, monotable.Model{})
	require.NoError(t, err)
	item := monotable.Item{"PK": &types.AttributeValueMemberS{Value: "a"},
		"SK":   &types.AttributeValueMemberS{Value: "b"},
		"Name": &types.AttributeValueMemberS{Value: "x"}}
	router := quiet(t, db, stream.On(traps, func(context.Context, *Trap, *Trap) error { return nil }))
	err = router.HandleWhole(context.Background(),
		stream.Event{Records: []stream.Record{c.record(stream.Insert, keysOf(item), nil, item)}})
	var p *stream.PanicError
	assert.ErrorAs(t, err, &p)
}

// The end of the context ends the batch at the next record, which is reported.
func TestContextEnds(t *testing.T) {
	for _, n := range []int{1, 4} {
		db, c := setUp(t)
		ctx, cancel := context.WithCancel(context.Background())
		router := quiet(t, db, stream.Parallel(n), stream.OnKeys(c.orders, func(context.Context, monotable.Item) error {
			cancel()
			return nil
		}))
		response, err := router.Handle(ctx, stream.Event{Records: []stream.Record{
			c.order(stream.Insert, "1"), c.order(stream.Modify, "1"), c.order(stream.Modify, "1"),
		}})
		require.NoError(t, err)
		assert.Equal(t, []stream.Failure{{ItemIdentifier: "100000000000000000002"}}, response.BatchItemFailures)
		assert.ErrorIs(t, router.HandleWhole(ctx, stream.Event{Records: []stream.Record{c.order(stream.Insert, "1")}}),
			context.Canceled)
	}
}

// A function that ends its goroutine, as FailNow does, is a failure too.
func TestGoroutineEnds(t *testing.T) {
	db, c := setUp(t)
	router := quiet(t, db, stream.Parallel(2), stream.OnKeys(c.orders, func(context.Context, monotable.Item) error {
		runtime.Goexit()
		return nil
	}))
	response, err := router.Handle(context.Background(),
		stream.Event{Records: []stream.Record{c.order(stream.Insert, "1"), c.order(stream.Modify, "1")}})
	require.NoError(t, err)
	assert.Equal(t, []stream.Failure{{ItemIdentifier: "100000000000000000001"}}, response.BatchItemFailures)
}

// Unless told otherwise, failures are logged.
func TestFailuresAreLogged(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	db, c := setUp(t)
	router, err := stream.New(db, stream.OnKeys(c.orders,
		func(context.Context, monotable.Item) error { return errors.New("wrong") }))
	require.NoError(t, err)
	_, err = router.Handle(context.Background(),
		stream.Event{Records: []stream.Record{c.order(stream.Insert, "hunter2")}})
	require.NoError(t, err)
	assert.Contains(t, log.String(), "level=ERROR")
	assert.Contains(t, log.String(), "record 100000000000000000001 (INSERT): Order: wrong")
	assert.NotContains(t, log.String(), "hunter2")
}

func TestNewRefuses(t *testing.T) {
	db, c := setUp(t)
	on := stream.OnKeys(c.orders, func(context.Context, monotable.Item) error { return nil })
	for want, options := range map[string][]stream.Option{
		"On[Order]: the function is nil": {stream.On(c.orders, nil)},
		"OnNew[Order]: the table is nil": {stream.OnNew(nil,
			func(context.Context, *Order) error { return nil })},
		"OnOld[Order]: OnKeys has that table already": {on,
			stream.OnOld(c.orders, func(context.Context, *Order) error { return nil })},
		"Ignore[Order]: Ignore has that table already": {stream.Ignore(c.orders),
			stream.Ignore(c.orders)},
		"Others and IgnoreOthers: one of them, once": {stream.IgnoreOthers(),
			stream.Others(func(context.Context, stream.Record) error { return nil })},
		"Others: the function is nil":                                 {stream.Others(nil)},
		"Parallel(0): at least 1 key at a time":                       {stream.Parallel(0)},
		"Failed: the function is nil":                                 {stream.Failed(nil)},
		"Parallel(-1): at least 1 key at a time\nstream: New: Failed": {stream.Parallel(-1), stream.Failed(nil)},
	} {
		_, err := stream.New(db, options...)
		assert.ErrorContains(t, err, "stream: New: "+want)
	}
	_, err := stream.New(nil)
	assert.Error(t, err)
	_, err = stream.New(db, on, stream.Option{})
	assert.NoError(t, err)
	_, ok := stream.RecordOf(context.Background())
	assert.False(t, ok)
}
