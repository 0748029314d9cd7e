package estimate

import (
	"bytes"
	"reflect"
	"slices"
	"sync"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/keytext"
	"github.com/monotable/monotable/internal/schema"
	"github.com/monotable/monotable/internal/size"
)

// Weigher tells what items of T weigh without making them. What is rare, or an error, it leaves to the way through the
// item.
type Weigher struct {
	*entity.Type
	scale   *codec.Scale
	fields  []*codec.Field
	keys    []int      // places in fields of T's own key attributes, of the table and of indexes
	primary []int      // of these, the table's
	made    []madePart // key attributes that templates make
	table   []int      // places in made of the table's
	all     weighed
	indexes []indexWeigher
	expires int // place in fields of the TTL attribute where a zero time is left out; -1 for none
	typed   int // bytes of the entity-type attribute
	Pool    sync.Pool
}

// indexWeigher is one index that T's items can be in.
type indexWeigher struct {
	*schema.Index
	key, projected weighed
	typed          bool // entries hold the entity type
}

// madePart is a key attribute that a template makes.
type madePart struct {
	*entity.Part
	literals int   // bytes of the template's
	sources  []int // places in the weigher's fields of what it is made of; -1 for what is inside one
}

// weighed are attributes: places in the weigher's fields, and in its made ones.
type weighed struct{ own, made []int }

// Scales are what a call weighs with. They are used again.
type Scales struct {
	was, Is weight
	Boxed   reflect.Value // a T of its own, for values that are not addressable
}

// weight is what one item weighs.
type weight struct {
	sizes []int // by field, names included; 0 for absent
	texts []int // by made attribute, names not included; 0 for absent
	Total int
	space []byte // for texts
}

// NewWeigher is nil for a T whose items cannot be weighed by their plan alone.
func NewWeigher(e *entity.Type) *Weigher {
	if e.Plan == nil || len(e.KeyOnly) > 0 || e.LeavesOut() {
		return nil
	}
	scale, ok := e.Plan.Scale()
	if !ok {
		return nil
	}
	w := &Weigher{Type: e, scale: scale, fields: e.Plan.Fields(), expires: -1}
	if !w.findKeys() {
		return nil
	}
	for i := range w.fields {
		w.all.own = append(w.all.own, i)
	}
	for i := range w.made {
		w.all.made = append(w.all.made, i)
	}
	schema := e.Schema
	for i := range schema.Indexes {
		if x := &schema.Indexes[i]; e.Indexes[x.Name] != nil {
			w.indexes = append(w.indexes, w.indexWeigher(x))
		}
	}
	if e.Expires != nil && e.Expires.Kind == codec.Time {
		w.expires = w.own(e.Expires.Name)
	}
	if e.Typed() {
		w.typed = len(schema.EntityType) + len(e.Name)
	}
	w.Pool.New = func() any {
		s := &Scales{Boxed: reflect.New(e.GoType).Elem()}
		for _, pan := range []*weight{&s.was, &s.Is} {
			pan.sizes, pan.texts = make([]int, len(w.fields)), make([]int, len(w.made))
		}
		return s
	}
	return w
}

// own is the place in fields of an attribute, not of a path; -1 for none.
func (w *Weigher) own(name string) int {
	return slices.IndexFunc(w.fields, func(f *codec.Field) bool { return f.Name == name })
}

// findKeys finds the key attributes of the table and its indexes; false if one cannot be weighed by its field alone.
func (w *Weigher) findKeys() bool {
	for _, space := range w.Spaces() {
		for _, part := range space.Parts() {
			if part.Natural() {
				at := w.own(part.Name)
				if at < 0 || !plainKey(w.fields[at]) {
					return false
				}
				if !slices.Contains(w.keys, at) {
					w.keys = append(w.keys, at)
				}
				if space.Index == nil {
					w.primary = append(w.primary, at)
				}
				continue
			}
			if slices.ContainsFunc(w.made, func(p madePart) bool { return p.Name == part.Name }) {
				continue
			}
			made := madePart{Part: &part, literals: part.Text.LiteralLen()}
			for i := range part.Fields {
				made.sources = append(made.sources, w.own(part.Fields[i].Path))
			}
			w.made = append(w.made, made)
			if space.Index == nil {
				w.table = append(w.table, len(w.made)-1)
			}
		}
	}
	return true
}

