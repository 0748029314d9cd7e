package wire_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable/internal/wire"
)

// canned is a transport that keeps what it was sent and answers what it was told.
type canned struct {
	sent   []byte
	status int
	answer []byte
}

func (c *canned) Do(r *http.Request) (*http.Response, error) {
	c.sent, _ = io.ReadAll(r.Body)
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.answer))},
		nil
}

// operation is one method of an SDK client.
type operation struct {
	name    string
	call    reflect.Value
	in, out reflect.Type
}

func operations(t *testing.T, transport *canned) []operation {
	secret := credentials.NewStaticCredentialsProvider("id", "secret", "")
	clients := []any{
		dynamodb.New(dynamodb.Options{Region: "us-east-1", Credentials: secret, HTTPClient: transport,
			Retryer:                         aws.NopRetryer{},
			DisableValidateResponseChecksum: true}),
		dynamodbstreams.New(dynamodbstreams.Options{Region: "us-east-1", Credentials: secret, HTTPClient: transport,
			Retryer: aws.NopRetryer{}}),
	}
	var ops []operation
	for _, client := range clients {
		v := reflect.ValueOf(client)
		for i := range v.NumMethod() {
			m := v.Method(i)
			if name := v.Type().Method(i).Name; m.Type().NumIn() == 3 && m.Type().IsVariadic() {
				ops = append(ops, operation{name, m, m.Type().In(1).Elem(), m.Type().Out(0).Elem()})
			}
		}
	}
	require.Greater(t, len(ops), 60)
	return ops
}

func (o operation) do(input reflect.Value) (any, error) {
	results := o.call.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	err, _ := results[1].Interface().(error)
	return results[0].Interface(), err
}

// filler makes random values of the SDK's types.
type filler struct {
	*rand.Rand
	sparse bool // leave members out now and then
}

func (f filler) text() string {
	alphabet := []rune("aZ09._-é漢🐟\"\\\n\t\x01\u2028</>&")
	s := make([]rune, 1+f.IntN(8))
	for i := range s {
		s[i] = alphabet[f.IntN(len(alphabet))]
	}
	return string(s)
}

func (f filler) value(depth int) types.AttributeValue {
	n := 10
	if depth > 3 {
		n = 8
	}
	switch f.IntN(n) {
	case 0:
		return &types.AttributeValueMemberN{Value: fmt.Sprint(f.NormFloat64())}
	case 1:
		return &types.AttributeValueMemberB{Value: []byte(f.text())}
	case 2:
		return &types.AttributeValueMemberBOOL{Value: f.IntN(2) == 0}
	case 3:
		return &types.AttributeValueMemberNULL{Value: true}
	case 4:
		return &types.AttributeValueMemberSS{Value: []string{f.text(), f.text()}}
	case 5:
		return &types.AttributeValueMemberNS{Value: []string{"1", "-2.5"}}
	case 6:
		return &types.AttributeValueMemberBS{Value: [][]byte{{1, 2}, []byte(f.text())}}
	case 8:
		l := []types.AttributeValue{}
		for range f.IntN(4) {
			l = append(l, f.value(depth+1))
		}
		return &types.AttributeValueMemberL{Value: l}
	case 9:
		m := map[string]types.AttributeValue{}
		for range f.IntN(4) {
			m[f.text()] = f.value(depth + 1)
		}
		return &types.AttributeValueMemberM{Value: m}
	}
	return &types.AttributeValueMemberS{Value: f.text()}
}

