package monotable

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
	"github.com/monotable/monotable/internal/size"
)

// Op is one write of a transaction. What is wrong with it is kept in it, and returned with its place by DB.Write before
// anything is sent.
type Op struct {
	entity  *core
	name    string
	actions []opAction // the write itself, then its guards
	done    func()     // once it took place
	plain   bool       // a put or delete that the caller gave no conditions
	err     error
}

// opAction is one action of a transaction: the write that was asked for, or a guard of a unique constraint.
type opAction struct {
	item       types.TransactWriteItem
	means      meaning    // of its condition, when it fails
	constraint string     // of a guard
	owner      attributes // of a guard: its owner's primary key
	value      string     // of a guard
}

// ReadOp is one read of a transaction.
type ReadOp struct {
	entity *core
	key    attributes
	into   func(response.Row) error // of a row without an item too
	err    error
}

// TransactOption fits DB.Write and DB.Read.
type TransactOption interface{ transact(*transactSettings) }

type transactOption func(*transactSettings)

func (o transactOption) transact(s *transactSettings) { o(s) }

type transactSettings struct {
	settings
	token   string
	tokened bool // the caller gave it
	retries int
}

func (o CallOption) transact(s *transactSettings) { apply(o.set, &s.settings) }

// Token makes a Write idempotent: sent again with the same token within ten minutes, by this process or another, it
// takes place once. It has 1 to 36 bytes, and counts for the account, whatever the table. The operations must be the
// same, to the byte: a model's timestamps make a second call's differ, which the service refuses, so set them yourself.
// Without it each Write gets a token of its own, which covers the SDK's retries.
func Token(token string) TransactOption {
	return transactOption(func(s *transactSettings) { s.token, s.tokened = token, true })
}

// Retry sends a transaction again, up to n times with growing pauses, when it was cancelled because another request was
// at one of its items, or for want of capacity: the SDK repeats neither. Each try has a new token, unless Token gave
// one.
func Retry(n int) TransactOption {
	return transactOption(func(s *transactSettings) { s.retries = n })
}

// CreateOp is Create in a transaction: ErrExists if an item of its key is there.
func (t *Table[T]) CreateOp(item *T, options ...OpOption) Op {
	return t.of.putOp("Create", reflect.ValueOf(item), true, options)
}

// PutOp is Put in a transaction.
func (t *Table[T]) PutOp(item *T, options ...OpOption) Op {
	return t.of.putOp("Put", reflect.ValueOf(item), false, options)
}

func (e *core) putOp(name string, pointer reflect.Value, create bool, options []OpOption) Op {
	op := Op{entity: e, name: name}
	if e == nil {
		op.err = errNotMade
		return op
	}
	s, err := opSettings(options)
	if err != nil {
		op.err = err
		return op
	}
	if pointer.IsNil() {
		op.err = errors.New("the item is nil")
		return op
	}
	v := pointer.Elem()
	if len(e.Unique) > 0 && !create {
		op.err = errors.New("the type has unique constraints: a transaction must be told what was there, with " +
			"ReplaceOp")
		return op
	}
	op.err = e.addPut(&op, v, create, nil, s)
	return op
}

// addPut makes op the write of v as a whole, with the guards that change from what was taken before.
func (e *core) addPut(op *Op, v reflect.Value, create bool, was map[string]string, s *settings) error {
	w, err := e.putRequest(v, create, s)
	if err != nil {
		return err
	}
	in, next := w.in, w.next
	op.actions = []opAction{{means: w.means, item: types.TransactWriteItem{Put: &types.Put{
		TableName: in.TableName, Item: in.Item, ConditionExpression: in.ConditionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: in.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: in.ReturnValuesOnConditionCheckFailure,
	}}}}
	op.plain = !create && len(s.conditions) == 0 && e.Version == nil
	if len(e.Unique) > 0 {
		is, err := e.Taken(next)
		if err != nil {
			return err
		}
		op.actions = append(op.actions, e.guardChanges(e.keyOf(in.Item), was, is)...)
	}
	op.done = func() { v.Set(next) }
	return nil
}

