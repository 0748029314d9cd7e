package read

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/call"
	"github.com/monotable/monotable/internal/request"
)

// Settings are what the options of a read say.
type Settings struct {
	call.Settings
	Consistent bool
	Unexpired  bool
	Limit      int // items
	Limited    bool
	Lookahead  bool    // ask for one item more than Limit
	Budget     float64 // read units
	Budgeted   bool
	Filters    []expression.ConditionBuilder
	After      string  // the cursor to start behind
	Resume     *string // the cursor to start behind and to keep; nil for none
	Index      string  // "" for the table
	Sort       []request.SortCondition
	Descending bool
	Hydrate    bool
	Segments   int
	Segmented  bool
	Progress   *Progress
	onePage    bool // the call gives one page
}

// Report asks the service for consumed capacity when someone counts it.
func (s *Settings) Report() types.ReturnConsumedCapacity {
	if s.Budgeted || s.Progress != nil {
		return types.ReturnConsumedCapacityIndexes
	}
	return s.Settings.Report()
}
