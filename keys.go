package monotable

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/schema"
	"github.com/monotable/monotable/internal/size"
)

// Attrs are key attributes in key order, each with its type: S("tenant").N("year").
type Attrs []types.AttributeDefinition

// S starts a list of key attributes with strings.
func S(names ...string) Attrs { return Attrs(nil).S(names...) }

// N starts a list of key attributes with numbers.
func N(names ...string) Attrs { return Attrs(nil).N(names...) }

// B starts a list of key attributes with binaries.
func B(names ...string) Attrs { return Attrs(nil).B(names...) }

// S returns a with string attributes added at its end.
func (a Attrs) S(names ...string) Attrs { return a.add(types.ScalarAttributeTypeS, names) }

// N returns a with number attributes added at its end.
func (a Attrs) N(names ...string) Attrs { return a.add(types.ScalarAttributeTypeN, names) }

// B returns a with binary attributes added at its end.
func (a Attrs) B(names ...string) Attrs { return a.add(types.ScalarAttributeTypeB, names) }

func (a Attrs) add(t types.ScalarAttributeType, names []string) Attrs {
	for _, n := range names {
		a = append(a[:len(a):len(a)], types.AttributeDefinition{AttributeName: &n, AttributeType: t})
	}
	return a
}

// Schema is a physical table: its name, its key attributes with their types, its indexes, and the attributes that the
// table gives a meaning to. A GSI has up to four partition and four sort attributes, the table itself and an LSI one of
// each.
type Schema struct {
	Name       string  // the physical table
	Partition  Attrs   // one attribute
	Sort       Attrs   // one attribute, or none
	Indexes    []Index // global and local secondary indexes
	EntityType string  // attribute that holds Model.Type; "" for none
	TTL        string  // DynamoDB's TTL attribute, epoch seconds; "" for none
	// Stream is what a record of the table's stream of changes holds beside the key: nothing, the item as it was, as it
	// is, or both; "" for no stream. The service keeps records for 24 hours, and package stream reads them.
	Stream types.StreamViewType
}

// Index is a secondary index of a Schema. It projects all attributes unless KeysOnly or Include says otherwise.
type Index struct {
	Name      string
	Partition Attrs // a GSI has one to four; an LSI has the table's and may leave it empty
	Sort      Attrs // a GSI has none to four; an LSI has one
	Local     bool  // a local secondary index
	KeysOnly  bool  // projects key attributes alone
	Include   []string
}

// Model is how one entity type is laid out in a Schema's table. The zero Model suits a T whose own attributes are the
// keys.
type Model struct {
	// Type names the entity type, in errors and in the schema's EntityType attribute. The default is T's name.
	Type string
	// Aliases are further values of the entity-type attribute under which items of this type were stored by others.
	// Writes use Type, and so do the guards of unique constraints: RepairGuards writes those of items that were stored
	// under an alias.
	Aliases []string
	// Keys makes key attributes, of the table and of any index alike, from templates over T's attributes:
	// "ORDER#{placed_at}#{id}". A key attribute that T itself has needs no template.
	Keys map[string]string
	// Unique names constraints: no two items of the type have the same text of a constraint's template, {"email":
	// "{email|lower}"}. An item that lacks a field of it has no part in it. Guard items in the same table keep them,
	// written in the same transaction, so that the table's keys must be strings made by templates. It cannot be made of
	// Version or Updated.
	Unique map[string]string
	// Version is an integer attribute of T, "" for none. Every write of a whole *T expects the version it carries (none
	// in the table when it is 0), and every write through the library adds one.
	Version string
	// Created and Updated are attributes of T, a time.Time each, "" for none, that hold when an item was first and last
	// written: a whole-item write and Upsert set Created where it is not set, and every write sets Updated.
	Created, Updated string
	// KeyOnly are top-level attributes that are kept in the primary key's text alone: not stored beside it, and read
	// back from it, as tables do that stood there before. Each stands in a template of the table's own key in a form
	// that loses nothing (not lower, upper, a cut time, unix or a shard), and is a string, number, bool, time or binary.
	// The key must be what the value makes again: "007" is not 7, and items of such a key are not of this type. A copy
	// that another writer stored beside the key stays if it agrees, and is an error of the read if it does not. Version,
	// timestamps and the TTL cannot be kept so. Conditions, filters and updates on one are ErrKey.
	KeyOnly []string
	// Prefix is how a string key attribute begins that is T's own, in items of this type, where no template and no
	// entity type says it: {"sk": "ORDER#"}. A write or a key without it is ErrKey; a query without sort conditions asks
	// for it alone; and it counts where two types' keys could be the same.
	Prefix map[string]string
	// Except leaves an item out of an index while an attribute has a value other than zero: {"board": "deleted_at"}. The
	// index's key is made by a template. Setting the attribute removes what was made for the index. An Update that
	// brings the item back, or changes that index's key, must know the attribute: by Known, or in the update; an Upsert
	// that meets an item that is left out is ErrCondition.
	Except map[string]string
	// Uncounted are top-level attributes, such as counters, whose Update alone leaves Version and Updated as they are,
	// so that it disturbs no one who read the item. A Put of a versioned item, ReplaceOp and Modify expect those that
	// they would change as they were read, else ErrCondition, so that no count is lost; what Modify returns has the
	// others as it read them. No key or constraint is made of them.
	Uncounted []string
}

