package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// maxDefinitions is how many attributes a table can define: one for each place in a key.
const maxDefinitions = 2 + size.MaxLocalIndexes + size.MaxGlobalIndexes*2*size.MaxIndexAttributes

// checkCreateTable finds what is wrong with a request, in the service's order.
func checkCreateTable(in *dynamodb.CreateTableInput) error {
	if err := checkDeclaredTable(in); err != nil {
		return err
	}
	if err := checkEncryption(in.SSESpecification); err != nil {
		return err
	}
	if err := checkBilling(in.BillingMode, in.ProvisionedThroughput); err != nil {
		return err
	}
	units := []*types.ProvisionedThroughput{in.ProvisionedThroughput}
	for _, g := range in.GlobalSecondaryIndexes {
		units = append(units, g.ProvisionedThroughput)
	}
	if err := checkThroughput(units...); err != nil {
		return err
	}
	if err := checkOnDemand(in.OnDemandThroughput, "table"); err != nil {
		return err
	}
	for _, g := range in.GlobalSecondaryIndexes {
		if err := checkOnDemand(g.OnDemandThroughput, "index : "+*g.IndexName); err != nil {
			return err
		}
	}
	if err := checkTags(in.Tags); err != nil {
		return err
	}
	if err := checkTableKeys(in.KeySchema, in.AttributeDefinitions, hasIndexes(in)); err != nil {
		return err
	}
	if err := checkIndexes(in); err != nil {
		return err
	}
	return checkStreamSpecification(in.StreamSpecification, refusal.StreamOfNewTable)
}

// checkSavedTable checks of a table that was saved what it is made of. It asks for no limit: a table that was taken
// once is taken again, whatever is asked of new ones.
func checkSavedTable(in *dynamodb.CreateTableInput) error {
	if err := checkDeclaredTable(in); err != nil {
		return err
	}
	err := checkTableKeys(in.KeySchema, in.AttributeDefinitions, hasIndexes(in))
	for _, l := range in.LocalSecondaryIndexes {
		err = cmp.Or(err, checkKeyOrder(l.KeySchema, len(l.KeySchema)),
			checkDefined(l.KeySchema, in.AttributeDefinitions))
	}
	for _, g := range in.GlobalSecondaryIndexes {
		err = cmp.Or(err, checkKeyOrder(g.KeySchema, len(g.KeySchema)),
			checkDefined(g.KeySchema, in.AttributeDefinitions))
	}
	return err
}

// checkDeclaredTable checks a definition's declared bounds.
func checkDeclaredTable(in *dynamodb.CreateTableInput) error {
	if in.TableName == nil || isARN(*in.TableName) {
		if err := checkTableName(in.TableName); err != nil {
			return err
		}
	}
	var c constraints
	if !isARN(*in.TableName) {
		c.length(in.TableName, "tableName", 3, 255)
	}
	c.table(in.TableName)
	c.required(in.AttributeDefinitions != nil, "attributeDefinitions")
	c.required(in.KeySchema != nil, "keySchema")
	enum(&c, in.BillingMode, "billingMode", "PROVISIONED", "PAY_PER_REQUEST")
	enum(&c, in.TableClass, "tableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS")
	c.definitions(in.AttributeDefinitions)
	c.keySchema(in.KeySchema, "keySchema", 2)
	c.provisioned(in.ProvisionedThroughput, "provisionedThroughput")
	for i, l := range in.LocalSecondaryIndexes {
		c.index(l.IndexName, l.KeySchema, l.Projection, nil, fmt.Sprintf("localSecondaryIndexes.%d.member.", i+1), 2)
	}
	for i, g := range in.GlobalSecondaryIndexes {
		c.index(g.IndexName, g.KeySchema, g.Projection, g.ProvisionedThroughput,
			fmt.Sprintf("globalSecondaryIndexes.%d.member.", i+1), 2*size.MaxIndexAttributes)
	}
	if in.StreamSpecification != nil {
		c.required(in.StreamSpecification.StreamEnabled != nil, "streamSpecification.streamEnabled")
		enum(&c, in.StreamSpecification.StreamViewType, "streamSpecification.streamViewType", streamViewTypes...)
	}
	c.encryption(in.SSESpecification)
	c.tags(in.Tags)
	return c.err()
}

var streamViewTypes = []types.StreamViewType{"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"}

func (c *constraints) definitions(definitions []types.AttributeDefinition) {
	for i, d := range definitions {
		field := fmt.Sprintf("attributeDefinitions.%d.member.", i+1)
		c.required(d.AttributeName != nil, field+"attributeName")
		c.length(d.AttributeName, field+"attributeName", 1, 255)
		c.required(d.AttributeType != "", field+"attributeType")
		enum(c, d.AttributeType, field+"attributeType", "B", "N", "S")
	}
}

