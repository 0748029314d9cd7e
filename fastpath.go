package monotable

import (
	"context"
	"encoding/base64"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/fromwire"
	"github.com/monotable/monotable/internal/entity"
)

// The fast path: a response of a *dynamodb.Client has its items decoded from their JSON straight into values of T, and the SDK
// decodes what is left, "Items":[] and all the rest. It stands in the place of the SDK's own deserializer, which it calls, so
// that errors, retries, checksums, gzip, logs, traces and metrics are the SDK's as before. What it is not sure of stays in the
// response and is decoded by the SDK. A client that ignores option functions never hears of it.

// WithoutFastPath makes reads decode what the client gives them, as attribute maps, and nothing else. Responses otherwise decode
// from JSON straight into T, several times as fast, wherever the client is a *dynamodb.Client or hands option functions on to
// one; the results are the same.
//
// It is for middleware or a wrapped client that looks at the items of an output, or changes them: with the fast path an output
// passes by without those items. Count, LastEvaluatedKey and all else are there as ever.
func WithoutFastPath() OpenOption { return openOption(func(s *openSettings) { s.mapped = true }) }

// OwnMemory gives every string, binary and pointer that a read decodes memory of its own. By default those of up to 1 KB share
// chunks of up to 32 KB, and the items that GetMany, BatchRead and Read point to share one for each request, which saves most
// allocations: as long as one of them is in use, its chunk stays in memory. Give it where a few small values out of many pages are
// kept for long. It matters on the fast path only.
func OwnMemory() OpenOption { return openOption(func(s *openSettings) { s.ownMemory = true }) }

// ReadStats counts how a DB's responses to reads were decoded.
type ReadStats struct {
	Fast  uint64 // responses decoded from JSON straight into T
	Maps  uint64 // responses decoded as attribute maps: the client is not the SDK's, or a response was not as expected
	Again uint64 // items of fast responses that were decoded as attribute maps after all
}

// ReadStats tells how responses were decoded since Open, of those reads that have a fast path: Get, GetMany, BatchRead, Read,
// Query, QueryPage, Scan, ScanPage and the reads of collections. It is for tests and debugging; a Fast of 0 beside many Maps says
// that the fast path is not active.
func (db *DB) ReadStats() ReadStats {
	if !db.made() {
		return ReadStats{}
	}
	return ReadStats{db.fast.fast.Load(), db.fast.maps.Load(), db.fast.again.Load()}
}

// fastPath is a DB's share in it.
type fastPath struct {
	off, ownMemory    bool
	fast, maps, again atomic.Uint64
}

// wireReading is how items of one entity type become values without a map between them. It is nil where there is no fast path.
type wireReading struct {
	db      *DB
	entity  *core
	plan    *codec.Plan // nil for Item
	typ     reflect.Type
	keyed   bool
	parts   []entity.Part // of keys, that its readers find: the table's that templates make, by which a type can be told; all if it is keyed
	own     int           // how many of them are the table's, which are first
	readers sync.Pool

	mu     sync.Mutex
	byKeys map[*entity.Space]*wireReading // the same with keys
}

// newWireReading is the fast path of reading e's items as values of typ.
func newWireReading(e *core, plan *codec.Plan, typ reflect.Type) *wireReading {
	if e.db.fast.off {
		return nil
	}
	w := &wireReading{db: e.db, entity: e, plan: plan, typ: typ}
	for _, part := range e.Table.Parts() {
		if !part.Natural() {
			w.parts = append(w.parts, part)
		}
	}
	w.own = len(w.parts)
	w.begin()
	return w
}

// begin makes the readers, which capture the entity type, if there is one, and the parts of keys.
func (w *wireReading) begin() {
	options := fromwire.Options{OwnMemory: w.db.fast.ownMemory, Hidden: w.entity.Made}
	if w.entity.Typed() {
		options.Capture = append(options.Capture, w.db.schema.EntityType)
	}
	for _, part := range w.parts {
		options.Capture = append(options.Capture, part.Name)
	}
	w.readers.New = func() any { return fromwire.NewReader(w.plan, options) }
}

