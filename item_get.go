package monotable

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
)

// member returns the attribute at a path as the member of the union that M is; want names it.
func member[M types.AttributeValue](i Item, path, want string) (m M, err error) {
	av, err := i.At(path)
	if err != nil {
		var wrong *AttributeError
		if errors.As(err, &wrong) && wrong.Want == "" {
			wrong.Want = want
		}
		return m, err
	}
	m, ok := av.(M)
	if !ok {
		return m, &AttributeError{Path: path, Have: typeOf(av), Want: want}
	}
	return m, nil
}

// String returns the string at a path.
func (i Item) String(path string) (string, error) {
	m, err := member[*types.AttributeValueMemberS](i, path, "string")
	if err != nil {
		return "", err
	}
	return m.Value, nil
}

// Number returns the number at a path as DynamoDB writes it, with all its digits.
func (i Item) Number(path string) (attributevalue.Number, error) {
	m, err := member[*types.AttributeValueMemberN](i, path, "number")
	if err != nil {
		return "", err
	}
	return attributevalue.Number(m.Value), nil
}

// Int returns the whole number at a path. The error says so if the number has a fraction or does not fit an int.
func (i Item) Int(path string) (int, error) {
	n, err := wholeNumber(i, path, "int", strconv.IntSize, strconv.ParseInt)
	return int(n), err
}

// Int64 returns the whole number at a path. The error says so if the number has a fraction or does not fit an int64.
func (i Item) Int64(path string) (int64, error) {
	return wholeNumber(i, path, "int64", 64, strconv.ParseInt)
}

// Uint64 returns the whole number at a path. The error says so if the number is negative, has a fraction or does not
// fit a uint64.
func (i Item) Uint64(path string) (uint64, error) {
	return wholeNumber(i, path, "uint64", 64, strconv.ParseUint)
}

func wholeNumber[N int64 | uint64](i Item, path, goType string, bits int,
	parse func(string, int, int) (N, error)) (N, error) {
	text, err := i.Number(path)
	if err != nil {
		return 0, err
	}
	n, err := parse(string(text), 10, bits)
	if err == nil {
		return n, nil
	}
	d, err := number.Parse(string(text)) // it may be written as 1E3 or 1.0
	if err == nil {
		n, err = parse(d.String(), 10, bits)
	}
	if err != nil {
		return 0, &AttributeError{Path: path, Reason: "the number does not fit a Go " + goType}
	}
	return n, nil
}

// Float64 returns the number at a path, rounded to the nearest float64: of DynamoDB's 38 digits it keeps 15 to 17.
func (i Item) Float64(path string) (float64, error) {
	text, err := i.Number(path)
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, &AttributeError{Path: path, Reason: "the number does not fit a Go float64"}
	}
	return f, nil
}

// Bool returns the truth value at a path.
func (i Item) Bool(path string) (bool, error) {
	m, err := member[*types.AttributeValueMemberBOOL](i, path, "bool")
	if err != nil {
		return false, err
	}
	return m.Value, nil
}

// Bytes returns a copy of the binary at a path.
func (i Item) Bytes(path string) ([]byte, error) {
	m, err := member[*types.AttributeValueMemberB](i, path, "binary")
	if err != nil {
		return nil, err
	}
	return append([]byte{}, m.Value...), nil
}

// Time returns the time at a path: of a string in RFC 3339, or of a number of epoch seconds, which is how TTL has it.
// Those are the two forms in which a time.Time is stored.
func (i Item) Time(path string) (time.Time, error) {
	av, err := i.At(path)
	if err != nil {
		return time.Time{}, err
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		t, err := time.Parse(time.RFC3339, av.Value)
		if err != nil {
			return time.Time{}, &AttributeError{Path: path, Reason: "the string is not a time in RFC 3339"}
		}
		return t, nil
	case *types.AttributeValueMemberN:
		seconds, err := i.Int64(path)
		if err != nil {
			return time.Time{}, &AttributeError{Path: path, Reason: "the number is not a time in epoch seconds"}
		}
		return time.Unix(seconds, 0), nil
	}
	return time.Time{}, &AttributeError{Path: path, Have: typeOf(av), Want: "time, as a string or a number"}
}

// StringSet returns the elements of the string set at a path, in order of their bytes.
func (i Item) StringSet(path string) ([]string, error) {
	m, err := member[*types.AttributeValueMemberSS](i, path, "string set")
	if err != nil {
		return nil, err
	}
	return slices.Sorted(slices.Values(m.Value)), nil
}

// NumberSet returns the elements of the number set at a path, ascending, as DynamoDB writes them.
func (i Item) NumberSet(path string) ([]attributevalue.Number, error) {
	m, err := member[*types.AttributeValueMemberNS](i, path, "number set")
	if err != nil {
		return nil, err
	}
	set := make([]attributevalue.Number, len(m.Value))
	for n, text := range m.Value {
		set[n] = attributevalue.Number(text)
	}
	slices.SortFunc(set, compareNumbers)
	return set, nil
}

// compareNumbers orders numbers by value, and what is no number by its text behind them.
func compareNumbers(a, b attributevalue.Number) int {
	x, errX := number.Parse(string(a))
	y, errY := number.Parse(string(b))
	switch {
	case errX == nil && errY == nil:
		return x.Compare(y)
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return strings.Compare(string(a), string(b))
}

// BinarySet returns copies of the elements of the binary set at a path, in order of their bytes.
func (i Item) BinarySet(path string) ([][]byte, error) {
	m, err := member[*types.AttributeValueMemberBS](i, path, "binary set")
	if err != nil {
		return nil, err
	}
	set := make([][]byte, len(m.Value))
	for n, b := range m.Value {
		set[n] = append([]byte{}, b...)
	}
	slices.SortFunc(set, slices.Compare)
	return set, nil
}

// List returns the list at a path. It is the item's own: what is written to it is written to the item.
func (i Item) List(path string) ([]types.AttributeValue, error) {
	m, err := member[*types.AttributeValueMemberL](i, path, "list")
	if err != nil {
		return nil, err
	}
	return m.Value, nil
}

// Map returns the map at a path, as an Item. It is the item's own: what is written to it is written to the item.
func (i Item) Map(path string) (Item, error) {
	m, err := member[*types.AttributeValueMemberM](i, path, "map")
	if err != nil {
		return nil, err
	}
	return m.Value, nil
}

// IsNull reports whether there is a NULL at a path. An attribute that is not there is not NULL.
func (i Item) IsNull(path string) bool {
	av, err := i.At(path)
	_, null := av.(*types.AttributeValueMemberNULL)
	return err == nil && null
}
