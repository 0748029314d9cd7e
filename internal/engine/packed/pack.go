package packed

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// packer makes PackedItems and refuses what the service refuses in a value.
type packer struct {
	buf    []byte
	header []byte
	names  []string // a stack of the sorted names of the maps being written
}

var packers = sync.Pool{New: func() any { return &packer{buf: make([]byte, 0, 1024)} }}

func getPacker() *packer { return packers.Get().(*packer) }

// Free gives the packer back, without what a large item left in it.
func (k *packer) free() {
	if cap(k.buf) > 1<<20 {
		k.buf = nil
	}
	k.buf = k.buf[:0]
	clear(k.names[:cap(k.names)])
	k.names = k.names[:0]
	packers.Put(k)
}

// finish puts the header before the attributes in buf.
func (k *packer) finish(attributes, bytes int) Item {
	k.header = binary.AppendUvarint(k.header[:0], uint64(attributes))
	k.header = binary.AppendUvarint(k.header, uint64(bytes))
	var b strings.Builder
	b.Grow(len(k.header) + len(k.buf))
	b.Write(k.header)
	b.Write(k.buf)
	return Item(b.String())
}

// Pack packs an item, or says as the service does why it is none.
func Pack(item map[string]types.AttributeValue) (Item, error) {
	k := getPacker()
	defer k.free()
	total := 0
	err := k.eachName(item, func(name string) error {
		v := item[name]
		k.text(name)
		bytes := 0
		start := len(k.buf)
		if err := k.value(v, 0); err != nil {
			return err
		}
		bytes = size.Attribute(name, v)
		total += bytes
		k.header = binary.AppendUvarint(k.header[:0], uint64(bytes))
		k.header = binary.AppendUvarint(k.header, uint64(len(k.buf)-start))
		k.buf = slices.Insert(k.buf, start, k.header...)
		return nil
	})
	if err != nil {
		return "", err
	}
	return k.finish(len(item), total), nil
}

// CheckValue says as the service does why a value is none that an item could have.
func CheckValue(v types.AttributeValue) error {
	k := getPacker()
	defer k.free()
	return k.value(v, 0)
}

// CheckOperand says as the service does why a value is none to compare with: one level more is fine than an item has
// room for.
func CheckOperand(v types.AttributeValue) error {
	k := getPacker()
	defer k.free()
	return k.value(v, -1)
}

// IsTooDeep tells the refusal of a value with too many levels, which the service tells after all others.
func IsTooDeep(err error) bool { return err == errDepth }

var errDepth = refusal.Invalid(wire.MessageNesting)

// manyLevels is how many levels more are looked through for what else is wrong with a value that is too deep.
const manyLevels = wire.MaxDepth

// CheckTooDeep says of an item with too many levels what else is wrong with it, or that it has them.
func CheckTooDeep(item map[string]types.AttributeValue) error {
	k := getPacker()
	defer k.free()
	err := k.eachName(item, func(name string) error { return k.value(item[name], -manyLevels) })
	return cmp.Or(err, errDepth)
}

// eachName calls write with the names of a map in their order, unless one of its values is nil.
func (k *packer) eachName(m map[string]types.AttributeValue, write func(name string) error) error {
	base := len(k.names)
	null := false
	for name, v := range m {
		k.names = append(k.names, name)
		null = null || v == nil
	}
	slices.Sort(k.names[base:])
	if null {
		first := slices.IndexFunc(k.names[base:], func(name string) bool { return m[name] == nil })
		return refusal.Invalidf("%s: %s is null", wire.MessageNull, wire.Shown(k.names[base+first]))
	}
	for i := range len(m) {
		name := k.names[base+i]
		if err := CheckName(name); err != nil {
			return err
		}
		if err := write(name); err != nil {
			return err
		}
	}
	k.names = k.names[:base]
	return nil
}

// CheckName says why an attribute's name is none.
func CheckName(name string) error {
	if name == "" {
		return refusal.Invalid("Empty attribute name")
	}
	if len(name) > size.MaxName {
		return refusal.Invalid("Attribute name is too large, must be less than 65536 bytes")
	}
	return nil
}

func (k *packer) count(n int) { k.buf = binary.AppendUvarint(k.buf, uint64(n)) }

