package wire

import (
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// UnmarshalInput reads a request's body into the SDK's input struct that into points to. Unlike ParseItem it leaves an
// attribute value that is not exactly one value for the engine to refuse in its turn: null is a nil value, an object
// without a type is a *types.UnknownUnionMember without Tag, one with several types has the Tag Several, one that lies
// too deep the Tag Nested.
//
// It returns an *Error, after which into holds a part of the request.
func UnmarshalInput(body []byte, into any) error {
	p := parser{text: string(body)}
	if p.peek() != '{' {
		return p.malformed()
	}
	v := reflect.ValueOf(into).Elem()
	if err := coderOf(v.Type()).read(&p, v); err != nil {
		return err
	}
	return p.end()
}

// AppendOutput appends the SDK's output struct that out points to: what is nil is left out, what is empty is not.
func AppendOutput(dst []byte, out any) []byte {
	v := reflect.ValueOf(out).Elem()
	return coderOf(v.Type()).write(dst, v)
}

// field is a member of a structure.
type field struct {
	index int
	key   string        // `"Name":`
	coder func() *coder // made when first used, so that types may contain themselves
}

// memberNames lists the members whose name on the wire is not the name of the Go field.
var memberNames = map[reflect.Type]map[string]string{
	reflect.TypeFor[streams.Record](): {
		"AwsRegion": "awsRegion", "Dynamodb": "dynamodb", "EventID": "eventID", "EventName": "eventName",
		"EventSource": "eventSource", "EventVersion": "eventVersion", "UserIdentity": "userIdentity",
	},
	reflect.TypeFor[types.ThrottlingReason]():    {"Reason": "reason", "Resource": "resource"},
	reflect.TypeFor[types.ThrottlingException](): {"ThrottlingReasons": "throttlingReasons"},
}

func memberName(t reflect.Type, f reflect.StructField) string {
	if name, ok := memberNames[t][f.Name]; ok {
		return name
	}
	if f.Name == "Message" && reflect.PointerTo(t).Implements(errorType) && !capitalMessage[t] {
		return "message"
	}
	return f.Name
}

func fieldsOf(t reflect.Type) ([]field, map[string]*field) {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Type == metadataType || f.Name == "ErrorCodeOverride" {
			continue
		}
		fields = append(fields, field{
			index: i,
			key:   string(AppendString(nil, memberName(t, f))) + ":",
			coder: sync.OnceValue(func() *coder { return coderOf(f.Type) }),
		})
	}
	byName := make(map[string]*field, len(fields))
	for i := range fields {
		f := &fields[i]
		byName[f.key[1:len(f.key)-2]] = f
	}
	return fields, byName
}

func structCoder(t reflect.Type) *coder {
	fields, byName := fieldsOf(t)
	return &coder{
		read: func(p *parser, v reflect.Value) error {
			if c := p.peek(); c != '{' {
				return p.containerMismatch(c, '{', "class "+javaPackage+t.Name())
			}
			for more := !p.open('}'); more; {
				name, err := p.name()
				if err != nil {
					return err
				}
				if f := byName[name]; f == nil {
					err = p.skip()
				} else {
					err = readUnlessNull(p, f.coder(), v.Field(f.index))
				}
				if err != nil {
					return err
				}
				if more, err = p.more('}'); err != nil {
					return err
				}
			}
			return nil
		},
		write: func(dst []byte, v reflect.Value) []byte {
			dst = append(dst, '{')
			return append(appendMembers(dst, fields, v), '}')
		},
		absent: never,
	}
}

// appendMembers appends the members of v that are not absent, with a comma first where something stands before them.
func appendMembers(dst []byte, fields []field, v reflect.Value) []byte {
	for i := range fields {
		f := &fields[i]
		member := v.Field(f.index)
		c := f.coder()
		if c.absent(member) {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = c.write(append(dst, f.key...), member)
	}
	return dst
}

// Streams have an attribute value type of their own, with the same members; no request holds one.
var streamValueCoder = &coder{
	read: func(p *parser, _ reflect.Value) error { return p.fail(unexpectedField) },
	write: func(dst []byte, v reflect.Value) []byte {
		value, _ := v.Interface().(streams.AttributeValue)
		return AppendValue(dst, streamValue(value))
	},
	absent: reflect.Value.IsNil,
}

func streamValue(v streams.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *streams.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *streams.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}
	case *streams.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: v.Value}
	case *streams.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}
	case *streams.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: v.Value}
	case *streams.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: v.Value}
	case *streams.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: v.Value}
	case *streams.AttributeValueMemberBS:
		return &types.AttributeValueMemberBS{Value: v.Value}
	case *streams.AttributeValueMemberM:
		m := make(map[string]types.AttributeValue, len(v.Value))
		for name, e := range v.Value {
			m[name] = streamValue(e)
		}
		return &types.AttributeValueMemberM{Value: m}
	case *streams.AttributeValueMemberL:
		l := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			l[i] = streamValue(e)
		}
		return &types.AttributeValueMemberL{Value: l}
	}
	return nil
}
