package read

import (
	"context"
	"errors"
	"reflect"

	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/response"
)

// errStop ends a walk because the caller wants no more.
var errStop = errors.New("stop")

// iterate gives a read's items one by one as value makes them, and keeps the caller's cursor, until each wants no more.
func (e *Entity) iterate(ctx context.Context, from source, s *Settings, value func(response.Row) (any, error),
	each func(any) bool) error {
	_, err := from.give(ctx, func(some response.Rows) error {
		for i := range some.Len() {
			r := some.At(i)
			item, err := value(r)
			if err != nil {
				return err
			}
			s.Progress.items(1)
			if s.Resume != nil {
				if *s.Resume, err = from.behind(r); err != nil {
					return err
				}
			}
			if !each(item) {
				return errStop
			}
		}
		return nil
	})
	if err == errStop {
		return nil
	}
	return err
}

// page gathers a read's items in items, a slice of the reader's type. It is empty rather than nil unless there is an
// error other than cause.Budget.
func (r *Reader) page(ctx context.Context, from source, s *Settings, items reflect.Value) (string, error) {
	var pointer func(response.Row) (any, error)      // made for the first row that is not taken with its page
	items.Set(reflect.MakeSlice(items.Type(), 0, 0)) // an empty list in JSON too
	next, err := from.give(ctx, func(some response.Rows) error {
		if items.Len() == 0 {
			if values := some.Take(); values.IsValid() {
				items.Set(values)
				s.Progress.items(values.Len())
				return nil
			}
		}
		if pointer == nil {
			pointer = r.pointers()
		}
		n := items.Len()
		items.Grow(some.Len())
		for i := range some.Len() {
			item, err := pointer(some.At(i))
			if err != nil {
				return err
			}
			items.SetLen(n + 1)
			items.Index(n).Set(reflect.ValueOf(item).Elem())
			s.Progress.items(1)
			n++
		}
		return nil
	})
	if err != nil && !errors.Is(err, cause.Budget) {
		items.SetZero()
		return "", err
	}
	return next, err
}

// pointers makes rows of this type values of the reader's type, and gives a pointer to each. What it points to is the
// caller's until the next.
func (r *Reader) pointers() func(response.Row) (any, error) {
	var box reflect.Value
	return func(of response.Row) (any, error) {
		if of.Page != nil {
			return of.Page.Pointer(of.At), nil
		}
		if !box.IsValid() {
			box = reflect.New(r.Form.Type)
		} else {
			box.Elem().SetZero()
		}
		err := r.Decode(r.Form.Plan, of.Item, box.Elem())
		return box.Interface(), err
	}
}

// newValue makes a row of this type a value of the reader's type, and returns a pointer to it.
func (r *Reader) newValue(of response.Row) (reflect.Value, error) {
	if of.Page == nil {
		v := reflect.New(r.Form.Type)
		return v, r.Decode(r.Form.Plan, of.Item, v.Elem())
	}
	v := of.Page.Value(of.At)
	if !r.Types.Fast.OwnMemory {
		return v.Addr(), nil
	}
	own := reflect.New(r.Form.Type)
	own.Elem().Set(v)
	return own, nil
}
