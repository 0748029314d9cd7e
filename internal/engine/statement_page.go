package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/partiql"
	"github.com/monotable/monotable/internal/size"
)

// executeSelect reads a page of what a SELECT asks for.
func (e *Engine) executeSelect(
	ctx context.Context, in *dynamodb.ExecuteStatementInput, s *partiql.Statement,
) (*dynamodb.ExecuteStatementOutput, error) {
	p := &statementPage{Statement: s, consistent: aws.ToBool(in.ConsistentRead), limit: int(aws.ToInt32(in.Limit)),
		units: capacity{table: s.Table}}
	digest := digestStatement(in.Statement, in.Parameters)
	err := e.eventually(ctx, p.consistent, s.Table, func(t *table) error {
		x, err := t.statementIndex(s, p.consistent)
		if err != nil {
			return err
		}
		plan, err := t.plan(s, x)
		if err != nil {
			return err
		}
		from, err := placeIn(in.NextToken, digest, len(plan.reads))
		if err != nil {
			return err
		}
		demands := p.collect(t, x, plan, from)
		if t.shared.limiter == nil {
			return nil
		}
		return t.shared.admit(demands...)
	})
	if err != nil {
		return nil, err
	}
	e.charged(ctx, "ExecuteStatement", &p.units, nil)
	out := &dynamodb.ExecuteStatementOutput{ConsumedCapacity: p.units.consumed(in.ReturnConsumedCapacity)}
	if out.Items, err = p.rows(); err != nil {
		return nil, err
	}
	if p.last != nil {
		out.NextToken = p.last.token(digest)
	}
	return out, nil
}

// statementPage is a page of a SELECT.
type statementPage struct {
	*partiql.Statement
	consistent bool
	limit      int // items to look at; 0 for no bound but the page's size
	units      capacity
	walked     []packed.Item // as the table or index holds them
	whole      []packed.Item // in their place, of the table, where the index lacks something; nil otherwise
	bytes      int
	last       *statementPlace // where the next page goes on; nil at the end
}

// collect walks the reads of a plan from a place on, and gives what they ask of the table's throughput.
func (p *statementPage) collect(t *table, x *index, plan statementPlan, from statementPlace) []throttled {
	tree := &t.items
	if x != nil {
		tree = &x.entries
	}
	fetches := x != nil && x.local && p.lacks(x) != nil
	var demands []throttled
	for i := from.read; i < len(plan.reads) && p.last == nil; i++ {
		read := plan.reads[i]
		within := read.Range
		if i == from.read && from.after != "" {
			within = behind(within, from.after, plan.backward)
		}
		before, first := p.bytes, len(p.walked)
		visit := func(e *btree.Entry) bool {
			p.walked = append(p.walked, e.Item)
			p.bytes += e.Item.Size()
			if p.bytes >= size.MaxPage || len(p.walked) == p.limit {
				p.last = &statementPlace{read: i, after: e.Key}
			}
			return p.last == nil
		}
		if plan.backward {
			tree.Descend(within.Hi, func(e *btree.Entry) bool { return e.Key >= within.Lo && visit(e) })
		} else {
			tree.Ascend(within.Lo, func(e *btree.Entry) bool { return (within.Hi == "" || e.Key < within.Hi) && visit(e) })
		}
		units := capacity{}
		p.count(t, x, &units, size.ReadUnits(p.bytes-before, p.consistent), fetches, first)
		demand := throttled{t: t, partition: read.partition, units: units.read}
		if x != nil {
			demand.units += units.indexes[0].read
		}
		if x != nil && !x.local {
			demand.x = x
		}
		demands = append(demands, demand)
		p.units.add(units)
	}
	p.units.items = len(p.walked)
	return demands
}

// count counts one read: of the table or of the index, with the items that are fetched for its entries from first on.
func (p *statementPage) count(t *table, x *index, units *capacity, own float64, fetches bool, first int) {
	if x == nil {
		units.read = own
		return
	}
	units.index(x).read = own
	if !fetches {
		return
	}
	for _, entry := range p.walked[first:] {
		key, _ := t.encodeKey(entry)
		item, _ := t.items.Get(key)
		p.whole = append(p.whole, item)
		units.read += size.ReadUnits(item.Size(), p.consistent)
	}
}

// lacks lists the attributes that the columns name and the index does not hold.
func (p *statementPage) lacks(x *index) []string { return lacking(x, attributes(p.Columns)) }

// rows filters what was walked and shows it.
func (p *statementPage) rows() ([]map[string]types.AttributeValue, error) {
	shown := columnsOf(p.Columns)
	rows := []map[string]types.AttributeValue{}
	for i, item := range p.walked {
		if p.Where != nil {
			met, err := p.Where.Condition.Eval(item)
			if err != nil {
				return nil, refusal.AsInvalid(err)
			}
			if !met {
				continue
			}
		}
		if p.whole != nil {
			item = p.whole[i]
		}
		rows = append(rows, shown.row(item))
	}
	return rows, nil
}

// columns are what a SELECT shows of an item; nil is all of it.
type columns []column

// column is a path's part of a row: under name, all that it leads to or the parts below.
type column struct {
	name  string
	path  expr.Path
	below *expr.Projection // nil for all
}

func columnsOf(paths []expr.Path) columns {
	var all columns
	parts := map[string][]expr.Path{}
	for _, p := range paths {
		name, below := partiql.Shown(p)
		if len(below) == 0 {
			all = append(all, column{name: name, path: p})
			continue
		}
		if parts[name] == nil {
			all = append(all, column{name: name, path: p[:len(p)-len(below)]})
		}
		parts[name] = append(parts[name], append(expr.Path{{Name: name, Index: -1}}, below...))
	}
	for i, c := range all {
		if parts[c.name] != nil {
			all[i].below = expr.NewProjection(parts[c.name])
		}
	}
	return all
}

// row shows an item.
func (c columns) row(item packed.Item) map[string]types.AttributeValue {
	whole := item.Map()
	if c == nil {
		return whole
	}
	row := map[string]types.AttributeValue{}
	for _, column := range c {
		v := column.path.In(expr.MapItem(whole))
		if v != nil && column.below != nil {
			v = column.below.Apply(map[string]types.AttributeValue{column.name: v})[column.name]
		}
		if v != nil {
			row[column.name] = v
		}
	}
	return row
}
