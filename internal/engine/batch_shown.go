package engine

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/wire"
)

// The service shows a batch of writes that it refuses as its own objects write themselves (captured from us-east-1,
// September 2026, for strings).

// shownWrites are the writes of a batch, as far as messages show them.
func shownWrites(tables map[string][]types.WriteRequest, names []string) string {
	return wire.Shown("{" + wire.Listed(names, func(name string) string {
		return name + "=[" + wire.Listed(tables[name], shownWrite) + "]"
	}) + "}")
}

func shownWrite(r types.WriteRequest) string {
	put, del := "null", "null"
	if r.PutRequest != nil {
		put = "PutRequest(item=" + shownItem(r.PutRequest.Item) + ", workloadProfileName=null)"
	}
	if r.DeleteRequest != nil {
		del = "DeleteRequest(key=" + shownItem(r.DeleteRequest.Key) + ")"
	}
	return "WriteRequest(putRequest=" + put + ", deleteRequest=" + del + ")"
}

func shownItem(item map[string]types.AttributeValue) string {
	if item == nil {
		return "null"
	}
	return "{" + wire.Listed(sortedNames(item), func(name string) string {
		return name + "=" + shownValue(item[name])
	}) + "}"
}

// shownValue is a value with a member for each type, of which one is not null.
func shownValue(v types.AttributeValue) string {
	if v == nil {
		return "null"
	}
	members := []string{"s", "n", "b", "ss", "ns", "bs", "m", "l", "nULL", "bOOL"}
	tag, text := shownMember(v)
	for i, name := range members {
		if strings.EqualFold(name, tag) {
			members[i] += "=" + text
		} else {
			members[i] += "=null"
		}
	}
	return "AttributeValue(" + strings.Join(members, ", ") + ")"
}

func shownMember(v types.AttributeValue) (tag, text string) {
	list := func(members []string) string { return "[" + wire.Listed(members, wire.Text) + "]" }
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return "S", v.Value
	case *types.AttributeValueMemberN:
		return "N", v.Value
	case *types.AttributeValueMemberB:
		if v.Value == nil { // which the SDK sends as null
			return "", ""
		}
		return "B", base64.StdEncoding.EncodeToString(v.Value)
	case *types.AttributeValueMemberSS:
		return "SS", list(v.Value)
	case *types.AttributeValueMemberNS:
		return "NS", list(v.Value)
	case *types.AttributeValueMemberBS:
		return "BS", "[" + wire.Listed(v.Value, base64.StdEncoding.EncodeToString) + "]"
	case *types.AttributeValueMemberM:
		return "M", shownItem(v.Value)
	case *types.AttributeValueMemberL:
		return "L", "[" + wire.Listed(v.Value, shownValue) + "]"
	case *types.AttributeValueMemberNULL:
		return "NULL", strconv.FormatBool(v.Value)
	case *types.AttributeValueMemberBOOL:
		return "BOOL", fmt.Sprint(v.Value)
	}
	return "", ""
}

// jsonOf is what a batch of reads asks for, as it comes over the wire.
func jsonOf(tables map[string]types.KeysAndAttributes) string {
	sent := make(map[string]types.KeysAndAttributes, len(tables))
	for name, request := range tables {
		keys := request.Keys
		request.Keys = nil
		if keys != nil {
			request.Keys = make([]map[string]types.AttributeValue, len(keys))
		}
		for i, key := range keys {
			request.Keys[i] = sentItem(key)
		}
		sent[name] = request
	}
	body := wire.AppendOutput(nil, &struct {
		RequestItems map[string]types.KeysAndAttributes
	}{sent})
	return strings.TrimSuffix(strings.TrimPrefix(string(body), `{"RequestItems":`), "}")
}

// sentItem is an item with null for what the SDK sends as nothing.
func sentItem(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	sent := make(map[string]types.AttributeValue, len(item))
	for name, v := range item {
		sent[name] = sentValue(v)
	}
	return sent
}

func sentValue(v types.AttributeValue) types.AttributeValue {
	if wire.NoValue(v) != "" {
		return nil
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: sentItem(v.Value)}
	case *types.AttributeValueMemberL:
		list := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			list[i] = sentValue(e)
		}
		return &types.AttributeValueMemberL{Value: list}
	}
	return v
}
