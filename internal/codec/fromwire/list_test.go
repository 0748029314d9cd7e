package fromwire_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
	"github.com/monotable/monotable/internal/codec/fromwire"
	"github.com/monotable/monotable/internal/codec/jsonscan"
	"github.com/monotable/monotable/internal/wire"
)

// addAll adds the items of a list in JSON, and returns how many the reader was not sure of.
func addAll(t *testing.T, r *fromwire.Reader, l *fromwire.List, text string, count int) (left int) {
	t.Helper()
	_, ok := jsonscan.Elements([]byte(text), 0, func(at int) (int, bool) {
		end, ok := r.Add(l, []byte(text), at, count)
		if !ok {
			left++
			return jsonscan.Skip([]byte(text), at)
		}
		return end, true
	})
	require.True(t, ok, text)
	return left
}

func TestList(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[codectest.Person]())
	require.NoError(t, err)
	r, l := fromwire.NewReader(p, fromwire.Options{}), fromwire.NewList(p.Type())
	assert.Zero(t, l.Len())
	assert.Zero(t, l.Values().Len())
	for round := range 3 {
		var want []codectest.Person
		var text []string
		for i := range 300 {
			if i%7 == 3 { // not a person
				text = append(text, `{"name":{"S":"half"},"tags":{"SS":["a"]},"id":{"S":"one"}}`)
				continue
			}
			want = append(want, codectest.Person{ID: i + round, Name: strings.Repeat("x", i), Tags: []string{"a"}})
			text = append(text, fmt.Sprintf(`{"id":{"N":"%d"},"name":{"S":"%s"},"tags":{"SS":["a"]}}`, i+round,
				strings.Repeat("x", i)))
		}
		left := addAll(t, r, l, "["+strings.Join(text, ",")+"]", []int{0, 300, 7}[round])
		assert.Equal(t, 300-len(want), left)
		require.Equal(t, want, l.Values().Interface())
		l.Drop()
		require.Equal(t, want[:len(want)-1], l.Values().Interface())
		r.Forget()
		l.Reset()
		assert.Zero(t, l.Values().Len())
	}
}

func TestListOfMaps(t *testing.T) {
	l := fromwire.NewList(reflect.TypeFor[map[string]types.AttributeValue]())
	assert.Equal(t, 1, addAll(t, fromwire.NewReader(nil, fromwire.Options{}), l, `[{"a":{"S":"1"}},{"a":{"S":1}},{}]`,
		3))
	assert.Equal(t, []map[string]types.AttributeValue{{"a": &types.AttributeValueMemberS{Value: "1"}}, {}},
		l.Values().Interface())
}

// Neither a count that is wrong nor items of very different sizes make a list much larger than its values are.
func TestListRoom(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[codectest.Person]())
	require.NoError(t, err)
	small := `{"id":{"N":"1"}},`
	for _, count := range []int{0, 1, 100, 5000, math.MaxInt} {
		for _, text := range []string{
			"[" + strings.Repeat(small, 99) + strings.TrimSuffix(small, ",") + "]",
			"[" + strings.Repeat(small, 99) + `{"name":{"S":"` + strings.Repeat("x", 1<<20) + `"}}]`,
		} {
			r, l := fromwire.NewReader(p, fromwire.Options{}), fromwire.NewList(p.Type())
			assert.Zero(t, addAll(t, r, l, text, count))
			assert.Equal(t, 100, l.Len())
			assert.Less(t, l.Room(), 65*16, "count %d", count)
		}
	}
}

// Slices and pointers are cut from memory that several values share; none reaches into another.
func TestShared(t *testing.T) {
	type node struct {
		Name string   `dynamodbav:"name"`
		Kids []node   `dynamodbav:"kids"`
		Next *node    `dynamodbav:"next"`
		Sums []int16  `dynamodbav:"sums"`
		None []string `dynamodbav:"none"`
	}
	var build func(depth, width int) node
	build = func(depth, width int) node {
		n := node{Name: fmt.Sprint(depth, width), None: []string{}, Kids: []node{}, Sums: []int16{}}
		for i := range width {
			n.Sums = append(n.Sums, int16(i*depth))
			if depth > 0 {
				n.Kids = append(n.Kids, build(depth-1, width-1))
			}
		}
		if depth > 0 {
			next := build(depth-1, width)
			n.Next = &next
		}
		return n
	}
	p, err := codec.Of(reflect.TypeFor[node]())
	require.NoError(t, err)
	for _, own := range []bool{false, true} {
		r, l := fromwire.NewReader(p, fromwire.Options{OwnMemory: own}), fromwire.NewList(p.Type())
		var want []node
		var text []string
		for i := range 40 {
			n := build(i%4, 1+i%5)
			want = append(want, n)
			item, err := p.Encode(reflect.ValueOf(n))
			require.NoError(t, err)
			text = append(text, string(wire.AppendItem(nil, item)))
		}
		require.Zero(t, addAll(t, r, l, "["+strings.Join(text, ",")+"]", 40))
		got := l.Values().Interface().([]node)
		require.Equal(t, want, got)
		for i := range got { // an append is no other value's
			_ = append(got[i].Kids, node{Name: "appended"})
			_ = append(got[i].Sums, -1)
		}
		require.Equal(t, want, got)
	}
}

// Times are what time.Parse makes of them, or are left to it.
func TestTimes(t *testing.T) {
	type stamped struct{ At time.Time }
	p, err := codec.Of(reflect.TypeFor[stamped]())
	require.NoError(t, err)
	r := fromwire.NewReader(p, fromwire.Options{})
	texts := []string{
		`\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u000010:00:00Z`, // no day that came before
		"2026-11-22T10:00:00Z", "2026-11-22T10:00:00.5Z", "2026-11-22T23:59:59.123456789Z",
		"2026-11-22T10:00:00.1234567891Z", "2026-11-22T10:00:00.Z",
		"2026-11-22T24:00:00Z", "2026-11-22T10:60:00Z", "2026-11-22T10:00:60Z", "2026-11-22t10:00:00Z",
		"2026-11-22T10:00:00z", "2026-11-22 10:00:00Z",
		"2026-11-22T10:00:00,5Z", "2026-11-22T10:00:00+01:00", "2026-11-22T10:00:00.000-00:00", "2026-11-22T1:00:00Z",
		"2026-02-29T00:00:00Z",
		"2024-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "2026-00-22T10:00:00Z", "2026-13-22T10:00:00Z",
		"2026-11-00T10:00:00Z", "2026-11-31T10:00:00Z",
		"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.9Z",
		"20261-1-22T10:00:00Z", "2026-11-22T10:00:00",
		"2026-11-22T1a:00:00Z", "2026-11-22Ta0:00:00Z", "2026-11-22T10:00:00.5aZ", "-026-11-22T10:00:00Z",
		"2026-11-22T10.00:00Z", "2026-11-22T10:00-00Z", "Z", "",
	}
	for _, text := range append(texts, texts...) {
		body := []byte(`{"At":{"S":"` + text + `"}}`)
		var got stamped
		_, ok := r.Item(body, 0, reflect.ValueOf(&got).Elem())
		want, err := time.Parse(time.RFC3339, text)
		require.Equal(t, err == nil, ok, text)
		if ok {
			require.Equal(t, want, got.At, text)
		}
	}
}
