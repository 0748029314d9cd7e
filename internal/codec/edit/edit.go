package edit

import (
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
)

// Edit is an item as it was read, and what T made of it before and after T's value was changed: a read-modify-write.
// Its Changes are the difference, so that all that T does not name survives, at any depth.
//
// T names the attributes that a struct has fields for, in whatever case they are stored, and all entries of a map,
// elements of a list or set, and all that is in an interface, a types.AttributeValue and a place for unknown
// attributes. What T names is changed where its encoding changed, at the innermost path, and removed where its encoding
// was there and is not. A type with methods of its own is replaced as a whole, since nobody knows what it names; so are
// sets, and whatever is stored as another type of attribute than it is to have.
type Edit struct {
	Plan   *codec.Plan // nil where T is a map of attribute values
	Raw    map[string]types.AttributeValue
	Before map[string]types.AttributeValue // EncodeUnchecked of Raw as it was decoded
	After  map[string]types.AttributeValue // what T encodes now, with whatever else is to be written

	// Owned tells attributes of the item that are not T's and follow from After alone: they are removed where After
	// lacks them. It may be nil.
	Owned func(name string) bool
}

// Changes are what is to be done to Raw. No path is another's beginning, and elements of lists are only set in place,
// so that they can be an update expression of one SET and one REMOVE clause. The order is that of the names.
//
// A list whose elements were moved, added or removed is set as a whole; elements that are as they were, and those that
// were changed between such, keep what T does not name. The error is an *Error, for a list where that cannot be told.
func (e Edit) Changes() ([]Change, error) {
	d := &differ{}
	var err error
	switch {
	case e.Plan == nil:
		err = d.entries(view{}, nil, e.Raw, e.Before, e.After)
	case e.Plan.Root().Custom():
		err = d.entries(view{whole: true}, nil, e.Raw, e.Before, e.After)
	default:
		d.owned = e.Owned
		err = d.structure(e.Plan.Root().Layout, e.Raw, e.Before, e.After)
	}
	if err != nil {
		return nil, err
	}
	if e.Owned != nil {
		for _, name := range slices.Sorted(maps.Keys(e.Raw)) {
			_, had := e.Before[name]
			if _, has := e.After[name]; !had && !has && e.Owned(name) {
				d.change(Step{Name: name, Index: -1}, nil)
			}
		}
	}
	return d.changes, nil
}

// view is how T sees a value. The zero view names all there is.
type view struct {
	n     *gotype.Node
	whole bool // what is in it is not known
}

// viewOf is how T sees the values of a type.
func viewOf(n *gotype.Node) view {
	switch n = n.Pointee(); {
	case n.Custom(), n.Broken != nil:
		return view{whole: true}
	case n.Shape == gotype.Any, n.Shape == gotype.Raw:
		return view{}
	}
	return view{n: n}
}

// elem is the view of the elements of a map or list.
func (v view) elem() view {
	if v.n == nil {
		return v
	}
	return viewOf(v.n.Elem)
}

// differ gathers the changes of an edit.
type differ struct {
	path    []Step // where it is
	changes []Change
	owned   func(string) bool // of the item itself
}

// change notes that the value at one step from here is to be written, or removed.
func (d *differ) change(s Step, av types.AttributeValue) {
	path := append(slices.Clone(d.path), s)
	d.changes = append(d.changes, Change{Path: path, Value: av})
}

// replace notes that the value here is to be written as a whole.
func (d *differ) replace(av types.AttributeValue) {
	d.changes = append(d.changes, Change{Path: slices.Clone(d.path), Value: av})
}

// structure finds the changes of a map that is a struct's. Before is nil where T did not see it.
func (d *differ) structure(l *gotype.Layout, raw, before, after map[string]types.AttributeValue) error {
	if before == nil {
		before = namedIn(l, raw)
	}
	others := d.variants(l, raw)
	for _, name := range union(before, after) {
		was, is := before[name], after[name]
		if attr.Equal(was, is) {
			continue
		}
		step, v := Step{Name: name, Index: -1}, view{}
		a := l.ByName[name]
		var stored []string
		if a != nil {
			v, stored = viewOf(a.Node), others[a]
		}
		if err := d.entry(step, v, raw, stored, was, is); err != nil {
			return err
		}
		if _, exact := raw[name]; is == nil || !exact && l.Unknown == nil {
			if err := d.removeVariants(l, name, stored, before, after); err != nil {
				return err
			}
		}
	}
	return nil
}

// entry finds the change of one entry of a map. T reads it from the first of the stored names where its own is not
// there.
func (d *differ) entry(
	s Step, v view, raw map[string]types.AttributeValue, stored []string, was, is types.AttributeValue,
) error {
	there, exact := raw[s.Name]
	switch {
	case is == nil:
		if exact {
			d.change(s, nil)
		}
		return nil
	case exact:
		return d.value(s, v, there, was, is)
	case len(stored) > 0:
		return d.move(s, v, raw[stored[0]], was, is)
	}
	d.change(s, is)
	return nil
}

// namedIn is what of a map the struct has fields for.
func namedIn(l *gotype.Layout, raw map[string]types.AttributeValue) map[string]types.AttributeValue {
	named := map[string]types.AttributeValue{}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		a := l.Find(name)
		if a == nil {
			continue
		}
		if _, there := named[a.Name]; !there || name == a.Name {
			named[a.Name] = raw[name]
		}
	}
	return named
}

