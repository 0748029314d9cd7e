package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// capacity counts the units that one request is charged on one table.
type capacity struct {
	table         string // as the request names it
	read, write   float64
	indexes       []indexCapacity // those that were charged
	items         int             // that were read, evaluated or written
	transactional bool            // reads and writes are also told apart in the answer
}

type indexCapacity struct {
	name        string
	local       bool
	read, write float64
}

// index gives the arm of an index.
func (c *capacity) index(x *index) *indexCapacity {
	for i := range c.indexes {
		if c.indexes[i].name == x.name {
			return &c.indexes[i]
		}
	}
	c.indexes = append(c.indexes, indexCapacity{name: x.name, local: x.local})
	return &c.indexes[len(c.indexes)-1]
}

// add counts another part of the request on the same table.
func (c *capacity) add(o capacity) {
	c.read += o.read
	c.write += o.write
	c.items += o.items
	for _, more := range o.indexes {
		arm := c.index(&index{name: more.name, local: more.local})
		arm.read += more.read
		arm.write += more.write
	}
}

// consumed shapes the answer's ConsumedCapacity, nil for NONE.
func (c *capacity) consumed(mode types.ReturnConsumedCapacity) *types.ConsumedCapacity {
	if mode != types.ReturnConsumedCapacityTotal && mode != types.ReturnConsumedCapacityIndexes {
		return nil
	}
	read, write := c.read, c.write
	for _, arm := range c.indexes {
		read += arm.read
		write += arm.write
	}
	out := &types.ConsumedCapacity{TableName: new(tableName(c.table)), CapacityUnits: new(read + write)}
	out.ReadCapacityUnits, out.WriteCapacityUnits = c.apart(read, write)
	if mode == types.ReturnConsumedCapacityTotal {
		return out
	}
	out.Table = c.arm(c.read, c.write)
	for _, arm := range c.indexes {
		if arm.read+arm.write == 0 {
			continue
		}
		to := &out.GlobalSecondaryIndexes
		if arm.local {
			to = &out.LocalSecondaryIndexes
		}
		if *to == nil {
			*to = map[string]types.Capacity{}
		}
		(*to)[arm.name] = *c.arm(arm.read, arm.write)
	}
	return out
}

func (c *capacity) arm(read, write float64) *types.Capacity {
	arm := &types.Capacity{CapacityUnits: new(read + write)}
	arm.ReadCapacityUnits, arm.WriteCapacityUnits = c.apart(read, write)
	return arm
}

// apart gives reads and writes for a transaction, where each stands beside their sum.
func (c *capacity) apart(read, write float64) (reads, writes *float64) {
	if c.transactional && read > 0 {
		reads = &read
	}
	if c.transactional && write > 0 {
		writes = &write
	}
	return reads, writes
}

// charged reports a request's units to the engine's owner.
func (s *shared) charged(ctx context.Context, operation string, c *capacity, err error) {
	if s.options.Charged == nil {
		return
	}
	charge := Charge{Operation: operation, Table: tableName(c.table), Read: c.read, Write: c.write, Items: c.items,
		Failed: err != nil}
	for _, arm := range c.indexes {
		if charge.Indexes == nil {
			charge.Indexes = map[string]float64{}
		}
		charge.Indexes[arm.name] += arm.read + arm.write
		charge.Read += arm.read
		charge.Write += arm.write
	}
	if charge.Read+charge.Write > 0 {
		s.options.Charged(ctx, charge)
	}
}
