package monotable

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

// Schema is a physical table: its name, its key attributes with their types, its indexes, and the attributes that the table
// gives a meaning to. A GSI has up to four partition and four sort attributes, the table itself and an LSI one of each.
type Schema struct {
	Name       string  // the physical table
	Partition  Attrs   // one attribute
	Sort       Attrs   // one attribute, or none
	Indexes    []Index // global and local secondary indexes
	EntityType string  // attribute that holds Model.Type; "" for none
	TTL        string  // DynamoDB's TTL attribute, epoch seconds; "" for none
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
