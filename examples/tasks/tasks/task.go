package tasks

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/monotable/monotable"
)

const (
	firstRank = int64(1) << 62 // of a column's first task: there is as much room before it as behind it
	rankStep  = int64(1) << 32 // from the first and the last task to a new one
	trashLife = 30 * 24 * time.Hour
)

// idFrom is the id of what a client asks for with a key of its own: the same each time it asks.
func idFrom(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

// AddTask puts a task at the top of its column. Asked again with the same idempotency key, however much later, it
// changes nothing and gives the task that is there: the id is made of the key, and the counter is in the transaction
// that makes the task.
func (s *Store) AddTask(ctx context.Context, t Task, by, idempotencyKey string) (Task, error) {
	t.ID, t.EditedBy = idFrom(t.Tenant, by, idempotencyKey), by
	t.Column, t.Priority = cmp.Or(t.Column, "todo"), cmp.Or(t.Priority, "normal")
	var err error
	if t.Rank, err = s.rankBehind(ctx, t, 0); err != nil {
		return Task{}, err
	}
	err = s.DB.Write(ctx, []monotable.Op{
		s.member(t.Tenant, t.Project, by), // where several fail, the first is the error
		s.Tasks.CreateOp(&t),
		s.Projects.UpdateOp(Project{Tenant: t.Tenant, ID: t.Project}, monotable.Add("tasks", 1)),
	}, monotable.Retry(3))
	var failed *monotable.Error
	if errors.Is(err, monotable.ErrExists) && errors.As(err, &failed) {
		return s.Tasks.Decode(failed.Existing)
	}
	return t, err
}

// GetTask reads a task. One in the trash is ErrGone.
func (s *Store) GetTask(ctx context.Context, key Task) (Task, error) {
	t, err := s.Tasks.Get(ctx, key)
	if err == nil && !t.DeletedAt.IsZero() {
		return Task{}, ErrGone
	}
	return t, err
}

// PageOf are the options of one page: Lookahead leaves Next empty exactly where nothing is left.
func PageOf(limit int, after monotable.Cursor) []monotable.QueryOption {
	return []monotable.QueryOption{monotable.Limit(limit), monotable.StartAfter(after), monotable.Lookahead()}
}

// BoardPage is a page of a column, in order: what is in the trash is not read, and not paid for.
func (s *Store) BoardPage(ctx context.Context, column Task, page ...monotable.QueryOption) (monotable.Page[Task],
	error) {
	return s.Tasks.QueryPage(ctx, column, append(page, monotable.On(Board))...)
}

// EditTask changes the named attributes to what they are in t, if the task is at the version that the editor saw: one
// UpdateItem, and no read. ErrVersion if it is at another.
func (s *Store) EditTask(ctx context.Context, t Task, names []string, version int64, by string) (Task, error) {
	t.EditedBy = by
	return s.Tasks.Update(ctx, t, monotable.Patch(t, append(names, "edited_by")...), monotable.AtVersion(version),
		monotable.If(monotable.Absent("deleted_at")))
}

// MoveTask puts a task into a column, behind the task of a rank; 0 is the top. The board's keys follow.
func (s *Store) MoveTask(ctx context.Context, key Task, column string, behind, version int64, by string) (Task, error) {
	key.Column = column
	rank, err := s.rankBehind(ctx, key, behind)
	if err != nil {
		return Task{}, err
	}
	return s.Tasks.Modify(ctx, key, func(t *Task) error {
		if !t.DeletedAt.IsZero() {
			return ErrGone
		}
		t.Column, t.Rank, t.EditedBy = column, rank, by
		return nil
	}, monotable.AtVersion(version))
}

// rankBehind is between a rank and the next task's, or with 0 before the first task's: one Query for one item. Where no
// number is left in between, two tasks have one rank, and ids decide.
func (s *Store) rankBehind(ctx context.Context, column Task, behind int64) (int64, error) {
	column.ID = "" // that would be a sort field
	next, err := monotable.Collect(s.Tasks.Query(ctx, column, monotable.On(Board), monotable.After("rank", behind),
		monotable.Limit(1)))
	switch last := len(next) == 0; {
	case err != nil || last && behind == 0:
		return firstRank, err
	case last:
		return behind + rankStep, nil
	case behind == 0:
		return next[0].Rank - rankStep, nil
	}
	return behind + (next[0].Rank-behind)/2, nil
}

// TrashTask takes a task off its board and counts it off its project. DynamoDB deletes it after thirty days, unless it
// is restored before.
func (s *Store) TrashTask(ctx context.Context, key Task, version int64, by string) error {
	now := s.Now()
	key.DeletedAt, key.ExpiresAt, key.EditedBy = now, now.Add(trashLife), by
	return s.DB.Write(ctx, []monotable.Op{
		s.Tasks.UpdateOp(key, monotable.Patch(key, "deleted_at", "expires_at", "edited_by"), monotable.AtVersion(version),
			monotable.If(monotable.Absent("deleted_at"))),
		s.Projects.UpdateOp(Project{Tenant: key.Tenant, ID: key.Project}, monotable.Add("tasks", -1)),
	}, monotable.Retry(3))
}

// RestoreTask puts a task back on its board, where it was.
func (s *Store) RestoreTask(ctx context.Context, key Task, by string) (Task, error) {
	was, err := s.Tasks.Get(ctx, key, monotable.Unexpired(), monotable.Consistent())
	if err != nil || was.DeletedAt.IsZero() {
		return was, err
	}
	now := was
	now.DeletedAt, now.ExpiresAt, now.EditedBy = time.Time{}, time.Time{}, by
	err = s.DB.Write(ctx, []monotable.Op{
		s.Tasks.ReplaceOp(was, &now), // ErrVersion if somebody was faster
		s.Projects.UpdateOp(Project{Tenant: key.Tenant, ID: key.Project}, monotable.Add("tasks", 1)),
	}, monotable.Retry(3))
	return now, err
}

// AddComment stores a comment and counts it on its task, if that is not in the trash and its author is a member: one
// TransactWriteItems. Sent again within ten minutes it takes place once, by the token; later the comment is found
// there. The token needs the same to the byte, so that the comment's time is the client's.
func (s *Store) AddComment(ctx context.Context, c Comment, project, idempotencyKey string) (Comment, error) {
	c.ID = idFrom(c.Tenant, c.Author, idempotencyKey)
	task := Task{Tenant: c.Tenant, Project: project, ID: c.Task}
	err := s.DB.Write(ctx, []monotable.Op{
		s.member(c.Tenant, project, c.Author),
		s.Comments.CreateOp(&c),
		s.Tasks.UpdateOp(task, monotable.Add("comments", 1), monotable.If(monotable.Absent("deleted_at"))).Else(ErrGone),
	}, monotable.Token(c.ID), monotable.Retry(3))
	if errors.Is(err, monotable.ErrExists) {
		return c, nil
	}
	return c, err
}

// CommentsPage is a page of a task's comments, the newest first.
func (s *Store) CommentsPage(ctx context.Context, of Task, page ...monotable.QueryOption) (monotable.Page[Comment],
	error) {
	key := Comment{Tenant: of.Tenant, Task: of.ID}
	return s.Comments.QueryPage(ctx, key, append(page, monotable.Descending())...)
}
