package engine

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/partiql"
)

// statementPlan is where a SELECT reads: one range for a scan, and otherwise ranges of partitions, in their order.
type statementPlan struct {
	reads    []statementRead
	backward bool // each range from its end
}

type statementRead struct {
	keyspace.Range
	value     types.AttributeValue // the partition's, nil for a scan
	partition string               // encoded; "" for a scan
}

// statementIndex finds the index that a SELECT reads, nil for the table itself, and checks that it can be read.
func (t *table) statementIndex(s *partiql.Statement, consistent bool) (*index, error) {
	if s.Index == "" {
		return nil, nil
	}
	x := t.index(s.Index)
	switch {
	case x == nil || x.status == types.IndexStatusDeleting:
		return nil, refusal.Invalid("The table does not have the specified index")
	case x.status == types.IndexStatusCreating:
		return nil, refusal.Invalid("Cannot read from backfilling global secondary index: " + x.name)
	case severalKeys(x) != nil:
		return nil, severalKeys(x)
	case consistent && !x.local:
		return nil, refusal.Invalid("Strongly consistent read is not supported on Global Secondary Indexes")
	}
	return x, nil
}

// severalKeys refuses an index with several partition or sort key attributes.
func severalKeys(x *index) error {
	if x == nil || len(x.keys.Hash) == 1 && len(x.keys.Sort) <= 1 {
		return nil
	}
	return refusal.Invalid("PartiQL statements cannot be executed on tables with multi-attribute HASH keys or " +
		"multi-attribute RANGE keys.")
}

// plan finds where a SELECT reads, or what is wrong with it.
func (t *table) plan(s *partiql.Statement, x *index) (plan statementPlan, err error) {
	keys := t.keysOf(x)
	keyed := s.Where.Keyed(keys.Hash[0].Name)
	if err := checkOrdered(s, keyed); err != nil {
		return plan, err
	}
	if err := t.checkStatementPaths(s); err != nil {
		return plan, err
	}
	if x != nil && !x.local {
		if names := lacking(x, attributes(s.Columns)); names != nil {
			return plan, refusal.InvalidParameter("Global secondary index %s does not project [%s]", x.name,
				strings.Join(names, ", "))
		}
	}
	if err := checkKeyTerms(keys, s.Where.Terms(), keyed); err != nil {
		return plan, err
	}
	if !keyed {
		plan.reads = []statementRead{{Range: keyspace.SegmentRange(0, 1)}}
		return plan, nil
	}
	branches, err := s.Where.Branches(keys.Hash[0].Name, sortName(keys))
	if err != nil {
		return plan, asStatementError(err)
	}
	if x != nil {
		if err := x.checkBranchFilters(branches); err != nil {
			return plan, err
		}
	}
	if plan.reads, err = branchReads(keys, branches); err != nil {
		return plan, err
	}
	if err := checkOrder(s, keys, plan); err != nil {
		return plan, err
	}
	plan.sort(s, keys)
	return plan, nil
}

// ScansFor says whether a SELECT has no key to go by, so that all of its table or index is read. One of a table or
// index that is not there reads nothing.
func (e *Engine) ScansFor(s *partiql.Statement) (scans bool) {
	if err := e.reading(s.Table, func(t *table) error {
		x, err := t.statementIndex(s, false)
		scans = err == nil && !s.Where.Keyed(t.keysOf(x).Hash[0].Name)
		return err
	}); err != nil {
		return false
	}
	return scans
}

func sortName(keys keyspace.Schema) string {
	if len(keys.Sort) == 0 {
		return ""
	}
	return keys.Sort[0].Name
}

// checkStatementPaths refuses paths that go below a key attribute.
func (t *table) checkStatementPaths(s *partiql.Statement) error {
	if s.Where != nil {
		if err := t.checkScalars(s.Where.Condition.Paths()); err != nil {
			return err
		}
	}
	return t.checkScalars(s.Columns)
}

// lacking lists the attributes that an index does not hold, each once, in their order.
func lacking(x *index, names []string) []string {
	var lacking []string
	for _, name := range names {
		if !x.projects(name) && !slices.Contains(lacking, name) {
			lacking = append(lacking, name)
		}
	}
	return lacking
}

// wrongKeyType is the refusal of a key attribute of another type.
func wrongKeyType(name string) error {
	return refusal.Invalid("Key attribute's data type should match its data type in table's schema: Key " + name)
}

// checkKeyTerms refuses what key attributes cannot be compared with. A range of the partition key, and one of the sort
// key in a scan, is a filter like any other.
func checkKeyTerms(keys keyspace.Schema, terms []expr.KeyTerm, keyed bool) error {
	for _, a := range keys.All {
		isSort := a.Name == sortName(keys)
		for _, term := range terms {
			exact := term.Op == expr.OpEqual || term.Op == "IN"
			if term.Attribute != a.Name || !exact && !(isSort && keyed) {
				continue
			}
			for _, v := range term.Values {
				tag, text, ok := packed.ScalarOf(v)
				if !ok || tag != a.Tag {
					return wrongKeyType(a.Name)
				}
				if text == "" {
					return refusal.Invalid(emptyTableKey(a))
				}
			}
		}
	}
	return nil
}