// variants are the stored names that decoding takes for a field's because they differ from it in case only, sorted.
func (d *differ) variants(l *gotype.Layout, raw map[string]types.AttributeValue) map[*gotype.Attribute][]string {
	var found map[*gotype.Attribute][]string
	for name := range raw {
		if l.ByName[name] != nil || len(d.path) == 0 && d.owned != nil && d.owned(name) {
			continue
		}
		if a := l.Fold(name); a != nil {
			if found == nil {
				found = map[*gotype.Attribute][]string{}
			}
			found[a] = append(found[a], name)
		}
	}
	for _, names := range found {
		slices.Sort(names)
	}
	return found
}

// removeVariants removes what would else be decoded in the place of the attribute of that name. A place for unknown
// attributes has the variants, too: what became of them there is a change of its own.
func (d *differ) removeVariants(
	l *gotype.Layout, name string, stored []string, before, after map[string]types.AttributeValue,
) error {
	for _, variant := range stored {
		if l.Unknown != nil && !attr.Equal(before[variant], after[variant]) {
			if after[variant] == nil {
				continue
			}
			reason := "was emptied, and set in " + l.Unknown.GoName + " under a name that differs in case only"
			return d.fail(Step{Name: name, Index: -1}, reason)
		}
		d.change(Step{Name: variant, Index: -1}, nil)
	}
	return nil
}

// entries finds the changes of a map whose entries are all T's. Before is nil where T did not see it. The key is nil
// where names are what they are.
func (d *differ) entries(v view, key *gotype.MapKey, raw, before, after map[string]types.AttributeValue) error {
	if before == nil {
		before = raw
	}
	others := keyVariants(key, raw)
	for _, name := range union(before, after) {
		was, is := before[name], after[name]
		if attr.Equal(was, is) {
			continue
		}
		step, stored := Step{Name: name, Index: -1, Key: len(d.path) > 0}, others[name]
		if err := d.entry(step, v, raw, stored, was, is); err != nil {
			return err
		}
		for _, variant := range stored {
			d.change(Step{Name: variant, Index: -1, Key: true}, nil)
		}
	}
	return nil
}

// keyVariants are the stored names that a key is decoded from and would not be encoded as: "007" of the number 7.
func keyVariants(k *gotype.MapKey, raw map[string]types.AttributeValue) map[string][]string {
	if k == nil || k.Plain {
		return nil
	}
	var found map[string][]string
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		key := reflect.New(k.Type).Elem()
		if k.Decode(name, key) != nil {
			continue
		}
		if written, err := k.Encode(key); err == nil && written != name {
			if found == nil {
				found = map[string][]string{}
			}
			found[written] = append(found[written], name)
		}
	}
	return found
}

// value finds the changes of the value at one step from here, which is there: was and is are how T encodes it.
func (d *differ) value(s Step, v view, raw, was, is types.AttributeValue) error {
	if attr.Equal(was, is) {
		return nil
	}
	d.path = append(d.path, s)
	defer func() { d.path = d.path[:len(d.path)-1] }()
	switch is := is.(type) {
	case *types.AttributeValueMemberM:
		if raw, ok := raw.(*types.AttributeValueMemberM); ok && v.opens(gotype.Struct, gotype.Map) {
			before := entriesOf(was)
			if v.n != nil && v.n.Shape == gotype.Struct {
				return d.structure(v.n.Layout, raw.Value, before, is.Value)
			}
			var key *gotype.MapKey
			if v.n != nil {
				key = v.n.Key
			}
			return d.entries(v.elem(), key, raw.Value, before, is.Value)
		}
	case *types.AttributeValueMemberL:
		raw, there := raw.(*types.AttributeValueMemberL)
		was, seen := was.(*types.AttributeValueMemberL)
		if there && seen && v.opens(gotype.Slice, gotype.Array) {
			return d.list(v, raw.Value, was.Value, is.Value)
		}
	}
	if !attr.Equal(raw, is) {
		d.replace(is)
	}
	return nil
}

// opens tells whether the value is looked into, as one of two shapes.
func (v view) opens(a, b gotype.Shape) bool {
	return !v.whole && (v.n == nil || v.n.Shape == a || v.n.Shape == b)
}

// move sets the value at one step from here, where it is not, to what it becomes of one that is stored elsewhere.
func (d *differ) move(s Step, v view, raw, was, is types.AttributeValue) error {
	merged, err := d.merge(s, v, raw, was, is)
	if err == nil {
		d.change(s, merged)
	}
	return err
}

// merge is what a stored value becomes, when T's encoding of it was one and is another.
func (d *differ) merge(s Step, v view, raw, was, is types.AttributeValue) (types.AttributeValue, error) {
	inner := &differ{path: slices.Clone(d.path)}
	if err := inner.value(s, v, raw, was, is); err != nil {
		return nil, err
	}
	for i := range inner.changes {
		inner.changes[i].Path = inner.changes[i].Path[len(d.path):]
	}
	return applyTo(attr.Clone(raw), inner.changes), nil
}

// fail is an error at one step from here.
func (d *differ) fail(s Step, reason string) error {
	err := error(&failure.Error{Reason: reason})
	path := append(slices.Clone(d.path), s)
	for _, s := range slices.Backward(path) {
		switch {
		case s.Index >= 0:
			err = failure.AtIndex(s.Index, err)
		case s.Key:
			err = failure.AtKey(s.Name, err)
		default:
			err = failure.At(s.Name, err)
		}
	}
	return err
}

// union are the names of both maps, sorted.
func union(a, b map[string]types.AttributeValue) []string {
	names := slices.AppendSeq(make([]string, 0, len(a)+len(b)), maps.Keys(a))
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
