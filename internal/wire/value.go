package wire

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const javaValueMap = "java.util.Map<java.lang.String, " + javaPackage + "AttributeValue>"

// What stands for values that hold nothing. Nobody changes them.
var (
	noType       = &types.UnknownUnionMember{}
	severalTypes = &types.UnknownUnionMember{Tag: Several}
	nestedTypes  = &types.UnknownUnionMember{Tag: Nested}
)

// maxElements is how many elements of a list or set are kept. It is more than any request's values may have, so that
// they are refused; what comes behind is read and forgotten.
const maxElements = 2 << 20

// value reads an attribute value at a nesting depth of its own. A null is nil, an object without a type is an
// UnknownUnionMember without Tag, one with several types an UnknownUnionMember with the Tag Several, one below MaxDepth
// one with the Tag Nested; where the parser is strict all of them are errors.
func (p *parser) value(depth int) (types.AttributeValue, error) {
	switch c := p.peek(); c {
	case '{':
	case 'n':
		if p.strict {
			return nil, p.invalid(MessageNull)
		}
		return nil, p.literal("null")
	default:
		return nil, p.containerMismatch(c, '{', "class "+javaPackage+"AttributeValue")
	}
	if depth > MaxDepth {
		if p.strict {
			return nil, p.invalid(MessageNesting)
		}
		return nestedTypes, p.skip()
	}
	var value types.AttributeValue
	var tag string
	several := false
	for more := !p.open('}'); more; {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		v, err := p.member(name, depth)
		if err != nil {
			return nil, err
		}
		if v != nil {
			several = several || tag != "" && tag != name
			value, tag = v, name
		}
		if more, err = p.more('}'); err != nil {
			return nil, err
		}
	}
	switch {
	case several && p.strict:
		return nil, p.invalid(MessageSeveral)
	case several:
		return severalTypes, nil
	case value == nil && p.strict:
		return nil, p.invalid(MessageEmpty)
	case value == nil:
		return noType, nil
	}
	return value, nil
}

// member reads what follows the type name of an attribute value; nil if that is null or the type is none.
func (p *parser) member(name string, depth int) (types.AttributeValue, error) {
	switch name {
	case "S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS":
	default:
		return nil, p.skip()
	}
	if null, err := p.null(); null || err != nil {
		return nil, err
	}
	switch name {
	case "S":
		s, err := p.str()
		return &types.AttributeValueMemberS{Value: s}, err
	case "N":
		s, err := p.str()
		return &types.AttributeValueMemberN{Value: s}, err
	case "B":
		b, err := p.blob()
		return &types.AttributeValueMemberB{Value: b}, err
	case "BOOL":
		b, err := p.truth()
		return &types.AttributeValueMemberBOOL{Value: b}, err
	case "NULL":
		b, err := p.truth()
		return &types.AttributeValueMemberNULL{Value: b}, err
	case "M":
		m, err := p.item(depth + 1)
		return &types.AttributeValueMemberM{Value: m}, err
	case "L":
		l, err := list(p, "AttributeValue", func() (types.AttributeValue, error) { return p.value(depth + 1) })
		return &types.AttributeValueMemberL{Value: l}, err
	case "SS":
		l, err := list(p, "String",
			member(p, p.str,
				"One or more parameter values were invalid: An string set may not have a null string as a member"))
		return &types.AttributeValueMemberSS{Value: l}, err
	case "NS":
		l, err := list(p, "String", member(p, p.str, "A value provided cannot be converted into a number"))
		return &types.AttributeValueMemberNS{Value: l}, err
	default:
		l, err := list(p, byteBuffer, member(p, p.blob, MessageNull))
		return &types.AttributeValueMemberBS{Value: l}, err
	}
}

// member is read, made to refuse null.
func member[T any](p *parser, read func() (T, error), null string) func() (T, error) {
	return func() (T, error) {
		if p.peek() == 'n' {
			var none T
			return none, p.invalid(null)
		}
		return read()
	}
}

// item reads an object of attribute values; nil if it is null.
func (p *parser) item(depth int) (map[string]types.AttributeValue, error) {
	if null, err := p.null(); null || err != nil {
		return nil, err
	}
	if c := p.peek(); c != '{' {
		return nil, p.containerMismatch(c, '{', javaValueMap)
	}
	item := map[string]types.AttributeValue{}
	for more := !p.open('}'); more; {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		if item[name], err = p.value(depth); err != nil {
			return nil, err
		}
		if more, err = p.more('}'); err != nil {
			return nil, err
		}
	}
	return item, nil
}

// list reads an array whose elements read reads. It is never nil without an error.
func list[T any](p *parser, java string, read func() (T, error)) ([]T, error) {
	if c := p.peek(); c != '[' {
		return nil, p.containerMismatch(c, '[', "java.util.List<"+java+">")
	}
	elements := []T{}
	for more := !p.open(']'); more; {
		e, err := read()
		if err != nil {
			return nil, err
		}
		if len(elements) < maxElements {
			if len(elements) == cap(elements) && len(elements) > 0 {
				elements = slices.Grow(elements, len(elements)) // by twice, since append grows long ones by little
			}
			elements = append(elements, e)
		}
		if more, err = p.more(']'); err != nil {
			return nil, err
		}
	}
	return elements, nil
}

func (p *parser) str() (string, error) {
	if c := p.peek(); c != '"' {
		return "", p.scalarMismatch(c, "String")
	}
	return p.quoted()
}

func (p *parser) boolean() (bool, error) {
	switch c := p.peek(); c {
	case 't':
		return true, p.literal("true")
	case 'f':
		return false, p.literal("false")
	default:
		return false, p.scalarMismatch(c, "Boolean")
	}
}

// truth reads a boolean of an attribute value, of which the service takes a text as well (captured from us-east-1, June
// 2026): "true" is true, and any other text is not.
func (p *parser) truth() (bool, error) {
	if p.strict || p.peek() != '"' {
		return p.boolean()
	}
	text, err := p.quoted()
	return strings.EqualFold(text, "true"), err
}

// strictBase64 takes no set bits behind the last byte, so that a binary has one text.
var strictBase64 = base64.StdEncoding.Strict()

// blob reads a binary: base64 of the standard alphabet, padded, without line ends and spare bits.
func (p *parser) blob() ([]byte, error) {
	if c := p.peek(); c != '"' {
		return nil, p.scalarMismatch(c, byteBuffer)
	}
	s, err := p.quoted()
	if err != nil {
		return nil, err
	}
	if len(s)%4 != 0 {
		return nil, p.fail("Base64 encoded length is expected a multiple of 4 bytes")
	}
	b, err := strictBase64.DecodeString(s)
	switch {
	case strings.ContainsAny(s, "\r\n"):
		return nil, p.fail("Invalid Base64 character")
	case err == nil:
		return b, nil
	}
	if _, err := base64.StdEncoding.DecodeString(s); err == nil {
		return nil, p.fail("Invalid last non-pad Base64 character dectected") // so spelled
	}
	return nil, p.fail("Invalid Base64 character")
}