// text writes a string, which is valid UTF-8: no request has another.
func (k *packer) text(s string) {
	if wire.IsPlain(s) {
		k.count(len(s)<<1 | 1)
	} else {
		k.count(len(s) << 1)
	}
	k.buf = append(k.buf, s...)
}

func (k *packer) bytes(b []byte) {
	k.count(len(b) << 1)
	k.buf = append(k.buf, b...)
}

// Value writes a value that stands in depth lists and maps.
func (k *packer) value(v types.AttributeValue, depth int) error {
	switch message := wire.NoValue(v); message {
	case "":
	case wire.MessageNesting:
		return errDepth
	default:
		return refusal.Invalid(message)
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		k.buf = append(k.buf, TagString)
		k.text(v.Value)
	case *types.AttributeValueMemberN:
		text, err := Normalise(v.Value)
		if err != nil {
			return err
		}
		k.buf = append(k.buf, TagNumber)
		k.text(text)
	case *types.AttributeValueMemberB:
		k.buf = append(k.buf, TagBinary)
		k.bytes(v.Value)
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			k.buf = append(k.buf, TagTrue)
		} else {
			k.buf = append(k.buf, TagFalse)
		}
	case *types.AttributeValueMemberNULL:
		if !v.Value {
			return refusal.InvalidParameter("Null attribute value types must have the value of true")
		}
		k.buf = append(k.buf, TagNull)
	case *types.AttributeValueMemberSS:
		return k.stringSet(v.Value)
	case *types.AttributeValueMemberNS:
		return k.numberSet(v.Value)
	case *types.AttributeValueMemberBS:
		return k.binarySet(v.Value)
	case *types.AttributeValueMemberL:
		return k.list(v.Value, depth)
	case *types.AttributeValueMemberM:
		return k.attributes(v.Value, depth)
	default:
		return refusal.Invalid(wire.MessageEmpty)
	}
	return nil
}

func (k *packer) list(elements []types.AttributeValue, depth int) error {
	if depth >= size.MaxNesting-1 { // the item itself is a level
		return errDepth
	}
	k.buf = append(k.buf, tagList)
	k.count(len(elements))
	for _, e := range elements {
		if err := k.value(e, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (k *packer) attributes(m map[string]types.AttributeValue, depth int) error {
	if depth >= size.MaxNesting-1 {
		return errDepth
	}
	k.buf = append(k.buf, tagMap)
	k.count(len(m))
	return k.eachName(m, func(name string) error {
		k.text(name)
		return k.value(m[name], depth+1)
	})
}

// Normalise gives a number's text as the service stores it.
func Normalise(text string) (string, error) {
	d, err := number.Parse(text)
	if err != nil {
		return "", refusal.NotANumber(text, err)
	}
	return d.String(), nil
}

func (k *packer) stringSet(members []string) error {
	if len(members) == 0 {
		return refusal.InvalidParameter("An string set  may not be empty")
	}
	sorted := slices.Clone(members)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != len(members) {
		return refusal.StringTwice(members)
	}
	k.buf = append(k.buf, TagStringSet)
	k.count(len(sorted))
	for _, s := range sorted {
		k.text(s)
	}
	return nil
}

func (k *packer) numberSet(members []string) error {
	if len(members) == 0 {
		return refusal.InvalidParameter("An number set  may not be empty")
	}
	sorted := make([]number.Decimal, len(members))
	for i, text := range members {
		d, err := number.Parse(text)
		if err != nil {
			return refusal.NotANumber(text, err)
		}
		sorted[i] = d
	}
	slices.SortFunc(sorted, number.Decimal.Compare)
	if len(slices.Compact(sorted)) != len(members) {
		return refusal.NumberTwice()
	}
	k.buf = append(k.buf, TagNumberSet)
	k.count(len(sorted))
	for _, d := range sorted {
		k.text(d.String())
	}
	return nil
}

func (k *packer) binarySet(members [][]byte) error {
	if len(members) == 0 {
		return refusal.InvalidParameter("Binary sets should not be empty")
	}
	sorted := slices.Clone(members)
	slices.SortFunc(sorted, bytes.Compare)
	if len(slices.CompactFunc(sorted, bytes.Equal)) != len(members) {
		return refusal.BinaryTwice(members)
	}
	k.buf = append(k.buf, TagBinarySet)
	k.count(len(sorted))
	for _, b := range sorted {
		k.bytes(b)
	}
	return nil
}
