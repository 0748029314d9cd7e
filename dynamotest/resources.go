package dynamotest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
)

// resources fills in the tables and ARNs that a request works on.
func (c *Client) resources(call *Call, in any) {
	switch in := in.(type) {
	case *dynamodb.BatchGetItemInput:
		for _, table := range slices.Sorted(maps.Keys(in.RequestItems)) {
			c.addTable(call, &table, nil)
		}
	case *dynamodb.BatchWriteItemInput:
		for _, table := range slices.Sorted(maps.Keys(in.RequestItems)) {
			c.addTable(call, &table, nil)
		}
	case *dynamodb.TransactGetItemsInput:
		for _, item := range in.TransactItems {
			if item.Get != nil {
				c.addTable(call, item.Get.TableName, nil)
			}
		}
	case *dynamodb.TransactWriteItemsInput:
		for _, item := range in.TransactItems {
			table, _ := transactedItem(item)
			c.addTable(call, table, nil)
		}
	case *dynamodb.QueryInput:
		c.addTable(call, in.TableName, in.IndexName)
	case *dynamodb.ScanInput:
		c.addTable(call, in.TableName, in.IndexName)
	case *dynamodb.TagResourceInput:
		c.addTable(call, in.ResourceArn, nil)
	case *dynamodb.UntagResourceInput:
		c.addTable(call, in.ResourceArn, nil)
	case *dynamodb.ListTagsOfResourceInput:
		c.addTable(call, in.ResourceArn, nil)
	case *dynamodbstreams.ListStreamsInput:
		c.addTable(call, in.TableName, nil)
	case *dynamodbstreams.DescribeStreamInput:
		c.addTable(call, in.StreamArn, nil)
	case *dynamodbstreams.GetShardIteratorInput:
		c.addTable(call, in.StreamArn, nil)
	case *dynamodbstreams.GetRecordsInput:
		if arn, _, found := strings.Cut(aws.ToString(in.ShardIterator), "|"); found { // it begins with its stream
			c.addTable(call, &arn, nil)
		}
	default:
		c.addTable(call, tableName(in), nil)
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
func (c *Client) addTable(call *Call, table, index *string) {
	if table == nil {
		return
	}
	resource, name := *table, nameOf(*table)
	if name == resource {
		resource = fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", c.region, c.account, name)
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
