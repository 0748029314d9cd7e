package monotable

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/number"
)

// Defaulter is implemented by a *T that fills in what its maker left out. Whole-item writes and Modify call it, before Validate
// and before the item is encoded, on a copy that becomes *T when the write succeeds; the copy is shallow, so that it must not
// change maps, slices or what pointers point at in place.
type Defaulter interface{ SetDefaults() }

// Validator is implemented by a *T that knows when it is wrong. Whole-item writes and Modify call it before anything is sent,
// and return its error.
type Validator interface{ Validate() error }

// Clock tells the time that timestamps and expiry go by; the default is time.Now. Tests set it.
func Clock(now func() time.Time) OpenOption {
	return openOption(func(s *openSettings) { s.clock = now })
}

// Unexpired leaves out items whose TTL is past, which DynamoDB deletes only some time later. It needs a Schema with a TTL
// attribute. Expired items are read and paid for all the same. What DynamoDB never deletes is not expired: a TTL of more than
// five years ago, such as 0, or one that is no number.
func Unexpired() ReadOption { return ReadOption{func(s *settings) { s.unexpired = true }} }

// setStamps binds the model's timestamps, and checks T's TTL attribute.
func (e *known) setStamps(m Model) error {
	var err error
	if e.created, err = e.stamp("Created", m.Created); err != nil {
		return err
	}
	if e.updated, err = e.stamp("Updated", m.Updated); err != nil {
		return err
	}
	if e.created != nil && e.created == e.updated {
		return errors.New("Created and Updated are one attribute")
	}
	if e.plan == nil || e.schema.TTL == "" {
		return nil
	}
	field, ok := e.plan.Field(e.schema.TTL)
	if !ok {
		return nil
	}
	if got := scalarOf(field); got != types.ScalarAttributeTypeN {
		return fmt.Errorf("field %s (%s): the TTL attribute is epoch seconds, a number; tag a time unixtime", field.GoName, field.Type)
	}
	e.expires = field
	return nil
}

// stamp is the attribute of a timestamp: a time.Time or a pointer to one.
func (e *known) stamp(what, name string) (*codec.Field, error) {
	if name == "" {
		return nil, nil
	}
	if e.plan == nil {
		return nil, errors.New("a table of Item has no timestamps")
	}
	field, ok := e.plan.Field(name)
	if !ok {
		return nil, fmt.Errorf("%s names %s, which is no attribute of %s", what, name, e.goType)
	}
	if field.Kind != codec.Time {
		return nil, fmt.Errorf("field %s (%s): a timestamp is a time.Time", field.GoName, field.Type)
	}
	for _, part := range e.table.parts() {
		for _, f := range part.fields {
			if f.path == name {
				return nil, fmt.Errorf("field %s: the primary key is made of it, and a timestamp that the library writes cannot be", field.GoName)
			}
		}
	}
	return field, nil
}

// now is the time as a timestamp field stores it.
func (e *known) now(f *codec.Field) time.Time {
	now := e.clock().UTC().Round(0)
	if f.UnixTime {
		now = now.Truncate(time.Second)
	}
	return now
}

// stampValue is a time as a value of a timestamp field's type.
func stampValue(f *codec.Field, t time.Time) reflect.Value {
	v := reflect.New(f.Type).Elem()
	at := v
	for at.Kind() == reflect.Pointer {
		at.Set(reflect.New(at.Type().Elem()))
		at = at.Elem()
	}
	at.Set(reflect.ValueOf(t).Convert(at.Type()))
	return v
}

// prepared is a copy of v as a whole-item write stores it: with its defaults, its timestamps and its next version, and valid; or
// v itself where a write changes nothing. was is the version it must be at: the one it carries, or at where that is given.
func (e *known) prepared(v reflect.Value, create bool, at *uint64) (next reflect.Value, was uint64, err error) {
	if e.plan == nil || e.plain {
		return v, 0, nil
	}
	pointer := reflect.New(e.goType)
	next = pointer.Elem()
	next.Set(v)
	if err := e.complete(pointer); err != nil {
		return next, 0, err
	}
	if e.version != nil {
		if was = e.versionOf(next); at != nil {
			was = *at
		}
		if err := e.checkNext(was); err != nil {
			return next, 0, err
		}
		version := was + 1
		if create {
			version = 1
		}
		if err := e.setVersionOf(next, version); err != nil {
			return next, 0, err
		}
	}
	if e.created != nil {
		if at, ok := e.created.Value(next); create || !ok || unset(at) {
			if err := e.created.Set(next, stampValue(e.created, e.now(e.created))); err != nil {
				return next, 0, err
			}
		}
	}
	if e.updated != nil {
		if err := e.updated.Set(next, stampValue(e.updated, e.now(e.updated))); err != nil {
			return next, 0, err
		}
	}
	return next, was, nil
}

