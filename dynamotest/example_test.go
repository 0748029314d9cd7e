package dynamotest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/admin"
	"github.com/monotable/monotable/dynamotest"
)

// A program makes a client and its tables itself; a test has New do both.
func ExampleNewClient() {
	ctx := context.Background()
	client := dynamotest.NewClient()
	pets := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	if err := admin.Create(ctx, client, pets, 0); err != nil {
		log.Fatal(err)
	}
	rachel := &dynamodb.PutItemInput{
		TableName:           aws.String("pets"),
		ConditionExpression: aws.String("attribute_not_exists(id)"),
		Item: map[string]types.AttributeValue{
			"id":   &types.AttributeValueMemberN{Value: "1"},
			"name": &types.AttributeValueMemberS{Value: "Rachel"},
		},
	}
	_, err := client.PutItem(ctx, rachel)
	fmt.Println(err)
	_, err = client.PutItem(ctx, rachel)
	var failed *types.ConditionalCheckFailedException
	fmt.Println(errors.As(err, &failed))
	// Output:
	// <nil>
	// true
}

// The same tables over HTTP, for the SDK's own client or for another program.
func ExampleNewServer() {
	ctx := context.Background()
	server, err := dynamotest.NewServer(dynamotest.NewClient())
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	client := dynamodb.NewFromConfig(server.Config())
	pets := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	if err := admin.Create(ctx, client, pets, 0); err != nil {
		log.Fatal(err)
	}
	out, err := client.ListTables(ctx, &dynamodb.ListTablesInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.TableNames, strings.HasPrefix(server.URL(), "http://127.0.0.1:"))
	// Output: [pets] true
}

// An authorizer plays the part of IAM: this one lets one access key read and nothing else.
func ExampleWithAuthorizer() {
	server, err := dynamotest.NewServer(dynamotest.NewClient(),
		dynamotest.WithAuthorizer(func(call dynamotest.Call) error {
			if call.AccessKeyID == "reader" && call.Operation != "GetItem" {
				return errors.New("readers may get items")
			}
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	config := server.Config()
	config.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "reader", SecretAccessKey: "any"}, nil
	})
	_, err = dynamodb.NewFromConfig(config).Scan(context.Background(),
		&dynamodb.ScanInput{TableName: aws.String("pets")})
	_, message, _ := strings.Cut(err.Error(), "AccessDeniedException: ")
	fmt.Println(strings.NewReplacer(" on ", "\non ", " because ", "\nbecause ").Replace(message))
	// Output:
	// User: arn:aws:iam::000000000000:user/reader is not authorized to perform: dynamodb:Scan
	// on resource: arn:aws:dynamodb:us-east-1:000000000000:table/pets
	// because no identity-based policy allows the dynamodb:Scan action
}
