package engine

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
)

// inputs gives the inputs of the engine's operations.
func inputs() []reflect.Type {
	var all []reflect.Type
	methods := reflect.TypeFor[*Engine]()
	for method := range methods.Methods() {
		m := method.Type
		if m.NumIn() == 3 && m.In(2).Kind() == reflect.Pointer && strings.HasSuffix(m.In(2).Elem().Name(), "Input") {
			all = append(all, m.In(2).Elem())
		}
	}
	return all
}

// Every field of the SDK's that a request can have is read or refused, by decision: one that a newer SDK adds fails
// here until it is entered in one of the two tables, and nothing is entered that is not there.
func TestEveryFieldIsDecided(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		switch {
		case of == reflect.TypeFor[types.AttributeValue]():
		case of.Kind() == reflect.Pointer, of.Kind() == reflect.Slice, of.Kind() == reflect.Map:
			walk(of.Elem())
		case of.Kind() == reflect.Struct && !seen[of]:
			seen[of] = true
			var names []string
			for f := range of.Fields() {
				if !f.IsExported() {
					continue
				}
				names = append(names, f.Name)
				reads, refuses := readFields.has(of, f.Name), refusedFields.has(of, f.Name)
				assert.True(t, reads != refuses, "%s.%s is read: %t, refused: %t", of.Name(), f.Name, reads, refuses)
				if reads {
					walk(f.Type)
				}
			}
			for _, table := range []fieldTable{readFields, refusedFields} {
				for name := range strings.FieldsSeq(table[of]) {
					assert.Contains(t, names, name, of.Name())
				}
			}
		}
	}
	all := inputs()
	assert.Greater(t, len(all), 25)
	for _, in := range all {
		walk(in)
	}
	for of := range readFields {
		assert.True(t, seen[of], "no request has a %s", of.Name())
	}
	for of := range refusedFields {
		assert.True(t, seen[of], "no request has a %s", of.Name())
	}
}
