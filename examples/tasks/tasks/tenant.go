package tasks

import (
	"context"
	"errors"

	"github.com/monotable/monotable"
)

// SignUp makes a tenant and its first users, all or nothing: one TransactWriteItems. A tenant's id that somebody has is
// ErrTaken.
func (s *Store) SignUp(ctx context.Context, tenant Tenant, users ...User) error {
	ops := []monotable.Op{s.Tenants.CreateOp(&tenant).Else(ErrTaken)}
	for i := range users {
		users[i].Tenant = tenant.ID
		ops = append(ops, s.Users.CreateOp(&users[i]))
	}
	return s.DB.Write(ctx, ops)
}

// open is a transaction's condition that a tenant is there and is not being deleted.
func (s *Store) open(tenant string) monotable.Op {
	return s.Tenants.CheckOp(Tenant{ID: tenant}, monotable.Absent("closed_at")).Else(ErrClosed)
}

// AddUser makes a user. An e-mail address or an id that another user of the tenant has is ErrTaken.
func (s *Store) AddUser(ctx context.Context, u User) error {
	return s.DB.Write(ctx, []monotable.Op{s.Users.CreateOp(&u).Else(ErrTaken), s.open(u.Tenant)}, monotable.Retry(3))
}

// UserOf is the user who has an e-mail address: two GetItem, and no index.
func (s *Store) UserOf(ctx context.Context, tenant, email string) (User, error) {
	return s.Users.GetBy(ctx, "email", User{Tenant: tenant, Email: email})
}

// Authenticate is a user of a tenant that is open: one BatchGetItem for each of the two. ErrForbidden for others.
func (s *Store) Authenticate(ctx context.Context, tenant, user string) (User, error) {
	if tenant == "" || user == "" {
		return User{}, ErrForbidden
	}
	var t *Tenant
	var u *User
	err := s.DB.BatchRead(ctx, []monotable.ReadOp{
		s.Tenants.GetOp(Tenant{ID: tenant}, &t),
		s.Users.GetOp(User{Tenant: tenant, ID: user}, &u),
	})
	if err == nil && (t == nil || u == nil || !t.ClosedAt.IsZero()) {
		err = ErrForbidden
	}
	if err != nil {
		return User{}, err
	}
	return *u, nil
}

// AddProject makes a project, with the user who makes it as its first member.
func (s *Store) AddProject(ctx context.Context, p Project, by string) error {
	p.Tasks = 0
	return s.DB.Write(ctx, []monotable.Op{
		s.Projects.CreateOp(&p).Else(ErrTaken),
		s.Members.PutOp(&Member{Tenant: p.Tenant, Project: p.ID, User: by}),
		s.open(p.Tenant),
	}, monotable.Retry(3))
}

// AddMember makes a user a member. It refers to two other items: neither can be gone when it takes place.
func (s *Store) AddMember(ctx context.Context, m Member) error {
	return s.DB.Write(ctx, []monotable.Op{
		s.Members.PutOp(&m),
		s.Projects.CheckOp(Project{Tenant: m.Tenant, ID: m.Project}),
		s.Users.CheckOp(User{Tenant: m.Tenant, ID: m.User}),
		s.open(m.Tenant),
	}, monotable.Retry(3))
}

// RequireMember is ErrForbidden for who is no member: one GetItem.
func (s *Store) RequireMember(ctx context.Context, m Member) error {
	_, err := s.Members.Get(ctx, m)
	if errors.Is(err, monotable.ErrNotFound) {
		return ErrForbidden
	}
	return err
}

// member is the same as a transaction's condition.
func (s *Store) member(tenant, project, user string) monotable.Op {
	return s.Members.CheckOp(Member{Tenant: tenant, Project: project, User: user}).Else(ErrForbidden)
}

// ProjectsOf are a user's projects: a Query for the memberships, and a BatchGetItem for each hundred projects.
func (s *Store) ProjectsOf(ctx context.Context, u User) ([]*Project, error) {
	members, err := monotable.Collect(s.Members.Query(ctx, Member{Tenant: u.Tenant, User: u.ID}, monotable.On(ByOwner)))
	if err != nil {
		return nil, err
	}
	keys := make([]Project, len(members))
	for i, m := range members {
		keys[i] = Project{Tenant: m.Tenant, ID: m.Project}
	}
	return s.Projects.GetMany(ctx, keys)
}

// DeleteTenant deletes all that a tenant has, in partitions of four kinds, at that many write units a second. After an
// error or a crash, and later once more for what an index was late with, it is called again for what is left.
// What makes anything new checks in its transaction that the tenant is open, or its author a member.
func (s *Store) DeleteTenant(ctx context.Context, tenant string, unitsPerSecond float64) error {
	pace := monotable.Pace(unitsPerSecond)
	_, err := s.Tenants.Update(ctx, Tenant{ID: tenant}, monotable.Set("closed_at", s.Now()))
	if err != nil && !errors.Is(err, monotable.ErrNotFound) { // an earlier call may have come nearly to its end
		return err
	}
	projects, err := monotable.Collect(s.Projects.Query(ctx, Project{Tenant: tenant}, monotable.Consistent()))
	if err != nil {
		return err
	}
	for _, p := range projects {
		if err := s.deleteProject(ctx, p, pace); err != nil {
			return err
		}
	}
	entries, err := monotable.Collect(s.Entries.Query(ctx, Entry{Tenant: tenant}, monotable.On(ByOwner)))
	if err != nil {
		return err
	}
	if err := s.Entries.DeleteMany(ctx, entries, pace); err != nil {
		return err
	}
	_, err = s.Tenants.DeleteCollection(ctx, Tenant{ID: tenant}, pace) // users with their guards, projects, itself
	return err
}

// deleteProject deletes a project's members first, since nobody else can add tasks and comments, and then the comments
// of each task, and the tasks.
func (s *Store) deleteProject(ctx context.Context, p Project, pace monotable.BulkOption) error {
	members, err := monotable.Collect(s.Members.Query(ctx, Member{Tenant: p.Tenant, Project: p.ID},
		monotable.Consistent()))
	if err != nil {
		return err
	}
	if err := s.Members.DeleteMany(ctx, members, pace); err != nil {
		return err
	}
	for task, err := range s.Tasks.Query(ctx, Task{Tenant: p.Tenant, Project: p.ID}, monotable.Consistent()) {
		if err != nil {
			return err
		}
		if _, err := s.Comments.DeleteCollection(ctx, Comment{Tenant: p.Tenant, Task: task.ID}, pace); err != nil {
			return err
		}
	}
	_, err = s.Tasks.DeleteCollection(ctx, Task{Tenant: p.Tenant, Project: p.ID}, pace)
	return err
}
