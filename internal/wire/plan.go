package wire

import (
	"math"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/smithy-go/middleware"
)

// coder is how values of one Go type are read and written. Coders are made once per type.
type coder struct {
	// read reads one value into an addressable one. A null never reaches it, except that it reads nil values itself.
	read func(*parser, reflect.Value) error
	// write appends the value.
	write func([]byte, reflect.Value) []byte
	// absent says that a member with this value is left out of its structure.
	absent func(reflect.Value) bool
}

var coders sync.Map // reflect.Type -> *coder

func coderOf(t reflect.Type) *coder {
	if c, ok := coders.Load(t); ok {
		return c.(*coder)
	}
	c, _ := coders.LoadOrStore(t, newCoder(t))
	return c.(*coder)
}

var (
	valueType       = reflect.TypeFor[types.AttributeValue]()
	streamValueType = reflect.TypeFor[streams.AttributeValue]()
	itemType        = reflect.TypeFor[map[string]types.AttributeValue]()
	timeType        = reflect.TypeFor[time.Time]()
	binaryType      = reflect.TypeFor[[]byte]()
	metadataType    = reflect.TypeFor[middleware.Metadata]()
)

func newCoder(t reflect.Type) *coder {
	switch t {
	case valueType:
		return valueCoder
	case itemType:
		return itemCoder
	case streamValueType:
		return streamValueCoder
	case timeType:
		return timeCoder
	case binaryType:
		return binaryCoder
	}
	switch t.Kind() {
	case reflect.Pointer:
		return pointerCoder(t)
	case reflect.String:
		return stringCoder
	case reflect.Bool:
		return boolCoder
	case reflect.Int32:
		return integerCoder("Integer", 32)
	case reflect.Int64:
		return integerCoder("Long", 64)
	case reflect.Float64:
		return floatCoder("Double", 64)
	case reflect.Float32:
		return floatCoder("Float", 32)
	case reflect.Slice:
		return sliceCoder(t)
	case reflect.Map:
		return mapCoder(t)
	case reflect.Struct:
		return structCoder(t)
	}
	return &coder{ // no type of the SDK's operations comes here; a test says so
		read:   func(p *parser, _ reflect.Value) error { return p.fail(unexpectedField) },
		write:  func(dst []byte, _ reflect.Value) []byte { return append(dst, "null"...) },
		absent: func(reflect.Value) bool { return true },
	}
}

func never(reflect.Value) bool { return false }

var valueCoder = &coder{
	read: func(p *parser, v reflect.Value) error {
		value, err := p.value(1)
		*v.Addr().Interface().(*types.AttributeValue) = value
		return err
	},
	write: func(dst []byte, v reflect.Value) []byte {
		value, _ := v.Interface().(types.AttributeValue)
		return AppendValue(dst, value)
	},
	absent: reflect.Value.IsNil,
}

var itemCoder = &coder{
	read: func(p *parser, v reflect.Value) error {
		item, err := p.item(1)
		*v.Addr().Interface().(*map[string]types.AttributeValue) = item
		return err
	},
	write: func(dst []byte, v reflect.Value) []byte {
		return AppendItem(dst, v.Interface().(map[string]types.AttributeValue))
	},
	absent: reflect.Value.IsNil,
}

// Times are seconds since 1970 with a fraction.
var timeCoder = &coder{
	read: func(p *parser, v reflect.Value) error {
		seconds, err := p.float("Double", 64)
		*v.Addr().Interface().(*time.Time) = time.UnixMilli(int64(seconds * 1000)).UTC()
		return err
	},
	write: func(dst []byte, v reflect.Value) []byte {
		ms := v.Interface().(time.Time).UnixMilli()
		return strconv.AppendFloat(dst, float64(ms)/1000, 'f', -1, 64)
	},
	absent: never,
}

var binaryCoder = &coder{
	read: func(p *parser, v reflect.Value) error {
		b, err := p.blob()
		v.SetBytes(b)
		return err
	},
	write:  func(dst []byte, v reflect.Value) []byte { return AppendBinary(dst, v.Bytes()) },
	absent: reflect.Value.IsNil,
}

var stringCoder = &coder{
	read: func(p *parser, v reflect.Value) error {
		s, err := p.str()
		v.SetString(s)
		return err
	},
	write:  func(dst []byte, v reflect.Value) []byte { return AppendString(dst, v.String()) },
	absent: func(v reflect.Value) bool { return v.Len() == 0 }, // an enumeration that is not set
}

var boolCoder = &coder{
	read: func(p *parser, v reflect.Value) error {
		b, err := p.boolean()
		v.SetBool(b)
		return err
	},
	write:  func(dst []byte, v reflect.Value) []byte { return strconv.AppendBool(dst, v.Bool()) },
	absent: never,
}

func integerCoder(java string, bits int) *coder {
	return &coder{
		read: func(p *parser, v reflect.Value) error {
			n, err := p.integer(java, bits)
			v.SetInt(n)
			return err
		},
		write:  func(dst []byte, v reflect.Value) []byte { return strconv.AppendInt(dst, v.Int(), 10) },
		absent: never,
	}
}

func floatCoder(java string, bits int) *coder {
	return &coder{
		read: func(p *parser, v reflect.Value) error {
			f, err := p.float(java, bits)
			v.SetFloat(f)
			return err
		},
		write:  func(dst []byte, v reflect.Value) []byte { return AppendFloat(dst, v.Float()) },
		absent: never,
	}
}

