package codec

import (
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/failure"
)

const maxDepth = attr.MaxDepth

// maxHops bounds pointers that lead to pointers, so that a cycle of them is an error.
const maxHops = 256

var errTooDeep = failure.Marshal("nested deeper than 32 levels, or in a cycle", nil)
