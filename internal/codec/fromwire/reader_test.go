package fromwire_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/codec/codectest"
	"github.com/monotable/monotable/internal/codec/fromwire"
	"github.com/monotable/monotable/internal/codec/jsonscan"
	"github.com/monotable/monotable/internal/wire"
)

// checkItem decodes one item by both ways. The wire's way may give up, and must where the other has an error; how often
// it does is returned.
func checkItem(t codectest.T, r *fromwire.Reader, p *codec.Plan, item map[string]types.AttributeValue) (gaveUp bool) {
	t.Helper()
	body := append(wire.AppendItem([]byte("["), item), ']')
	item, err := wire.ParseItem(body[1 : len(body)-1]) // nil lists become empty ones
	require.NoError(t, err)
	want := reflect.New(p.Type()).Elem()
	wantErr := p.Decode(item, want)
	got := reflect.New(p.Type()).Elem()
	end, ok := r.Item(body, 1, got)
	if wantErr != nil {
		require.False(t, ok, "%v: the plan says %v of %s", p.Type(), wantErr, body)
		return true
	}
	if !ok {
		return true
	}
	require.Equal(t, len(body)-1, end)
	require.Equal(t, want.Interface(), got.Interface(), "%v: %s", p.Type(), body)
	return false
}

// Elements with an Unmarshaler, in every container, are decoded as the plan decodes them.
func TestUnmarshalersInEveryContainer(t *testing.T) {
	count := 0
	codectest.EachContainer(func(row reflect.Type, values []types.AttributeValue) {
		p, err := codec.Of(row)
		if err != nil {
			return
		}
		count++
		r := fromwire.NewReader(p, fromwire.Options{})
		for _, av := range values {
			checkItem(t, r, p, map[string]types.AttributeValue{"F": av})
		}
	})
	require.Greater(t, count, 1000)
}

// A reader is used for many items, as it is for a page.
func TestLikeDecode(t *testing.T) {
	for _, typ := range codectest.TableTypes {
		t.Run(typ.String(), func(t *testing.T) {
			p, err := codec.Of(typ)
			require.NoError(t, err)
			for _, own := range []bool{false, true} {
				r := fromwire.NewReader(p, fromwire.Options{OwnMemory: own})
				rapid.Check(t, func(t *rapid.T) {
					item := codectest.DrawItem(t, typ, 3)
					checkItem(t, r, p, item)
					for name, av := range item {
						checkItem(t, r, p, map[string]types.AttributeValue{name: av})
					}
				})
			}
		})
	}
}

// What a plan encodes itself is what the wire's way is for: it must not give up.
func TestRoundTrip(t *testing.T) {
	for _, typ := range codectest.TableTypes {
		t.Run(typ.String(), func(t *testing.T) {
			p, err := codec.Of(typ)
			require.NoError(t, err)
			r := fromwire.NewReader(p, fromwire.Options{})
			rapid.Check(t, func(t *rapid.T) {
				v := reflect.New(typ).Elem()
				codectest.DrawValue(t, v)
				item, err := p.Encode(v)
				if err != nil || p.Decode(item, reflect.New(typ).Elem()) != nil {
					return
				}
				require.False(t, checkItem(t, r, p, item), "%s", wire.AppendItem(nil, item))
			})
		})
	}
}

func checkRandomTypes(t *rapid.T) {
	typ := codectest.DrawStruct(t, 3)
	p, err := codec.Of(typ)
	require.NoError(t, err)
	r := fromwire.NewReader(p, fromwire.Options{OwnMemory: rapid.Bool().Draw(t, "own")})
	for range rapid.IntRange(1, 4).Draw(t, "items") {
		checkItem(t, r, p, codectest.DrawItem(t, typ, 3))
		v := reflect.New(typ).Elem()
		codectest.DrawValue(t, v)
		if item, err := p.Encode(v); err == nil {
			checkItem(t, r, p, item)
		}
	}
}

func TestRandomTypes(t *testing.T) { rapid.Check(t, checkRandomTypes) }

func FuzzRandomTypes(f *testing.F) { f.Fuzz(rapid.MakeFuzz(checkRandomTypes)) }

// rest is a struct with a place for what it does not name.
type restful struct {
	ID   string                          `dynamodbav:"id"`
	N    *int                            `dynamodbav:"n"`
	Rest map[string]types.AttributeValue `monotable:"unknown"`
	Sub  *restful                        `dynamodbav:"sub"`
}

func TestUnknown(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[restful]())
	require.NoError(t, err)
	r := fromwire.NewReader(p, fromwire.Options{})
	rapid.Check(t, func(t *rapid.T) {
		item := codectest.DrawItem(t, p.Type(), 4)
		checkItem(t, r, p, item)
		body := wire.AppendItem(nil, item)
		m, _, ok := r.Attributes(body, 0)
		if ok {
			want, err := wire.ParseItem(body)
			require.NoError(t, err)
			require.Equal(t, want, m)
		}
	})
}

