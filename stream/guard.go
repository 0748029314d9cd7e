package stream

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// What a guard of a unique constraint is known by, besides its owner's key.
const (
	guardPrefix = "UNIQUE#"
	guardSort   = "UNIQUE"
	guardOwner  = "owner"
)

// guard tells whether a record that no route claims is of a unique constraint's guard, an item that the library writes beside
// its owner.
func (r *Router) guard(record *Record) bool {
	partition, _ := record.Keys[*r.schema.Partition[0].AttributeName].(*types.AttributeValueMemberS)
	if partition == nil || !strings.HasPrefix(partition.Value, guardPrefix) {
		return false
	}
	if len(r.schema.Sort) > 0 {
		sort, _ := record.Keys[*r.schema.Sort[0].AttributeName].(*types.AttributeValueMemberS)
		if sort == nil || sort.Value != guardSort {
			return false
		}
	}
	for _, item := range []monotable.Item{record.Old, record.New} {
		if _, owned := item[guardOwner].(*types.AttributeValueMemberM); item != nil && !owned {
			return false
		}
	}
	return true
}
