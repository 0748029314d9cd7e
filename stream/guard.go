package stream

import "github.com/monotable/monotable"

// guard tells whether a record that no route claims is of a unique constraint's guard, an item that the library writes
// beside its owner.
func (r *Router) guard(record *Record) bool {
	if !r.schema.IsGuardKey(record.Keys) {
		return false
	}
	for _, image := range []monotable.Item{record.Old, record.New} {
		if image != nil && !r.schema.IsGuard(image) {
			return false
		}
	}
	return true
}
