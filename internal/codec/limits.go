package codec

import "github.com/monotable/monotable/internal/attr"

const maxDepth = attr.MaxDepth

// maxHops bounds pointers that lead to pointers, so that a cycle of them is an error.
const maxHops = 256

var errTooDeep = marshalFailure("nested deeper than 32 levels, or in a cycle", nil)
