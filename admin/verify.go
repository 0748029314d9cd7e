package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// MismatchError is everything in which a table is not as its schema says. It holds names only. It is in the errors of
// Verify and of Create with AllowExisting, for errors.As.
type MismatchError struct {
	Table string // the schema's name
	// Differences are at least one: the table's own, then those of the schema's indexes in their order, then the
	// indexes that the schema lacks, by name.
	Differences []Difference
	errs        []error
}

// Difference is one thing that the schema says otherwise.
type Difference struct {
	Part string // "table", "partition key", "index GSI1 projection", "TTL attribute", "billing mode"
	Want string // what the schema or an option says; "none" for nothing
	Have string // what the table has; "none" for nothing
}

// String is the difference as a phrase: "TTL attribute: want expires_at, have none".
func (d Difference) String() string {
	return fmt.Sprintf("%s: want %s, have %s", d.Part, d.Want, d.Have)
}

// Error lists every difference.
func (e *MismatchError) Error() string {
	text := make([]string, len(e.Differences))
	for i, d := range e.Differences {
		text[i] = d.String()
	}
	return "monotable: the table is not as its schema says: " + strings.Join(text, "; ")
}

// Unwrap gives monotable.ErrNotFound and the SDK's error when the table is not there.
func (e *MismatchError) Unwrap() []error { return e.errs }

// Verify compares a table that is there with its schema: that it and its indexes are ready, key attributes with their
// types, each index's kind, keys and projection, indexes that the schema does not know, the TTL attribute and the
// stream. A schema without a stream wants none; the tables of a global table have one of both images. With options it
// compares what they ask for too: the billing mode, the table class, deletion protection. A table or an index that is
// being updated is ready. The error has a *MismatchError in it that lists every difference; a table that is not there
// is monotable.ErrNotFound as well. A schema that cannot be is an error before anything is sent.
//
// It sends one DescribeTable and, when the table is there, one DescribeTimeToLive, and changes nothing.
func Verify(ctx context.Context, client Client, schema monotable.Schema, options ...VerifyOption) error {
	t := table{client: client, op: "Verify", name: schema.Name}
	asked := said(options)
	if err := errors.Join(schema.Validate(), asked.validate(schema)); err != nil {
		return t.fail(err)
	}
	seen, err := t.describe(ctx)
	if notFound(err) {
		return t.fail(&MismatchError{Table: t.name, Differences: []Difference{{"table", "ACTIVE", "none"}},
			errs: []error{monotable.ErrNotFound, err}})
	}
	if err != nil {
		return t.fail(err)
	}
	ttl, err := t.ttl(ctx)
	if err != nil {
		return err
	}
	if differences := compare(schema, seen, ttl, asked); len(differences) > 0 {
		return t.fail(&MismatchError{Table: t.name, Differences: differences})
	}
	return nil
}

// differences are what compare finds.
type differences []Difference

func (d *differences) add(part, want, have string) {
	if want != have {
		*d = append(*d, Difference{part, orNone(want), orNone(have)})
	}
}

// compare tells how a table and its TTL attribute differ from a valid schema and what is asked for: the table first,
// then the schema's indexes in their order, then the indexes that the schema lacks, by name.
func compare(schema monotable.Schema, seen *types.TableDescription, ttl string, asked *creation) []Difference {
	var all differences
	differ := all.add
	scalars := map[string]types.ScalarAttributeType{}
	for _, def := range seen.AttributeDefinitions {
		scalars[aws.ToString(def.AttributeName)] = def.AttributeType
	}
	keys := func(part string, partition, sort monotable.Attrs, key []types.KeySchemaElement) {
		differ(part+"partition key", attrsText(partition), keyText(key, types.KeyTypeHash, scalars))
		differ(part+"sort key", attrsText(sort), keyText(key, types.KeyTypeRange, scalars))
	}
	if seen.TableStatus != types.TableStatusUpdating {
		differ("table", string(types.TableStatusActive), string(seen.TableStatus))
	}
	keys("", schema.Partition, schema.Sort, seen.KeySchema)
	differ("TTL attribute", schema.TTL, ttl)
	all.settings(schema, seen, asked)
	there := indexesOf(seen)
	for _, index := range schema.Indexes {
		part := "index " + index.Name
		have := there[index.Name]
		delete(there, index.Name)
		differ(part, kindText(index.Local), have.kind)
		if have.kind == "" {
			continue
		}
		if have.status != types.IndexStatusUpdating {
			differ(part, string(types.IndexStatusActive), string(have.status))
		}
		keys(part+" ", partitionOf(schema, index), index.Sort, have.key)
		differ(part+" projection", projectionText(projection(index)), projectionText(have.projection))
	}
	for name, have := range there {
		all = append(all, Difference{"index " + name, "none", have.kind})
	}
	extra := all[len(all)-len(there):]
	slices.SortFunc(extra, func(a, b Difference) int { return strings.Compare(a.Part, b.Part) })
	return all
}

// settings compares the table's stream, and what is asked for. A table without a summary of its billing was never on
// demand, and one without a summary of its class never of another class.
func (d *differences) settings(schema monotable.Schema, seen *types.TableDescription, asked *creation) {
	view, billing, class := types.StreamViewType(""), types.BillingModeProvisioned, types.TableClassStandard
	if s := seen.StreamSpecification; s != nil && aws.ToBool(s.StreamEnabled) {
		view = s.StreamViewType
	}
	d.add("stream", string(schema.Stream), string(view))
	if s := seen.BillingModeSummary; s != nil {
		billing = cmp.Or(s.BillingMode, billing)
	}
	if asked.billing != "" {
		d.add("billing mode", string(asked.billing), string(billing))
	}
	if s := seen.TableClassSummary; s != nil {
		class = cmp.Or(s.TableClass, class)
	}
	if asked.class != "" {
		d.add("table class", string(asked.class), string(class))
	}
	if asked.protected && !aws.ToBool(seen.DeletionProtectionEnabled) {
		d.add("deletion protection", "enabled", "")
	}
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
		all[aws.ToString(x.IndexName)] = foundIndex{kindText(false), x.IndexStatus, x.KeySchema, x.Projection}
	}
	for _, x := range seen.LocalSecondaryIndexes { // always as ready as its table
		all[aws.ToString(x.IndexName)] = foundIndex{kindText(true), types.IndexStatusActive, x.KeySchema, x.Projection}
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

func attrsText(attrs monotable.Attrs) string {
	text := make([]string, len(attrs))
	for i, def := range attrs {
		text[i] = attributeText(aws.ToString(def.AttributeName), def.AttributeType)
	}
	return strings.Join(text, ", ")
}

// keyText is the part of a key that is of one type, with the attributes' types.
func keyText(key []types.KeySchemaElement, of types.KeyType, scalars map[string]types.ScalarAttributeType) string {
	var text []string
	for _, e := range key {
		if e.KeyType == of {
			text = append(text, attributeText(aws.ToString(e.AttributeName), scalars[aws.ToString(e.AttributeName)]))
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