func TestHiddenAndCaptured(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[restful]())
	require.NoError(t, err)
	r := fromwire.NewReader(p, fromwire.Options{Capture: []string{"type", "id", "PK"},
		Hidden: map[string]bool{"PK": true, "type": true}})
	text := `{"PK":{"S":"P#1"},"type":{"S":"order"},"id":{"S":"1"},"more":{"N":"1"},` +
		`"sub":{"M":{"PK":{"S":"x"},"type":{"N":"7"}}}}`
	for range 2 { // learned, and known
		var v restful
		_, ok := r.Item([]byte(text), 0, reflect.ValueOf(&v).Elem())
		require.True(t, ok)
		assert.Equal(t, map[string]types.AttributeValue{"more": &types.AttributeValueMemberN{Value: "1"}}, v.Rest)
		assert.Len(t, v.Sub.Rest, 2)
		assert.Equal(t, fromwire.Captured{Type: "S", Text: []byte("order")}, r.Captured(0))
		assert.Equal(t, fromwire.Captured{Type: "S", Text: []byte("1")}, r.Captured(1))
		assert.Equal(t, fromwire.Captured{Type: "S", Text: []byte("P#1")}, r.Captured(2))
	}
	var v restful
	_, ok := r.Item([]byte(`{"id":{"S":"1"},"PK":{"L":[]}}`), 0, reflect.ValueOf(&v).Elem())
	require.True(t, ok)
	assert.Equal(t, fromwire.Captured{}, r.Captured(0))
	assert.Equal(t, fromwire.Captured{Null: true}, r.Captured(2))
	_, ok = r.Item([]byte(`{"id":{"S":"1"},"PK":{"S":"a\u0062"}}`), 0, reflect.ValueOf(&v).Elem())
	assert.False(t, ok, "a captured text is as it is in the body")
}

func TestGivesUp(t *testing.T) {
	p, err := codec.Of(reflect.TypeFor[codectest.Person]())
	require.NoError(t, err)
	r := fromwire.NewReader(p, fromwire.Options{})
	for _, text := range []string{
		``, `{`, `{"`, `{"id`, `{"id"`, `{"id":`, `{"id":{`, `{"id":{"N`, `{"id":{"N":`, `{"id":{"N":"1`,
		`{"id":{"N":"1"`, `{"id":{"N":"1"}`,
		`{"id":{"N":"1"}]`, `{"id":{"N":1}}`, `{"id":{"X":"1"}}`, `{"id":{}}`, `{"id":null}`, `{"id":{"N":null}}`,
		`{"id":{"N":"1","S":"1"}}`,
		`{"id":{"N":"1"},}`, `{"id":{"N":"1"},"id":{"N":"2"}}`, `{"id":{"N":"one"}}`,
		`{"id":{"N":"99999999999999999999"}}`, `{"ID":{"N":"1"}}`,
		`{"name":{"S":"\x01"}}`, `{"name":{"S":"` + "\x01" + `"}}`, `{"name":{"S":"` + "\xff" + `"}}`,
		`{"name":{"S":"\`, `{"name":{"S":"\u00`,
		`{"name":{"S":"\'"}}`, `{"name":{"S":"\ud800\u00g0"}}`, `{ "id":{"N":"1"}}`, `{"tags":{"SS":["a",1]}}`,
		`{"tags":{"SS":["a"}}`, `{"tags":{"SS":["a",]}}`,
		`{"other":{"B":"a"}}`, `{"other":{"B":"YQ=\n="}}`, `{"other":{"BOOL":1}}`, `{"other":{"M":{"a":{}}}}`,
		`{"other":` + strings.Repeat(`{"L":[`, 33) + strings.Repeat(`]}`, 33) + `}`,
	} {
		var v codectest.Person
		_, ok := r.Item([]byte(text), 0, reflect.ValueOf(&v).Elem())
		assert.False(t, ok, text)
	}
	var v codectest.Person
	text := `{"id":{"N":"-7"},"name":{"S":"tab\t \"q\" \u00e9 \ud83d\udc1f \ud83d é 🐟"},"seen":{"N":"5"},` +
		`"scores":{"M":{"\u0061":{"N":"1"}}}}`
	_, ok := r.Item([]byte(text), 0, reflect.ValueOf(&v).Elem())
	require.True(t, ok)
	assert.Equal(t, codectest.Person{ID: -7, Name: "tab\t \"q\" é 🐟 \ufffd é 🐟", Seen: time.Unix(5, 0),
		Scores: map[string]int{"a": 1}}, v)
}

// answers is a transport that has one answer.
type answers struct{ body []byte }

func (a *answers) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}

// throughSDK is what the SDK makes of an item.
func throughSDK(item []byte) (map[string]types.AttributeValue, error) {
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		Retryer:                         aws.NopRetryer{},
		DisableValidateResponseChecksum: true,
		HTTPClient:                      &answers{body: append(append([]byte(`{"Item":`), item...), '}')},
	})
	out, err := client.GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: aws.String("things"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}},
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