func streamValue(v types.AttributeValue) streams.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberN:
		return &streams.AttributeValueMemberN{Value: v.Value}
	case *types.AttributeValueMemberB:
		return &streams.AttributeValueMemberB{Value: v.Value}
	case *types.AttributeValueMemberBOOL:
		return &streams.AttributeValueMemberBOOL{Value: v.Value}
	case *types.AttributeValueMemberNULL:
		return &streams.AttributeValueMemberNULL{Value: v.Value}
	case *types.AttributeValueMemberSS:
		return &streams.AttributeValueMemberSS{Value: v.Value}
	case *types.AttributeValueMemberNS:
		return &streams.AttributeValueMemberNS{Value: v.Value}
	case *types.AttributeValueMemberBS:
		return &streams.AttributeValueMemberBS{Value: v.Value}
	case *types.AttributeValueMemberL:
		l := []streams.AttributeValue{}
		for _, e := range v.Value {
			l = append(l, streamValue(e))
		}
		return &streams.AttributeValueMemberL{Value: l}
	case *types.AttributeValueMemberM:
		m := map[string]streams.AttributeValue{}
		for name, e := range v.Value {
			m[name] = streamValue(e)
		}
		return &streams.AttributeValueMemberM{Value: m}
	case *types.AttributeValueMemberS:
		return &streams.AttributeValueMemberS{Value: v.Value}
	}
	return nil
}

func (f filler) fill(v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.UnixMilli(1_700_000_000_000 + f.Int64N(1e9)).UTC()))
		return
	case middleware.Metadata:
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		value := reflect.ValueOf(f.value(0))
		if v.Type() == reflect.TypeFor[streams.AttributeValue]() {
			value = reflect.ValueOf(streamValue(f.value(0)))
		}
		v.Set(value)
	case reflect.Pointer:
		if !f.sparse || f.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem())
		}
	case reflect.String:
		v.SetString(f.text())
	case reflect.Bool:
		v.SetBool(f.IntN(2) == 0)
	case reflect.Int32:
		v.SetInt(int64(int32(f.Uint32())))
	case reflect.Int64:
		v.SetInt(f.Int64() >> f.IntN(60))
	case reflect.Float64:
		v.SetFloat(float64(f.IntN(1000)) / 2)
	case reflect.Float32:
		v.SetFloat(float64(f.IntN(1000)) / 2)
	case reflect.Slice:
		if f.sparse && f.IntN(4) == 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), f.IntN(3), 3))
		for i := range v.Len() {
			f.element(v.Index(i))
		}
	case reflect.Map:
		if f.sparse && f.IntN(4) == 0 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range f.IntN(3) {
			e := reflect.New(v.Type().Elem()).Elem()
			f.element(e)
			v.SetMapIndex(reflect.ValueOf(f.text()), e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Type().Field(i).IsExported() && name != "ErrorCodeOverride" {
				f.fill(v.Field(i))
			}
		}
	default:
		panic("the filler has no value for " + v.Type().String())
	}
}

// element fills what stands in a slice or map, where nil and empty are the same to the SDK.
func (f filler) element(v reflect.Value) {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		f.sparse = false
	}
	f.fill(v)
}

// Whatever the SDK sends is read as the very input that it was given.
func TestInputsAreWhatTheSDKSends(t *testing.T) {
	transport := &canned{status: 200, answer: []byte("{}")}
	for _, op := range operations(t, transport) {
		t.Run(op.name, func(t *testing.T) {
			sent := 0
			for seed := range uint64(60) {
				f := filler{rand.New(rand.NewPCG(seed, 1)), seed%2 == 1}
				input := reflect.New(op.in)
				f.fill(input.Elem())
				if _, err := op.do(input); err != nil {
					continue // a required member was left out, so nothing was sent
				}
				sent++
				got := reflect.New(op.in)
				require.NoError(t, wire.UnmarshalInput(transport.sent, got.Interface()), "%s", transport.sent)
				require.Equal(t, input.Interface(), got.Interface(), "%s", transport.sent)
			}
			require.Greater(t, sent, 20)
		})
	}
}

// Whatever is written is read by the SDK as the very output that it was written from.
func TestOutputsAreWhatTheSDKReads(t *testing.T) {
	transport := &canned{status: 200}
	for _, op := range operations(t, transport) {
		t.Run(op.name, func(t *testing.T) {
			for seed := range uint64(40) {
				f := filler{rand.New(rand.NewPCG(seed, 2)), seed%2 == 1}
				want := reflect.New(op.out)
				f.fill(want.Elem())
				transport.answer = wire.AppendOutput(nil, want.Interface())
				input := reflect.New(op.in)
				filler{f.Rand, false}.fill(input.Elem())
				got, err := op.do(input)
				require.NoError(t, err, "%s", transport.answer)
				reflect.ValueOf(got).Elem().FieldByName("ResultMetadata").SetZero()
				require.Equal(t, want.Interface(), got, "%s", transport.answer)
			}
		})
	}
}