// withKeys is w with the keys of every item: the table's, and the index's if the space is one.
func (w *wireReading) withKeys(space *entity.Space) *wireReading {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if keyed := w.byKeys[space]; keyed != nil {
		return keyed
	}
	keyed := &wireReading{db: w.db, entity: w.entity, plan: w.plan, typ: w.typ, keyed: true, parts: slices.Clone(w.entity.Table.Parts())}
	keyed.own = len(keyed.parts)
	for _, part := range space.Parts() {
		if !slices.ContainsFunc(keyed.parts, func(p entity.Part) bool { return p.Name == part.Name }) {
			keyed.parts = append(keyed.parts, part)
		}
	}
	keyed.begin()
	if w.byKeys == nil {
		w.byKeys = map[*entity.Space]*wireReading{}
	}
	w.byKeys[space] = keyed
	return keyed
}

// keys are the key attributes of the item read last.
func (w *wireReading) keys(r *fromwire.Reader) (keys attributes, ok bool) {
	at := 0
	if w.entity.Typed() {
		at = 1
	}
	keys = make(attributes, len(w.parts))
	for i := range w.parts {
		c := r.Captured(at + i)
		switch c.Type {
		case "S":
			keys[w.parts[i].Name] = &types.AttributeValueMemberS{Value: string(c.Text)}
		case "N":
			keys[w.parts[i].Name] = &types.AttributeValueMemberN{Value: string(c.Text)}
		case "B":
			bytes, err := base64.StdEncoding.AppendDecode(nil, c.Text)
			if err != nil {
				return nil, false
			}
			keys[w.parts[i].Name] = &types.AttributeValueMemberB{Value: bytes}
		}
	}
	return keys, true
}

// isMine tells whether the item read last is of the entity type: as entity.mine tells it or, if it was asked for by its key, as
// entity.owns does.
func (w *wireReading) isMine(r *fromwire.Reader, byKey bool) bool {
	e, at := w.entity, 0
	if e.Typed() {
		at = 1
		switch c := r.Captured(0); {
		case c.Type == "S":
			return string(c.Text) == e.Name || slices.Contains(e.Aliases, string(c.Text))
		case c.Type != "" || c.Null:
			return false
		}
	}
	if byKey {
		return true
	}
	for i := range w.own {
		if w.parts[i].Natural() {
			continue
		}
		c := r.Captured(at + i)
		if c.Type != "S" {
			return false
		}
		if _, err := w.parts[i].Text.Parse(string(c.Text)); err != nil {
			return false
		}
	}
	return true
}

// wireReadingOf is the fast path of the entity type of that name; nil for none.
func (db *DB) wireReadingOf(name string) *wireReading {
	db.mu.Lock()
	defer db.mu.Unlock()
	if e := db.entities[name]; e != nil && e.Plan != nil {
		return e.wire
	}
	return nil
}

// wireCall is the fast path of one request. A client may send it several times, at a time too.
type wireCall struct {
	db        *DB
	form      wireForm
	of        *wireReading
	ofEach    []*wireReading // of the places of a transaction, nil for none
	collected bool           // items are of any type of the DB
	places    bool           // the items' keys will be asked for

	spare atomic.Pointer[wirePage] // one that is done with, whose memory can be used again; nil for none
	made  atomic.Pointer[wirePage] // of the response that came last; nil if that was left to the SDK
}

// wireForm is where a response has its items.
type wireForm int

const (
	formItems  wireForm = iota // {"Items":[item, …]}: Query and Scan
	formItem                   // {"Item":item}: GetItem
	formTables                 // {"Responses":{table:[item, …]}}: BatchGetItem
	formPlaces                 // {"Responses":[{"Item":item}, …]}: TransactGetItems
)

// byKey is the fast path of a request that names its items by their keys, nil without one.
func (w *wireReading) byKey(form wireForm, s *settings) *wireCall {
	if w == nil || s.unexpired { // when an item expires is for the caller to see
		return nil
	}
	return &wireCall{db: w.db, form: form, of: w}
}

// page is the fast path of a Query or a Scan, nil without one; before is the page read before this one, which is done with.
func (w *wireReading) page(s *settings, before *wirePage) *wireCall {
	if w == nil {
		return nil
	}
	call := &wireCall{db: w.db, of: w, places: s.limited || s.resume != nil}
	call.spare.Store(before)
	return call
}

