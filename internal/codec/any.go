package codec

import (
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
)

// decodeAny decodes into an interface: into what it points to, if it holds a pointer; else it is given a new value, of
// the Go type that attributevalue chooses.
func (d *decoder) decodeAny(n *gotype.Node, av types.AttributeValue, v reflect.Value) error {
	pointer, err := d.held(n, v)
	if err != nil {
		return err
	}
	if pointer != nil {
		return d.decodeBody(pointer, av, v.Elem())
	}
	return d.setAny(n, av, v)
}

// held returns the node of the pointer that an interface holds; nil if it holds none that leads on.
func (d *decoder) held(n *gotype.Node, v reflect.Value) (*gotype.Node, error) {
	pointer := v.Elem()
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() || pointsTo(pointer, v) {
		return nil, nil
	}
	if d.hops++; d.hops > maxHops {
		return nil, &failure.Error{Reason: "pointers lead in a cycle"}
	}
	found, err := gotype.Of(pointer.Type(), n.Options)
	if err != nil {
		return nil, &failure.Error{Reason: err.Error()}
	}
	return found, nil
}

// setAny puts a new value into an interface; one with methods can hold none of them.
func (d *decoder) setAny(n *gotype.Node, av types.AttributeValue, v reflect.Value) error {
	x, err := d.generic(av, n.Options)
	if err != nil {
		return err
	}
	if n.Type.NumMethod() > 0 {
		return failure.Mismatch(TypeName(av), n.Type)
	}
	v.Set(reflect.ValueOf(x))
	return nil
}

// pointsTo tells an interface that holds its own address.
func pointsTo(pointer, v reflect.Value) bool {
	return v.CanAddr() && pointer.Type().Elem() == v.Type() && pointer.Pointer() == v.Addr().Pointer()
}

// generic returns av as one of string, float64, bool, []byte, []string, []float64, [][]byte, []any, map[string]any and
// nil.
func (d *decoder) generic(av types.AttributeValue, o gotype.Options) (any, error) {
	if isNil(av) {
		return nil, errNilValue
	}
	if d.depth > maxDepth {
		return nil, errTooDeep
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberNULL:
		return nil, nil
	case *types.AttributeValueMemberS:
		if o&gotype.AsString != 0 {
			return genericNumber(av.Value)
		}
		return av.Value, nil
	case *types.AttributeValueMemberN:
		return genericNumber(av.Value)
	case *types.AttributeValueMemberBOOL:
		return av.Value, nil
	case *types.AttributeValueMemberB:
		return append(make([]byte, 0, len(av.Value)), av.Value...), nil
	case *types.AttributeValueMemberSS:
		return append(make([]string, 0, len(av.Value)), av.Value...), nil
	case *types.AttributeValueMemberNS:
		set := make([]float64, len(av.Value))
		for i, text := range av.Value {
			var err error
			if set[i], err = genericNumber(text); err != nil {
				return nil, failure.AtIndex(i, err)
			}
		}
		return set, nil
	case *types.AttributeValueMemberBS:
		set := make([][]byte, len(av.Value))
		for i, b := range av.Value {
			set[i] = append(make([]byte, 0, len(b)), b...)
		}
		return set, nil
	case *types.AttributeValueMemberL:
		return d.genericList(av.Value)
	case *types.AttributeValueMemberM:
		return d.genericMap(av.Value)
	}
	return nil, &failure.Error{Reason: "is no member of types.AttributeValue that is known"}
}

func genericNumber(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, failure.Number(reflect.TypeFor[float64](), err)
	}
	return f, nil
}

func (d *decoder) genericList(list []types.AttributeValue) (any, error) {
	d.depth++
	defer func() { d.depth-- }()
	elems := make([]any, len(list))
	for i, av := range list {
		var err error
		if elems[i], err = d.generic(av, 0); err != nil {
			return nil, failure.AtIndex(i, err)
		}
	}
	return elems, nil
}

func (d *decoder) genericMap(m map[string]types.AttributeValue) (any, error) {
	d.depth++
	defer func() { d.depth-- }()
	elems := make(map[string]any, len(m))
	for name, av := range m {
		elem, err := d.generic(av, 0)
		if err != nil {
			return nil, failure.AtKey(name, err)
		}
		elems[name] = elem
	}
	return elems, nil
}
