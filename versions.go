package monotable

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

func (e *known) setVersion(name string) error {
	if name == "" {
		return nil
	}
	if e.plan == nil {
		return errors.New("a table of Item has no version attribute")
	}
	field, ok := e.plan.Field(name)
	if !ok {
		return fmt.Errorf("Version names %s, which is no attribute of %s", name, e.goType)
	}
	if k := field.Type.Kind(); k != reflect.Int64 && k != reflect.Int && k != reflect.Int32 && k != reflect.Uint64 && k != reflect.Uint32 && k != reflect.Uint {
		return fmt.Errorf("field %s (%s): a version is an integer of at least 32 bits", field.GoName, field.Type)
	}
	if scalarOf(field) != types.ScalarAttributeTypeN {
		return fmt.Errorf("field %s: a version is stored as a number", field.GoName)
	}
	for _, space := range e.spaces() {
		for _, part := range space.parts() {
			for _, f := range part.fields {
				if f.path == name && !part.natural() {
					return fmt.Errorf("field %s: the version is raised by the service's arithmetic, and key %s cannot be made of it", field.GoName, part.name)
				}
			}
		}
	}
	e.version = field
	return nil
}

// versionOf is the version that v carries.
func (e *known) versionOf(v reflect.Value) uint64 {
	f, ok := e.version.Value(v)
	switch {
	case !ok:
		return 0
	case f.CanInt():
		return uint64(max(f.Int(), 0))
	}
	return f.Uint()
}

func (e *known) setVersionOf(v reflect.Value, version uint64) error {
	return e.version.Set(v, reflect.ValueOf(version).Convert(e.version.Type))
}

// checkNext refuses a version that has no next one.
func (e *known) checkNext(version uint64) error {
	next := reflect.New(e.version.Type).Elem()
	if version == math.MaxUint64 || next.CanInt() && (version >= math.MaxInt64 || next.OverflowInt(int64(version+1))) ||
		next.CanUint() && next.OverflowUint(version+1) {
		return fmt.Errorf("the version has no next one that %s can hold", e.version.Type)
	}
	return nil
}

// atVersion expects a version; 0 expects none.
func (e *known) atVersion(version uint64) expression.ConditionBuilder {
	name := expression.NameNoDotSplit(e.version.Name)
	if version == 0 {
		return expression.AttributeNotExists(name).Or(name.Equal(expression.Value(0)))
	}
	return name.Equal(expression.Value(version))
}

// isAt tells whether an item is at a version; 0 means that it has none.
func (e *known) isAt(item attributes, version uint64) bool {
	value, there := item[e.version.Name]
	if !there {
		return version == 0
	}
	return attr.Equal(value, &types.AttributeValueMemberN{Value: strconv.FormatUint(version, 10)})
}

// versionIn is an item's version, 0 where it has none; false for what is no version.
func (e *known) versionIn(item attributes) (uint64, bool) {
	value, there := item[e.version.Name]
	if !there {
		return 0, true
	}
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return 0, false
	}
	at, err := Item{"at": n}.Uint64("at")
	return at, err == nil
}