// Validate reports everything that is wrong with s: names, numbers and types of key attributes, indexes, projections,
// the stream's view. Open and package admin call it.
func (s Schema) Validate() error {
	v := schemaCheck{kinds: map[string]types.ScalarAttributeType{}}
	v.name("table name", s.Name)
	v.key("table", "partition key", s.Partition, 1, 1)
	v.key("table", "sort key", s.Sort, 0, 1)
	v.attributes("table", s.Partition, s.Sort)
	global, local, included := 0, 0, 0
	indexNames := map[string]bool{}
	for _, index := range s.Indexes {
		where := "index " + index.Name
		v.name("index name", index.Name)
		v.check(!indexNames[index.Name], "%s is there twice", where)
		indexNames[index.Name] = true
		v.check(!index.KeysOnly || len(index.Include) == 0, "%s: KeysOnly and Include exclude each other", where)
		included += len(index.Include)
		if index.Local {
			local++
			v.check(len(s.Sort) > 0, "%s: a local index needs a table with a sort key", where)
			v.check(len(index.Partition) == 0 ||
				sameAttrs(index.Partition, s.Partition), "%s: a local index has the table's partition key", where)
			v.key(where, "sort key", index.Sort, 1, 1)
		} else {
			global++
			v.key(where, "partition key", index.Partition, 1, size.MaxIndexAttributes)
			v.key(where, "sort key", index.Sort, 0, size.MaxIndexAttributes)
		}
		v.attributes(where, index.partition(s), index.Sort)
	}
	v.check(global <= size.MaxGlobalIndexes, "%d global indexes, at most %d are allowed", global, size.MaxGlobalIndexes)
	v.check(local <= size.MaxLocalIndexes, "%d local indexes, at most %d are allowed", local, size.MaxLocalIndexes)
	v.check(included <= size.MaxIncluded, "%d included attributes over all indexes, at most %d are allowed", included,
		size.MaxIncluded)
	v.special("entity type", s.EntityType)
	v.special("TTL", s.TTL)
	v.check(s.TTL == "" || s.TTL != s.EntityType, "attribute %s cannot be both TTL and entity type", s.TTL)
	v.check(s.Stream == "" || slices.Contains(s.Stream.Values(), s.Stream), "there is no stream view %q", s.Stream)
	return errors.Join(v.errs...)
}

// special checks an attribute that the table gives a meaning to.
func (v *schemaCheck) special(what, name string) {
	_, isKey := v.kinds[name]
	v.check(name == "" || !isKey, "%s attribute %s is a key attribute", what, name)
	v.check(attr.ValidText(name), "the name of the %s attribute is not UTF-8", what)
}

