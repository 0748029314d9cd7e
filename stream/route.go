package stream

import (
	"context"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// route is the function of one entity type.
type route struct {
	table  any    // the *monotable.Table[T]
	entity string // T's name
	option string // how the caller named it
	needs  images
	is     func(monotable.Item) bool
	// decode makes the call of the function. What it needs of the record's images is there.
	decode func(*Record) (call, error)
}

type images struct{ old, new bool }

// call calls a function with what was decoded for it.
type call func(context.Context) error

// On calls fn for each change of an item of table's type: old is nil for an insert, new for a removal. It needs a
// stream that carries new and old images (NEW_AND_OLD_IMAGES).
func On[T any](table *monotable.Table[T], fn func(ctx context.Context, old, new *T) error) Option {
	return routeTo("On", table, fn == nil, images{old: true, new: true}, func(old, new *T) call {
		return func(ctx context.Context) error { return fn(ctx, old, new) }
	})
}

// OnNew calls fn with each item of table's type as it is after a change, nil for a removal, whose key is in RecordOf.
// It needs new images (NEW_IMAGE or NEW_AND_OLD_IMAGES). Without old images a removed item's type is told by its keys
// alone, which takes keys made by templates where several types live in the table.
func OnNew[T any](table *monotable.Table[T], fn func(ctx context.Context, new *T) error) Option {
	return routeTo("OnNew", table, fn == nil, images{new: true}, func(_, new *T) call {
		return func(ctx context.Context) error { return fn(ctx, new) }
	})
}

// OnOld calls fn with each item of table's type as it was before a change, nil for an insert, whose key is in RecordOf.
// It needs old images (OLD_IMAGE or NEW_AND_OLD_IMAGES). Without new images an inserted item's type is told as OnNew
// tells a removed one's.
func OnOld[T any](table *monotable.Table[T], fn func(ctx context.Context, old *T) error) Option {
	return routeTo("OnOld", table, fn == nil, images{old: true}, func(old, _ *T) call {
		return func(ctx context.Context) error { return fn(ctx, old) }
	})
}

// OnKeys calls fn with the primary key of each item of table's type that changed; RecordOf says how. It needs no image,
// and decodes none. Where the stream has none (KEYS_ONLY) an item's type is told by its keys alone, which takes keys
// made by templates where several types live in the table.
func OnKeys[T any](table *monotable.Table[T], fn func(ctx context.Context, keys monotable.Item) error) Option {
	return keysTo("OnKeys", table, fn == nil, func(r *Record) call {
		return func(ctx context.Context) error { return fn(ctx, r.Keys) }
	})
}

// Ignore leaves out the changes of table's type.
func Ignore[T any](table *monotable.Table[T]) Option {
	return keysTo("Ignore", table, false, func(*Record) call {
		return func(context.Context) error { return nil }
	})
}

// routeTo is a route whose function takes decoded images, those that it needs.
func routeTo[T any](option string, table *monotable.Table[T], none bool, needs images,
	bind func(old, new *T) call) Option {
	return routeOption(option, table, none, needs, func(r *Record) (call, error) {
		image := func(needed bool, item monotable.Item) (*T, error) {
			if !needed || item == nil {
				return nil, nil
			}
			v, err := table.Decode(item)
			return &v, err
		}
		old, err := image(needs.old, r.Old)
		if err != nil {
			return nil, fmt.Errorf("old image: %w", err)
		}
		new, err := image(needs.new, r.New)
		if err != nil {
			return nil, fmt.Errorf("new image: %w", err)
		}
		return bind(old, new), nil
	})
}

// keysTo is a route whose function takes no image.
func keysTo[T any](option string, table *monotable.Table[T], none bool, bind func(*Record) call) Option {
	return routeOption(option, table, none, images{}, func(r *Record) (call, error) { return bind(r), nil })
}

func routeOption[T any](option string, table *monotable.Table[T], none bool, needs images,
	decode func(*Record) (call, error)) Option {
	entity := reflect.TypeFor[T]().Name()
	return Option{func(r *Router) error {
		if table == nil {
			return fmt.Errorf("%s[%s]: the table is nil", option, entity)
		}
		if none {
			return fmt.Errorf("%s[%s]: the function is nil", option, entity)
		}
		for _, other := range r.routes {
			if other.table == any(table) {
				return fmt.Errorf("%s[%s]: %s has that table already", option, entity, other.option)
			}
		}
		r.routes = append(r.routes, route{table: table, entity: entity, option: option, needs: needs, is: table.Is,
			decode: decode})
		return nil
	}}
}

// handle calls the functions for one record. Whatever can fail without them does so before the first is called.
func (r *Router) handle(ctx context.Context, record *Record) *Error {
	if err := record.check(r.schema); err != nil {
		return record.fail("", err)
	}
	before, err := r.routeOf(record.image(record.Old, record.New))
	if err != nil {
		return record.fail("", err)
	}
	after, err := r.routeOf(record.image(record.New, record.Old))
	if err != nil {
		return record.fail("", err)
	}
	parts := []part{{route: before, record: record}}
	if before != after {
		removed, inserted := *record, *record
		removed.Kind, removed.New, removed.Retyped = Remove, nil, true
		inserted.Kind, inserted.Old, inserted.Retyped = Insert, nil, true
		parts = []part{{route: before, record: &removed}, {route: after, record: &inserted}}
	}
	for i := range parts {
		if err := r.prepare(&parts[i]); err != nil {
			return record.fail(parts[i].entity(), err)
		}
	}
	for _, p := range parts {
		if err := protect(func() error { return p.call(context.WithValue(ctx, recordKey{}, p.record)) }); err != nil {
			return record.fail(p.entity(), err)
		}
	}
	return nil
}

// part is a record, or half of one, as one function sees it.
type part struct {
	route  *route // nil for others
	record *Record
	call   call
}

func (p *part) entity() string {
	if p.route == nil {
		return ""
	}
	return p.route.entity
}

// image is what tells the item's type on one side of the change: that image, else the other one, else the keys.
func (r *Record) image(side, other monotable.Item) monotable.Item {
	for _, item := range []monotable.Item{side, other} {
		if item != nil {
			return item
		}
	}
	return r.Keys
}

// routeOf finds the one route that an item is of; nil for none.
func (r *Router) routeOf(item monotable.Item) (*route, error) {
	var found *route
	for i := range r.routes {
		candidate := &r.routes[i]
		if !candidate.is(item) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%w: it could be %s as well as %s: nothing in the record tells", ErrUnrouted,
				found.entity, candidate.entity)
		}
		found = candidate
	}
	return found, nil
}

