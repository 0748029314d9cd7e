package cursor_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/internal/cursor"
)

var keys = cursor.Keys{"p": types.ScalarAttributeTypeS, "n": types.ScalarAttributeTypeN,
	"b": types.ScalarAttributeTypeB}

func drawPlace(t *rapid.T) cursor.Place {
	return cursor.Place{
		"p": &types.AttributeValueMemberS{Value: rapid.StringN(1, 20, 60).Draw(t, "p")},
		"n": &types.AttributeValueMemberN{Value: fmt.Sprint(rapid.Int64().Draw(t, "n"))},
		"b": &types.AttributeValueMemberB{Value: rapid.SliceOfN(rapid.Byte(), 1, 9).Draw(t, "b")},
	}
}

func sealers(t testing.TB) map[string]*cursor.Sealer {
	secret := bytes.Repeat([]byte{7}, 32)
	made := map[string]*cursor.Sealer{}
	for name, secrets := range map[string][][]byte{"readable": nil, "sealed": {secret},
		"rotated": {bytes.Repeat([]byte{8}, 16), secret}} {
		s, err := cursor.New(secrets)
		require.NoError(t, err)
		made[name] = s
	}
	_, err := cursor.New([][]byte{make([]byte, 15)})
	require.ErrorContains(t, err, "cursor key 0 has 15 bytes")
	return made
}

// What was sealed is what is opened, for one binding, and one place has one cursor.
func TestPlacesComeBack(t *testing.T) {
	of := sealers(t)
	rapid.Check(t, func(t *rapid.T) {
		for name, s := range of {
			place, binding := drawPlace(t), []byte(rapid.String().Draw(t, "binding"))
			text := s.One(binding, place)
			assert.Equal(t, text, s.One(binding, maps.Clone(place)))
			back, err := s.OpenOne(binding, text, keys)
			require.NoError(t, err, name)
			assert.Equal(t, place, back)
			_, err = s.OpenOne(append(binding, 'x'), text, keys)
			require.Error(t, err)
			_, err = s.OpenOne(binding, text, cursor.Keys{"p": types.ScalarAttributeTypeS})
			require.Error(t, err, "of another key")

			places := []cursor.Place{place, nil, drawPlace(t), nil}
			ended := []bool{false, false, rapid.Bool().Draw(t, "ended"), true}
			many := s.Many(binding, places, ended)
			again, over, err := s.OpenMany(binding, many, 4, keys)
			require.NoError(t, err)
			assert.Equal(t, ended, over)
			assert.Equal(t, place, again[0])
			_, _, err = s.OpenMany(binding, many, 3, keys)
			require.Error(t, err, "of another number")
		}
		old, err := of["sealed"].OpenOne(nil, of["sealed"].One(nil, drawPlace(t)), keys)
		require.NoError(t, err)
		_, err = of["rotated"].OpenOne(nil, of["sealed"].One(nil, old), keys)
		require.NoError(t, err, "an older key opens what it sealed")
	})
}

// A cursor that was cut, prolonged or changed in any bit is refused, and no text is a crash.
func TestAlteredCursorsAreRefused(t *testing.T) {
	of := sealers(t)
	rapid.Check(t, func(t *rapid.T) {
		for _, s := range of {
			text := s.One([]byte("b"), drawPlace(t))
			raw, err := base64.RawURLEncoding.DecodeString(text)
			require.NoError(t, err)
			at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
			flipped := slices.Clone(raw)
			flipped[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			for _, forged := range [][]byte{flipped, raw[:at], append(slices.Clone(raw), 0)} {
				_, err := s.OpenOne([]byte("b"), base64.RawURLEncoding.EncodeToString(forged), keys)
				require.Error(t, err)
			}
			wild := rapid.String().Draw(t, "wild")
			_, err = s.OpenOne(nil, wild, keys)
			require.Error(t, err)
			_, _, err = s.OpenMany(nil, wild, 2, keys)
			require.Error(t, err)
		}
	})
}
