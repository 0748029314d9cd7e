package codec_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
)

// attributevalue is the oracle: whatever it encodes and decodes, a plan does alike. Where a plan is stricter, the
// error's reason is one of these; each stands in the package documentation and has a test in differences_test.go.
var stricter = []string{
	"text that is not one of DynamoDB's numbers",
	"is a set with an element twice",
	"longer ",
	"binary of another length",
	"cannot decode map into Go type time.Time",
	"cannot decode map into Go type codectest.Stamp",
}

func isStricter(err error) bool {
	for _, reason := range stricter {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return false
}

// recovered calls the oracle, which panics now and then.
func recovered(f func() error) (err error, panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			err, panicked = fmt.Errorf("panic: %v", r), true
		}
	}()
	return f(), false
}

// oneWay tells that no map within has two entries, so that which error comes first is not left to chance.
func oneWay(item map[string]types.AttributeValue) bool {
	if len(item) > 1 {
		return false
	}
	for _, av := range item {
		switch av := av.(type) {
		case *types.AttributeValueMemberM:
			return oneWay(av.Value)
		case *types.AttributeValueMemberL:
			for _, elem := range av.Value {
				if !oneWay(map[string]types.AttributeValue{"": elem}) {
					return false
				}
			}
		}
	}
	return true
}

// sameError compares an error with the oracle's by their types.
func sameError(t codectest.T, want, got error) {
	t.Helper()
	for _, target := range []any{new(*attributevalue.UnmarshalTypeError), new(*attributevalue.UnmarshalError),
		new(*attributevalue.InvalidMarshalError)} {
		if errors.As(want, target) {
			assert.ErrorAs(t, got, target)
		}
	}
}

func checkEncode(t codectest.T, v reflect.Value) {
	t.Helper()
	p, err := codec.Of(v.Type())
	require.NoError(t, err, "%v", v.Type())
	var want map[string]types.AttributeValue
	wantErr, panicked := recovered(func() (err error) {
		if v.CanAddr() {
			want, err = attributevalue.MarshalMap(v.Addr().Interface())
		} else {
			want, err = attributevalue.MarshalMap(v.Interface())
		}
		return err
	})
	got, err := p.Encode(v)
	if panicked {
		return
	}
	switch {
	case err != nil && isStricter(err):
	case wantErr != nil:
		require.Error(t, err, "%v: oracle says %v", v.Type(), wantErr)
		sameError(t, wantErr, err)
	default:
		require.NoError(t, err, "%v", v.Type())
		require.Equal(t, want, got, "%v", v.Type())
	}
}

// checkDecode decodes into two copies of the value that into makes.
func checkDecode(t codectest.T, typ reflect.Type, item map[string]types.AttributeValue, into func() reflect.Value) {
	t.Helper()
	p, err := codec.Of(typ)
	require.NoError(t, err, "%v", typ)
	want, got := into(), into()
	wantErr, panicked := recovered(func() error { return attributevalue.UnmarshalMap(item, want.Addr().Interface()) })
	err = p.Decode(item, got)
	if panicked {
		return
	}
	switch {
	case err != nil && isStricter(err):
	case wantErr != nil:
		require.Error(t, err, "%v: oracle says %v", typ, wantErr)
		if oneWay(item) {
			sameError(t, wantErr, err)
		}
	default:
		require.NoError(t, err, "%v", typ)
		require.Equal(t, want.Interface(), got.Interface(), "%v", typ)
	}
}

func TestEncodeLikeAttributevalue(t *testing.T) {
	for _, typ := range codectest.TableTypes {
		t.Run(typ.String(), func(t *testing.T) {
			checkEncode(t, reflect.Zero(typ))
			rapid.Check(t, func(t *rapid.T) {
				v := reflect.New(typ).Elem()
				codectest.DrawValue(t, v)
				checkEncode(t, v)
				checkEncode(t, reflect.ValueOf(v.Interface())) // not addressable: methods on the pointer are not found
			})
		})
	}
}

func TestDecodeLikeAttributevalue(t *testing.T) {
	for _, typ := range codectest.TableTypes {
		t.Run(typ.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				item := codectest.DrawItem(t, typ, 3)
				checkDecode(t, typ, item, func() reflect.Value { return reflect.New(typ).Elem() })
				checkDecode(t, typ, decodable(typ, item), func() reflect.Value { return reflect.New(typ).Elem() })
				for name, av := range item { // alone, so that its error is compared
					one := map[string]types.AttributeValue{name: av}
					checkDecode(t, typ, one, func() reflect.Value { return reflect.New(typ).Elem() })
				}
			})
		})
	}
}