// indexWeigher tells what of an item an index's entry has.
func (w *Weigher) indexWeigher(x *schema.Index) indexWeigher {
	at := func(name string, into *weighed) {
		if i := w.own(name); i >= 0 && !slices.Contains(into.own, i) {
			into.own = append(into.own, i)
		}
		if i := slices.IndexFunc(w.made, func(p madePart) bool { return p.Name == name }); i >= 0 &&
			!slices.Contains(into.made, i) {
			into.made = append(into.made, i)
		}
	}
	of := w.Schema
	iw := indexWeigher{Index: x}
	for _, attrs := range [...]schema.Attrs{x.PartitionOf(of), x.Sort} {
		for _, def := range attrs {
			at(*def.AttributeName, &iw.key)
		}
	}
	if !x.ProjectsAll() {
		x.EachProjected(of, func(name string) bool { at(name, &iw.projected); return true })
		iw.typed = slices.Contains(x.Include, of.EntityType)
	}
	return iw
}

// plainKey tells a field whose value is a key as it stands.
func plainKey(f *codec.Field) bool {
	switch f.Type.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Slice:
		return entity.ScalarOf(f) != "" && !f.AsString && !f.UnixTime
	}
	return false
}

// Weigh fills into from v, an addressable T; not ok leaves it to the item itself, which may be refused.
func (w *Weigher) Weigh(v reflect.Value, into *weight) (ok bool) {
	if err := w.scale.Weigh(v, into.sizes); err != nil {
		return false
	}
	for _, at := range w.keys {
		f := w.fields[at]
		value := into.sizes[at] - len(f.Name)
		absent := into.sizes[at] == 0
		if absent && !slices.Contains(w.primary, at) {
			continue // left out of the index
		}
		if absent || value == 0 || value > size.MaxSortKey || f.Type.Kind() == reflect.Slice || f.NullEmpty {
			return false
		}
	}
	if w.expires >= 0 {
		if at, there := w.fields[w.expires].Value(v); there && entity.Unset(at) {
			into.sizes[w.expires] = 0
		}
	}
	into.Total = w.typed
	for _, bytes := range into.sizes {
		into.Total += bytes
	}
	for i := range w.made {
		bytes, err := w.textLen(&w.made[i], v, into)
		if err != nil && (!isUnsetQuietly(err) || slices.Contains(w.table, i)) {
			return false
		}
		if into.texts[i] = bytes; bytes > 0 {
			into.Total += len(w.made[i].Name) + bytes
		}
	}
	return true
}

// textLen is the bytes of a key attribute that a template makes.
func (w *Weigher) textLen(part *madePart, v reflect.Value, of *weight) (bytes int, err error) {
	bytes = part.literals
	for i, at := range part.sources {
		n, known := 0, false
		if at >= 0 {
			n, known = w.fieldLen(part, i, v)
		}
		if !known {
			of.space, err = appendKeyText(part.Part, of.space[:0], v)
			return len(of.space), err
		}
		bytes += n
	}
	return bytes, part.CheckSize(bytes)
}

// fieldLen is the bytes that a template writes for its field i, where that is known without writing it.
func (w *Weigher) fieldLen(part *madePart, i int, v reflect.Value) (bytes int, known bool) {
	switch at := part.sources[i]; part.Fields[i].Kind {
	case keytext.String:
		if text, ok := w.scale.String(at, v); ok {
			return part.Text.StringLen(i, text)
		}
	case keytext.Int:
		if n, ok := w.scale.Int(at, v); ok {
			return part.Text.IntLen(i, n)
		}
	case keytext.Time:
		if t, ok := w.scale.Time(at, v); ok {
			return part.Text.TimeLen(i, t)
		}
	}
	return 0, false
}

// entry is the bytes of an item's entry in an index, and whether it has one.
func (w *Weigher) entry(x *indexWeigher, of *weight) (bytes int, there bool) {
	for _, i := range x.key.own {
		if of.sizes[i] == 0 {
			return 0, false
		}
	}
	for _, i := range x.key.made {
		if of.texts[i] == 0 {
			return 0, false
		}
	}
	if x.ProjectsAll() {
		return of.Total, true
	}
	if x.typed {
		bytes = w.typed
	}
	for _, i := range x.projected.own {
		bytes += of.sizes[i]
	}
	for _, i := range x.projected.made {
		if text := of.texts[i]; text > 0 {
			bytes += len(w.made[i].Name) + text
		}
	}
	return bytes, true
}

