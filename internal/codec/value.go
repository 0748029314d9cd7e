package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/codec/gotype"
)

// EncodeValue encodes x, of any Go type, as a field of its type without options would be. Errors are *Error.
func EncodeValue(x any) (types.AttributeValue, error) {
	v := reflect.ValueOf(x)
	if !v.IsValid() {
		return null(), nil
	}
	n, err := gotype.Of(v.Type(), 0)
	if err != nil {
		return nil, &failure.Error{Reason: err.Error(), Err: err}
	}
	return (&encoder{depth: 1}).encode(n, v)
}

// DecodeValue writes av into what the non-nil pointer out points to. Errors are *Error.
func DecodeValue(av types.AttributeValue, out any) error {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		cause := &attributevalue.InvalidUnmarshalError{Type: reflect.TypeOf(out)}
		return &failure.Error{Reason: "cannot decode into what is no pointer, or nil", Err: cause}
	}
	n, err := gotype.Of(v.Type(), 0)
	if err != nil {
		return &failure.Error{Reason: err.Error(), Err: err}
	}
	return (&decoder{depth: 0}).decode(n.Elem, av, v.Elem())
}

// DecodeAt writes av into the settable v, of the node's type, as Plan.Decode does with a value at that level of an
// item.
func DecodeAt(level int, n *gotype.Node, av types.AttributeValue, v reflect.Value) error {
	return (&decoder{depth: level}).decode(n, av, v)
}
