// Package tasks is a service for several tenants on one DynamoDB table: users, projects with members, tasks on boards,
// comments and an audit log; and its HTTP interface.
package tasks

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// Indexes of the table.
const (
	Board   = "board"    // a column's tasks in the order of their rank
	ByOwner = "by-owner" // a user's memberships, a tenant's audit log
)

// Schema is the table. Its stream feeds the audit log.
var Schema = monotable.Schema{
	Name: "tasks", Partition: monotable.S("PK"), Sort: monotable.S("SK"), EntityType: "type", TTL: "expires_at",
	Indexes: []monotable.Index{
		{Name: Board, Partition: monotable.S("BoardPK"), Sort: monotable.S("BoardSK")},
		{Name: ByOwner, Partition: monotable.S("OwnerPK"), Sort: monotable.S("OwnerSK")},
	},
	Stream: types.StreamViewTypeNewAndOldImages,
}

// What a request is refused for.
var (
	ErrForbidden = errors.New("tasks: not a member")
	ErrClosed    = errors.New("tasks: the tenant is closed")
	ErrTaken     = errors.New("tasks: somebody has that already")
	ErrGone      = errors.New("tasks: deleted")
)

// Tenant is a customer, apart from all others.
type Tenant struct {
	ID       string    `dynamodbav:"id" json:"id"`
	Name     string    `dynamodbav:"name" json:"name"`
	ClosedAt time.Time `dynamodbav:"closed_at" monotable:"omitzero" json:"-"` // it is being deleted
}

var tenantModel = monotable.Model{Keys: map[string]string{"PK": "TENANT#{id}", "SK": "TENANT"}}

// User is somebody of a tenant. An e-mail address is one user's.
type User struct {
	Tenant string `dynamodbav:"tenant" json:"-"`
	ID     string `dynamodbav:"id" json:"id"`
	Email  string `dynamodbav:"email" json:"email"`
	Name   string `dynamodbav:"name" json:"name"`
}

var userModel = monotable.Model{
	Keys:   map[string]string{"PK": "TENANT#{tenant}", "SK": "USER#{id}"},
	Unique: map[string]string{"email": "{tenant}#{email|lower}"},
}

// Project has members and tasks.
type Project struct {
	Tenant string `dynamodbav:"tenant" json:"-"`
	ID     string `dynamodbav:"id" json:"id"`
	Name   string `dynamodbav:"name" json:"name"`
	Tasks  int    `dynamodbav:"tasks" json:"tasks"` // how many there are, those in the trash not counted
}

var projectModel = monotable.Model{Keys: map[string]string{"PK": "TENANT#{tenant}", "SK": "PROJECT#{id}"}}

// Member is a user of a project.
type Member struct {
	Tenant  string `dynamodbav:"tenant" json:"-"`
	Project string `dynamodbav:"project" json:"project"`
	User    string `dynamodbav:"user" json:"user"`
}

var memberModel = monotable.Model{Keys: map[string]string{
	"PK": "PROJECT#{tenant}#{project}", "SK": "MEMBER#{user}",
	"OwnerPK": "USER#{tenant}#{user}", "OwnerSK": "PROJECT#{project}",
}}

// Task is a card on a project's board.
type Task struct {
	Tenant    string    `dynamodbav:"tenant" json:"-"`
	Project   string    `dynamodbav:"project" json:"project"`
	ID        string    `dynamodbav:"id" json:"id"`
	Title     string    `dynamodbav:"title" json:"title"`
	Notes     string    `dynamodbav:"notes,omitempty" json:"notes,omitempty"`
	Assignee  string    `dynamodbav:"assignee,omitempty" json:"assignee,omitempty"`
	Priority  string    `dynamodbav:"priority" json:"priority"`
	Column    string    `dynamodbav:"column" json:"column"`
	Rank      int64     `dynamodbav:"rank" json:"rank,string"` // its place in the column
	Comments  int       `dynamodbav:"comments" json:"comments"`
	Version   int64     `dynamodbav:"version" json:"version"`
	EditedBy  string    `dynamodbav:"edited_by" json:"edited_by"`
	DeletedAt time.Time `dynamodbav:"deleted_at" monotable:"omitzero" json:"-"` // in the trash since then
	ExpiresAt time.Time `dynamodbav:"expires_at,unixtime" monotable:"omitzero" json:"-"`
}

// A comment raises the counter and not the version, so that it disturbs no editor. The trash is on no board.
var taskModel = monotable.Model{
	Keys: map[string]string{
		"PK": "PROJECT#{tenant}#{project}", "SK": "TASK#{id}",
		"BoardPK": "BOARD#{tenant}#{project}#{column}", "BoardSK": "{rank}#{id}",
	},
	Version:   "version",
	Uncounted: []string{"comments"},
	Except:    map[string]string{Board: "deleted_at"},
}

// Comment is on a task. Its partition is the task's own, so that a thread of any length disturbs no board.
type Comment struct {
	Tenant string    `dynamodbav:"tenant" json:"-"`
	Task   string    `dynamodbav:"task" json:"-"`
	At     time.Time `dynamodbav:"at" json:"at"`
	ID     string    `dynamodbav:"id" json:"id"`
	Author string    `dynamodbav:"author" json:"author"`
	Text   string    `dynamodbav:"text" json:"text"`
}

var commentModel = monotable.Model{Keys: map[string]string{"PK": "COMMENTS#{tenant}#{task}", "SK": "{at}#{id}"}}

// Entry is a line of a tenant's audit log. A partition is a day; an index has all days in a row.
type Entry struct {
	Tenant  string    `dynamodbav:"tenant" json:"-"`
	At      time.Time `dynamodbav:"at" json:"at"`
	Task    string    `dynamodbav:"task" json:"task"`
	Version int64     `dynamodbav:"version" json:"version"` // the task's since then
	By      string    `dynamodbav:"by,omitempty" json:"by,omitempty"`
	What    string    `dynamodbav:"what" json:"what"`
}

var entryModel = monotable.Model{Keys: map[string]string{
	"PK": "AUDIT#{tenant}#{at|date}", "SK": "{at}#{task}#{version}",
	"OwnerPK": "AUDIT#{tenant}", "OwnerSK": "{at}#{task}#{version}",
}}

// Store is the table with its types. Now is the time of what it writes.
type Store struct {
	DB       *monotable.DB
	Tenants  *monotable.Table[Tenant]
	Users    *monotable.Table[User]
	Projects *monotable.Table[Project]
	Members  *monotable.Table[Member]
	Tasks    *monotable.Table[Task]
	Comments *monotable.Table[Comment]
	Entries  *monotable.Table[Entry]
	Now      func() time.Time
}

// Open makes a store. It sends nothing. The cursors that browsers get are sealed with cursorKey, at least 16 random
// bytes that all processes share.
func Open(client monotable.Client, cursorKey []byte) (*Store, error) {
	s := &Store{Now: time.Now}
	var err error
	if s.DB, err = monotable.Open(client, Schema, monotable.CursorKeys(cursorKey),
		monotable.Clock(func() time.Time { return s.Now() })); err != nil {
		return nil, err
	}
	return s, errors.Join(
		table(s.DB, tenantModel, &s.Tenants), table(s.DB, userModel, &s.Users), table(s.DB, projectModel, &s.Projects),
		table(s.DB, memberModel, &s.Members), table(s.DB, taskModel, &s.Tasks), table(s.DB, commentModel, &s.Comments),
		table(s.DB, entryModel, &s.Entries))
}

func table[T any](db *monotable.DB, model monotable.Model, into **monotable.Table[T]) (err error) {
	*into, err = monotable.New[T](db, model)
	return err
}