// Same tells whether attributes are the same in two items.
func (w *Weigher) Same(attributes weighed, a, b reflect.Value, was, is *weight) bool {
	for _, i := range attributes.made {
		if was.texts[i] != is.texts[i] || was.texts[i] > 0 && !w.sameText(&w.made[i], a, b, was, is) {
			return false
		}
	}
	for _, i := range attributes.own {
		if was.sizes[i] != is.sizes[i] || !w.sameField(i, a, b) {
			return false
		}
	}
	return true
}

// sameText tells whether a template makes the same text of two values. Templates make the same only of the same, but
// for what they write of a field that is not all of it.
func (w *Weigher) sameText(part *madePart, a, b reflect.Value, was, is *weight) bool {
	alike := true
	for i, at := range part.sources {
		same, sure := false, false
		if at >= 0 {
			same, sure = w.scale.Same(at, a, b)
		}
		if sure && !same && part.Fields[i].Exact() {
			return false
		}
		alike = alike && same && sure
	}
	if alike {
		return true
	}
	var failed, err error
	was.space, failed = appendKeyText(part.Part, was.space[:0], a)
	is.space, err = appendKeyText(part.Part, is.space[:0], b)
	return failed == nil && err == nil && bytes.Equal(was.space, is.space)
}

// sameField tells whether two values of T store one field alike.
func (w *Weigher) sameField(i int, a, b reflect.Value) bool {
	if same, sure := w.scale.Same(i, a, b); sure {
		return same
	}
	f := w.fields[i]
	x, had := f.Value(a)
	y, has := f.Value(b)
	if !had || !has {
		return had == has
	}
	before, _, err := f.Encode(x)
	after, _, failed := f.Encode(y)
	return err == nil && failed == nil && attr.Equal(before, after)
}

// appendKeyText adds the template's text to dst.
func appendKeyText(p *entity.Part, dst []byte, v reflect.Value) ([]byte, error) {
	var space [4]keytext.Value
	values := space[:0]
	for i := range p.Fields {
		value, set, err := p.Fields[i].Value(v)
		if err != nil {
			return dst, err
		}
		if !set {
			return dst, errUnsetField
		}
		values = append(values, value)
	}
	text, err := p.Text.Append(dst, values)
	if err != nil {
		return dst, err
	}
	if len(text) == len(dst) {
		return dst, errUnsetField
	}
	return text, p.CheckSize(len(text) - len(dst))
}

// errUnsetField is entity.Missing without saying what: nobody reads it.
var errUnsetField error = entity.Missing("")

func isUnsetQuietly(err error) bool { return err == errUnsetField || entity.IsUnset(err) }

// Compare weighs the items before and after a write, either of which may be none. It tells of the table, which may end
// it, and then of each index; not ok says that it cannot be told by weighing alone.
func (w *Weigher) Compare(before, after reflect.Value, table func(old, now int) (more bool),
	index func(x IndexWrite)) (ok bool) {
	on := w.Pool.Get().(*Scales)
	defer w.Pool.Put(on)
	was, is := &on.was, &on.Is
	had, has := before.IsValid(), after.IsValid()
	if had && !w.Weigh(before, was) || has && !w.Weigh(after, is) {
		return false
	}
	if had && has && !w.Same(weighed{w.primary, w.table}, before, after, was, is) {
		return false // another key: it is refused there
	}
	var oldBytes, newBytes int
	if had {
		oldBytes = was.Total
	}
	if has {
		newBytes = is.Total
	}
	if !table(oldBytes, newBytes) {
		return true
	}
	for i := range w.indexes {
		x := &w.indexes[i]
		of := IndexWrite{Name: x.Name}
		if had {
			of.Old, of.Stood = w.entry(x, was)
		}
		if has {
			of.Now, of.Stands = w.entry(x, is)
		}
		of.SameKey = of.Stood && of.Stands && w.Same(x.key, before, after, was, is)
		projected := x.projected
		if x.ProjectsAll() {
			projected = w.all
		}
		of.Same = of.SameKey && w.Same(projected, before, after, was, is)
		index(of)
	}
	return true
}

// IndexWrite is what a write does to an index: the bytes of an item's entries before and after, and how they differ.
type IndexWrite struct {
	Name          string
	Old, Now      int
	Stood, Stands bool
	SameKey, Same bool
}
