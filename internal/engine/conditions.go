package engine

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
)

// condition is what an item must meet: a parsed expression, or legacy parameters.
type condition interface {
	Eval(expr.Item) (bool, error)
	Paths() []expr.Path // that it reads
}

// updater is how an item changes: a parsed update expression, or legacy parameters.
type updater interface {
	Apply(old map[string]types.AttributeValue) (map[string]types.AttributeValue, error)
	Updated(item map[string]types.AttributeValue) map[string]types.AttributeValue
	Creates() bool
	Paths() []expr.Path // that it reads or writes
	// touches lists the attributes that are written, so that keys can be kept from it.
	touches() []string
	// gives is the type that an attribute gets, where the update alone shows it; else "".
	gives(name string) string
	onlyRemoves() bool
	// charge is what UpdateItem charges it on an item.
	charge(old map[string]types.AttributeValue) int
}

// filter is a condition of a page.
type filter interface {
	condition
	onKey(name string) error // the refusal of a filter on a key attribute
}
