package dynamotest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/number"
)

// part is what one request does with one item, or with one table.
type part struct {
	table string // its name
	index string
	item  map[string]types.AttributeValue // the item or its key; nil for none
}

// singlePart is the part of a request that has one: of an operation on one item, a Query or a Scan.
func singlePart(in any) (part, bool) {
	var table, index *string
	var item map[string]types.AttributeValue
	switch in := in.(type) {
	case *dynamodb.GetItemInput:
		table, item = in.TableName, in.Key
	case *dynamodb.PutItemInput:
		table, item = in.TableName, in.Item
	case *dynamodb.UpdateItemInput:
		table, item = in.TableName, in.Key
	case *dynamodb.DeleteItemInput:
		table, item = in.TableName, in.Key
	case *dynamodb.QueryInput:
		table, index = in.TableName, in.IndexName
	case *dynamodb.ScanInput:
		table, index = in.TableName, in.IndexName
	}
	if table == nil {
		return part{}, false
	}
	return part{table: nameOf(*table), index: aws.ToString(index), item: item}, true
}

// partsOf gives the parts of a request: of a transaction in its order, of a batch table by table.
func partsOf(in any) []part {
	if p, ok := singlePart(in); ok {
		return []part{p}
	}
	var parts []part
	add := func(table string, item map[string]types.AttributeValue) {
		parts = append(parts, part{table: nameOf(table), item: item})
	}
	switch in := in.(type) {
	case *dynamodb.BatchGetItemInput:
		for _, table := range slices.Sorted(maps.Keys(in.RequestItems)) {
			for _, key := range in.RequestItems[table].Keys {
				add(table, key)
			}
		}
	case *dynamodb.BatchWriteItemInput:
		for _, table := range slices.Sorted(maps.Keys(in.RequestItems)) {
			for _, w := range in.RequestItems[table] {
				add(table, writtenItem(w))
			}
		}
	case *dynamodb.TransactGetItemsInput:
		for _, item := range in.TransactItems {
			get := cmp.Or(item.Get, &types.Get{})
			add(aws.ToString(get.TableName), get.Key)
		}
	case *dynamodb.TransactWriteItemsInput:
		for _, item := range in.TransactItems {
			table, key := transactedItem(item)
			add(aws.ToString(table), key)
		}
	default:
		var call Call
		(&Client{}).resources(&call, in)
		for _, table := range call.Tables {
			add(table, nil)
		}
	}
	return parts
}

func writtenItem(w types.WriteRequest) map[string]types.AttributeValue {
	switch {
	case w.PutRequest != nil:
		return w.PutRequest.Item
	case w.DeleteRequest != nil:
		return w.DeleteRequest.Key
	}
	return nil
}

func transactedItem(item types.TransactWriteItem) (table *string, key map[string]types.AttributeValue) {
	switch {
	case item.Put != nil:
		return item.Put.TableName, item.Put.Item
	case item.Update != nil:
		return item.Update.TableName, item.Update.Key
	case item.Delete != nil:
		return item.Delete.TableName, item.Delete.Key
	case item.ConditionCheck != nil:
		return item.ConditionCheck.TableName, item.ConditionCheck.Key
	}
	return nil, nil
}

// nameOf gives the name of a table that is given by name or by the ARN of itself or of something in it.
func nameOf(table string) string {
	if _, path, ok := strings.Cut(table, ":table/"); ok && strings.HasPrefix(table, "arn:") {
		name, _, _ := strings.Cut(path, "/")
		return name
	}
	return table
}

// matches says whether a call is one that the Match selects.
func (m Match) matches(operation string, parts []part, in any) bool {
	if m.Operation != "" && m.Operation != operation {
		return false
	}
	if m.Table != "" || m.Index != "" || m.Key != nil {
		found := false
		for _, p := range parts {
			found = found || m.takes(p)
		}
		if !found {
			return false
		}
	}
	return m.Where == nil || m.Where(in)
}

// takes says whether a part of a call is one that the Match selects.
func (m Match) takes(p part) bool {
	if m.Table != "" && m.Table != p.table || m.Index != "" && m.Index != p.index {
		return false
	}
	if m.Key != nil && p.item == nil {
		return false
	}
	for name, want := range m.Key {
		has, ok := p.item[name]
		if !ok || !(monotable.Item{"": has}).Equal(monotable.Item{"": want}) {
			return false
		}
	}
	return true
}

// check finds what would keep a Match from ever selecting a call.
func (m Match) check() error {
	name := m.Operation
	switch {
	case name != "" && operations[tablesTarget+name] == nil && operations[streamsTarget+name] == nil:
		return fmt.Errorf("there is no operation %q", name)
	case m.Table != "" && (name == "ListTables" || name == "DescribeLimits" || name == "DescribeEndpoints"):
		return fmt.Errorf("%s works on no table, and Table selects one", name)
	case m.Index != "" && m.Key != nil:
		return errors.New("no call has both an Index and a Key")
	case m.Index != "" && name != "" && name != "Query" && name != "Scan":
		return fmt.Errorf("%s reads no index, and Index selects one", name)
	case m.Key != nil && name != "" && (!onItems(name) || name == "Query" || name == "Scan"):
		return fmt.Errorf("%s has no key or item, and Key selects by one", name)
	}
	for attribute, v := range m.Key {
		if n, ok := v.(*types.AttributeValueMemberN); ok && n != nil {
			if _, err := number.Parse(n.Value); err != nil {
				return fmt.Errorf("Key: %s is not a number", attribute)
			}
		}
		if v == nil || reflect.ValueOf(v).IsNil() {
			return fmt.Errorf("Key: %s has no value", attribute)
		}
	}
	return nil
}

// batchPart tells a key or item of a batch from its others.
type batchPart struct {
	table string
	item  uintptr
}

func batchPartOf(table string, item map[string]types.AttributeValue) batchPart {
	return batchPart{table: table, item: reflect.ValueOf(item).Pointer()}
}