func (c *constraints) keySchema(schema []types.KeySchemaElement, field string, most int) {
	if schema == nil {
		return
	}
	shown := make([]string, len(schema))
	for i, k := range schema {
		shown[i] = fmt.Sprintf("KeySchemaElement(attributeName=%s, keyType=%s)", aws.ToString(k.AttributeName),
			k.KeyType)
	}
	c.count(len(schema), "["+strings.Join(shown, ", ")+"]", field, 1, most)
	for i, k := range schema {
		member := fmt.Sprintf("%s.%d.member.", field, i+1)
		c.required(k.AttributeName != nil, member+"attributeName")
		c.length(k.AttributeName, member+"attributeName", 1, 255)
		c.required(k.KeyType != "", member+"keyType")
		enum(c, k.KeyType, member+"keyType", "HASH", "RANGE")
	}
}

func (c *constraints) provisioned(p *types.ProvisionedThroughput, field string) {
	if p == nil {
		return
	}
	for _, u := range []struct {
		name  string
		units *int64
	}{{"writeCapacityUnits", p.WriteCapacityUnits}, {"readCapacityUnits", p.ReadCapacityUnits}} {
		c.required(u.units != nil, field+"."+u.name)
		if u.units != nil && *u.units < 1 {
			c.fail(fmt.Sprintf("'%d'", *u.units), field+"."+u.name, "have value greater than or equal to 1")
		}
	}
}

func (c *constraints) index(name *string, schema []types.KeySchemaElement, p *types.Projection,
	units *types.ProvisionedThroughput, field string, mostKeys int) {
	c.required(name != nil, field+"indexName")
	c.length(name, field+"indexName", 3, 255)
	c.pattern(name, field+"indexName")
	c.required(schema != nil, field+"keySchema")
	c.keySchema(schema, field+"keySchema", mostKeys)
	c.required(p != nil, field+"projection")
	if p != nil {
		enum(c, p.ProjectionType, field+"projection.projectionType", "ALL", "INCLUDE", "KEYS_ONLY")
		if p.NonKeyAttributes != nil {
			c.count(len(p.NonKeyAttributes), "["+wire.Listed(p.NonKeyAttributes, wire.Text)+"]",
				field+"projection.nonKeyAttributes", 1, size.MaxIncluded)
			for i, name := range p.NonKeyAttributes {
				c.length(&name, fmt.Sprintf("%sprojection.nonKeyAttributes.%d.member", field, i+1), 1, 255)
			}
		}
	}
	c.provisioned(units, field+"provisionedThroughput")
}

