package estimate

import (
	"reflect"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/entity"
)

// Sized is the item of v with timestamps and version, where they are unset, as Create sets them.
func Sized(e *entity.Type, v reflect.Value) (attr.Item, error) {
	if err := StampUnset(e, v); err != nil {
		return nil, err
	}
	return e.Item(v)
}

// StampUnset sets v's timestamps and version where they are unset.
func StampUnset(e *entity.Type, v reflect.Value) error {
	for _, stamp := range [...]*codec.Field{e.Created, e.Updated} {
		if stamp == nil {
			continue
		}
		if at, ok := stamp.Value(v); !ok || entity.Unset(at) {
			if err := stamp.Set(v, entity.StampValue(stamp, e.Now(stamp))); err != nil {
				return err
			}
		}
	}
	if e.Version != nil && e.VersionOf(v) == 0 {
		if err := e.SetVersionOf(v, 1); err != nil {
			return err
		}
	}
	return nil
}
