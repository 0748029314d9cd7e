package monotable

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/read"
	"github.com/monotable/monotable/internal/write"
)

// Op is one write of a transaction. What is wrong with it is kept in it, and returned with its place by DB.Write before
// anything is sent.
type Op struct{ of write.Op }

// ReadOp is one read of a transaction.
type ReadOp struct{ of read.Op }

func writesOf(ops []Op) []write.Op {
	all := make([]write.Op, len(ops))
	for i, op := range ops {
		all[i] = op.of
	}
	return all
}

func readsOf(ops []ReadOp) []read.Op {
	all := make([]read.Op, len(ops))
	for i, op := range ops {
		all[i] = op.of
	}
	return all
}

// TransactOption fits DB.Write and DB.Read.
type TransactOption interface{ transact(*call.TransactSettings) }

type transactOption func(*call.TransactSettings)

func (o transactOption) transact(s *call.TransactSettings) { o(s) }

// Token makes a Write idempotent: sent again with the same token within ten minutes, by this process or another, it
// takes place once. It has 1 to 36 bytes, and counts for the account, whatever the table. The operations must be the
// same, to the byte: a model's timestamps make a second call's differ, which the service refuses, so set them yourself.
// Without it each Write gets a token of its own, which covers the SDK's retries.
func Token(token string) TransactOption {
	return transactOption(func(s *call.TransactSettings) { s.Token, s.Tokened = token, true })
}

// Retry sends a transaction again, up to n times with growing pauses, when it was cancelled because another request was
// at one of its items, or for want of capacity: the SDK repeats neither. Each try has a new token, unless Token gave
// one.
func Retry(n int) TransactOption {
	return transactOption(func(s *call.TransactSettings) { s.Retries = n })
}

// CreateOp is Create in a transaction: ErrExists if an item of its key is there.
func (t *Table[T]) CreateOp(item *T, options ...OpOption) Op {
	return t.of.putOp(reflect.ValueOf(item), true, options)
}

// PutOp is Put in a transaction.
func (t *Table[T]) PutOp(item *T, options ...OpOption) Op {
	return t.of.putOp(reflect.ValueOf(item), false, options)
}

func (f *face) putOp(item reflect.Value, create bool, options []OpOption) Op {
	return Op{f.writes().PutOp(item, create, writeSettings(options, OpOption.op))}
}

// ReplaceOp writes now in the place of was, which must be there with the same primary key. Of a type with unique
// constraints it needs no read: guards follow from the difference, and the transaction fails with ErrCondition if what
// they are made of is not as in was. With a versioned model the item must be at the version that was carries.
func (t *Table[T]) ReplaceOp(was T, now *T, options ...OpOption) Op {
	return t.of.replaceOp(reflect.ValueOf(&was).Elem(), reflect.ValueOf(now), options)
}

func (f *face) replaceOp(was, now reflect.Value, options []OpOption) Op {
	return Op{f.writes().ReplaceOp(was, now, writeSettings(options, OpOption.op))}
}

// UpdateOp is Update in a transaction: ErrNotFound if there is no item. The item as it is then is not returned.
func (t *Table[T]) UpdateOp(key T, u expression.UpdateBuilder, options ...OpOption) Op {
	return t.of.updateOp(reflect.ValueOf(&key).Elem(), u, false, options)
}

// UpsertOp is Upsert in a transaction.
func (t *Table[T]) UpsertOp(key T, u expression.UpdateBuilder, options ...OpOption) Op {
	return t.of.updateOp(reflect.ValueOf(&key).Elem(), u, true, options)
}

func (f *face) updateOp(key reflect.Value, u expression.UpdateBuilder, upsert bool, options []OpOption) Op {
	return Op{f.writes().UpdateOp(key, u, upsert, writeSettings(options, OpOption.op))}
}

// DeleteOp is Delete in a transaction. Of a type with unique constraints was is the whole item as it was read: its
// guards go with it, and the transaction fails with ErrCondition if what they are made of is not as in was. Of other
// types its key is enough.
func (t *Table[T]) DeleteOp(was T, options ...OpOption) Op {
	return t.of.deleteOp(reflect.ValueOf(&was).Elem(), options)
}

func (f *face) deleteOp(was reflect.Value, options []OpOption) Op {
	return Op{f.writes().DeleteOp(was, writeSettings(options, OpOption.op))}
}

// CheckOp lets a transaction take place only if an item that it does not write is there, and the conditions hold for
// it: ErrNotFound if there is none, ErrCondition if one of them does not hold. AbsentOp is for an item that must not be
// there.
func (t *Table[T]) CheckOp(key T, conditions ...expression.ConditionBuilder) Op {
	return Op{t.of.writes().CheckOp(reflect.ValueOf(&key).Elem(), conditions)}
}

// AbsentOp lets a transaction take place only if no item has that key, of whatever entity type: ErrExists if one has.
func (t *Table[T]) AbsentOp(key T) Op {
	return Op{t.of.writes().AbsentOp(reflect.ValueOf(&key).Elem())}
}

// Else gives an error that says what it means to the program when this operation's condition fails, one of a unique
// constraint's guards included: err then stands in the chain of Write's error, before ErrNotFound, ErrExists or
// ErrCondition. It sends nothing, and failures of other kinds, such as ErrConflict, do not have it. Of several all
// stand there; a nil one counts for nothing. BatchWrite, which has no conditions, refuses operations with it.
func (op Op) Else(err error) Op { return Op{op.of.Else(err)} }

// GetOp reads an item in a transaction: *into is a new T, or nil if there is none.
func (t *Table[T]) GetOp(key T, into **T) ReadOp {
	return ReadOp{t.of.reads().GetOp(reflect.ValueOf(&key).Elem(), reflect.ValueOf(into))}
}

// Write writes all of ops or none, with one TransactWriteItems. They may be of any tables whose DBs share one client.
// There are 1 to 100 of them, of 4 MB together, each on another item; more is refused before anything is sent. A
// failure names the operation that failed: Error.Index is its place, and the error is ErrExists, ErrNotFound or
// ErrCondition as the single call's would be, with the existing item, or ErrConflict or ErrThrottled, after which Retry
// sends it again. ErrAmbiguous is for a transaction of which no attempt was answered. Items given as pointers change on
// success only. A transaction costs twice the units of its single writes, a cancelled one too.
func (db *DB) Write(ctx context.Context, ops []Op, options ...TransactOption) error {
	if !db.made() {
		return errNotMade
	}
	all := writesOf(ops)
	return failed("Write", "", write.TableOf(all), write.Transact(ctx, db.line, all, transactSettings(options)))
}

// Read reads the items of ops as they all were at one moment, with one TransactGetItems. There are 1 to 100 of them. It
// costs two units for each 4 KB, misses too.
func (db *DB) Read(ctx context.Context, ops []ReadOp, options ...TransactOption) error {
	if !db.made() {
		return errNotMade
	}
	all, s := readsOf(ops), transactSettings(options)
	return failed("Read", "", read.TableOf(all), read.Transact(ctx, db.line, &db.types.Fast, all, s))
}

func transactSettings(options []TransactOption) *call.TransactSettings {
	return given(options, new(call.TransactSettings), TransactOption.transact)
}