// integer reads a whole number; 1.0 and 1e1 are whole.
func (p *parser) integer(java string, bits int) (int64, error) {
	start := p.at
	f, err := p.float(java, 64)
	if err != nil {
		return 0, err
	}
	if n, err := strconv.ParseInt(p.text[start:p.at], 10, bits); err == nil {
		return n, nil
	}
	n := int64(f)
	if float64(n) != f || n < -1<<53 || n > 1<<53 || bits == 32 && int64(int32(n)) != n {
		return 0, p.fail(numberToken(p.text[start:p.at]) + " cannot be converted to " + java)
	}
	return n, nil
}

func (p *parser) float(java string, bits int) (float64, error) {
	c := p.peek()
	if c != '-' && (c < '0' || c > '9') {
		return 0, p.scalarMismatch(c, java)
	}
	text, err := p.number()
	if err != nil {
		return 0, err
	}
	f, err := strconv.ParseFloat(text, bits)
	if err != nil {
		return 0, p.fail(numberToken(text) + " cannot be converted to " + java)
	}
	return f, nil
}

func pointerCoder(t reflect.Type) *coder {
	elem := coderOf(t.Elem())
	return &coder{
		read: func(p *parser, v reflect.Value) error {
			fresh := reflect.New(t.Elem())
			v.Set(fresh)
			return elem.read(p, fresh.Elem())
		},
		write:  func(dst []byte, v reflect.Value) []byte { return elem.write(dst, v.Elem()) },
		absent: reflect.Value.IsNil,
	}
}

// maxMembers is how many structures of a list, and tables of a batch, are kept. It is more than any operation takes, so
// that it refuses what has more; what comes behind is read and forgotten.
const maxMembers = 1000

// maxNamed is how many texts of a list, and members of a map of structures, a request may have. It is more than any
// operation can use; a request with more is refused here, since some operations have no bound of their own.
const maxNamed = 1 << 16

func (p *parser) tooMany() error {
	return p.invalid("Too many members: dynamotest takes 65536 of a list or map at most")
}

// bounded says whether the members of a list or map of a request are structures, of which every operation takes a few.
func bounded(t reflect.Type) bool {
	switch elem := t.Elem(); t.Kind() {
	case reflect.Slice:
		return elem.Kind() == reflect.Struct || elem == itemType
	default:
		return elem == reflect.TypeFor[types.KeysAndAttributes]() || elem == reflect.TypeFor[[]types.WriteRequest]()
	}
}

func sliceCoder(t reflect.Type) *coder {
	elem := coderOf(t.Elem())
	zero := reflect.Zero(t.Elem())
	most := math.MaxInt
	if bounded(t) {
		most = maxMembers
	}
	return &coder{
		read: func(p *parser, v reflect.Value) error {
			if c := p.peek(); c != '[' {
				return p.containerMismatch(c, '[', "")
			}
			slice := reflect.New(t).Elem()
			slice.Set(reflect.MakeSlice(t, 0, 4))
			for more := !p.open(']'); more; {
				var err error
				switch {
				case slice.Len() == maxNamed:
					return p.tooMany()
				case slice.Len() == most:
					err = p.skip()
				default:
					if slice.Len() == slice.Cap() {
						slice.Grow(slice.Len()) // by twice, since Append grows long ones by little
					}
					slice.Set(reflect.Append(slice, zero))
					err = readUnlessNull(p, elem, slice.Index(slice.Len()-1))
				}
				if err != nil {
					return err
				}
				if more, err = p.more(']'); err != nil {
					return err
				}
			}
			v.Set(slice)
			return nil
		},
		write: func(dst []byte, v reflect.Value) []byte {
			dst = append(dst, '[')
			for i := range v.Len() {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = elem.write(dst, v.Index(i))
			}
			return append(dst, ']')
		},
		absent: reflect.Value.IsNil,
	}
}

func mapCoder(t reflect.Type) *coder {
	elem := coderOf(t.Elem())
	java := "java.util.Map<java.lang.String, " + javaName(t.Elem()) + ">"
	most := math.MaxInt
	if bounded(t) {
		most = maxMembers
	}
	return &coder{
		read: func(p *parser, v reflect.Value) error {
			if c := p.peek(); c != '{' {
				return p.containerMismatch(c, '{', java)
			}
			m := reflect.MakeMap(t)
			for more := !p.open('}'); more; {
				name, err := p.name()
				if err != nil {
					return err
				}
				e := reflect.New(t.Elem()).Elem()
				if m.Len() == maxNamed {
					return p.tooMany()
				} else if m.Len() >= most {
					err = p.skip()
				} else if err = readUnlessNull(p, elem, e); err == nil {
					m.SetMapIndex(reflect.ValueOf(name), e)
				}
				if err != nil {
					return err
				}
				if more, err = p.more('}'); err != nil {
					return err
				}
			}
			v.Set(m)
			return nil
		},
		write: func(dst []byte, v reflect.Value) []byte {
			m := make(map[string]reflect.Value, v.Len())
			for each := v.MapRange(); each.Next(); {
				m[each.Key().String()] = each.Value()
			}
			return appendMap(dst, m, elem.write)
		},
		absent: reflect.Value.IsNil,
	}
}

func javaName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "java.lang.String"
	case reflect.Slice:
		return "java.util.List<" + javaName(t.Elem()) + ">"
	case reflect.Map:
		return "java.util.Map<java.lang.String, " + javaName(t.Elem()) + ">"
	}
	return javaPackage + t.Name()
}

func readUnlessNull(p *parser, c *coder, v reflect.Value) error {
	if null, err := p.null(); null || err != nil {
		return err
	}
	return c.read(p, v)
}
