package codec_test

import (
	"math"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// gauged has a field of everything that a scale reads where it lies, and of what is next to it.
type gauged struct {
	A   int8
	B   string `dynamodbav:",omitempty"`
	C   bool   `dynamodbav:",nullempty"`
	D   int64
	E   uint16 `dynamodbav:",omitempty"`
	F   float32
	G   time.Time
	H   time.Time `dynamodbav:",unixtime"`
	I   []byte
	J   []string `dynamodbav:",stringset"`
	K   []string
	L   *string    `dynamodbav:",omitempty"`
	M   *time.Time `dynamodbav:",unixtime"`
	N   **int
	O   float64   `dynamodbav:",nullempty"`
	P   int       `dynamodbav:",string"`
	Q   []string  `dynamodbav:",omitempty,omitemptyelem"`
	R   *[]byte   `dynamodbav:",omitempty"`
	S   *[]string `dynamodbav:",nullempty"`
	T   []named
	U   []label
	V   label
	W   uint
	X   *bool
	Y   int16
	Z   uint8
	AA  uint32
	AB  uint64 `dynamodbav:",nullempty"`
	AC  int32  `dynamodbav:",omitempty"`
	AD  *moment
	End struct{}
	GaugedInside
	*GaugedPointed
}

type (
	named         byte
	label         string
	moment        time.Time
	GaugedInside  struct{ InsideText, InsideNumber string }
	GaugedPointed struct{ PointedText string }
)

func TestScaleOfEveryGauge(t *testing.T) {
	typ := reflect.TypeFor[gauged]()
	rapid.Check(t, func(t *rapid.T) {
		v := reflect.New(typ).Elem()
		codectest.DrawValue(t, v)
		measured(t, typ, v)
	})
}

// A time's text is as long as its clock, its fraction and its zone make it.
func TestScaleOfTimes(t *testing.T) {
	type timed struct{ At time.Time }
	typ := reflect.TypeFor[timed]()
	// around the years 0 and 10000
	seconds := rapid.OneOf(rapid.Int64Range(-1e9, 3e9), rapid.Custom(func(t *rapid.T) int64 {
		return rapid.SampledFrom([]int64{-62167219200, 253402300800}).Draw(t, "bound") +
			rapid.Int64Range(-100_000, 100_000).Draw(t, "off")
	}))
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(seconds.Draw(t, "seconds"),
			rapid.SampledFrom([]int64{0, 1, 10, 120_000_000, 999_999_999}).Draw(t, "nanos"))
		zone := time.FixedZone("zone", rapid.SampledFrom([]int{0, 0, 3600, -5400, 59, -59, 86399}).Draw(t, "offset"))
		at = at.In(rapid.SampledFrom([]*time.Location{time.UTC, time.Local, zone}).Draw(t, "location"))
		measured(t, typ, reflect.ValueOf(&timed{at}).Elem())
	})
}

// What a scale is sure is the same is stored alike, and what it is sure is not, is not.
func TestScaleTellsTheSame(t *testing.T) {
	var sure [2]int
	for _, typ := range append(codectest.TableTypes, reflect.TypeFor[gauged](), reflect.TypeFor[order](),
		reflect.TypeFor[codectest.Flat]()) {
		p, err := codec.Of(typ)
		require.NoError(t, err)
		scale, ok := p.Scale()
		if !ok {
			continue
		}
		rapid.Check(t, func(t *rapid.T) {
			v, w := reflect.New(typ).Elem(), reflect.New(typ).Elem()
			codectest.DrawValue(t, v)
			w.Set(v)
			if rapid.Bool().Draw(t, "another") {
				codectest.DrawValue(t, w)
			}
			a, err := p.Encode(v)
			b, failed := p.Encode(w)
			if err != nil || failed != nil {
				return
			}
			for i, f := range p.Fields() {
				if same, known := scale.Same(i, v, w); known {
					require.Equal(t, alike(a[f.Name], b[f.Name]), same, "%s of %s", f.Name, typ)
					if same {
						sure[1]++
					} else {
						sure[0]++
					}
				}
			}
		})
	}
	assert.NotZero(t, sure[0])
	assert.NotZero(t, sure[1])
}

// alike tells that two values are stored as the same; a float's -0 is 0.
func alike(a, b types.AttributeValue) bool {
	x, isNumber := a.(*types.AttributeValueMemberN)
	y, areNumbers := b.(*types.AttributeValueMemberN)
	if isNumber && areNumbers {
		one, err := number.Parse(x.Value)
		other, failed := number.Parse(y.Value)
		return err == nil && failed == nil && one == other
	}
	return reflect.DeepEqual(a, b)
}

// What a scale reads is what the fields hold.
func TestScaleReads(t *testing.T) {
	typ := reflect.TypeFor[gauged]()
	p, err := codec.Of(typ)
	require.NoError(t, err)
	scale, ok := p.Scale()
	require.True(t, ok)
	read := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		v := reflect.New(typ).Elem()
		codectest.DrawValue(t, v)
		for i, f := range p.Fields() {
			field, there := f.Value(v)
			for there && field.Kind() == reflect.Pointer {
				there, field = !field.IsNil(), field.Elem()
			}
			if text, ok := scale.String(i, v); ok {
				require.True(t, there && text == field.String(), f.Name)
				read["string"]++
			}
			if n, ok := scale.Int(i, v); ok {
				require.True(t, there && n == field.Int(), f.Name)
				read["int"]++
			}
			if at, ok := scale.Time(i, v); ok {
				held := field.Convert(reflect.TypeFor[time.Time]()).Interface().(time.Time)
				require.True(t, there)
				require.Equal(t, held.Unix(), at.Unix(), f.Name)
				require.Equal(t, held.IsZero(), at.IsZero(), f.Name)
				require.True(t, f.UnixTime || held.Equal(at), f.Name)
				read["time"]++
			}
		}
	})
	assert.Len(t, read, 3, "%v", read)
}

// A float is measured as its shortest decimal, whichever way that is found.
func TestScaleOfFloats(t *testing.T) {
	type floating struct {
		F float64
		S float32
	}
	p, err := codec.Of(reflect.TypeFor[floating]())
	require.NoError(t, err)
	scale, _ := p.Scale()
	for _, f := range []float64{0, 0.1, -0.1, 98.125, 1.0000001, 0.000001, 999999999.999999, 1e15, 1e-7, math.Pi,
		-math.MaxFloat32} {
		v := floating{f, float32(f)}
		sizes := make([]int, 2)
		require.NoError(t, scale.Weigh(reflect.ValueOf(&v).Elem(), sizes))
		assert.Equal(t, 1+size.Number(strconv.FormatFloat(f, 'f', -1, 64)), sizes[0], f)
		assert.Equal(t, 1+size.Number(strconv.FormatFloat(f, 'f', -1, 32)), sizes[1], f)
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), 1e126, 1e-131} {
		assert.Error(t, scale.Weigh(reflect.ValueOf(&floating{F: f}).Elem(), make([]int, 2)), f)
	}
}
