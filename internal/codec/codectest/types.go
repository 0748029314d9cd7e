package codectest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Types with something of their own, and structs that put every rule to use.

type (
	Heading string
	Level   int16
	Flag    bool
	Stamp   time.Time
	Digest  []byte
	Tiny    uint8
)

// Money has both methods: Marshaler on the value, Unmarshaler on the pointer.
type Money struct{ Cents int64 }

func (m Money) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if m.Cents == 666 {
		return nil, errors.New("money: secret 666")
	}
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(m.Cents, 10)}, nil
}

func (m *Money) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) (err error) {
	if _, null := av.(*types.AttributeValueMemberNULL); null {
		m.Cents = -1
		return nil
	}
	n, ok := av.(*types.AttributeValueMemberN)
	if !ok {
		return errors.New("money: secret value")
	}
	m.Cents, err = strconv.ParseInt(n.Value, 10, 64)
	return err
}

// Celsius has its Marshaler on the pointer, so that it works on addressable values only.
type Celsius float64

func (c *Celsius) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberS{Value: fmt.Sprintf("%g°", float64(*c))}, nil
}

// roster is a map with a Marshaler of its own.
type roster map[string]bool

func (r roster) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(len(r))}, nil
}

// WriteOnly and readOnly have one of the two methods.
type WriteOnly struct{ Text string }

func (w WriteOnly) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberS{Value: "<" + w.Text + ">"}, nil
}

type readOnly struct{ Text string }

func (r *readOnly) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	if s, ok := av.(*types.AttributeValueMemberS); ok {
		r.Text += s.Value
		return nil
	}
	return errors.New("readOnly: not a string")
}

// nothing has a Marshaler that leaves it to the default.
type nothing struct {
	A int
	B string
}

func (nothing) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return nil, nil }

// Point and shouted are map keys: by TextMarshaler, and by a String method that attributevalue calls.
type Point struct{ X, Y int }

func (p Point) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d:%d", p.X, p.Y), nil }
func (p *Point) UnmarshalText(text []byte) (err error) {
	x, y, ok := strings.Cut(string(text), ":")
	if !ok {
		return errors.New("point: secret " + string(text))
	}
	if p.X, err = strconv.Atoi(x); err == nil {
		p.Y, err = strconv.Atoi(y)
	}
	return err
}

type Shouted string

func (s Shouted) String() string { return strings.ToUpper(string(s)) }

type Everything struct {
	String  string
	Title   Heading `dynamodbav:"title"`
	Int     int8
	Uint    uint32
	Float   float32
	Bool    Flag
	Time    time.Time
	Unix    time.Time   `dynamodbav:",unixtime"`
	UnixPtr **Stamp     `dynamodbav:",unixtime"`
	Epoch   int64       `dynamodbav:",unixtime"`
	Text    int         `dynamodbav:",string"`
	TextP   *float64    `dynamodbav:",string"`
	TextN   json.Number `dynamodbav:",string"`
	TextA   any         `dynamodbav:",string"`
	Bytes   []byte
	Digest  Digest
	Fixed   [4]byte
	Skipped chan int `dynamodbav:"-"`
	_       func()
}

type Containers struct {
	Ints      []int
	Arr       [3]string
	Empty     [0]int `dynamodbav:",omitempty"`
	Ptrs      []*int
	Deep      [][]map[string][]int
	Any       any
	Anys      []any
	Map       map[string]any
	ByInt     map[int]string
	ByBool    map[bool]int
	ByFloat   map[float64]int
	ByPoint   map[Point]string
	ByString  map[Shouted]string
	Set       map[string]struct{}
	Flags     map[string]bool
	PtrMap    *map[string]int
	PtrSlice  *[]string
	PtrPtr    **int
	PtrPtrPtr ***string
	Omit      **int `dynamodbav:",omitempty"`
	OmitAll   **int `dynamodbav:",omitempty,omitemptyelem"`
}

type Sets struct {
	SS   []string                  `dynamodbav:",stringset"`
	SSOE []string                  `dynamodbav:",stringset,omitempty,omitemptyelem"`
	SSP  []*string                 `dynamodbav:",stringset,omitemptyelem"`
	SSA  [2]string                 `dynamodbav:",stringset"`
	SST  []time.Time               `dynamodbav:",stringset"`
	PSS  *[]string                 `dynamodbav:",stringset"`
	NS   []int                     `dynamodbav:",numberset"`
	NSF  []float64                 `dynamodbav:",numberset,omitempty"`
	NSN  []attributevalue.Number   `dynamodbav:",numberset"`
	NSC  []Money                   `dynamodbav:",numberset"`
	NSU  []attributevalue.UnixTime `dynamodbav:",numberset"`
	NSPC []*Money                  `dynamodbav:",numberset"`
	BS   [][]byte
	BSOE [][]byte  `dynamodbav:",omitemptyelem"`
	BSA  [][4]byte `dynamodbav:",binaryset"`
	Any  any       `dynamodbav:",stringset"`
}

