package bench

import (
	"hash/crc32"
	"io"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// floor does what no decoder can do without: a signed call, reading the response's bytes once, their checksum, memory
// for the values, and for the texts in them, of which each is copied once. Texts lie together in chunks of 32 KB.
// Nothing looks at the JSON; pointers, slices and maps inside the values are not made.
func floor[T any](b *testing.B, body []byte, count int, of func(int) T) {
	client := cannedClient(newCanned([]byte(`{"Count":0,"Items":[],"ScannedCount":0}`)))
	transport, buffer := newCanned(body), make([]byte, len(body))
	var texts []string
	for i := range count {
		texts = appendTexts(texts, reflect.ValueOf(of(i)))
	}
	headers := make([]string, len(texts)) // the values have room for them
	var values []T
	var chunk []byte
	measured(b, func() error {
		if _, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("things")}); err != nil {
			return err
		}
		response, err := transport.RoundTrip(nil)
		if err != nil {
			return err
		}
		if _, err := io.ReadFull(response.Body, buffer); err != nil {
			return err
		}
		if checksum := crc32.ChecksumIEEE(buffer); checksum == 0 {
			return io.ErrUnexpectedEOF
		}
		values = make([]T, count)
		for i, text := range texts {
			if cap(chunk)-len(chunk) < len(text) {
				chunk = make([]byte, 0, 32<<10)
			}
			chunk = append(chunk, text...)
			headers[i] = text
		}
		return nil
	})
	_ = values
}

// appendTexts adds the strings inside v, but for the keys of maps, which pages repeat.
func appendTexts(texts []string, v reflect.Value) []string {
	switch v.Kind() {
	case reflect.String:
		return append(texts, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			return appendTexts(texts, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts = appendTexts(texts, v.Index(i))
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			texts = appendTexts(texts, entry.Value())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				texts = appendTexts(texts, v.Field(i))
			}
		}
	}
	return texts
}
