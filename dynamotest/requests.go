package dynamotest

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
)

// Call is a request as an authorizer sees it, or one of a request's PartiQL statements.
type Call struct {
	AccessKeyID string // of the credentials that signed it
	Operation   string // such as "PutItem"
	Action      string // its IAM action, such as "dynamodb:PutItem", or of a PartiQL statement "dynamodb:PartiQLInsert"
	// names of the tables it works on, each once; none for operations on no table, such as ListTables
	Tables []string
	// ARNs it works on: tables, or the index of a Query, a Scan or a SELECT, or the stream of an operation on one
	Resources []string
	// FullTableScan is the condition key dynamodb:FullTableScan: of a SELECT that has no key to go by.
	FullTableScan bool
}

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
	case *dynamodb.ExecuteStatementInput, *dynamodb.BatchExecuteStatementInput, *dynamodb.ExecuteTransactionInput:
		for _, s := range statementsOf(in) {
			parts = append(parts, s.part())
		}
	default:
		var call Call
		place{}.resources(&call, in)
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

// batchPart tells a key or item of a batch from its others.
type batchPart struct {
	table string
	item  uintptr
}

func batchPartOf(table string, item map[string]types.AttributeValue) batchPart {
	return batchPart{table: table, item: reflect.ValueOf(item).Pointer()}
}

// place is where a client's tables are, as ARNs say it.
type place struct{ region, account string }

// resources fills in the tables and ARNs that a request works on.
func (l place) resources(call *Call, in any) {
	switch in := in.(type) {
	case *dynamodb.BatchGetItemInput:
		for _, table := range slices.Sorted(maps.Keys(in.RequestItems)) {
			l.addTable(call, &table, nil)
		}
	case *dynamodb.BatchWriteItemInput:
		for _, table := range slices.Sorted(maps.Keys(in.RequestItems)) {
			l.addTable(call, &table, nil)
		}
	case *dynamodb.TransactGetItemsInput:
		for _, item := range in.TransactItems {
			if item.Get != nil {
				l.addTable(call, item.Get.TableName, nil)
			}
		}
	case *dynamodb.TransactWriteItemsInput:
		for _, item := range in.TransactItems {
			table, _ := transactedItem(item)
			l.addTable(call, table, nil)
		}
	case *dynamodb.QueryInput:
		l.addTable(call, in.TableName, in.IndexName)
	case *dynamodb.ScanInput:
		l.addTable(call, in.TableName, in.IndexName)
	case *dynamodb.ExecuteStatementInput, *dynamodb.BatchExecuteStatementInput, *dynamodb.ExecuteTransactionInput:
		for _, s := range statementsOf(in) {
			l.addStatement(call, s)
		}
	case *dynamodb.TagResourceInput:
		l.addTable(call, in.ResourceArn, nil)
	case *dynamodb.UntagResourceInput:
		l.addTable(call, in.ResourceArn, nil)
	case *dynamodb.ListTagsOfResourceInput:
		l.addTable(call, in.ResourceArn, nil)
	case *dynamodbstreams.ListStreamsInput:
		l.addTable(call, in.TableName, nil)
	case *dynamodbstreams.DescribeStreamInput:
		l.addTable(call, in.StreamArn, nil)
	case *dynamodbstreams.GetShardIteratorInput:
		l.addTable(call, in.StreamArn, nil)
	case *dynamodbstreams.GetRecordsInput:
		if arn, _, found := strings.Cut(aws.ToString(in.ShardIterator), "|"); found { // it begins with its stream
			l.addTable(call, &arn, nil)
		}
	default:
		l.addTable(call, tableName(in), nil)
	}
}

// tableName finds the TableName of an input that has one.
func tableName(in any) *string {
	if f := reflect.ValueOf(in).Elem().FieldByName("TableName"); f.IsValid() {
		name, _ := f.Interface().(*string)
		return name
	}
	return nil
}

// addTable adds a table, given by name or by the ARN of itself or of something in it.
func (l place) addTable(call *Call, table, index *string) {
	if table == nil {
		return
	}
	resource, name := *table, nameOf(*table)
	if name == resource {
		resource = fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", l.region, l.account, name)
	}
	if index != nil {
		resource += "/index/" + *index
	}
	if !slices.Contains(call.Tables, name) {
		call.Tables = append(call.Tables, name)
	}
	if !slices.Contains(call.Resources, resource) {
		call.Resources = append(call.Resources, resource)
	}
}