// checkBranchFilters refuses a keyed read of an index whose filters it cannot answer: those of every branch. The
// branch of the highest partition is told.
func (x *index) checkBranchFilters(branches []partiql.Branch) error {
	var told []string
	var highest types.AttributeValue
	for _, b := range branches {
		names := lacking(x, b.Others)
		if names == nil {
			return nil
		}
		if order, _ := expr.Order(b.Partition, highest); told == nil || order > 0 {
			told, highest = names, b.Partition
		}
	}
	if told == nil {
		return nil
	}
	return refusal.InvalidParameter("Secondary index %s does not project one or more filter attributes: [%s]", x.name,
		strings.Join(hashSetOrder(told), ", "))
}

// hashSetOrder orders texts as a Java hash set of them does.
func hashSetOrder(texts []string) []string {
	buckets := uint32(16)
	for float64(buckets)*0.75 < float64(len(texts)) {
		buckets *= 2
	}
	bucket := func(text string) uint32 {
		var hash uint32
		for _, r := range text {
			hash = 31*hash + uint32(r)
		}
		return (hash ^ hash>>16) & (buckets - 1)
	}
	slices.SortStableFunc(texts, func(a, b string) int { return int(bucket(a)) - int(bucket(b)) })
	return texts
}

// branchReads makes a read of every branch, and one of those that overlap. Two that say of the sort key what holds must
// not.
func branchReads(keys keyspace.Schema, branches []partiql.Branch) ([]statementRead, error) {
	var reads []statementRead
	negated := []bool{}
	for _, b := range branches {
		read, err := readOf(keys, b)
		if err != nil {
			return nil, err
		}
		if read.Hi != "" && read.Lo >= read.Hi {
			continue
		}
		for i, other := range reads {
			if !b.Negated && !negated[i] && overlap(read.Range, other.Range) {
				return nil, refusal.Invalid("Overlapping conditions with range keys are not supported in where clause")
			}
		}
		reads, negated = append(reads, read), append(negated, b.Negated)
	}
	slices.SortFunc(reads, func(a, b statementRead) int {
		if order, _ := expr.Order(a.value, b.value); order != 0 {
			return order
		}
		return strings.Compare(a.Lo, b.Lo)
	})
	merged := reads[:0]
	for _, read := range reads {
		if n := len(merged) - 1; n >= 0 && overlap(merged[n].Range, read.Range) {
			merged[n].Hi = max(merged[n].Hi, read.Hi)
			continue
		}
		merged = append(merged, read)
	}
	return merged, nil
}

func overlap(a, b keyspace.Range) bool { return a.Lo < b.Hi && b.Lo < a.Hi }

// readOf is the read of one branch: its partition, cut to where all that it says of the sort key holds.
func readOf(keys keyspace.Schema, b partiql.Branch) (statementRead, error) {
	hash := expr.KeyTerm{Attribute: keys.Hash[0].Name, Op: expr.OpEqual, Values: []types.AttributeValue{b.Partition}}
	empty := func(a keyspace.Attribute) error { return refusal.Invalid(emptyTableKey(a)) }
	found, err := keys.RangeOf([]expr.KeyTerm{hash}, empty)
	if err != nil {
		return statementRead{}, err
	}
	read := statementRead{Range: found.Collection, value: b.Partition, partition: found.Collection.Lo}
	for _, term := range b.Sort {
		if found, err = keys.RangeOf([]expr.KeyTerm{hash, term}, empty); err != nil {
			return read, err
		}
		read.Lo, read.Hi = max(read.Lo, found.Lo), min(read.Hi, found.Hi)
	}
	return read, nil
}

// checkOrdered refuses an ORDER BY of what has no order.
func checkOrdered(s *partiql.Statement, keyed bool) error {
	switch {
	case s.OrderBy == nil && s.OrderError() == nil:
		return nil
	case s.Where == nil:
		return refusal.Invalid("Must have WHERE clause in the statement when using ORDER BY clause.")
	case !keyed:
		return refusal.Invalid("Must have at least one non-optional hash key condition in WHERE clause when using ORDER " +
			"BY clause.")
	}
	return asStatementError(s.OrderError())
}

// checkOrder refuses an ORDER BY that the reads cannot come in.
func checkOrder(s *partiql.Statement, keys keyspace.Schema, plan statementPlan) error {
	if s.OrderBy == nil {
		return nil
	}
	byPartition := false
	for _, term := range s.OrderBy {
		if !keys.Has(term.Attribute) {
			return refusal.Invalidf("Attribute %s in ORDER BY clause must be part of the primary key", term.Attribute)
		}
		byPartition = byPartition || term.Attribute == keys.Hash[0].Name
	}
	several := slices.ContainsFunc(plan.reads,
		func(r statementRead) bool { return r.partition != plan.reads[0].partition })
	if several && !byPartition {
		return refusal.Invalid("Must have hash key in ORDER BY clause when more than one hash key condition specified in " +
			"WHERE clause.")
	}
	return nil
}

// sort brings the reads into the order that ORDER BY asks for: of partitions, and of items in each. An ORDER BY of the
// partition key alone has the items of each from the last to the first, whatever it says.
func (p *statementPlan) sort(s *partiql.Statement, keys keyspace.Schema) {
	if s.OrderBy == nil {
		return
	}
	partitionsDown := false
	p.backward = true
	for _, term := range s.OrderBy {
		if term.Attribute == keys.Hash[0].Name {
			partitionsDown = term.Descending
		} else {
			p.backward = term.Descending
		}
	}
	slices.SortStableFunc(p.reads, func(a, b statementRead) int {
		order, _ := expr.Order(a.value, b.value)
		if order != 0 && partitionsDown {
			return -order
		}
		if order != 0 || !p.backward {
			return order
		}
		return strings.Compare(b.Lo, a.Lo)
	})
}
