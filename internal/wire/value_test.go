package wire_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/wire"
)

// malformed, where an error has no message: what is no JSON gets no more than its type.
const malformed = "SerializationException: malformed JSON"

// What is not exactly one value is refused, and how.
func TestValuesThatAreNone(t *testing.T) {
	const (
		empty   = "ValidationException: " + wire.MessageEmpty
		several = "ValidationException: " + wire.MessageSeveral
		null    = "ValidationException: The supplied Item contains a null AttributeValue"
	)
	serialization := func(message string) string { return "SerializationException: " + message }
	for text, want := range map[string]string{
		`{}`:                empty,
		`null`:              null,
		`{"X":"a"}`:         empty,
		`{"s":"a"}`:         empty,
		`{"S":null}`:        empty,
		`{"M":null}`:        empty,
		`{"S":"a","N":"1"}`: several,
		`{"L":[{}]}`:        empty,
		`{"L":[null]}`:      null,
		`{"M":{"k":{}}}`:    empty,
		`{"M":{"k":null}}`:  null,
		`{"SS":[null]}`: "ValidationException: One or more parameter values were invalid: An string set " +
			"may not have a null string as a member",
		`{"NS":[null]}`:              "ValidationException: A value provided cannot be converted into a number",
		`{"BS":[null]}`:              null,
		`{"S":1}`:                    serialization("NUMBER_VALUE cannot be converted to String"),
		`{"S":1.5}`:                  serialization("DECIMAL_VALUE cannot be converted to String"),
		`{"S":true}`:                 serialization("TRUE_VALUE cannot be converted to String"),
		`{"S":false}`:                serialization("FALSE_VALUE cannot be converted to String"),
		`{"S":[]}`:                   serialization("Unrecognized collection type class java.lang.String"),
		`{"S":{}}`:                   serialization("Start of structure or map found where not expected"),
		`{"N":1}`:                    serialization("NUMBER_VALUE cannot be converted to String"),
		`{"BOOL":"true"}`:            serialization("Unexpected token received from parser"),
		`{"BOOL":1}`:                 serialization("NUMBER_VALUE cannot be converted to Boolean"),
		`{"BOOL":[]}`:                serialization("Unrecognized collection type class java.lang.Boolean"),
		`{"NULL":"true"}`:            serialization("Unexpected token received from parser"),
		`{"B":1}`:                    serialization("only base-64-encoded strings are convertible to bytes"),
		`{"B":true}`:                 serialization("only base-64-encoded strings are convertible to bytes"),
		`{"B":[]}`:                   serialization("Unrecognized collection type class java.nio.ByteBuffer"),
		`{"B":"a"}`:                  serialization("Base64 encoded length is expected a multiple of 4 bytes"),
		`{"B":"YQ"}`:                 serialization("Base64 encoded length is expected a multiple of 4 bytes"),
		`{"B":"$$$$"}`:               serialization("Invalid Base64 character"),
		`{"B":"_-8="}`:               serialization("Invalid Base64 character"),
		`{"B":"Y===" }`:              serialization("Invalid Base64 character"),
		`{"B":"YR=="}`:               serialization("Invalid last non-pad Base64 character dectected"),
		`{"B":"+/+="}`:               serialization("Invalid last non-pad Base64 character dectected"),
		`{"BS":["YQ==","YR=="]}`:     serialization("Invalid last non-pad Base64 character dectected"),
		`{"S":"\ud800"}`:             malformed,
		`{"S":"\ud83dx\udc1f"}`:      malformed,
		`{"S":"\ud83d\ud83d\udc1f"}`: malformed,
		`{"S":"\udc00\ud800"}`:       malformed,
		`{"S":"\ud800\u0041"}`:       malformed,
		`{"M":{"\udfff":{}}}`:        malformed,
		`{"B":"YWJj\nYWJj\r\n\n"}`:   serialization("Invalid Base64 character"),
		`{"M":[]}`: serialization(
			"Unrecognized collection type java.util.Map<java.lang.String, " +
				"com.amazonaws.dynamodb.v20120810.AttributeValue>"),
		`{"M":"a"}`:  serialization("Unexpected field type"),
		`{"L":{}}`:   serialization("Start of structure or map found where not expected"),
		`{"L":"a"}`:  serialization("Unexpected field type"),
		`{"SS":"a"}`: serialization("Unexpected field type"),
		`{"SS":[1]}`: serialization("NUMBER_VALUE cannot be converted to String"),
		`"a"`:        serialization("Unexpected field type"),
		`1`:          serialization("Unexpected field type"),
		`[]`: serialization(
			"Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
		``:                    malformed,
		`{`:                   malformed,
		`{"S"`:                malformed,
		`{"S":`:               malformed,
		`{"S":"a"`:            malformed,
		`{"S":"a",}`:          malformed,
		`{"S":"a"}}`:          malformed,
		`{"S":"a"} x`:         malformed,
		`{S:"a"}`:             malformed,
		`{"S":"a`:             malformed,
		`{"S":"\`:             malformed,
		`{"S":"\u12"}`:        malformed,
		`{"S":"\u12G4"}`:      malformed,
		`{"S":"\ud800\u12"}`:  malformed,
		`{"S":"\x"}`:          malformed,
		"{\"S\":\"\n\"}":      malformed,
		"{\"S\":\"\\n\n\"}":   malformed,
		"{\"S\":\"\xff\"}":    malformed,
		"{\"S\":\"\\n\xff\"}": malformed,
		`{"BOOL":tru}`:        malformed,
		`{"BOOL":nul}`:        malformed,
		`{"X":01}`:            malformed,
		`{"X":-}`:             malformed,
		`{"X":1.}`:            malformed,
		`{"X":1e}`:            malformed,
		`{"X":.5}`:            malformed,
		`{"X":[1,]}`:          malformed,
		`{"X":{"a" 1}}`:       malformed,
		`{"X":[}`:             malformed,
	} {
		_, err := wire.ParseValue([]byte(text))
		assert.EqualError(t, err, want, text)
		_, err = wire.ParseItem([]byte(`{"p":` + text + `}`))
		if want != malformed {
			assert.EqualError(t, err, want, text)
		} else {
			assert.Error(t, err, text)
		}
	}
	for _, text := range []string{`null`, `[]`, `"a"`, `1`, ``, `{"a":{"S":"x"}}{}`, `{"a"}`} {
		_, err := wire.ParseItem([]byte(text))
		assert.Error(t, err, text)
	}
}

func TestValuesThatAre(t *testing.T) {
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	m := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
	for text, want := range map[string]types.AttributeValue{
		` { "S" : "a" } `:                                 s("a"),
		`{"S":"\"\\\/\b\f\n\r\t\u00e9"}`:                  s("\"\\/\b\f\n\r\té"),
		`{"S":"\ud83d\udc1f"}`:                            s("🐟"),
		`{"S":"é\u0000漢"}`:                                s("é\x00漢"),
		`{"S":"a","S":"b"}`:                               s("b"),
		`{"S":null,"N":"1"}`:                              &types.AttributeValueMemberN{Value: "1"},
		`{"X":{"a":[1,-2.5e+3,true,{"b":null}]},"S":"a"}`: s("a"),
		`{"B":""}`:                                        &types.AttributeValueMemberB{Value: []byte{}},
		`{"L":[]}`:                                        &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
		`{"M":{}}`:                                        m,
		`{"SS":[]}`:                                       &types.AttributeValueMemberSS{Value: []string{}},
		`{"NULL":false}`:                                  &types.AttributeValueMemberNULL{},
	} {
		got, err := wire.ParseValue([]byte(text))
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

// A request keeps what is not exactly one value, marked, for whoever validates it.
func TestUnmarshalInputMarksWhatIsNoValue(t *testing.T) {
	var in dynamodb.PutItemInput
	require.NoError(t, wire.UnmarshalInput([]byte(`{"Item":{"n":null,"e":{},"s":{"S":"a","N":"1"},"l":{"L":[null,{}]}},`+
		`"TableName":null,"Unknown":[{}]}`), &in))
	assert.Equal(t, dynamodb.PutItemInput{Item: map[string]types.AttributeValue{
		"n": nil,
		"e": &types.UnknownUnionMember{},
		"s": &types.UnknownUnionMember{Tag: wire.Several},
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{nil, &types.UnknownUnionMember{}}},
	}}, in)
}

func TestUnmarshalInputRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                    malformed,
		``:                      malformed,
		`{"TableName":1}`:       "SerializationException: NUMBER_VALUE cannot be converted to String",
		`{"TableName":["a"]}`:   "SerializationException: Unrecognized collection type class java.lang.String",
		`{"Limit":"1"}`:         "SerializationException: STRING_VALUE cannot be converted to Integer",
		`{"Limit":1.5}`:         "SerializationException: DECIMAL_VALUE cannot be converted to Integer",
		`{"Limit":99999999999}`: "SerializationException: NUMBER_VALUE cannot be converted to Integer",
		`{"Limit":1e400}`:       "SerializationException: DECIMAL_VALUE cannot be converted to Integer",
		`{"Limit":true}`:        "SerializationException: TRUE_VALUE cannot be converted to Integer",
		`{"Limit":[]}`: "SerializationException: Unrecognized collection type class " +
			"java.lang.Integer",
		`{"ConsistentRead":"x"}`:  "SerializationException: Unexpected token received from parser",
		`{"AttributesToGet":"x"}`: "SerializationException: Unexpected field type",
		`{"AttributesToGet":{}}`:  "SerializationException: Start of structure or map found where not expected",
		`{"ScanFilter":[]}`: "SerializationException: Unrecognized collection type " +
			"java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.Condition>",
		`{"ScanFilter":{"a":[]}}`: "SerializationException: Unrecognized collection type class " +
			"com.amazonaws.dynamodb.v20120810.Condition",
		`{"ScanFilter":{"a":"b"}}`:       "SerializationException: Unexpected field type",
		`{"ExpressionAttributeNames":1}`: "SerializationException: Unexpected field type",
		`{"Limit":1} {}`:                 malformed,
		`{"Limit":1,"Limit"}`:            malformed,
		`{"ScanFilter":{"a"}}`:           malformed,
		`{"AttributesToGet":["a"`:        malformed,
		`{"Select":"a`:                   malformed,
	} {
		assert.EqualError(t, wire.UnmarshalInput([]byte(text), &dynamodb.ScanInput{}), want, text)
	}
	// Captured from us-east-1, June 2026: the service takes a text for a boolean.
	var put dynamodb.PutItemInput
	require.NoError(t, wire.UnmarshalInput(
		[]byte(`{"Item":{"n":{"NULL":"no"},"t":{"BOOL":"True"},"f":{"BOOL":""}}}`), &put))
	assert.Equal(t, map[string]types.AttributeValue{
		"n": &types.AttributeValueMemberNULL{}, "t": &types.AttributeValueMemberBOOL{Value: true},
		"f": &types.AttributeValueMemberBOOL{},
	}, put.Item)
	var in dynamodb.ScanInput
	require.NoError(t, wire.UnmarshalInput([]byte(`{"Limit":1e1,"TotalSegments":2.0,"Segment":-1}`), &in))
	assert.Equal(t, []int32{10, 2, -1}, []int32{*in.Limit, *in.TotalSegments, *in.Segment})
}

// No depth of nesting costs more than its own length.
func TestDepth(t *testing.T) {
	nested := func(levels int) []byte {
		return []byte(strings.Repeat(`{"L":[`, levels-1) + `{"S":"deep"}` + strings.Repeat(`]}`, levels-1))
	}
	_, err := wire.ParseValue(nested(wire.MaxDepth))
	require.NoError(t, err)
	for _, levels := range []int{wire.MaxDepth + 1, 100_000} {
		_, err = wire.ParseValue(nested(levels))
		require.EqualError(t, err, "ValidationException: "+wire.MessageNesting)
	}
	for _, open := range []string{`[`, `{"a":`, `[{"a":`} {
		text := []byte(`{"X":` + strings.Repeat(open, 1<<20))
		_, err = wire.ParseValue(text)
		require.EqualError(t, err, malformed)
		require.EqualError(t, wire.UnmarshalInput(text, &dynamodb.ScanInput{}), malformed)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	_, err := wire.ParseItem([]byte(`{"p":{"S":secret}}`))
	var at *wire.Error
	require.True(t, errors.As(err, &at))
	assert.Equal(t, 10, at.Offset)
	assert.NotContains(t, err.Error(), "secret")
}

// What is appended is read again, and is what attributevalue reads.
func TestAppendItem(t *testing.T) {
	for seed := range uint64(300) {
		f := filler{rand.New(rand.NewPCG(seed, 3)), false}
		want := map[string]types.AttributeValue{}
		for range f.IntN(6) {
			want[f.text()] = f.value(0)
		}
		text := wire.AppendItem(nil, want)
		require.True(t, json.Valid(text), "%s", text)
		got, err := wire.ParseItem(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
		theirs, err := attributevalue.UnmarshalMapJSON(text)
		require.NoError(t, err)
		require.Equal(t, theirs, got)
	}
	assert.Equal(t, "null", string(wire.AppendItem(nil, nil)))
	assert.Equal(t, `{"a":{"BOOL":true},"b":null,"c":null}`,
		string(wire.AppendItem(nil, map[string]types.AttributeValue{
			"b": nil, "a": &types.AttributeValueMemberBOOL{Value: true}, "c": &types.UnknownUnionMember{Tag: "x"}})))
}

func TestAppendString(t *testing.T) {
	for in, want := range map[string]string{
		"":                    `""`,
		"plain":               `"plain"`,
		"\"\\/\n\r\t\x00\x1f": `"\"\\/\n\r\t\u0000\u001f"`,
		"<>&\u2028é🐟\x7f":     "\"<>&\u2028é🐟\x7f\"",
		"a\xffb\xc3":          "\"a\uFFFDb\uFFFD\"",
		"\uFFFD":              "\"\uFFFD\"",
	} {
		assert.Equal(t, want, string(wire.AppendString(nil, in)))
	}
}

func TestAppendFloat(t *testing.T) {
	for in, want := range map[float64]string{0: "0.0", 1: "1.0", 0.5: "0.5", -3: "-3.0", 1e6: "1000000.0",
		1e20: "1e+20", 0.1: "0.1"} {
		assert.Equal(t, want, string(wire.AppendFloat(nil, in)))
	}
}

// Whatever is read: no panic, and what is accepted is JSON that encoding/json takes, that comes back the same.
func FuzzParseItem(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":{"S":"x"}}`,
		`{"a":{"N":"1"},"b":{"B":"AA=="},"c":{"L":[{"BOOL":true},{"NULL":true}]}}`,
		`{"a":{"M":{"k":{"SS":["a","\ud83d\udc1f"]}}}}`, `{"a":{"X":[[[1,2.5e-3]]],"S":""}}`, `{"a":{}}`, `{"a":null}`,
		`[`, "{\"a\":{\"S\":\"\xff\"}}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		item, err := wire.ParseItem(text)
		var in dynamodb.PutItemInput
		loose := wire.UnmarshalInput(append(append([]byte(`{"Item":`), text...), '}'), &in)
		if err != nil {
			var refused *wire.Error
			require.ErrorAs(t, err, &refused)
			require.LessOrEqual(t, refused.Offset, len(text))
			return
		}
		require.True(t, json.Valid(text))
		require.NoError(t, loose)
		require.Equal(t, item, in.Item)
		again, err := wire.ParseItem(wire.AppendItem(nil, item))
		require.NoError(t, err)
		require.Equal(t, item, again)
		if theirs, err := attributevalue.UnmarshalMapJSON(text); err == nil && oneMemberEach(text) {
			require.Equal(t, theirs, item)
		}
	})
}

// oneMemberEach says whether every object in text has one member under each name and only one type: attributevalue
// reads others in its own way.
func oneMemberEach(text []byte) bool {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return false
	}
	normal, err := json.Marshal(v)
	if err != nil {
		return false
	}
	item, err := wire.ParseItem(normal)
	if err != nil {
		return false
	}
	var back any
	return json.Unmarshal(wire.AppendItem(nil, item), &back) == nil && reflect.DeepEqual(v, back) &&
		strings.Count(string(text), ":") == strings.Count(string(normal), ":")
}

// Whatever a request's body is: no panic, and an *Error or an input.
func FuzzUnmarshalInput(f *testing.F) {
	f.Add([]byte(`{"TableName":"t","Limit":1,` +
		`"ScanFilter":{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}}}`))
	f.Add([]byte(`{"TransactItems":[{"Put":{"Item":{"p":{"S":"a"}},"TableName":"t"}}],"ClientRequestToken":"x"}`))
	f.Add([]byte(`{"RequestItems":{"t":[{"DeleteRequest":{"Key":{"p":{"B":"AA=="}}}}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range []any{&dynamodb.ScanInput{}, &dynamodb.TransactWriteItemsInput{},
			&dynamodb.BatchWriteItemInput{}, &dynamodb.CreateTableInput{}} {
			if err := wire.UnmarshalInput(body, into); err != nil {
				var refused *wire.Error
				require.ErrorAs(t, err, &refused)
			} else {
				require.True(t, json.Valid(body))
			}
		}
	})
}

// Eight bytes at a time or one, what is plain is the same.
func TestStringsOfEveryByteAtEveryPlace(t *testing.T) {
	for length := range 20 {
		for place := range length {
			for b := range 256 {
				text := []byte(strings.Repeat("~", length))
				text[place] = byte(b)
				quoted := wire.AppendString(nil, string(text))
				var want string
				require.NoError(t, json.Unmarshal(quoted, &want))
				got, err := wire.ParseValue(append(append([]byte(`{"S":`), quoted...), '}'))
				require.NoError(t, err)
				require.Equal(t, &types.AttributeValueMemberS{Value: want}, got)
				require.Equal(t, strings.ToValidUTF8(string(text), "\uFFFD"), want)
				raw := `{"S":"` + string(text) + `"}`
				_, err = wire.ParseValue([]byte(raw))
				require.Equal(t, b >= 0x20 && b < 0x80 && b != '"' && b != '\\', err == nil, "%q", raw)
			}
		}
	}
}
