package dynamotest

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// createTableInput translates a schema, billed by request.
func createTableInput(s monotable.Schema) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   &s.Name,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema(s.Partition, s.Sort),
	}
	declared := map[string]bool{}
	declare := func(attrs monotable.Attrs) {
		for _, a := range attrs {
			if !declared[*a.AttributeName] {
				declared[*a.AttributeName] = true
				in.AttributeDefinitions = append(in.AttributeDefinitions, a)
			}
		}
	}
	declare(s.Partition)
	declare(s.Sort)
	for _, index := range s.Indexes {
		projection := &types.Projection{ProjectionType: types.ProjectionTypeAll}
		switch {
		case index.KeysOnly:
			projection.ProjectionType = types.ProjectionTypeKeysOnly
		case len(index.Include) > 0:
			projection.ProjectionType = types.ProjectionTypeInclude
			projection.NonKeyAttributes = index.Include
		}
		partition := index.Partition
		if index.Local && len(partition) == 0 {
			partition = s.Partition
		}
		declare(partition)
		declare(index.Sort)
		key := keySchema(partition, index.Sort)
		if index.Local {
			in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes,
				types.LocalSecondaryIndex{IndexName: &index.Name, KeySchema: key, Projection: projection})
		} else {
			in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes,
				types.GlobalSecondaryIndex{IndexName: &index.Name, KeySchema: key, Projection: projection})
		}
	}
	return in
}

func keySchema(partition, sort monotable.Attrs) []types.KeySchemaElement {
	var key []types.KeySchemaElement
	for _, a := range partition {
		key = append(key, types.KeySchemaElement{AttributeName: a.AttributeName, KeyType: types.KeyTypeHash})
	}
	for _, a := range sort {
		key = append(key, types.KeySchemaElement{AttributeName: a.AttributeName, KeyType: types.KeyTypeRange})
	}
	return key
}