// ReplaceOp writes now in the place of was, which must be there with the same primary key. Of a type with unique
// constraints it needs no read: guards follow from the difference, and the transaction fails with ErrCondition if what
// they are made of is not as in was. With a versioned model the item must be at the version that was carries.
func (t *Table[T]) ReplaceOp(was T, now *T, options ...OpOption) Op {
	return t.of.replaceOp(reflect.ValueOf(&was).Elem(), reflect.ValueOf(now), options)
}

func (e *core) replaceOp(before, pointer reflect.Value, options []OpOption) Op {
	op := Op{entity: e, name: "Replace"}
	if e == nil {
		op.err = errNotMade
		return op
	}
	s, err := opSettings(options)
	if err == nil && s.version != nil {
		err = errors.New("AtVersion: ReplaceOp expects the version of the item that it replaces")
	}
	if err != nil {
		op.err = err
		return op
	}
	if pointer.IsNil() {
		op.err = errors.New("the item is nil")
		return op
	}
	v := pointer.Elem()
	stored, err := e.Item(before)
	if err != nil {
		op.err = err
		return op
	}
	again, err := e.PrimaryKey(v)
	if err != nil {
		op.err = err
		return op
	}
	if !Item(again).Equal(e.keyOf(stored)) {
		op.err = entity.KeyError("the new item has another primary key: use DeleteOp and CreateOp")
		return op
	}
	taken, err := e.Taken(before)
	if err != nil {
		op.err = err
		return op
	}
	s.conditions = append(e.asRead(stored), s.conditions...)
	if e.Version != nil {
		if e.VersionOf(before) != e.VersionOf(v) {
			op.err = errors.New("the new item carries another version than the one it replaces")
			return op
		}
	}
	op.err = e.addPut(&op, v, false, taken, s)
	if len(op.actions) > 0 {
		op.actions[0].means.missing = ErrNotFound
	}
	return op
}

// UpdateOp is Update in a transaction: ErrNotFound if there is no item. The item as it is then is not returned.
func (t *Table[T]) UpdateOp(key T, u expression.UpdateBuilder, options ...OpOption) Op {
	return t.of.updateOp("Update", reflect.ValueOf(&key).Elem(), u, false, options)
}

// UpsertOp is Upsert in a transaction.
func (t *Table[T]) UpsertOp(key T, u expression.UpdateBuilder, options ...OpOption) Op {
	return t.of.updateOp("Upsert", reflect.ValueOf(&key).Elem(), u, true, options)
}

func (e *core) updateOp(name string, key reflect.Value, u expression.UpdateBuilder, upsert bool,
	options []OpOption) Op {
	op := Op{entity: e, name: name}
	if e == nil {
		op.err = errNotMade
		return op
	}
	s := settingsOfOp(options)
	in, _, err := e.updateRequest(key, u, upsert, s)
	if err != nil {
		op.err = err
		return op
	}
	means := meaning{missing: whenMissing(upsert), there: ErrCondition, version: s.version, raises: s.version != nil}
	op.actions = []opAction{{means: means, item: updateAction(in)}}
	return op
}

// updateAction is an UpdateItem as an action of a transaction.
func updateAction(in *dynamodb.UpdateItemInput) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: in.TableName, Key: in.Key, UpdateExpression: in.UpdateExpression,
		ConditionExpression:      in.ConditionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: in.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: in.ReturnValuesOnConditionCheckFailure,
	}}
}

// DeleteOp is Delete in a transaction. Of a type with unique constraints was is the whole item as it was read: its
// guards go with it, and the transaction fails with ErrCondition if what they are made of is not as in was. Of other
// types its key is enough.
func (t *Table[T]) DeleteOp(was T, options ...OpOption) Op {
	return t.of.deleteOp(reflect.ValueOf(&was).Elem(), options)
}

