package tasks

import (
	"context"
	"errors"

	"github.com/monotable/monotable"
)

// BackfillPriorities gives the tasks that are older than priorities one, and returns how many it changed. It reads the
// whole table at that many read units a second. After each page save gets the place behind it: keep that, and after a
// crash begin there.
func (s *Store) BackfillPriorities(ctx context.Context, from monotable.Cursor, unitsPerSecond float64,
	save func(monotable.Cursor)) (changed int, err error) {
	missing := monotable.Absent("priority")
	for task, err := range s.Tasks.Scan(ctx, monotable.Filter(missing), monotable.Pace(unitsPerSecond),
		monotable.Resume(&from), monotable.Progress(0, func(monotable.ScanProgress) { save(from) })) {
		if err == nil {
			_, err = s.Tasks.Update(ctx, task, monotable.Set("priority", "normal"), monotable.If(missing))
		}
		switch {
		case err == nil:
			changed++
		case errors.Is(err, monotable.ErrCondition) || errors.Is(err, monotable.ErrNotFound): // somebody was faster
		default:
			return changed, err
		}
	}
	return changed, nil
}
