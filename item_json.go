package monotable

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// MarshalJSON writes the item as plain JSON, its names sorted: a number with all its digits, a binary as a string of
// base64, a set as an array, NULL as null. The error names the attribute that has no value, is not UTF-8, is no number,
// or is nested deeper than 32 levels.
//
// Binaries and sets come back as strings and lists; use DynamoDBJSON where that matters.
func (i Item) MarshalJSON() ([]byte, error) {
	if i == nil {
		return []byte("null"), nil
	}
	if err := checkItem(i); err != nil {
		return nil, err
	}
	return appendPlainItem(nil, i), nil
}

// appendPlainItem appends an item that has passed checkItem.
func appendPlainItem(dst []byte, item map[string]types.AttributeValue) []byte {
	dst = append(dst, '{')
	for n, name := range slices.Sorted(maps.Keys(item)) {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, name)
		dst = append(dst, ':')
		dst = appendPlain(dst, item[name])
	}
	return append(dst, '}')
}

func appendPlain(dst []byte, av types.AttributeValue) []byte {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return appendText(dst, av.Value)
	case *types.AttributeValueMemberN:
		return append(dst, attr.Number(av.Value)...)
	case *types.AttributeValueMemberB:
		return appendBase64(dst, av.Value)
	case *types.AttributeValueMemberBOOL:
		return strconv.AppendBool(dst, av.Value)
	case *types.AttributeValueMemberSS:
		return appendArray(dst, av.Value, appendText)
	case *types.AttributeValueMemberNS:
		return appendArray(dst, av.Value, func(dst []byte, n string) []byte { return append(dst, attr.Number(n)...) })
	case *types.AttributeValueMemberBS:
		return appendArray(dst, av.Value, appendBase64)
	case *types.AttributeValueMemberL:
		return appendArray(dst, av.Value, appendPlain)
	case *types.AttributeValueMemberM:
		return appendPlainItem(dst, av.Value)
	}
	return append(dst, "null"...)
}

func appendArray[E any](dst []byte, elems []E, appendElem func([]byte, E) []byte) []byte {
	dst = append(dst, '[')
	for n, e := range elems {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = appendElem(dst, e)
	}
	return append(dst, ']')
}

func appendText(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // a string always encodes
		return append(dst, `""`...)
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte{'\n'})...)
}

func appendBase64(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}

// UnmarshalJSON reads plain JSON: one object, whose strings, numbers, booleans, nulls, arrays and objects become S, N,
// BOOL, NULL, L and M. Numbers keep all their digits. What DynamoDB could not hold, or would hold otherwise, is refused
// with an *AttributeError that names the attribute: a number of more than 38 digits or beyond DynamoDB's range, a name
// given twice, nesting deeper than 32 levels, text that is not UTF-8. JSON's null leaves the item as it is, as
// encoding/json has it.
func (i *Item) UnmarshalJSON(text []byte) error {
	if string(bytes.TrimSpace(text)) == "null" {
		return nil
	}
	r, err := newJSONReader(text)
	if err != nil {
		return err
	}
	av, err := r.value("", 0)
	if err != nil {
		return err
	}
	m, ok := av.(*types.AttributeValueMemberM)
	if !ok {
		return &AttributeError{Have: typeOf(av), Want: "map"}
	}
	if err := r.end(); err != nil {
		return err
	}
	*i = m.Value
	return nil
}

// jsonReader reads plain JSON by encoding/json's tokens.
type jsonReader struct{ *json.Decoder }

var errSyntax = errors.New("monotable: malformed JSON")

func newJSONReader(text []byte) (jsonReader, error) {
	if !utf8.Valid(text) || loneSurrogate(text) {
		return jsonReader{}, &AttributeError{Reason: "the JSON is not in UTF-8, or has half a surrogate pair"}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return jsonReader{d}, nil
}

func (r jsonReader) token() (json.Token, error) {
	t, err := r.Token()
	if err != nil { // encoding/json would quote what it met
		return nil, errSyntax
	}
	return t, nil
}

func (r jsonReader) end() error {
	if _, err := r.Token(); err != io.EOF {
		return errSyntax
	}
	return nil
}

func (r jsonReader) value(path string, depth int) (types.AttributeValue, error) {
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > size.MaxDepth {
		return nil, valueError(path, attr.TooDeep)
	}
	switch t := t.(type) {
	case string:
		return &types.AttributeValueMemberS{Value: t}, nil
	case json.Number:
		d, err := number.Parse(string(t))
		if err != nil {
			return nil, valueError(path, attr.NotANumber)
		}
		return &types.AttributeValueMemberN{Value: d.String()}, nil
	case bool:
		return &types.AttributeValueMemberBOOL{Value: t}, nil
	case nil:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	}
	if depth == size.MaxDepth {
		return nil, valueError(path, attr.TooDeep)
	}
	if t == json.Delim('[') {
		return r.list(path, depth)
	}
	return r.object(path, depth)
}

func (r jsonReader) list(path string, depth int) (types.AttributeValue, error) {
	list := []types.AttributeValue{}
	for r.More() {
		av, err := r.value(path+"["+strconv.Itoa(len(list))+"]", depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, av)
	}
	_, err := r.token()
	return &types.AttributeValueMemberL{Value: list}, err
}

func (r jsonReader) object(path string, depth int) (types.AttributeValue, error) {
	m := map[string]types.AttributeValue{}
	for r.More() {
		name, at, err := r.name(path, func(name string) bool { return m[name] != nil })
		if err != nil {
			return nil, err
		}
		if m[name], err = r.value(at, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := r.token()
	return &types.AttributeValueMemberM{Value: m}, err
}

// name reads the name of an object's member, and refuses one that is taken.
func (r jsonReader) name(in string, taken func(string) bool) (name, path string, err error) {
	t, err := r.token()
	if err != nil {
		return "", "", err
	}
	name, ok := t.(string)
	if !ok {
		return "", "", errSyntax
	}
	path = attr.Join(in, attr.EscapeName(name))
	switch {
	case name == "":
		return "", "", valueError(in, attr.EmptyName)
	case taken(name):
		return "", "", valueError(path, "the name is given twice")
	}
	return name, path, nil
}

// loneSurrogate finds an escape \uD800 to \uDFFF that is not half of a pair; encoding/json would replace it in silence.
func loneSurrogate(text []byte) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if text[i+1] != 'u' {
			i++ // what is escaped is not a backslash that escapes
			continue
		}
		switch high, ok := surrogate(text[i:]); {
		case !ok:
		case high >= 0xDC00:
			return true
		default:
			if low, ok := surrogate(text[i+6:]); !ok || low < 0xDC00 {
				return true
			}
			i += 6
		}
	}
	return false
}

// surrogate reads an escape in front of text, if it is one of half a pair.
func surrogate(text []byte) (half uint64, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	half, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	return half, err == nil && 0xD800 <= half && half <= 0xDFFF
}
