package engine

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
)

// pageRequest is what Query and Scan have in common.
type pageRequest struct {
	table      string
	index      string // "" for the table itself
	consistent bool
	limit      int // items to look at; 0 for no bound but the page's size
	start      map[string]types.AttributeValue
	choice     types.Select
	part       *projection
	filter     filter // nil for none
	query      bool   // not a scan
	newer      bool   // in the newer front end's words
	backward   bool
}

// pageResult is one page before it is decoded.
type pageResult struct {
	items    []packed.Item // that the filter left, nil for a count
	count    int
	scanned  int
	last     map[string]types.AttributeValue // nil at the end
	capacity capacity
}

// location is where a page is read.
type location struct {
	within    keyspace.Range
	partition string // the encoded partition key of a query; "" for a scan
	after     string // the start key; "" for none
	end       string // the key after which there is nothing by the condition itself; "" for none
}