func (e *core) deleteOp(v reflect.Value, options []OpOption) Op {
	op := Op{entity: e, name: "Delete"}
	if e == nil {
		op.err = errNotMade
		return op
	}
	s, err := opSettings(options)
	if err != nil {
		op.err = err
		return op
	}
	if op.err = e.expectVersion(s); op.err != nil {
		return op
	}
	var taken map[string]string
	if len(e.Unique) > 0 {
		stored, err := e.Item(v)
		if err != nil {
			op.err = err
			return op
		}
		if taken, err = e.Taken(v); err != nil {
			op.err = err
			return op
		}
		s.conditions = append(e.asRead(stored), s.conditions...)
	}
	op.err = e.addDelete(&op, v, taken, s)
	return op
}

// addDelete makes op the removal of v's item, and of the guards of what it took.
func (e *core) addDelete(op *Op, v reflect.Value, was map[string]string, s *settings) error {
	in, err := e.deleteRequest(v, s)
	if err != nil {
		return err
	}
	means := meaning{missing: ErrNotFound, there: ErrCondition, version: s.version}
	op.actions = []opAction{{means: means, item: types.TransactWriteItem{Delete: &types.Delete{
		TableName: in.TableName, Key: in.Key, ConditionExpression: in.ConditionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: in.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: in.ReturnValuesOnConditionCheckFailure,
	}}}}
	op.plain = len(s.conditions) == 0
	op.actions = append(op.actions, e.guardChanges(in.Key, was, nil)...)
	return nil
}

// CheckOp lets a transaction take place only if an item that it does not write is there, and the conditions hold for
// it: ErrNotFound if there is none, ErrCondition if one of them does not hold. AbsentOp is for an item that must not be
// there.
func (t *Table[T]) CheckOp(key T, conditions ...expression.ConditionBuilder) Op {
	return t.of.checkOp("Check", reflect.ValueOf(&key).Elem(), meaning{missing: ErrNotFound, there: ErrCondition},
		func(key expression.NameBuilder) []expression.ConditionBuilder {
			return append([]expression.ConditionBuilder{expression.AttributeExists(key)}, conditions...)
		})
}

// AbsentOp lets a transaction take place only if no item has that key, of whatever entity type: ErrExists if one has.
func (t *Table[T]) AbsentOp(key T) Op {
	return t.of.checkOp("Absent", reflect.ValueOf(&key).Elem(), meaning{missing: ErrExists, there: ErrExists},
		func(key expression.NameBuilder) []expression.ConditionBuilder {
			return []expression.ConditionBuilder{expression.AttributeNotExists(key)}
		})
}

func (e *core) checkOp(name string, key reflect.Value, means meaning,
	conditions func(key expression.NameBuilder) []expression.ConditionBuilder) Op {
	op := Op{entity: e, name: name}
	if e == nil {
		op.err = errNotMade
		return op
	}
	all := conditions(expression.NameNoDotSplit(e.Table.Partition[0].Name))
	if means.missing == ErrNotFound {
		all = append(all, e.OfThisType()...)
	}
	primary, err := e.PrimaryKey(key)
	if err != nil {
		op.err = err
		return op
	}
	b, err := e.Build(all, nil)
	if err != nil {
		op.err = err
		return op
	}
	op.actions = []opAction{{means: means, item: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &e.Schema.Name, Key: primary, ConditionExpression: b.Condition,
		ExpressionAttributeNames: b.Names, ExpressionAttributeValues: b.Values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}}}
	return op
}

var errKnownElsewhere = errors.New("Known is for updates: UpdateOp and UpsertOp")

func settingsOfOp(options []OpOption) *settings {
	return given(options, new(settings), OpOption.op)
}

