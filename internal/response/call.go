package response

import (
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/fromwire"
	"github.com/monotable/monotable/internal/entity"
)

// Path is a DB's share in the fast path.
type Path struct {
	Off, OwnMemory    bool
	Of                func(entityName string) *Reading // of another type of the DB, nil for none
	Fast, Maps, Again atomic.Uint64
}

// Reading is how items of one entity type become values without a map between them. It is nil where there is no fast
// path.
type Reading struct {
	path   *Path
	entity *entity.Type
	plan   *codec.Plan // nil for Item
	typ    reflect.Type
	keyed  bool
	// of keys, that its readers find: the table's that templates make, by which a type can be told; all if it is keyed
	parts   []entity.Part
	own     int      // how many of them are the table's, which are first
	keyOnly []string // attributes that the table's key alone holds; their captures are behind those of parts
	readers sync.Pool

	mu     sync.Mutex
	byKeys map[*entity.Space]*Reading // the same with keys
}

// NewReading is the fast path of reading e's items as values of typ.
func NewReading(path *Path, e *entity.Type, plan *codec.Plan, typ reflect.Type) *Reading {
	if path.Off {
		return nil
	}
	w := &Reading{path: path, entity: e, plan: plan, typ: typ}
	for _, part := range e.Table.Parts() {
		if !part.Natural() || part.Prefix != "" {
			w.parts = append(w.parts, part)
		}
	}
	w.own = len(w.parts)
	w.begin()
	return w
}

// begin makes the readers, which capture the entity type, if there is one, and the parts of keys.
func (w *Reading) begin() {
	options := fromwire.Options{OwnMemory: w.path.OwnMemory, Hidden: w.entity.Made}
	if w.entity.Typed() {
		options.Capture = append(options.Capture, w.entity.Schema.EntityType)
	}
	for _, part := range w.parts {
		options.Capture = append(options.Capture, part.Name)
	}
	w.keyOnly = slices.Sorted(maps.Keys(w.entity.KeyOnly))
	options.Capture = append(options.Capture, w.keyOnly...)
	w.readers.New = func() any { return fromwire.NewReader(w.plan, options) }
}

// WithKeys is w with the keys of every item: the table's, and the index's if the space is one.
func (w *Reading) WithKeys(space *entity.Space) *Reading {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if keyed := w.byKeys[space]; keyed != nil {
		return keyed
	}
	keyed := &Reading{path: w.path, entity: w.entity, plan: w.plan, typ: w.typ, keyed: true,
		parts: slices.Clone(w.entity.Table.Parts())}
	keyed.own = len(keyed.parts)
	for _, part := range space.Parts() {
		if !slices.ContainsFunc(keyed.parts, func(p entity.Part) bool { return p.Name == part.Name }) {
			keyed.parts = append(keyed.parts, part)
		}
	}
	keyed.begin()
	if w.byKeys == nil {
		w.byKeys = map[*entity.Space]*Reading{}
	}
	w.byKeys[space] = keyed
	return keyed
}

// keys are the key attributes of the item read last.
func (w *Reading) keys(r *fromwire.Reader) (keys attr.Item, ok bool) {
	at := 0
	if w.entity.Typed() {
		at = 1
	}
	keys = make(attr.Item, len(w.parts))
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

// isMine tells whether the item read last is of the entity type: as entity.mine tells it or, if it was asked for by its
// key, as entity.owns does.
func (w *Reading) isMine(r *fromwire.Reader, byKey bool) bool {
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
		if w.parts[i].Natural() && w.parts[i].Prefix == "" {
			continue
		}
		if c := r.Captured(at + i); c.Type != "S" || !w.parts[i].Fits(string(c.Text)) {
			return false
		}
	}
	return true
}

// fill sets what the table's key alone holds in v, which was read last; false leaves the item to the SDK, as one that
// has such an attribute beside its key.
func (w *Reading) fill(r *fromwire.Reader, v reflect.Value) bool {
	if len(w.keyOnly) == 0 {
		return true
	}
	at := 0
	if w.entity.Typed() {
		at = 1
	}
	for i := range w.keyOnly {
		if c := r.Captured(at + len(w.parts) + i); c.Type != "" || c.Null {
			return false
		}
	}
	err := w.entity.FillKeyOnly(w.plan, v, func(name string) (string, bool) {
		i := slices.IndexFunc(w.parts, func(p entity.Part) bool { return p.Name == name })
		c := r.Captured(at + i)
		return string(c.Text), c.Type == "S"
	}, func(string) types.AttributeValue { return nil })
	return err == nil
}

// Call is the fast path of one request. A client may send it several times, at a time too.
type Call struct {
	path      *Path
	typeOf    string // the entity-type attribute
	form      Form
	of        *Reading
	ofEach    []*Reading // of the places of a transaction, nil for none
	collected bool       // items are of any type of the DB
	places    bool       // the items' keys will be asked for

	// These are in the call because every one has them: apart they would be two allocations more.
	options [1]func(*dynamodb.Options)
	stack   [1]func(*middleware.Stack) error

	spare atomic.Pointer[Page] // one that is done with, whose memory can be used again; nil for none
	made  atomic.Pointer[Page] // of the response that came last; nil if that was left to the SDK
}

// Form is where a response has its items.
type Form int

