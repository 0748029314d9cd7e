package tasks

import (
	"context"
	"errors"
	"time"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/stream"
)

// Consumer takes the table's changes: its Handle is a Lambda handler.
func (s *Store) Consumer() (*stream.Router, error) {
	return stream.New(s.DB, stream.On(s.Tasks, s.taskChanged), stream.IgnoreOthers())
}

// taskChanged writes a line of the audit log, and removes the comments of a task that has expired. A change may come
// twice: the entry's key is made of the task's version, so that the same entry is written again, and not one more.
func (s *Store) taskChanged(ctx context.Context, old, now *Task) error {
	record, _ := stream.RecordOf(ctx)
	e := Entry{At: record.At, What: whatChanged(old, now)}
	switch {
	case now != nil:
		e.Tenant, e.Task, e.Version, e.By = now.Tenant, now.ID, now.Version, now.EditedBy
	case record.Expired():
		e.Tenant, e.Task, e.Version = old.Tenant, old.ID, old.Version+1
		if _, err := s.Comments.DeleteCollection(ctx, Comment{Tenant: old.Tenant, Task: old.ID}); err != nil {
			return err
		}
	}
	if e.What == "" || e.Tenant == "" { // a comment was counted; or a tenant is being deleted
		return nil
	}
	err := s.DB.Write(ctx, []monotable.Op{s.Entries.PutOp(&e), s.open(e.Tenant)}, monotable.Retry(3))
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}

func whatChanged(old, now *Task) string {
	switch {
	case old == nil:
		return "created"
	case now == nil:
		return "expired"
	case old.Version == now.Version:
		return ""
	case old.DeletedAt.IsZero() != now.DeletedAt.IsZero():
		return "trashed or restored"
	}
	return "edited"
}

// AuditDay is a tenant's log of one day, in UTC: any time of the day will do.
func (s *Store) AuditDay(ctx context.Context, tenant string, day time.Time) ([]Entry, error) {
	return monotable.Collect(s.Entries.Query(ctx, Entry{Tenant: tenant, At: day}))
}

// AuditMonth is a page of a tenant's log of the month that begins at first: half open, so that the next month's first
// instant is in the next month.
func (s *Store) AuditMonth(ctx context.Context, tenant string, first time.Time, page ...monotable.QueryOption) (
	monotable.Page[Entry], error) {
	return s.Entries.QueryPage(ctx, Entry{Tenant: tenant}, append(page, monotable.On(ByOwner),
		monotable.From("at", first), monotable.Before("at", first.AddDate(0, 1, 0)))...)
}
