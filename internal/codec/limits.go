package codec

import (
	"github.com/monotable/monotable/internal/codec/failure"
	"github.com/monotable/monotable/internal/size"
)

const maxDepth = size.MaxDepth

// maxHops bounds pointers that lead to pointers, so that a cycle of them is an error.
const maxHops = 256

var errTooDeep = failure.Marshal("nested deeper than 32 levels, or in a cycle", nil)
