package entity

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/number"
)

// setStamps binds the model's timestamps, and checks T's TTL attribute.
func (e *Type) setStamps(m Model) error {
	var err error
	if e.Created, err = e.stamp("Created", m.Created); err != nil {
		return err
	}
	if e.Updated, err = e.stamp("Updated", m.Updated); err != nil {
		return err
	}
	if e.Created != nil && e.Created == e.Updated {
		return errors.New("Created and Updated are one attribute")
	}
	if e.Plan == nil || e.Schema.TTL == "" {
		return nil
	}
	field, ok := e.Plan.Field(e.Schema.TTL)
	if !ok {
		return nil
	}
	if got := ScalarOf(field); got != types.ScalarAttributeTypeN {
		return fmt.Errorf("field %s (%s): the TTL attribute is epoch seconds, a number; tag a time unixtime",
			field.GoName, field.Type)
	}
	e.Expires = field
	return nil
}

// stamp is the attribute of a timestamp: a time.Time or a pointer to one.
func (e *Type) stamp(what, name string) (*codec.Field, error) {
	if name == "" {
		return nil, nil
	}
	if e.Plan == nil {
		return nil, errors.New("a table of Item has no timestamps")
	}
	field, ok := e.Plan.Field(name)
	if !ok {
		return nil, fmt.Errorf("%s names %s, which is no attribute of %s", what, name, e.GoType)
	}
	if field.Kind != codec.Time {
		return nil, fmt.Errorf("field %s (%s): a timestamp is a time.Time", field.GoName, field.Type)
	}
	for _, part := range e.Table.Parts() {
		for _, f := range part.Fields {
			if f.Path == name {
				return nil,
					fmt.Errorf("field %s: the primary key is made of it, and a timestamp that the library writes "+
						"cannot be", field.GoName)
			}
		}
	}
	return field, nil
}

// Now is the time as a timestamp field stores it.
func (e *Type) Now(f *codec.Field) time.Time {
	now := e.Clock().UTC().Round(0)
	if f.UnixTime {
		now = now.Truncate(time.Second)
	}
	return now
}

// StampValue is a time as a value of a timestamp field's type.
func StampValue(f *codec.Field, t time.Time) reflect.Value {
	v := reflect.New(f.Type).Elem()
	at := v
	for at.Kind() == reflect.Pointer {
		at.Set(reflect.New(at.Type().Elem()))
		at = at.Elem()
	}
	at.Set(reflect.ValueOf(t).Convert(at.Type()))
	return v
}

// Prepared is a copy of v as a whole-item write stores it: with its defaults, its timestamps and its next version, and
// valid; or v itself where a write changes nothing. was is the version it must be at: the one it carries, or at where
// that is given.
func (e *Type) Prepared(v reflect.Value, create bool, at *uint64) (next reflect.Value, was uint64, err error) {
	if e.Plan == nil || e.Plain {
		return v, 0, nil
	}
	pointer := reflect.New(e.GoType)
	next = pointer.Elem()
	next.Set(v)
	if err := e.Complete(pointer); err != nil {
		return next, 0, err
	}
	if e.Version != nil {
		if was = e.VersionOf(next); at != nil {
			was = *at
		}
		if err := e.CheckNext(was); err != nil {
			return next, 0, err
		}
		version := was + 1
		if create {
			version = 1
		}
		if err := e.SetVersionOf(next, version); err != nil {
			return next, 0, err
		}
	}
	if e.Created != nil {
		if at, ok := e.Created.Value(next); create || !ok || Unset(at) {
			if err := e.Created.Set(next, StampValue(e.Created, e.Now(e.Created))); err != nil {
				return next, 0, err
			}
		}
	}
	if e.Updated != nil {
		if err := e.Updated.Set(next, StampValue(e.Updated, e.Now(e.Updated))); err != nil {
			return next, 0, err
		}
	}
	return next, was, nil
}

// defaulter and validator are the hooks that a *T may have.
type (
	defaulter interface{ SetDefaults() }
	validator interface{ Validate() error }
)

// Complete runs the hooks of a *T.
func (e *Type) Complete(pointer reflect.Value) error {
	if d, ok := pointer.Interface().(defaulter); ok {
		d.SetDefaults()
	}
	if x, ok := pointer.Interface().(validator); ok {
		return x.Validate()
	}
	return nil
}

// StampNow is the present as a timestamp attribute stores it.
func (e *Type) StampNow(f *codec.Field) types.AttributeValue {
	value, err := f.EncodeAny(e.Now(f))
	if err != nil { // a time always fits a time field
		return &types.AttributeValueMemberNULL{Value: true}
	}
	return value
}

// oldestExpiry is how far in the past an expiry still counts (DynamoDB developer guide, "Using time to live": five
// years).
const oldestExpiry = 5 * 365 * 24 * time.Hour

// Expired tells whether the service would delete an item because of its TTL: its time, a number of epoch seconds, is
// there, and is five years old at most.
func (e *Type) Expired(item attr.Item) bool {
	n, ok := item[e.Schema.TTL].(*types.AttributeValueMemberN)
	if !ok {
		return false
	}
	at, err := number.Parse(n.Value)
	if err != nil {
		return false
	}
	latest, oldest := expiries(e.Clock())
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

// CheckUnexpired refuses Unexpired where no attribute says when an item expires, or the space does not have it.
func (e *Type) CheckUnexpired(space *Space) error {
	switch {
	case e.Schema.TTL == "":
		return errors.New("Unexpired needs a schema with a TTL attribute")
	case !space.Index.Holds(e.Schema, e.Schema.TTL):
		return fmt.Errorf("%s does not project %s, by which Unexpired goes", space, e.Schema.TTL)
	}
	return nil
}

// UnexpiredFilter asks the service for items that are not expired at a time.
func (e *Type) UnexpiredFilter(now time.Time) expression.ConditionBuilder {
	name := expression.NameNoDotSplit(e.Schema.TTL)
	latest, oldest := expiries(now)
	return expression.AttributeNotExists(name).
		Or(name.GreaterThan(expression.Value(latest)), name.LessThan(expression.Value(oldest)),
			expression.Not(expression.AttributeType(name, expression.Number)))
}