func TestRoundTripLikeAttributevalue(t *testing.T) {
	for _, typ := range codectest.TableTypes {
		t.Run(typ.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				v := reflect.New(typ).Elem()
				codectest.DrawValue(t, v)
				p, err := codec.Of(typ)
				require.NoError(t, err)
				item, err := p.Encode(v)
				if err == nil {
					checkDecode(t, typ, item, func() reflect.Value { return reflect.New(typ).Elem() })
				}
			})
		})
	}
}

// decodable leaves only what the oracle can decode.
func decodable(typ reflect.Type, item map[string]types.AttributeValue) map[string]types.AttributeValue {
	good := map[string]types.AttributeValue{}
	for name, av := range item {
		one := map[string]types.AttributeValue{name: av}
		if err, _ := recovered(func() error {
			return attributevalue.UnmarshalMap(one, reflect.New(typ).Interface())
		}); err == nil {
			good[name] = av
		}
	}
	return good
}

// TestDecodeOntoValues decodes onto values that are there already: pointers, maps and slices are used again. An
// interface holds nil or a pointer, and no list is empty; differences_test.go says why.
func TestDecodeOntoValues(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[codectest.Person](), reflect.TypeFor[codectest.Everything](),
		reflect.TypeFor[codectest.Sets](), reflect.TypeFor[codectest.Tree](), reflect.TypeFor[codectest.Embedded](),
		reflect.TypeFor[codectest.Empties](), reflect.TypeFor[used]()} {
		t.Run(typ.String(), func(t *testing.T) {
			seed := rapid.Custom(func(t *rapid.T) int { return rapid.IntRange(0, 1<<20).Draw(t, "seed") })
			rapid.Check(t, func(t *rapid.T) {
				was := seed.Draw(t, "was")
				item := decodable(typ, codectest.DrawItem(t, typ, 3))
				for name, av := range item {
					if hasEmptyList(map[string]types.AttributeValue{name: av}) {
						delete(item, name)
					}
				}
				values := rapid.Custom(func(t *rapid.T) reflect.Value {
					v := reflect.New(typ).Elem()
					codectest.DrawValue(t, v)
					pointToHeld(v)
					return v
				})
				checkDecode(t, typ, item, func() reflect.Value { return values.Example(was) })
			})
		})
	}
}

type used struct {
	Ints  []int
	Ptrs  []*int
	Lists [][]string
	Map   map[string]int
	Maps  map[string]map[string]int
	Any   any
	PtrP  **int
	Tree  *codectest.Tree
	Money *codectest.Money
	Anys  map[string]any
	Bytes []byte
	BS    [][]byte
	Arr   [3]*string
}

// pointToHeld puts a pointer into each interface that holds a value.
func pointToHeld(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.Elem().Kind() != reflect.Pointer {
			p := reflect.New(v.Elem().Type())
			p.Elem().Set(v.Elem())
			v.Set(p)
		}
		pointToHeld(v.Elem())
	case reflect.Pointer:
		if !v.IsNil() {
			pointToHeld(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				pointToHeld(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			pointToHeld(v.Index(i))
		}
	}
}

func hasEmptyList(item map[string]types.AttributeValue) bool {
	for _, av := range item {
		switch av := av.(type) {
		case *types.AttributeValueMemberM:
			if hasEmptyList(av.Value) {
				return true
			}
		case *types.AttributeValueMemberL:
			if len(av.Value) == 0 {
				return true
			}
			for _, elem := range av.Value {
				if hasEmptyList(map[string]types.AttributeValue{"": elem}) {
					return true
				}
			}
		case *types.AttributeValueMemberSS:
			if len(av.Value) == 0 {
				return true
			}
		case *types.AttributeValueMemberNS:
			if len(av.Value) == 0 {
				return true
			}
		case *types.AttributeValueMemberBS:
			if len(av.Value) == 0 {
				return true
			}
		}
	}
	return false
}

func checkRandomTypes(t *rapid.T) {
	typ := codectest.DrawStruct(t, 3)
	v := reflect.New(typ).Elem()
	codectest.DrawValue(t, v)
	checkEncode(t, v)
	checkEncode(t, reflect.ValueOf(v.Interface()))
	item := codectest.DrawItem(t, typ, 3)
	checkDecode(t, typ, item, func() reflect.Value { return reflect.New(typ).Elem() })
	checkDecode(t, typ, decodable(typ, item), func() reflect.Value { return reflect.New(typ).Elem() })
}

func TestRandomTypes(t *testing.T) { rapid.Check(t, checkRandomTypes) }

func FuzzRandomTypes(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkRandomTypes)) }
