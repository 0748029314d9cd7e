package docs_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// paid reads all orders that are paid, as it is written by hand.
func (s shop) paid(ctx context.Context) ([]Order, error) {
	expr, err := expression.NewBuilder().
		WithKeyCondition(expression.Key("GSI1PK").Equal(expression.Value("STATUS#paid"))).Build()
	if err != nil {
		return nil, err
	}
	var all []Order
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName: aws.String("shop"), IndexName: aws.String("GSI1"),
		KeyConditionExpression:   expr.KeyCondition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var orders []Order
		if err := attributevalue.UnmarshalListOfMaps(page.Items, &orders); err != nil {
			return nil, err
		}
		all = append(all, orders...)
	}
	return all, nil
}

// put writes an order with its keys, as it is written by hand.
func (s shop) put(ctx context.Context, o Order) error {
	item, err := attributevalue.MarshalMap(o)
	if err != nil {
		return err
	}
	at := o.PlacedAt.UTC().Format("2006-01-02T15:04:05.000000000Z")
	item["PK"] = &types.AttributeValueMemberS{Value: "CUSTOMER#" + o.Customer}
	item["SK"] = &types.AttributeValueMemberS{Value: "ORDER#" + at + "#" + o.ID}
	item["GSI1PK"] = &types.AttributeValueMemberS{Value: "STATUS#" + o.Status}
	item["GSI1SK"] = &types.AttributeValueMemberS{Value: at + "#" + o.ID}
	item["type"] = &types.AttributeValueMemberS{Value: "Order"}
	_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("shop"), Item: item})
	return err
}