// prepare makes the part's call.
func (r *Router) prepare(p *part) (err error) {
	if p.route == nil {
		switch {
		case r.guard(p.record):
			p.call = func(context.Context) error { return nil }
		case r.others == nil:
			return fmt.Errorf("%w: give New an option for it, Others or IgnoreOthers", ErrUnrouted)
		default:
			p.call = func(ctx context.Context) error { return r.others(ctx, *p.record) }
		}
		return nil
	}
	needs, kind := p.route.needs, p.record.Kind
	for _, image := range []struct {
		name    string
		missing bool
	}{
		{"old", needs.old && kind != Insert && p.record.Old == nil},
		{"new", needs.new && kind != Remove && p.record.New == nil},
	} {
		if image.missing {
			return fmt.Errorf("%w: %s needs the %s image, which %s", ErrImage, p.route.option, image.name,
				p.record.viewed())
		}
	}
	return protect(func() error { // T may have its own way to decode an attribute
		p.call, err = p.route.decode(p.record)
		return err
	})
}

// viewed says what the stream's view is to blame for.
func (r *Record) viewed() string {
	switch r.View {
	case types.StreamViewTypeKeysOnly, types.StreamViewTypeNewImage, types.StreamViewTypeOldImage:
		return "a stream of view type " + string(r.View) + " does not carry"
	}
	return "the record does not have"
}
