package wire

import (
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"
)

// finder looks for something in a value and gives its place within. A nil one has nowhere to look.
type finder func(reflect.Value) (place string, found bool)

func (find finder) in(v reflect.Value) (string, bool) {
	if find == nil {
		return "", false
	}
	return find(v)
}

// walker finds something in the SDK's inputs. What is to be done with a type is found out once.
type walker struct {
	special func(reflect.Type) (finder, bool) // types that are not walked
	// fields that are not walked; nil for none
	field func(owner reflect.Type, field reflect.StructField) (finder, bool)
	names bool     // names in maps are looked at as well
	made  sync.Map // reflect.Type -> func() finder
}

// find looks through the input that in points to.
func (w *walker) find(in any) (place string, found bool) {
	v := reflect.ValueOf(in).Elem()
	place, found = w.of(v.Type()).in(v)
	if !found {
		return "", false
	}
	return v.Type().Name() + place, true
}

func (w *walker) of(t reflect.Type) finder {
	if made, ok := w.made.Load(t); ok {
		return made.(func() finder)()
	}
	made, _ := w.made.LoadOrStore(t, sync.OnceValue(func() finder { return w.make(t) }))
	return made.(func() finder)()
}

func (w *walker) make(t reflect.Type) finder {
	if find, ok := w.special(t); ok {
		return find
	}
	if t == metadataType || t == timeType {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return inPointer(w.of(t.Elem()))
	case reflect.Slice:
		return inSlice(w.of(t.Elem()))
	case reflect.Map:
		return w.inMap(w.of(t.Elem()))
	case reflect.Struct:
		return w.inStruct(t)
	}
	return nil
}

func inPointer(elem finder) finder {
	if elem == nil {
		return nil
	}
	return func(v reflect.Value) (string, bool) {
		if v.IsNil() {
			return "", false
		}
		return elem(v.Elem())
	}
}

func inSlice(elem finder) finder {
	if elem == nil {
		return nil
	}
	return func(v reflect.Value) (string, bool) {
		for i := range v.Len() {
			if place, found := elem(v.Index(i)); found {
				return index(i) + place, true
			}
		}
		return "", false
	}
}

func (w *walker) inMap(elem finder) finder {
	if elem == nil && !w.names {
		return nil
	}
	return func(v reflect.Value) (string, bool) {
		if v.Len() == 0 {
			return "", false
		}
		for each := v.MapRange(); each.Next(); {
			name := each.Key().String()
			if w.names && !utf8.ValidString(name) {
				return badName(name), true
			}
			if place, found := elem.in(each.Value()); found {
				return key(name) + place, true
			}
		}
		return "", false
	}
}

func (w *walker) inStruct(t reflect.Type) finder {
	type member struct {
		index int
		place string
		find  finder
	}
	var members []member
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		find, decided := finder(nil), false
		if w.field != nil {
			find, decided = w.field(t, f)
		}
		if !decided {
			find = w.of(f.Type)
		}
		if find != nil {
			members = append(members, member{i, "." + f.Name, find})
		}
	}
	if members == nil {
		return nil
	}
	return func(v reflect.Value) (string, bool) {
		for i := range members {
			m := &members[i]
			if place, found := m.find(v.Field(m.index)); found {
				return m.place + place, true
			}
		}
		return "", false
	}
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func key(name string) string { return "[" + strconv.Quote(name) + "]" }

func badName(name string) string { return ": the name " + strconv.Quote(name) }

// FindFields makes a function that finds in the SDK's inputs a field that has a value and that has says no to, and
// gives its place.
func FindFields(has func(owner reflect.Type, field string) bool) func(in any) (place string, found bool) {
	w := &walker{
		special: func(t reflect.Type) (finder, bool) { return nil, t == valueType },
		field: func(owner reflect.Type, f reflect.StructField) (finder, bool) {
			if has(owner, f.Name) {
				return nil, false
			}
			return func(v reflect.Value) (string, bool) { return "", !v.IsZero() }, true
		},
	}
	return w.find
}