// complete runs the hooks of a *T.
func (e *known) complete(pointer reflect.Value) error {
	if d, ok := pointer.Interface().(Defaulter); ok {
		d.SetDefaults()
	}
	if x, ok := pointer.Interface().(Validator); ok {
		return x.Validate()
	}
	return nil
}

// stampUpdate adds the timestamps to an update that does not set them itself.
func (f *following) stampUpdate(u expression.UpdateBuilder, upsert bool) expression.UpdateBuilder {
	stamp := func(field *codec.Field, operand expr.Operand) {
		f.actions = append(f.actions, expr.Action{Kind: expr.Set, Path: expr.Path{{Name: field.Name, Index: -1}}, Value: operand})
	}
	if field := f.updated; field != nil && !f.touches(field.Name) {
		now := f.stampNow(field)
		u = u.Set(expression.NameNoDotSplit(field.Name), expression.Value(now))
		stamp(field, &expr.Value{Value: now})
	}
	if field := f.created; field != nil && upsert && !f.touches(field.Name) {
		now, name := f.stampNow(field), expression.NameNoDotSplit(field.Name)
		u = u.Set(name, name.IfNotExists(expression.Value(now)))
		stamp(field, &expr.IfNotExists{Path: expr.Path{{Name: field.Name, Index: -1}}, Else: &expr.Value{Value: now}})
	}
	return u
}

// stampNow is the present as a timestamp attribute stores it.
func (e *known) stampNow(f *codec.Field) types.AttributeValue {
	value, err := f.EncodeAny(e.now(f))
	if err != nil { // a time always fits a time field
		return &types.AttributeValueMemberNULL{Value: true}
	}
	return value
}

// oldestExpiry is how far in the past an expiry still counts (DynamoDB developer guide, "Using time to live": five years).
const oldestExpiry = 5 * 365 * 24 * time.Hour

// expired tells whether the service would delete an item because of its TTL: its time, a number of epoch seconds, is there, and
// is five years old at most.
func (e *known) expired(item attributes) bool {
	n, ok := item[e.schema.TTL].(*types.AttributeValueMemberN)
	if !ok {
		return false
	}
	at, err := number.Parse(n.Value)
	if err != nil {
		return false
	}
	latest, oldest := expiries(e.clock())
	return at.Compare(secondsOf(latest)) <= 0 && at.Compare(secondsOf(oldest)) >= 0
}

// expiries are the latest and the oldest epoch second that an item has whose TTL is past.
func expiries(now time.Time) (latest, oldest int64) {
	return now.Unix(), now.Add(-oldestExpiry).Unix()
}

// secondsOf is an epoch second as DynamoDB compares it.
func secondsOf(second int64) number.Decimal {
	d, _ := number.Parse(strconv.FormatInt(second, 10)) // any int64 is a number
	return d
}

// checkUnexpired refuses Unexpired where no attribute says when an item expires, or the space does not have it.
func (e *known) checkUnexpired(space *keySpace, s *settings) error {
	switch {
	case !s.unexpired:
		return nil
	case e.schema.TTL == "":
		return errors.New("Unexpired needs a schema with a TTL attribute")
	case !space.index.Holds(e.schema, e.schema.TTL):
		return fmt.Errorf("%s does not project %s, by which Unexpired goes", space, e.schema.TTL)
	}
	return nil
}

// unexpiredFilter asks the service for items that are not expired at a time.
func (e *known) unexpiredFilter(now time.Time) expression.ConditionBuilder {
	name := expression.NameNoDotSplit(e.schema.TTL)
	latest, oldest := expiries(now)
	return expression.AttributeNotExists(name).Or(name.GreaterThan(expression.Value(latest)), name.LessThan(expression.Value(oldest)),
		expression.Not(expression.AttributeType(name, expression.Number)))
}