// opSettings are the options of an operation other than an update.
func opSettings(options []OpOption) (*settings, error) {
	s := settingsOfOp(options)
	if len(s.known) > 0 {
		return nil, errKnownElsewhere
	}
	return s, nil
}

// GetOp reads an item in a transaction: *into is a new T, or nil if there is none.
func (t *Table[T]) GetOp(key T, into **T) ReadOp {
	return t.of.getOp(reflect.ValueOf(&key).Elem(), reflect.ValueOf(into))
}

func (r *reader) getOp(key, into reflect.Value) ReadOp {
	op := ReadOp{entity: r.core}
	if r.core == nil {
		op.err = errNotMade
		return op
	}
	if into.IsNil() {
		op.err = errors.New("GetOp has no place for the item")
		return op
	}
	op.key, op.err = r.PrimaryKey(key)
	op.into = func(of response.Row) error {
		if of.Page == nil && (len(of.Item) == 0 || !r.Owns(of.Item)) {
			into.Elem().SetZero()
			return nil
		}
		v, err := r.newValue(of)
		if err == nil {
			into.Elem().Set(v)
		}
		return err
	}
	return op
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
	return db.write(ctx, ops, transactSettingsOf(options))
}

// made tells whether db is Open's.
func (db *DB) made() bool { return db != nil && db.client != nil }

func transactSettingsOf(options []TransactOption) *transactSettings {
	return given(options, new(transactSettings), TransactOption.transact)
}

// repeatedly sends a transaction, and again as often as asked when it was cancelled in passing.
func (s *transactSettings) repeatedly(ctx context.Context, send func() error) error {
	for try := 1; ; try++ {
		err := send()
		if try > s.retries || !cancelledInPassing(err) {
			return err
		}
		if wait := call.Pause(ctx, try); wait != nil {
			return errors.Join(err, wait)
		}
	}
}

func (db *DB) write(ctx context.Context, ops []Op, s *transactSettings) error {
	in, places, err := db.writeRequest(ops, s)
	if err != nil {
		return err
	}
	s.entity = entityOfAll(len(ops), func(i int) *core { return ops[i].entity })
	err = s.repeatedly(ctx, func() error {
		token := s.token
		if !s.tokened { // a cancelled try is not remembered, and a token stands for one content: each has its own
			token = rand.Text()
		}
		in.ClientRequestToken = &token
		attempts := call.Under(s.tokened)
		_, err := db.via(&s.settings).TransactWriteItems(ctx, in, attempts.Options(s.sdk)...)
		if err == nil || attempts.Took(err) {
			return nil
		}
		return transactError("Write", err, attempts, func(i int) (place, bool) {
			if i >= len(places) {
				return place{}, false
			}
			p := places[i]
			p.op = "Write " + ops[p.index].name
			return p, true
		})
	})
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.done != nil {
			op.done()
		}
	}
	return nil
}

// check tells what is wrong with an operation, by itself or for db.
func (op *Op) check(db *DB) error { return checkOp(db, op.entity, op.err) }

func (op *ReadOp) check(db *DB) error { return checkOp(db, op.entity, op.err) }

func checkOp(db *DB, e *core, err error) error {
	switch {
	case err != nil:
		return err
	case e == nil:
		return errors.New("the operation is empty: make it with a table's CreateOp, GetOp and the like")
	case !sameClient(e.db.client, db.client):
		return errors.New("the operation is of a table that another client serves")
	}
	return nil
}

// sameClient tells whether two DBs are served by one client. A client that cannot be compared is not another's.
func sameClient(a, b Client) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	return !reflect.ValueOf(a).Comparable() || !reflect.ValueOf(b).Comparable() || a == b
}

func (op *Op) entityName() string { return entityName(op.entity) }

func entityName(e *core) string {
	if e == nil {
		return ""
	}
	return e.Name
}

// place is what an action of a transaction stands for.
type place struct {
	opAction
	op     string
	entity *core
	index  int // of the operation it belongs to
}

