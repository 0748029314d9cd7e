package monotable

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Units are read and write request units (on-demand) or capacity units (provisioned): one read unit is a strongly
// consistent read of up to 4 KB, one write unit a write of up to 1 KB (DynamoDB developer guide, "DynamoDB read and
// write operations").
type Units struct{ Read, Write float64 }

func (u Units) plus(v Units) Units { return Units{u.Read + v.Read, u.Write + v.Write} }

// Capacity is what calls consumed: in all, on the table, and on each index.
type Capacity struct {
	Units
	Table    Units
	Indexes  map[string]Units
	Modelled bool // some of it was computed by the guide's rules, since the service does not report it
}

// add adds another capacity.
func (c *Capacity) add(o Capacity) {
	c.Units, c.Table, c.Modelled = c.Units.plus(o.Units), c.Table.plus(o.Table), c.Modelled || o.Modelled
	for name, units := range o.Indexes {
		if c.Indexes == nil {
			c.Indexes = make(map[string]Units, len(o.Indexes))
		}
		c.Indexes[name] = c.Indexes[name].plus(units)
	}
}

// String is the sum, then the table's part and each index's: "3 write units: table 1 write unit, by-status 2 write
// units".
func (c Capacity) String() string {
	var b strings.Builder
	b.WriteString(c.Units.String())
	if len(c.Indexes) > 0 {
		b.WriteString(": table " + c.Table.String())
		for _, name := range slices.Sorted(maps.Keys(c.Indexes)) {
			b.WriteString(", " + name + " " + c.Indexes[name].String())
		}
	}
	if c.Modelled {
		b.WriteString(" (some of it modelled)")
	}
	return b.String()
}

// report asks the service for consumed capacity when someone counts it.
func (s *settings) report() types.ReturnConsumedCapacity {
	if len(s.meters) > 0 || s.budgeted || s.paced || s.progress != nil {
		return types.ReturnConsumedCapacityIndexes
	}
	return ""
}
