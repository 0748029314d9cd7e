package wire_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"

	"github.com/monotable/monotable/internal/wire"
)

// Messages show what is long in part.
func TestLongTextsAreShownInPart(t *testing.T) {
	assert.Equal(t, "", wire.Shown(""))
	assert.Equal(t, strings.Repeat("a", 4096), wire.Shown(strings.Repeat("a", 4096)))
	assert.Equal(t, strings.Repeat("a", 4096)+"…", wire.Shown(strings.Repeat("a", 4097)))
	shown := wire.Shown("a" + strings.Repeat("é", 3000))
	assert.True(t, utf8.ValidString(shown))
	assert.Less(t, len(shown), 4096+len("…"))
	assert.Equal(t, "", wire.Listed([]string(nil), wire.Text))
	assert.Equal(t, "a, , b", wire.Listed([]string{"a", "", "b"}, wire.Text))
	assert.Equal(t, "1, 2", wire.Listed([]int{1, 2}, func(i int) string { return fmt.Sprint(i) }))
	shows := 0
	listed := wire.Listed(make([]int, 1e6), func(int) string { shows++; return "abc" })
	assert.Less(t, shows, 1000, "no more are looked at than are shown")
	assert.True(t, strings.HasSuffix(listed, "…"))
}

// No list of texts and no map of structures has more than 65,536 members.
func TestMembersAreBounded(t *testing.T) {
	list := func(open, member, end string, n int) []byte {
		members := make([]string, n)
		for i := range members {
			members[i] = strings.ReplaceAll(member, "%", fmt.Sprint(i))
		}
		return []byte(open + strings.Join(members, ",") + end)
	}
	for name, body := range map[string]struct {
		into              any
		open, member, end string
	}{
		"texts":      {&dynamodb.UntagResourceInput{}, `{"TagKeys":[`, `"k"`, `]}`},
		"updates":    {&dynamodb.UpdateItemInput{}, `{"AttributeUpdates":{`, `"a%":{}`, `}}`},
		"conditions": {&dynamodb.ScanInput{}, `{"ScanFilter":{`, `"a%":{}`, `}}`},
		"names":      {&dynamodb.ScanInput{}, `{"ExpressionAttributeNames":{`, `"#a%":"a"`, `}}`},
	} {
		assert.NoError(t, wire.UnmarshalInput(list(body.open, body.member, body.end, 1<<16), body.into), name)
		assert.EqualError(t, wire.UnmarshalInput(list(body.open, body.member, body.end, 1<<16+1), body.into),
			"ValidationException: Too many members: dynamotest takes 65536 of a list or map at most", name)
	}
}