type Empties struct {
	S  string            `dynamodbav:",omitempty"`
	SN string            `dynamodbav:",nullempty"`
	I  int               `dynamodbav:",omitempty"`
	IN *int              `dynamodbav:",nullempty"`
	L  []string          `dynamodbav:",omitempty,omitemptyelem"`
	LN []string          `dynamodbav:",nullempty,nullemptyelem"`
	LL [][]int           `dynamodbav:",nullemptyelem"`
	LO [][]*int          `dynamodbav:",omitemptyelem"`
	M  map[string]*int   `dynamodbav:",omitempty,omitemptyelem"`
	MN map[string]string `dynamodbav:",nullemptyelem"`
	T  time.Time         `dynamodbav:",omitempty"`
	C  Money             `dynamodbav:",omitempty"`
	CP *Money            `dynamodbav:",omitempty"`
	F  float64           `dynamodbav:",omitempty"`
	B  bool              `dynamodbav:",omitempty"`
	St Person            `dynamodbav:",omitempty,nullemptyelem"`
	A  any               `dynamodbav:",omitempty"`
	AA []any             `dynamodbav:",omitemptyelem"`
}

type Customs struct {
	Money    Money
	MoneyP   *Money
	MoneyPP  **Money
	Moneys   []Money
	MoneyM   map[string]Money
	MoneyMP  map[string]*Money
	Celsius  Celsius
	CelsiusP *Celsius
	CelsiusS []Celsius
	CelsiusM map[string]Celsius
	Roster   roster
	RosterP  *roster
	Write    WriteOnly
	Read     readOnly
	ReadP    *readOnly
	ReadS    []readOnly
	Nothing  nothing
	Unix     attributevalue.UnixTime
	UnixP    *attributevalue.UnixTime
	Num      attributevalue.Number `dynamodbav:",omitempty"`
	NumP     *json.Number
	Any      any
	Tinies   [2]*Tiny
}

// Embedding: promoted, renamed, hidden by depth, hidden by tag, annihilated.
type Base struct {
	ID     string `dynamodbav:"id"`
	Shadow int
	Clash  int
	Tagged int `dynamodbav:"Won"`
	_      int
}

type Other struct {
	Clash int
	Won   int
	Only  string
}

type Deep struct {
	*Base
	Far float64
}

type lower struct {
	Visible string
	Shadow  int
}

type Embedded struct {
	Base
	*Other
	lower
	Shadow string
	Named  Base `dynamodbav:"named"`
	title2
}

type title2 struct{ Inner *Deep }

type embeddedDeep struct {
	Deep `dynamodbav:""`
	Far  float64
}

type embeddedNamed struct {
	Base   `dynamodbav:"base"`
	*Other `dynamodbav:"other,omitempty"`
	Title
}

type Title string

type twice struct {
	A1 one
	one
	two
}

type one struct{ Shared }
type two struct{ Shared }
type Shared struct{ Lost string }

type Tree struct {
	Value    int              `dynamodbav:"v"`
	Left     *Tree            `dynamodbav:"l,omitempty"`
	Right    *Tree            `dynamodbav:"r"`
	Children []Tree           `dynamodbav:"c,omitempty"`
	Index    map[string]*Tree `dynamodbav:"i,omitempty"`
}

type Caseless struct {
	Lower  string `dynamodbav:"name"`
	Kelvin int    `dynamodbav:"kelvin"`
	Long   string `dynamodbav:"straße"`
	Upper  string `dynamodbav:"NAME2"`
}

type Marshalled struct {
	A int
}

func (m Marshalled) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return Map(map[string]types.AttributeValue{"a": Number(strconv.Itoa(m.A))}), nil
}

func (m *Marshalled) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	n, ok := av.(*types.AttributeValueMemberM).Value["a"].(*types.AttributeValueMemberN)
	if !ok {
		return errors.New("marshalled: no a")
	}
	var err error
	m.A, err = strconv.Atoi(n.Value)
	return err
}

var TableTypes = []reflect.Type{
	reflect.TypeFor[Person](), reflect.TypeFor[Everything](), reflect.TypeFor[Containers](), reflect.TypeFor[Sets](),
	reflect.TypeFor[Empties](), reflect.TypeFor[Customs](), reflect.TypeFor[Embedded](),
	reflect.TypeFor[embeddedDeep](),
	reflect.TypeFor[embeddedNamed](), reflect.TypeFor[twice](), reflect.TypeFor[Tree](), reflect.TypeFor[Caseless](),
	reflect.TypeFor[Marshalled](),
	reflect.TypeFor[struct{}](),
}