var fuzzedTypes = []reflect.Type{
	reflect.TypeFor[codectest.Person](), reflect.TypeFor[codectest.Everything](),
	reflect.TypeFor[codectest.Containers](), reflect.TypeFor[codectest.Sets](), reflect.TypeFor[codectest.Empties](),
	reflect.TypeFor[codectest.Customs](), reflect.TypeFor[codectest.Tree](), reflect.TypeFor[codectest.Caseless](),
	reflect.TypeFor[restful](), reflect.TypeFor[codectest.Flat](), reflect.TypeFor[codectest.Nested](),
}

// checkText decodes any text as an item of each type: where the reader gives a value, the SDK and the plan give it,
// too.
func checkText(t codectest.T, text []byte, readers []*fromwire.Reader, plans []*codec.Plan) {
	t.Helper()
	var item map[string]types.AttributeValue
	var err error
	asked := false
	for i, p := range plans {
		got := reflect.New(p.Type()).Elem()
		guarded := append(make([]byte, 0, len(text)), text...)
		end, ok := readers[i].Item(guarded, 0, got)
		if !ok {
			continue
		}
		require.LessOrEqual(t, end, len(text))
		skipped, fine := jsonscan.Skip(text, 0)
		require.True(t, fine)
		require.Equal(t, skipped, end)
		if !asked {
			item, err = throughSDK(text[:end])
			asked = true
		}
		require.NoError(t, err, "%s", text)
		want := reflect.New(p.Type()).Elem()
		require.NoError(t, p.Decode(item, want), "%v: %s", p.Type(), text)
		require.Equal(t, want.Interface(), got.Interface(), "%v: %s", p.Type(), text)
	}
	if m, end, ok := readers[0].Attributes(text, 0); ok {
		if !asked {
			item, err = throughSDK(text[:end])
		}
		require.NoError(t, err)
		require.Equal(t, item, m)
	}
}

func fuzzedReaders(t testing.TB) (readers []*fromwire.Reader, plans []*codec.Plan) {
	for _, typ := range fuzzedTypes {
		p, err := codec.Of(typ)
		require.NoError(t, err)
		plans, readers = append(plans, p), append(readers, fromwire.NewReader(p, fromwire.Options{}))
	}
	return readers, plans
}

func FuzzText(f *testing.F) {
	for _, v := range []any{codectest.FlatValue, codectest.NestedValue(),
		codectest.Person{ID: 1, Tags: []string{"a"}, Address: &codectest.Address{}},
		codectest.Tree{Left: &codectest.Tree{Children: []codectest.Tree{{}}}}} {
		p, err := codec.Of(reflect.TypeOf(v))
		require.NoError(f, err)
		item, err := p.Encode(reflect.ValueOf(v))
		require.NoError(f, err)
		f.Add(wire.AppendItem(nil, item))
	}
	for _, text := range []string{
		`{"id":{"S":"a\u00e9\ud83d\udc1f\n"},"id":{"S":"twice"}}`, `{"a":{"L":[{"L":[{"M":{"x":{"NULL":true}}}]}]}}`,
		`{"Int":{"N":"1e400"}}`,
		`{"Float":{"N":"123456789012345678901234567890.5"}}`,
		`{"Bytes":{"B":"YWJj"},"Fixed":{"B":"YWJjZA=="},"BS":{"BS":["YQ==",""]}}`,
		`{"Any":{"SS":["a","b"]},"Map":{"M":{"x":{"NS":["1","2.5"]}}}}`, `{"id": {"S" :"blank"} }`,
		`{"Unix":{"N":"12"},"Time":{"S":"2026-11-22T10:00:00.5+01:00"}}`,
	} {
		f.Add([]byte(text))
	}
	readers, plans := fuzzedReaders(f)
	f.Fuzz(func(t *testing.T, text []byte) { checkText(t, text, readers, plans) })
}

// Bodies that were well-formed before a byte, or a part, of them changed.
func TestMutated(t *testing.T) {
	readers, plans := fuzzedReaders(t)
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(plans).Draw(t, "plan")
		text := wire.AppendItem(nil, codectest.DrawItem(t, p.Type(), 3))
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			switch rapid.IntRange(0, 3).Draw(t, "change") {
			case 0:
				text[at] = rapid.SampledFrom([]byte("\"\\{}[]:,SNBLM01e-\x00\xff u")).Draw(t, "byte")
			case 1:
				text = append(text[:at:at], text[min(at+rapid.IntRange(1, 6).Draw(t, "cut"), len(text)):]...)
			case 2:
				text = append(append(text[:at:at], text[at/2:at]...), text[at:]...)
			default:
				text = text[:at+1]
			}
			if len(text) == 0 {
				return
			}
		}
		checkText(t, text, readers, plans)
	})
}