// checkBilling checks that units are given where, and only where, they are paid for ahead.
func checkBilling(mode types.BillingMode, p *types.ProvisionedThroughput) error {
	if mode == types.BillingModePayPerRequest {
		if p != nil {
			return refusal.InvalidParameter(
				"Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		return nil
	}
	if p == nil {
		return refusal.InvalidParameter(
			"ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return nil
}

// checkOnDemand refuses bounds of units by request that are none; -1 takes a bound away.
func checkOnDemand(o *types.OnDemandThroughput, of string) error {
	if o == nil {
		return nil
	}
	outside := func(units *int64) bool { return units != nil && *units < 1 && *units != -1 }
	switch {
	case outside(o.MaxReadRequestUnits):
		return refusal.InvalidParameter(
			"Requested MaxReadRequestUnits for OnDemandThroughput for %s is outside of valid range", of)
	case outside(o.MaxWriteRequestUnits):
		return refusal.InvalidParameter(
			"Requested MaxWriteRequestUnits for OnDemandThroughput for %s is outside of valid range", of)
	}
	return nil
}

// maxUnits bounds provisioned units, whatever an account's quota is.
const maxUnits = 1_000_000_000_000

// checkThroughput refuses units that no account has.
func checkThroughput(all ...*types.ProvisionedThroughput) error {
	for _, p := range all {
		switch {
		case p == nil:
		case *p.ReadCapacityUnits > maxUnits:
			return refusal.Invalidf("Given value %d for ReadCapacityUnits is out of bounds", *p.ReadCapacityUnits)
		case *p.WriteCapacityUnits > maxUnits:
			return refusal.Invalidf("Given value %d for WriteCapacityUnits is out of bounds", *p.WriteCapacityUnits)
		}
	}
	return nil
}

func hasIndexes(in *dynamodb.CreateTableInput) bool {
	return in.LocalSecondaryIndexes != nil || in.GlobalSecondaryIndexes != nil
}

func checkTableKeys(schema []types.KeySchemaElement, definitions []types.AttributeDefinition, indexed bool) error {
	for i, d := range definitions {
		if slices.ContainsFunc(definitions[:i],
			func(o types.AttributeDefinition) bool { return *o.AttributeName == *d.AttributeName }) {
			return refusal.DefinedTwice(*d.AttributeName)
		}
	}
	if !indexed && len(definitions) < len(schema) {
		return refusal.NoDefinition()
	}
	if err := checkKeyOrder(schema, 1); err != nil {
		return err
	}
	return checkDefined(schema, definitions)
}

// checkKeyOrder checks the roles of a key's attributes: up to most of each, the hash attributes first.
func checkKeyOrder(schema []types.KeySchemaElement, most int) error {
	if schema[0].KeyType != types.KeyTypeHash {
		return refusal.Invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	}
	hashes := 0
	for i, k := range schema {
		if k.KeyType == types.KeyTypeHash {
			hashes++
			if i >= hashes {
				return refusal.HashAfterRange()
			}
		}
		if slices.ContainsFunc(schema[:i], func(o types.KeySchemaElement) bool {
			return *o.AttributeName == *k.AttributeName
		}) {
			return refusal.Invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
		}
	}
	switch {
	case hashes > most && most == 1:
		return refusal.Invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	case hashes > most:
		return refusal.TooManyKeys(types.KeyTypeHash)
	case len(schema)-hashes > most:
		return refusal.TooManyKeys(types.KeyTypeRange)
	}
	return nil
}

// checkDefined checks that a key's attributes have their types defined.
func checkDefined(schema []types.KeySchemaElement, definitions []types.AttributeDefinition) error {
	var keys, defined []string
	for _, d := range definitions {
		defined = append(defined, *d.AttributeName)
	}
	missing := false
	for _, k := range schema {
		keys = append(keys, *k.AttributeName)
		missing = missing || !slices.Contains(defined, *k.AttributeName)
	}
	if missing {
		return refusal.InvalidParameter("Some index key attributes are not defined in AttributeDefinitions. Keys: "+
			"[%s], AttributeDefinitions: [%s]",
			strings.Join(keys, ", "), strings.Join(defined, ", "))
	}
	return nil
}

// checkProjection checks what an index is to hold.
func checkProjection(p types.Projection) error {
	switch {
	case p.ProjectionType == "":
		return refusal.InvalidParameter("Unknown ProjectionType: null")
	case p.ProjectionType == types.ProjectionTypeInclude && p.NonKeyAttributes == nil:
		return refusal.InvalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case p.ProjectionType != types.ProjectionTypeInclude && p.NonKeyAttributes != nil:
		return refusal.InvalidParameter("ProjectionType is %s, but NonKeyAttributes is specified", p.ProjectionType)
	}
	for i, name := range p.NonKeyAttributes {
		if slices.Contains(p.NonKeyAttributes[:i], name) {
			return refusal.InvalidParameter("Duplicate attribute in NonKeyAttributes: %s", name)
		}
	}
	return nil
}

// checkIndexes checks the global indexes before the local ones (captured from us-east-1, October 2026).
func checkIndexes(in *dynamodb.CreateTableInput) error {
	indexes := declaredIndexes{used: attributesOf(in.KeySchema)}
	if err := indexes.global(in); err != nil {
		return err
	}
	if err := indexes.local(in); err != nil {
		return err
	}
	if err := checkProjected(indexes.projected); err != nil {
		return err
	}
	return checkAllUsed(in.AttributeDefinitions, indexes.used, hasIndexes(in))
}

// declaredIndexes are the indexes of a new table that were found right.
type declaredIndexes struct {
	names     []string
	used      []string // attributes in keys
	projected int      // attributes that are named to be included
}

func (d *declaredIndexes) add(name string, schema []types.KeySchemaElement, p types.Projection) error {
	if slices.Contains(d.names, name) {
		return refusal.InvalidParameter("Duplicate index name: %s", name)
	}
	d.names = append(d.names, name)
	d.used = append(d.used, attributesOf(schema)...)
	d.projected += len(p.NonKeyAttributes)
	return nil
}

func (d *declaredIndexes) global(in *dynamodb.CreateTableInput) error {
	if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
		return refusal.InvalidParameter("List of GlobalSecondaryIndexes is empty")
	}
	for _, g := range in.GlobalSecondaryIndexes {
		if err := checkGlobalIndex(g, in.BillingMode, in.AttributeDefinitions); err != nil {
			return err
		}
		if err := d.add(*g.IndexName, g.KeySchema, *g.Projection); err != nil {
			return err
		}
	}
	if len(in.GlobalSecondaryIndexes) > size.MaxGlobalIndexes {
		return refusal.InvalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d",
			size.MaxGlobalIndexes)
	}
	return nil
}

func (d *declaredIndexes) local(in *dynamodb.CreateTableInput) error {
	if in.LocalSecondaryIndexes == nil {
		return nil
	}
	if len(in.LocalSecondaryIndexes) == 0 {
		return refusal.InvalidParameter("List of LocalSecondaryIndexes is empty")
	}
	if len(in.KeySchema) < 2 {
		return refusal.InvalidParameter(
			"Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	for _, l := range in.LocalSecondaryIndexes {
		if err := checkLocalIndex(l, in); err != nil {
			return err
		}
		if err := d.add(*l.IndexName, l.KeySchema, *l.Projection); err != nil {
			return err
		}
	}
	if len(in.LocalSecondaryIndexes) > size.MaxLocalIndexes {
		return refusal.InvalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of %d",
			size.MaxLocalIndexes)
	}
	return nil
}

// checkProjected bounds the attributes that all indexes of a table name to include.
func checkProjected(projected int) error {
	if projected > size.MaxIncluded {
		return refusal.InvalidParameter("Number of projected attributes exceeds per-table limit of %d",
			size.MaxIncluded)
	}
	return nil
}

// checkAllUsed refuses definitions of attributes that are in no key.
func checkAllUsed(definitions []types.AttributeDefinition, used []string, indexed bool) error {
	names := make([]string, len(definitions))
	unused := false
	for i, d := range definitions {
		names[i] = *d.AttributeName
		unused = unused || !slices.Contains(used, names[i])
	}
	if !unused {
		return nil
	}
	var distinct []string
	for _, name := range used {
		if !slices.Contains(distinct, name) {
			distinct = append(distinct, name)
		}
	}
	return refusal.UnusedDefinitions(indexed, names, distinct)
}

func attributesOf(schema []types.KeySchemaElement) []string {
	names := make([]string, len(schema))
	for i, k := range schema {
		names[i] = *k.AttributeName
	}
	return names
}

func checkLocalIndex(l types.LocalSecondaryIndex, in *dynamodb.CreateTableInput) error {
	if err := checkKeyOrder(l.KeySchema, 1); err != nil {
		return err
	}
	if err := checkDefined(l.KeySchema, in.AttributeDefinitions); err != nil {
		return err
	}
	if len(l.KeySchema) < 2 {
		return refusal.InvalidParameter("Index KeySchema does not have a range key for index: %s", *l.IndexName)
	}
	if *l.KeySchema[0].AttributeName != *in.KeySchema[0].AttributeName {
		return refusal.InvalidParameter("Index KeySchema does not have the same leading hash key as table KeySchema "+
			"for index: %s. index hash key: %s, table hash key: %s",
			*l.IndexName, *l.KeySchema[0].AttributeName, *in.KeySchema[0].AttributeName)
	}
	return checkProjection(*l.Projection)
}

func checkGlobalIndex(
	g types.GlobalSecondaryIndex, billing types.BillingMode, definitions []types.AttributeDefinition,
) error {
	if err := checkKeyOrder(g.KeySchema, size.MaxIndexAttributes); err != nil {
		return err
	}
	if err := checkDefined(g.KeySchema, definitions); err != nil {
		return err
	}
	if err := checkProjection(*g.Projection); err != nil {
		return err
	}
	if billing == types.BillingModePayPerRequest {
		if g.ProvisionedThroughput != nil {
			return refusal.InvalidParameter(
				"ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST",
				*g.IndexName)
		}
		return nil
	}
	if g.ProvisionedThroughput == nil {
		return refusal.InvalidParameter("ProvisionedThroughput is not specified for index: %s", *g.IndexName)
	}
	return nil
}

// encryption checks the declared bounds of encryption at rest.
func (c *constraints) encryption(s *types.SSESpecification) {
	if s != nil {
		enum(c, s.SSEType, "sSESpecification.sSEType", "AES256", "KMS")
	}
}

// checkEncryption refuses the type that the service names and does not have.
func checkEncryption(s *types.SSESpecification) error {
	if s != nil && s.SSEType == types.SSETypeAes256 {
		return refusal.InvalidParameter("SSEType AES256 is not supported")
	}
	return nil
}

// checkStreamSpecification checks a stream's view; refuse words what is wrong with it, of a new table or of a change.
func checkStreamSpecification(s *types.StreamSpecification, refuse func(enabled bool) error) error {
	if s != nil && *s.StreamEnabled == (s.StreamViewType == "") {
		return refuse(*s.StreamEnabled)
	}
	return nil
}