// ofAll makes items of any type of the DB welcome.
func (c *wireCall) ofAll(collected bool) {
	if c != nil {
		c.collected = collected
	}
}

// options are a request's options, and the fast path.
func (c *wireCall) options(sdk []func(*dynamodb.Options)) []func(*dynamodb.Options) {
	if c == nil {
		return sdk
	}
	return append(sdk[:len(sdk):len(sdk)], func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], c.install)
	})
}

const sdkDeserializer = "OperationDeserializer"

// install takes the place of the SDK's deserializer. An SDK that has none of that name is left as it is.
func (c *wireCall) install(stack *middleware.Stack) error {
	original, ok := stack.Deserialize.Get(sdkDeserializer)
	if ok {
		_, _ = stack.Deserialize.Swap(sdkDeserializer, &wireDeserializer{call: c, original: original})
	}
	return nil
}

// wireDeserializer gives the SDK's deserializer a response that decodes its items while it is read.
type wireDeserializer struct {
	call     *wireCall
	original middleware.DeserializeMiddleware
}

// ID is the original's: others find their place by it.
func (d *wireDeserializer) ID() string { return sdkDeserializer }

// HandleDeserialize is called once for each attempt. The items travel in the result's metadata, so that attempts share nothing.
func (d *wireDeserializer) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	var body *wireBody
	receive := func(ctx context.Context, in middleware.DeserializeInput) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		response, ok := out.RawResponse.(*smithyhttp.Response)
		if err == nil && ok && response != nil && response.Response != nil && response.Body != nil && response.StatusCode/100 == http.StatusOK/100 {
			body = &wireBody{call: d.call, source: response.Body, size: response.ContentLength, checked: response.Header.Get("X-Amz-Crc32") != ""}
			response.Body = body
		}
		return out, metadata, err
	}
	out, metadata, err := d.original.HandleDeserialize(ctx, in, middleware.DeserializeHandlerFunc(receive))
	if err == nil && body != nil && body.page != nil {
		d.call.made.Store(body.page)
		metadata.Set(wirePageKey{}, body.page)
	} else {
		d.call.made.Store(nil)
	}
	return out, metadata, err
}

// wirePageKey is where a result's metadata has its *wirePage.
type wirePageKey struct{}

// ofPlaces is the fast path of a transaction that reads ops, nil without one.
func (db *DB) ofPlaces(ops []ReadOp) *wireCall {
	if db.fast.off {
		return nil
	}
	call := &wireCall{db: db, form: formPlaces}
	for _, op := range ops {
		call.ofEach = append(call.ofEach, op.entity.wire)
	}
	return call
}

// placed are the rows of a transaction's response, of which items were left to the SDK: one without an item for what is not
// there, or not the entity type's.
func (c *wireCall) placed(metadata middleware.Metadata, items []attributes) ([]row, error) {
	left := 0
	for _, item := range items {
		if len(item) > 0 {
			left++
		}
	}
	page, err := c.result(metadata, left)
	if err != nil {
		return nil, err
	}
	if page != nil && len(page.places) != len(items) {
		return nil, errForeignOutput
	}
	found := make([]row, len(items))
	for i, item := range items {
		found[i] = row{entry: item, item: item}
		if page == nil {
			continue
		}
		if at := page.places[i]; at >= 0 && page.items[at].group > 0 {
			found[i] = row{page: page, at: at}
		}
	}
	return found, nil
}

// result is what the fast path made of a response of which so many items were left to the SDK; nil if it had no part in it.
func (c *wireCall) result(metadata middleware.Metadata, left int) (*wirePage, error) {
	if c == nil {
		return nil, nil
	}
	page, ok := metadata.Get(wirePageKey{}).(*wirePage)
	if !ok {
		if made := c.made.Load(); made != nil && left == made.left && left < len(made.items) {
			return nil, errForeignOutput // a copy of the output, without its metadata
		}
		c.db.fast.maps.Add(1)
		return nil, nil
	}
	if page.call != c || page.left != left {
		return nil, errForeignOutput
	}
	c.db.fast.fast.Add(1)
	c.db.fast.again.Add(uint64(left))
	return page, nil
}
