package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// consumedText writes consumed capacity as its total and its parts, and behind them, where they are told apart, reads
// and writes.
func consumedText(c types.ConsumedCapacity) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%g", aws.ToFloat64(c.CapacityUnits))
	if c.Table != nil {
		fmt.Fprintf(&b, " = %s %g", *c.TableName, *c.Table.CapacityUnits)
	}
	arms := map[string]types.Capacity{}
	maps.Copy(arms, c.GlobalSecondaryIndexes)
	maps.Copy(arms, c.LocalSecondaryIndexes)
	for _, name := range slices.Sorted(maps.Keys(arms)) {
		fmt.Fprintf(&b, " %s %g", name, *arms[name].CapacityUnits)
	}
	if c.ReadCapacityUnits != nil {
		fmt.Fprintf(&b, ", read %g", *c.ReadCapacityUnits)
	}
	if c.WriteCapacityUnits != nil {
		fmt.Fprintf(&b, ", written %g", *c.WriteCapacityUnits)
	}
	return b.String()
}
