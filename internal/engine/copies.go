package engine

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func copySchema(schema []types.KeySchemaElement) []types.KeySchemaElement {
	copied := make([]types.KeySchemaElement, len(schema))
	for i, k := range schema {
		copied[i] = types.KeySchemaElement{AttributeName: aws.String(*k.AttributeName), KeyType: k.KeyType}
	}
	return copied
}

func copyDefinitions(definitions []types.AttributeDefinition) []types.AttributeDefinition {
	copied := make([]types.AttributeDefinition, len(definitions))
	for i, d := range definitions {
		copied[i] = types.AttributeDefinition{AttributeName: aws.String(*d.AttributeName),
			AttributeType: d.AttributeType}
	}
	return copied
}

func copyProjection(p types.Projection) types.Projection {
	return types.Projection{ProjectionType: p.ProjectionType,
		NonKeyAttributes: append([]string(nil), p.NonKeyAttributes...)}
}

func copyOnDemand(o *types.OnDemandThroughput) *types.OnDemandThroughput {
	if o == nil {
		return nil
	}
	return &types.OnDemandThroughput{
		MaxReadRequestUnits:  copyOf(o.MaxReadRequestUnits),
		MaxWriteRequestUnits: copyOf(o.MaxWriteRequestUnits),
	}
}

func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}
