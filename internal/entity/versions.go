package entity

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/number"
)

func (e *Type) setVersion(name string) error {
	if name == "" {
		return nil
	}
	if e.Plan == nil {
		return errors.New("a table of Item has no version attribute")
	}
	field, ok := e.Plan.Field(name)
	if !ok {
		return fmt.Errorf("Version names %s, which is no attribute of %s", name, e.GoType)
	}
	if k := field.Type.Kind(); k != reflect.Int64 && k != reflect.Int && k != reflect.Int32 && k != reflect.Uint64 &&
		k != reflect.Uint32 && k != reflect.Uint {
		return fmt.Errorf("field %s (%s): a version is an integer of at least 32 bits", field.GoName, field.Type)
	}
	if ScalarOf(field) != types.ScalarAttributeTypeN {
		return fmt.Errorf("field %s: a version is stored as a number", field.GoName)
	}
	for _, space := range e.Spaces() {
		for _, part := range space.Parts() {
			for _, f := range part.Fields {
				if f.Path == name && !part.Natural() {
					return fmt.Errorf("field %s: the version is raised by the service's arithmetic, and key %s "+
						"cannot be made of it", field.GoName, part.Name)
				}
			}
		}
	}
	e.Version = field
	return nil
}

// VersionOf is the version that v carries.
func (e *Type) VersionOf(v reflect.Value) uint64 {
	f, ok := e.Version.Value(v)
	switch {
	case !ok:
		return 0
	case f.CanInt():
		return uint64(max(f.Int(), 0))
	}
	return f.Uint()
}

// SetVersionOf gives v a version.
func (e *Type) SetVersionOf(v reflect.Value, version uint64) error {
	return e.Version.Set(v, reflect.ValueOf(version).Convert(e.Version.Type))
}

// CheckNext refuses a version that has no next one.
func (e *Type) CheckNext(version uint64) error {
	next := reflect.New(e.Version.Type).Elem()
	if version == math.MaxUint64 || next.CanInt() && (version >= math.MaxInt64 || next.OverflowInt(int64(version+1))) ||
		next.CanUint() && next.OverflowUint(version+1) {
		return fmt.Errorf("the version has no next one that %s can hold", e.Version.Type)
	}
	return nil
}

// AtVersion expects a version; 0 expects none.
func (e *Type) AtVersion(version uint64) expression.ConditionBuilder {
	name := expression.NameNoDotSplit(e.Version.Name)
	if version == 0 {
		return expression.AttributeNotExists(name).Or(name.Equal(expression.Value(0)))
	}
	return name.Equal(expression.Value(version))
}

// IsAt tells whether an item is at a version; 0 means that it has none.
func (e *Type) IsAt(item attr.Item, version uint64) bool {
	value, there := item[e.Version.Name]
	if !there {
		return version == 0
	}
	return attr.Equal(value, &types.AttributeValueMemberN{Value: strconv.FormatUint(version, 10)})
}

// VersionIn is an item's version, 0 where it has none; false for what is no version.
func (e *Type) VersionIn(item attr.Item) (uint64, bool) {
	value, there := item[e.Version.Name]
	if !there {
		return 0, true
	}
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return 0, false
	}
	is, err := number.Parse(n.Value)
	if err != nil {
		return 0, false
	}
	at, err := strconv.ParseUint(is.String(), 10, 64)
	return at, err == nil
}