// Errors reach the SDK's caller as the types, messages and members that they were written from.
func TestErrorsAreWhatTheSDKReads(t *testing.T) {
	for _, want := range []smithy.APIError{
		&types.ConditionalCheckFailedException{Message: aws.String("The conditional request failed"),
			Item: map[string]types.AttributeValue{"p": &types.AttributeValueMemberS{Value: "x"}}},
		&types.TransactionCanceledException{Message: aws.String("cancelled"),
			CancellationReasons: []types.CancellationReason{
				{Code: aws.String("None")},
				{Code: aws.String("ConditionalCheckFailed"), Message: aws.String("m"),
					Item: map[string]types.AttributeValue{"p": &types.AttributeValueMemberN{Value: "1"}}}}},
		&types.ResourceNotFoundException{Message: aws.String("Requested resource not found")},
		&types.ResourceInUseException{Message: aws.String("in use")},
		&types.IdempotentParameterMismatchException{Message: aws.String("mismatch")},
		&types.TransactionInProgressException{Message: aws.String("in progress")},
		&types.ProvisionedThroughputExceededException{Message: aws.String("slow down")},
		&types.InternalServerError{Message: aws.String("Internal server error")},
		&smithy.GenericAPIError{Code: "ValidationException", Message: "1 validation error detected"},
		&smithy.GenericAPIError{Code: "SerializationException", Message: "NUMBER_VALUE cannot be converted to String"},
		&smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"},
	} {
		t.Run(want.ErrorCode(), func(t *testing.T) {
			transport := &canned{status: wire.Status(want), answer: wire.AppendError(nil, want)}
			for _, op := range operations(t, transport) {
				if op.name != "GetItem" {
					continue
				}
				input := reflect.New(op.in)
				filler{rand.New(rand.NewPCG(1, 1)), false}.fill(input.Elem())
				_, err := op.do(input)
				var got smithy.APIError
				require.ErrorAs(t, err, &got)
				if g, ok := got.(*smithy.GenericAPIError); ok {
					g.Fault = smithy.FaultUnknown // the SDK does not know
				}
				require.Equal(t, want, got)
			}
		})
	}
}

func TestErrorBodies(t *testing.T) {
	assert.Equal(t, `{"__type":"com.amazon.coral.service#SerializationException"}`,
		string(wire.AppendError(nil, (&wire.Error{Code: wire.CodeSerialization}).APIError())))
	assert.Equal(t, `{"__type":"com.amazon.coral.service#SerializationException","Message":"m"}`,
		string(wire.AppendError(nil, (&wire.Error{Code: wire.CodeSerialization, Message: "m"}).APIError())))
	assert.Equal(t, `{"__type":"com.amazon.coral.validate#ValidationException","message":"m"}`,
		string(wire.AppendError(nil, &smithy.GenericAPIError{Code: "ValidationException", Message: "m"})))
	assert.Equal(t, `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"m"}`,
		string(wire.AppendError(nil, &types.ResourceNotFoundException{Message: aws.String("m")})))
	assert.Equal(t,
		`{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m",`+
			`"CancellationReasons":[{"Code":"None"}]}`,
		string(wire.AppendError(nil, &types.TransactionCanceledException{Message: aws.String("m"),
			CancellationReasons: []types.CancellationReason{{Code: aws.String("None")}}})))
	assert.Equal(t, "InternalServerError", wire.APIErrorOf(io.EOF).ErrorCode())
	assert.False(t, strings.Contains(string(wire.AppendError(nil, wire.APIErrorOf(io.EOF))), "EOF"))
	assert.Equal(t, "ResourceNotFoundException",
		wire.APIErrorOf(fmt.Errorf("x: %w", &types.ResourceNotFoundException{})).ErrorCode())
}