const (
	formItems  Form = iota // {"Items":[item, …]}: Query and Scan
	FormItem               // {"Item":item}: GetItem
	FormTables             // {"Responses":{table:[item, …]}}: BatchGetItem
	formPlaces             // {"Responses":[{"Item":item}, …]}: TransactGetItems
)

// ByKey is the fast path of a request that names its items by their keys, nil without one.
func (w *Reading) ByKey(form Form, unexpired bool) *Call {
	if w == nil || unexpired { // when an item expires is for the caller to see
		return nil
	}
	return &Call{path: w.path, typeOf: w.entity.Schema.EntityType, form: form, of: w}
}

// Paged is the fast path of a Query or a Scan, nil without one; places tells that the items' keys will be asked for,
// before is the page read before this one, which is done with.
func (w *Reading) Paged(places bool, before *Page) *Call {
	if w == nil {
		return nil
	}
	call := &Call{path: w.path, typeOf: w.entity.Schema.EntityType, of: w, places: places}
	call.spare.Store(before)
	return call
}

// OfAll makes items of any type of the DB welcome.
func (c *Call) OfAll(collected bool) {
	if c != nil {
		c.collected = collected
	}
}

// Options are a request's options, and the fast path.
func (c *Call) Options(sdk []func(*dynamodb.Options)) []func(*dynamodb.Options) {
	if c == nil {
		return sdk
	}
	c.options[0], c.stack[0] = c.change, c.install
	return call.Behind(sdk, c.options[:])
}

// change puts the fast path into a request's options. A client may call it several times, at a time too.
func (c *Call) change(o *dynamodb.Options) { o.APIOptions = call.Behind(o.APIOptions, c.stack[:]) }

const sdkDeserializer = "OperationDeserializer"

// install takes the place of the SDK's deserializer. An SDK that has none of that name is left as it is.
func (c *Call) install(stack *middleware.Stack) error {
	original, ok := stack.Deserialize.Get(sdkDeserializer)
	if ok {
		_, _ = stack.Deserialize.Swap(sdkDeserializer, &deserializer{call: c, original: original})
	}
	return nil
}

// deserializer gives the SDK's deserializer a response that decodes its items while it is read.
type deserializer struct {
	call     *Call
	original middleware.DeserializeMiddleware
}

// ID is the original's: others find their place by it.
func (d *deserializer) ID() string { return sdkDeserializer }

// HandleDeserialize is called once for each attempt. The items travel in the result's metadata, so that attempts share
// nothing.
func (d *deserializer) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput,
	next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	var body *lazyBody
	receive := func(ctx context.Context, in middleware.DeserializeInput) (middleware.DeserializeOutput,
		middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		response, ok := out.RawResponse.(*smithyhttp.Response)
		if err == nil && ok && response != nil && response.Response != nil && response.Body != nil &&
			response.StatusCode/100 == http.StatusOK/100 {
			body = &lazyBody{call: d.call, source: response.Body, size: response.ContentLength,
				checked: response.Header.Get("X-Amz-Crc32") != ""}
			response.Body = body
		}
		return out, metadata, err
	}
	out, metadata, err := d.original.HandleDeserialize(ctx, in, middleware.DeserializeHandlerFunc(receive))
	if err == nil && body != nil && body.page != nil {
		d.call.made.Store(body.page)
		metadata.Set(pageKey{}, body.page)
	} else {
		d.call.made.Store(nil)
	}
	return out, metadata, err
}

// pageKey is where a result's metadata has its *wirePage.
type pageKey struct{}

// OfPlaces is the fast path of a transaction that reads an item of each, nil without one.
func (p *Path) OfPlaces(each []*Reading) *Call {
	if p.Off {
		return nil
	}
	return &Call{path: p, form: formPlaces, ofEach: each}
}

// Placed are the rows of a transaction's response, of which items were left to the SDK: one without an item for what is
// not there, or not the entity type's.
func (c *Call) Placed(metadata middleware.Metadata, items []attr.Item) ([]Row, error) {
	left := 0
	for _, item := range items {
		if len(item) > 0 {
			left++
		}
	}
	page, err := c.Result(metadata, left)
	if err != nil {
		return nil, err
	}
	if page != nil && len(page.places) != len(items) {
		return nil, errForeignOutput
	}
	found := make([]Row, len(items))
	for i, item := range items {
		found[i] = Row{Entry: item, Item: item}
		if page == nil {
			continue
		}
		if at := page.places[i]; at >= 0 && page.Items[at].Group > 0 {
			found[i] = Row{Page: page, At: at}
		}
	}
	return found, nil
}

// Result is what the fast path made of a response of which so many items were left to the SDK; nil if it had no part in
// it.
func (c *Call) Result(metadata middleware.Metadata, left int) (*Page, error) {
	if c == nil {
		return nil, nil
	}
	page, ok := metadata.Get(pageKey{}).(*Page)
	if !ok {
		if made := c.made.Load(); made != nil && left == made.Left && left < len(made.Items) {
			return nil, errForeignOutput // a copy of the output, without its metadata
		}
		c.path.Maps.Add(1)
		return nil, nil
	}
	if page.call != c || page.Left != left {
		return nil, errForeignOutput
	}
	c.path.Fast.Add(1)
	c.path.Again.Add(uint64(left))
	return page, nil
}