// writeRequest is the TransactWriteItems of ops, and what each of its actions stands for.
func (db *DB) writeRequest(ops []Op, s *transactSettings) (*dynamodb.TransactWriteItemsInput, []place, error) {
	whole := func(format string, args ...any) error {
		return &Error{Op: "Write", Index: -1, errs: []error{fmt.Errorf(format, args...)}}
	}
	if len(ops) == 0 {
		return nil, nil, whole("a transaction has 1 to %d operations, this one none", size.MaxTransaction)
	}
	if err := s.checkToken(); err != nil {
		return nil, nil, whole("%w", err)
	}
	in := &dynamodb.TransactWriteItemsInput{ReturnConsumedCapacity: s.report()}
	var places []place
	seen := map[string]int{} // by item: the place of the action on it
	for i, op := range ops {
		fail := func(err error) error {
			return &Error{Op: strings.TrimSpace("Write " + op.name), Entity: op.entityName(), Index: i,
				errs: []error{err}}
		}
		if err := op.check(db); err != nil {
			return nil, nil, fail(err)
		}
		for _, action := range op.actions {
			key, _ := target(action.item)
			id, err := op.entity.keyID(key)
			if err != nil {
				return nil, nil, fail(err)
			}
			id = op.entity.Schema.Name + "\x00" + id
			at, twice := seen[id]
			if !twice {
				seen[id] = len(places)
				places = append(places, place{opAction: action, entity: op.entity, index: i})
				continue
			}
			both, ok := op.entity.handOver(places[at].opAction, action)
			if !ok {
				return nil, nil, fail(fmt.Errorf(
					"it is on the same item as operation %d: a transaction takes one of each", places[at].index))
			}
			places[at].opAction = both
		}
	}
	bytes := 0
	for _, p := range places {
		_, item := target(p.item)
		bytes += size.Item(item)
		in.TransactItems = append(in.TransactItems, p.item)
	}
	if len(places) > size.MaxTransaction {
		return nil, nil, whole(
			"a transaction has 1 to %d actions, guards of unique constraints among them; this one has %d",
			size.MaxTransaction, len(places))
	}
	if bytes > size.MaxTransactionBytes {
		return nil, nil, whole("the items have %d bytes together, a transaction takes %d", bytes,
			size.MaxTransactionBytes)
	}
	return in, places, nil
}

func (s *transactSettings) checkToken() error {
	switch {
	case len(s.token) > size.MaxToken || s.tokened && s.token == "":
		return fmt.Errorf("a token has 1 to %d bytes, this one %d", size.MaxToken, len(s.token))
	case !attr.ValidText(s.token):
		return errors.New("a token is UTF-8 text")
	}
	return nil
}

// handOver makes one action of two guard actions on one value, of which one gives it up and the other takes it.
func (e *core) handOver(a, b opAction) (opAction, bool) {
	if a.constraint == "" || a.constraint != b.constraint || (a.item.Put == nil) == (b.item.Put == nil) {
		return opAction{}, false
	}
	taker, giver := a, b
	if a.item.Put == nil {
		taker, giver = b, a
	}
	return e.takeGuard(taker.owner, taker.constraint, taker.value, giver.owner), true
}

func checkCount(n int) error {
	if n < 1 || n > size.MaxTransaction {
		return fmt.Errorf("a transaction has 1 to %d operations, this one %d", size.MaxTransaction, n)
	}
	return nil
}

