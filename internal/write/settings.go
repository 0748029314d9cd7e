package write

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/call"
)

// Settings are what the options of a write say.
type Settings struct {
	call.Settings
	Conditions []expression.ConditionBuilder
	Known      []reflect.Value // the item as it was seen
	Version    *uint64         // that the item is expected to be at; nil for none
	Negative   bool            // the version that was given
	Once       bool
	Old        any // a pointer to keep the item at as it was; nil for none
}

// checkVersion refuses an AtVersion that cannot be.
func (e *Entity) checkVersion(s *Settings) error {
	switch {
	case s.Version == nil:
		return nil
	case e.Version == nil:
		return errors.New("AtVersion: the model has no version")
	case s.Negative:
		return errors.New("AtVersion: a version is not negative")
	}
	return e.CheckNext(*s.Version)
}

// expectVersion makes AtVersion one of the conditions.
func (e *Entity) expectVersion(s *Settings) error {
	if err := e.checkVersion(s); err != nil || s.Version == nil {
		return err
	}
	s.Conditions = append(s.Conditions, e.AtVersion(*s.Version))
	return nil
}

// checkOld refuses an Old of another type before anything is sent.
func (e *Entity) checkOld(old any) error {
	switch {
	case old == nil:
		return nil
	case reflect.ValueOf(old).IsNil():
		return errors.New("Old(nil) has no place to keep the item")
	case reflect.TypeOf(old).Elem() == e.GoType, reflect.TypeOf(old).Elem() == e.ItemType:
		return nil
	}
	return fmt.Errorf("Old takes a *%s or a *%s, not a %T", e.GoType, e.ItemType, old)
}

// keepOld keeps the item as it was, if there was one.
func (e *Entity) keepOld(old any, item attr.Item) error {
	if old == nil || len(item) == 0 {
		return nil
	}
	v := reflect.ValueOf(old).Elem()
	if v.Type() == e.ItemType {
		v.Set(reflect.ValueOf(item).Convert(e.ItemType))
		return nil
	}
	was := reflect.New(e.GoType).Elem()
	if !e.Owns(item) {
		return nil
	}
	if err := e.Decode(e.Plan, item, was); err != nil {
		return err
	}
	v.Set(was)
	return nil
}
