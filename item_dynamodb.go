package monotable

import (
	"encoding/json"
	"strconv"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// DynamoDBJSON is an Item that encoding/json writes and reads as DynamoDB JSON, each value with its type:
//
//	{"id":{"N":"1"},"name":{"S":"Rachel"}}
//
// That is the form of DynamoDB's own requests, exports and command line. Nothing is lost in it, in either direction:
//
//	text, err := json.Marshal(monotable.DynamoDBJSON(item))
//	err = json.Unmarshal(text, (*monotable.DynamoDBJSON)(&item))
type DynamoDBJSON Item

// MarshalJSON writes the item as DynamoDB JSON, its names sorted. The error names the attribute that has no value, is
// not UTF-8, is no number, or is nested deeper than 32 levels.
func (i DynamoDBJSON) MarshalJSON() ([]byte, error) {
	if err := checkItem(Item(i)); err != nil {
		return nil, err
	}
	return wire.AppendItem(nil, i), nil
}

// UnmarshalJSON reads DynamoDB JSON. It refuses a value without a type or with several, a name given twice, binaries
// that are not base64, a number of more than 38 digits or beyond DynamoDB's range, empty sets and sets with an element
// twice, and nesting deeper than 32 levels. JSON's null leaves the item as it is, as encoding/json has it.
func (i *DynamoDBJSON) UnmarshalJSON(text []byte) error {
	r, err := newJSONReader(text)
	if err != nil {
		return err
	}
	t, err := r.token()
	if err != nil {
		return err
	}
	if t == nil {
		return r.end()
	}
	if err := r.once(t, "", 0); err != nil {
		return err
	}
	item, err := wire.ParseItem(text)
	if err != nil {
		return &AttributeError{Reason: wireReason(err)}
	}
	if err := checkItem(item); err != nil {
		return err
	}
	*i = item
	return nil
}

func wireReason(err error) string {
	if e, ok := err.(*wire.Error); ok && e.Message != "" {
		return e.Message
	}
	return "malformed DynamoDB JSON"
}

// once reads the value that token t starts and refuses names that are given twice, at any level: the service takes the
// last of them.
func (r jsonReader) once(t json.Token, path string, depth int) error {
	if t != json.Delim('{') && t != json.Delim('[') {
		return nil
	}
	if depth > 2*size.MaxDepth+1 { // a level has its own object and its type's
		return valueError(path, attr.TooDeep)
	}
	names := map[string]bool{}
	for n := 0; r.More(); n++ {
		at := path + "[" + strconv.Itoa(n) + "]"
		if t == json.Delim('{') {
			name, in, err := r.name(path, func(name string) bool { return names[name] })
			if err != nil {
				return err
			}
			names[name], at = true, in
		}
		next, err := r.token()
		if err != nil {
			return err
		}
		if err := r.once(next, at, depth+1); err != nil {
			return err
		}
	}
	_, err := r.token()
	return err
}
