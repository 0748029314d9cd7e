package monotable

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MismatchError is everything in which a table is not as its schema says. It holds names only.
type MismatchError struct {
	Table       string
	Differences []Difference
	errs        []error
}

// Difference is one thing that the schema says otherwise.
type Difference struct {
	Part string // "table", "partition key", "index GSI1 projection", "TTL attribute"
	Want string // what the schema says
	Have string // what the table has; "none" for nothing
}

// String is the difference as a phrase.
func (d Difference) String() string {
	return fmt.Sprintf("%s: want %s, have %s", d.Part, d.Want, d.Have)
}

// Error lists every difference.
func (e *MismatchError) Error() string {
	text := make([]string, len(e.Differences))
	for i, d := range e.Differences {
		text[i] = d.String()
	}
	return fmt.Sprintf("monotable: table %s is not as its schema says: %s", e.Table, strings.Join(text, "; "))
}

// Unwrap gives ErrNotFound and the SDK's error when the table is not there.
func (e *MismatchError) Unwrap() []error { return e.errs }

// VerifyTable compares a table that is there with its schema: that it and its indexes are ready, key attributes with their types,
// each index's kind, keys and projection, indexes that the schema does not know, and the TTL attribute. It returns a
// *MismatchError that lists every difference; a table that is not there is ErrNotFound as well. It sends one DescribeTable and,
// when the table is there, one DescribeTimeToLive, and changes nothing.
func VerifyTable(ctx context.Context, a Admin, s Schema) error {
	t := tableLife{admin: a, op: "VerifyTable", name: s.Name}
	if err := s.Validate(); err != nil {
		return t.fail(err)
	}
	seen, err := t.describe(ctx)
	if notFound(err) {
		return &MismatchError{Table: s.Name, Differences: []Difference{{"table", "ACTIVE", "none"}}, errs: []error{ErrNotFound, err}}
	}
	if err != nil {
		return t.fail(err)
	}
	ttl, err := t.ttl(ctx)
	if err != nil {
		return err
	}
	if differences := s.differences(seen, ttl); len(differences) > 0 {
		return &MismatchError{Table: s.Name, Differences: differences}
	}
	return nil
}

// differences compares a valid schema with a table and its TTL attribute: the table first, then the schema's indexes in their
// order, then the indexes that the schema lacks, by name.
func (s Schema) differences(seen *types.TableDescription, ttl string) []Difference {
	var all []Difference
	compare := func(part, want, have string) {
		if want != have {
			all = append(all, Difference{part, orNone(want), orNone(have)})
		}
	}
	scalars := map[string]types.ScalarAttributeType{}
	for _, def := range seen.AttributeDefinitions {
		scalars[deref(def.AttributeName)] = def.AttributeType
	}
	keys := func(part string, partition, sort Attrs, key []types.KeySchemaElement) {
		compare(part+"partition key", attrsText(partition), keyText(key, types.KeyTypeHash, scalars))
		compare(part+"sort key", attrsText(sort), keyText(key, types.KeyTypeRange, scalars))
	}
	if seen.TableStatus != types.TableStatusUpdating {
		compare("table", string(types.TableStatusActive), string(seen.TableStatus))
	}
	keys("", s.Partition, s.Sort, seen.KeySchema)
	compare("TTL attribute", s.TTL, ttl)
	there := indexesOf(seen)
	for i := range s.Indexes {
		index := &s.Indexes[i]
		part := "index " + index.Name
		have := there[index.Name]
		delete(there, index.Name)
		compare(part, kindText(index.Local), have.kind)
		if have.kind == "" {
			continue
		}
		if have.status != types.IndexStatusUpdating {
			compare(part, string(types.IndexStatusActive), string(have.status))
		}
		keys(part+" ", index.partition(s), index.Sort, have.key)
		compare(part+" projection", projectionText(index.projection()), projectionText(have.projection))
	}
	for name, have := range there {
		all = append(all, Difference{"index " + name, "none", have.kind})
	}
	extra := all[len(all)-len(there):]
	slices.SortFunc(extra, func(a, b Difference) int { return strings.Compare(a.Part, b.Part) })
	return all
}

// foundIndex is an index of a table that is there, of either kind.
type foundIndex struct {
	kind       string
	status     types.IndexStatus
	key        []types.KeySchemaElement
	projection *types.Projection
}

func indexesOf(seen *types.TableDescription) map[string]foundIndex {
	all := map[string]foundIndex{}
	for _, x := range seen.GlobalSecondaryIndexes {
		all[deref(x.IndexName)] = foundIndex{kindText(false), x.IndexStatus, x.KeySchema, x.Projection}
	}
	for _, x := range seen.LocalSecondaryIndexes { // always as ready as its table
		all[deref(x.IndexName)] = foundIndex{kindText(true), types.IndexStatusActive, x.KeySchema, x.Projection}
	}
	return all
}

func kindText(local bool) string {
	if local {
		return "a local index"
	}
	return "a global index"
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func attrsText(attrs Attrs) string {
	text := make([]string, len(attrs))
	for i, def := range attrs {
		text[i] = attributeText(deref(def.AttributeName), def.AttributeType)
	}
	return strings.Join(text, ", ")
}

// keyText is the part of a key that is of one type, with the attributes' types.
func keyText(key []types.KeySchemaElement, of types.KeyType, scalars map[string]types.ScalarAttributeType) string {
	var text []string
	for _, e := range key {
		if e.KeyType == of {
			text = append(text, attributeText(deref(e.AttributeName), scalars[deref(e.AttributeName)]))
		}
	}
	return strings.Join(text, ", ")
}

func attributeText(name string, scalar types.ScalarAttributeType) string {
	return fmt.Sprintf("%s (%s)", name, scalar)
}

// projectionText is what an index projects; the order of included attributes means nothing.
func projectionText(p *types.Projection) string {
	if p == nil {
		return ""
	}
	if p.ProjectionType != types.ProjectionTypeInclude {
		return string(p.ProjectionType)
	}
	names := slices.Sorted(slices.Values(p.NonKeyAttributes))
	return fmt.Sprintf("%s %s", p.ProjectionType, strings.Join(slices.Compact(names), ", "))
}
