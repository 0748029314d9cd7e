package template

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// tableProperties are those of AWS::DynamoDB::Table that this example needs.
type tableProperties struct {
	BillingMode          string `yaml:"BillingMode"`
	AttributeDefinitions []struct {
		AttributeName string `yaml:"AttributeName"`
		AttributeType string `yaml:"AttributeType"`
	} `yaml:"AttributeDefinitions"`
	KeySchema []struct {
		AttributeName string `yaml:"AttributeName"`
		KeyType       string `yaml:"KeyType"`
	} `yaml:"KeySchema"`
	SSESpecification struct {
		SSEEnabled bool `yaml:"SSEEnabled"`
	} `yaml:"SSESpecification"`
	PointInTimeRecoverySpecification struct {
		PointInTimeRecoveryEnabled bool `yaml:"PointInTimeRecoveryEnabled"`
	} `yaml:"PointInTimeRecoverySpecification"`
	StreamSpecification *struct {
		StreamViewType types.StreamViewType `yaml:"StreamViewType"`
	} `yaml:"StreamSpecification"`
}

// readTable reads a table; the name is made for it, as CloudFormation does, so that two stacks do not meet.
func readTable(res resource, world World) (Table, error) {
	var p tableProperties
	if err := strict(&res.Properties, &p); err != nil {
		return Table{}, err
	}
	if p.BillingMode != "PAY_PER_REQUEST" {
		return Table{}, fmt.Errorf("billing mode %q: PAY_PER_REQUEST is the one that is known here", p.BillingMode)
	}
	kinds := map[string]monotable.Attrs{}
	for _, def := range p.AttributeDefinitions {
		attrs := map[string]func(...string) monotable.Attrs{"S": monotable.S, "N": monotable.N,
			"B": monotable.B}[def.AttributeType]
		if attrs == nil {
			return Table{}, fmt.Errorf("attribute %s has type %q: S, N or B", def.AttributeName, def.AttributeType)
		}
		kinds[def.AttributeName] = attrs(def.AttributeName)
	}
	schema := monotable.Schema{Name: world.physical(res.id)}
	for _, key := range p.KeySchema {
		attribute, ok := kinds[key.AttributeName]
		if !ok {
			return Table{}, fmt.Errorf("key attribute %s is not defined", key.AttributeName)
		}
		delete(kinds, key.AttributeName)
		switch key.KeyType {
		case "HASH":
			schema.Partition = append(schema.Partition, attribute...)
		case "RANGE":
			schema.Sort = append(schema.Sort, attribute...)
		default:
			return Table{}, fmt.Errorf("key type %q: HASH or RANGE", key.KeyType)
		}
	}
	if len(kinds) > 0 {
		return Table{}, errors.New("attributes are defined that are in no key")
	}
	if p.StreamSpecification != nil {
		schema.Stream = p.StreamSpecification.StreamViewType
		if schema.Stream == "" {
			return Table{}, errors.New("a stream has a view type")
		}
	}
	if err := schema.Validate(); err != nil {
		return Table{}, err
	}
	return Table{
		ID:          res.id,
		ARN:         world.tableARN(res.id),
		Schema:      schema,
		Encrypted:   p.SSESpecification.SSEEnabled,
		Recoverable: p.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled,
	}, nil
}
