package cursor

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// Place is the key behind which the service goes on.
type Place = map[string]types.AttributeValue

// Keys are the attributes of a place, with their types.
type Keys = map[string]types.ScalarAttributeType

// One makes a cursor of a place.
func (s *Sealer) One(binding []byte, place Place) string {
	return s.seal(binding, appendPlace(nil, place))
}

// OpenOne gives back the place of a cursor that One made for the same binding. It trusts a cursor in nothing.
func (s *Sealer) OpenOne(binding []byte, cursor string, keys Keys) (Place, error) {
	raw, err := s.open(binding, cursor, 1)
	if err != nil {
		return nil, err
	}
	place, rest, err := readPlace(raw, keys)
	if err == nil && len(rest) > 0 {
		err = errText
	}
	return place, err
}

// The state of a segment or shard in the cursor of a read of several.
const (
	atStart byte = iota
	atPlace
	atEnd
)

// Many makes a cursor of the places of several segments or shards, of which some have ended; an empty one is at its
// start.
func (s *Sealer) Many(binding []byte, places []Place, ended []bool) string {
	var state []byte
	for i, place := range places {
		switch {
		case ended[i]:
			state = append(state, atEnd)
		case len(place) == 0:
			state = append(state, atStart)
		default:
			state = appendPlace(append(state, atPlace), place)
		}
	}
	return s.seal(binding, state)
}

// OpenMany gives back the n places of a cursor that Many made for the same binding.
func (s *Sealer) OpenMany(binding []byte, cursor string, n int, keys Keys) (places []Place, ended []bool, err error) {
	places, ended = make([]Place, n), make([]bool, n)
	raw, err := s.open(binding, cursor, n)
	if err != nil {
		return nil, nil, err
	}
	for i := range n {
		if len(raw) == 0 {
			return nil, nil, errText
		}
		state := raw[0]
		raw = raw[1:]
		switch state {
		case atStart:
		case atEnd:
			ended[i] = true
		case atPlace:
			if places[i], raw, err = readPlace(raw, keys); err != nil {
				return nil, nil, err
			}
		default:
			return nil, nil, errText
		}
	}
	if len(raw) > 0 {
		return nil, nil, errText
	}
	return places, ended, nil
}

// AppendText adds a length and bytes, so that what is joined this way cannot be joined otherwise.
func AppendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// appendPlace adds a place to dst.
func appendPlace(dst []byte, place Place) []byte {
	for _, name := range slices.Sorted(maps.Keys(place)) {
		switch v := place[name].(type) {
		case *types.AttributeValueMemberS:
			dst = AppendText(dst, v.Value)
		case *types.AttributeValueMemberN:
			dst = AppendText(dst, v.Value)
		case *types.AttributeValueMemberB:
			dst = AppendText(dst, string(v.Value))
		}
	}
	return dst
}

// readPlace reads a place and gives back what stands behind it.
func readPlace(raw []byte, keys Keys) (Place, []byte, error) {
	place := make(Place, len(keys))
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		length, n := binary.Uvarint(raw)
		if n <= 0 || length > uint64(len(raw)-n) || length > size.MaxPartitionKey || length == 0 {
			return nil, nil, errText
		}
		text := raw[n : n+int(length)]
		raw = raw[n+int(length):]
		value, err := valueOf(keys[name], text)
		if err != nil {
			return nil, nil, err
		}
		place[name] = value
	}
	return place, raw, nil
}

func valueOf(t types.ScalarAttributeType, text []byte) (types.AttributeValue, error) {
	switch t {
	case types.ScalarAttributeTypeS:
		return &types.AttributeValueMemberS{Value: string(text)}, nil
	case types.ScalarAttributeTypeB:
		return &types.AttributeValueMemberB{Value: slices.Clone(text)}, nil
	}
	if _, err := number.Parse(string(text)); err != nil {
		return nil, errText
	}
	return &types.AttributeValueMemberN{Value: string(text)}, nil
}