// Read reads the items of ops as they all were at one moment, with one TransactGetItems. There are 1 to 100 of them. It
// costs two units for each 4 KB, misses too.
func (db *DB) Read(ctx context.Context, ops []ReadOp, options ...TransactOption) error {
	if !db.made() {
		return errNotMade
	}
	s := transactSettingsOf(options)
	if err := checkCount(len(ops)); err != nil {
		return &Error{Op: "Read", Index: -1, errs: []error{err}}
	}
	in := &dynamodb.TransactGetItemsInput{ReturnConsumedCapacity: s.report()}
	for i, op := range ops {
		if err := op.check(db); err != nil {
			return &Error{Op: "Read", Entity: entityName(op.entity), Index: i, errs: []error{err}}
		}
		in.TransactItems = append(in.TransactItems,
			types.TransactGetItem{Get: &types.Get{TableName: &op.entity.Schema.Name, Key: op.key}})
	}
	s.entity = entityOfAll(len(ops), func(i int) *core { return ops[i].entity })
	wires := make([]*response.Reading, len(ops))
	for i, op := range ops {
		wires[i] = op.entity.wire
	}
	return s.repeatedly(ctx, func() error {
		call := db.fast.OfPlaces(wires)
		out, err := db.via(&s.settings).TransactGetItems(ctx, in, call.Options(s.sdk)...)
		if err != nil {
			return transactError("Read", err, nil, func(i int) (place, bool) {
				if i >= len(ops) {
					return place{}, false
				}
				return place{op: "Read Get", entity: ops[i].entity, index: i}, true
			})
		}
		if len(out.Responses) != len(ops) {
			return &Error{Op: "Read", Index: -1,
				errs: []error{fmt.Errorf("%d answers to %d operations", len(out.Responses), len(ops))}}
		}
		items := make([]attributes, len(ops))
		for i := range items {
			items[i] = out.Responses[i].Item
		}
		found, err := call.Placed(out.ResultMetadata, items)
		if err != nil {
			return &Error{Op: "Read", Index: -1, errs: []error{err}}
		}
		for i, op := range ops {
			if err := op.into(found[i]); err != nil {
				return &Error{Op: "Read", Entity: op.entity.Name, Index: i, errs: []error{err}}
			}
		}
		return nil
	})
}

// transactError finds the first operation that a transaction was cancelled for. attempts are a write's, nil for a read.
func transactError(name string, err error, attempts *call.Record, at func(action int) (place, bool)) error {
	failed := &Error{Op: name, Index: -1}
	var cancelled *types.TransactionCanceledException
	switch {
	case errors.As(err, &cancelled):
		for i, reason := range cancelled.CancellationReasons {
			code := aws.ToString(reason.Code)
			if p, known := at(i); known && code != "" && code != "None" {
				failed = p.cancelledFor(code, reason)
				break
			}
		}
	case call.Throttled(err):
		failed.errs = append(failed.errs, ErrThrottled)
	}
	if attempts != nil && attempts.Ambiguous(err) {
		failed.errs = append(failed.errs, ErrAmbiguous)
	}
	failed.errs = append(failed.errs, err)
	return failed
}

// cancelledFor is the error of the operation that a transaction was cancelled for.
func (p *place) cancelledFor(code string, reason types.CancellationReason) *Error {
	failed := &Error{Op: p.op, Entity: p.entity.Name, Index: p.index, Constraint: p.constraint}
	var sentinel error
	switch code {
	case "ConditionalCheckFailed":
		if p.constraint != "" {
			sentinel, failed.Existing = p.means.there, reason.Item
			break
		}
		failed.Existing, _, sentinel = p.means.of(p.entity, reason.Item)
	case "TransactionConflict":
		sentinel = ErrConflict
	case "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
		sentinel = ErrThrottled
	default:
		sentinel = errors.New(code)
	}
	failed.errs = []error{sentinel}
	return failed
}

// target is the item that an action is on: what its key is read from, and what counts towards the transaction's size.
func target(action types.TransactWriteItem) (key, item attributes) {
	switch {
	case action.Put != nil:
		return action.Put.Item, action.Put.Item
	case action.Update != nil:
		return action.Update.Key, merged(action.Update.Key, action.Update.ExpressionAttributeValues)
	case action.Delete != nil:
		return action.Delete.Key, action.Delete.Key
	}
	return action.ConditionCheck.Key, action.ConditionCheck.Key
}