// schemaCheck gathers what is wrong with a schema.
type schemaCheck struct {
	kinds map[string]types.ScalarAttributeType
	errs  []error
}

func (v *schemaCheck) check(ok bool, format string, args ...any) {
	if !ok {
		v.errs = append(v.errs, fmt.Errorf("monotable: schema: "+format, args...))
	}
}

var physicalName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// name checks a table's or an index's name; a table may be given by its ARN.
func (v *schemaCheck) name(what, name string) {
	v.check(physicalName.MatchString(name) ||
		strings.HasPrefix(name, "arn:"), "%s %q: 3 to 255 of a-z, A-Z, 0-9, '_', '-' and '.'", what, name)
}

func (v *schemaCheck) key(where, what string, attrs Attrs, least, most int) {
	v.check(len(attrs) >= least, "%s has no %s", where, what)
	v.check(len(attrs) <= most, "%s: a %s of %d attributes, at most %d are allowed", where, what, len(attrs), most)
}

// attributes checks one key's attributes: named, of a known type, of one type wherever they occur, none twice.
func (v *schemaCheck) attributes(where string, partition, sort Attrs) {
	seen := map[string]bool{}
	for _, def := range slices.Concat(partition, sort) {
		if def.AttributeName == nil || *def.AttributeName == "" || len(*def.AttributeName) > 255 {
			v.check(false, "%s: the name of a key attribute has 1 to 255 bytes", where)
			continue
		}
		v.check(attr.ValidText(*def.AttributeName), "%s: the name of a key attribute is not UTF-8", where)
		name := *def.AttributeName
		v.check(!seen[name], "%s: %s is in its key twice", where, name)
		seen[name] = true
		known := slices.Contains(types.ScalarAttributeType("").Values(), def.AttributeType)
		v.check(known, "%s: %s has type %q, a key attribute is S, N or B", where, name, def.AttributeType)
		if other, ok := v.kinds[name]; ok {
			v.check(other == def.AttributeType, "%s: %s is %s here and %s elsewhere", where, name, def.AttributeType,
				other)
		}
		v.kinds[name] = def.AttributeType
	}
}

func sameAttrs(a, b Attrs) bool {
	return slices.EqualFunc(a, b, func(x, y types.AttributeDefinition) bool {
		return x.AttributeName != nil && y.AttributeName != nil && *x.AttributeName == *y.AttributeName &&
			x.AttributeType == y.AttributeType
	})
}

// partition is the index's partition key: a local index has the table's.
func (i *Index) partition(s Schema) Attrs {
	if i.Local {
		return s.Partition
	}
	return i.Partition
}

// clone keeps a schema apart from the caller's slices.
func (s Schema) clone() Schema {
	s.Partition, s.Sort, s.Indexes = slices.Clone(s.Partition), slices.Clone(s.Sort), slices.Clone(s.Indexes)
	for i := range s.Indexes {
		x := &s.Indexes[i]
		x.Partition, x.Sort, x.Include = slices.Clone(x.Partition), slices.Clone(x.Sort), slices.Clone(x.Include)
	}
	return s
}

// table is what the layers below know of s.
func (s Schema) table() *schema.Schema {
	of := &schema.Schema{
		Name: s.Name, Partition: schema.Attrs(s.Partition), Sort: schema.Attrs(s.Sort), EntityType: s.EntityType,
		TTL: s.TTL,
	}
	for _, x := range s.Indexes {
		of.Indexes = append(of.Indexes, schema.Index{
			Name: x.Name, Partition: schema.Attrs(x.Partition), Sort: schema.Attrs(x.Sort),
			Local: x.Local, KeysOnly: x.KeysOnly, Include: x.Include,
		})
	}
	return of
}

// layout is what the layers below know of m.
func layout(m Model) entity.Model { return entity.Model(m) }
