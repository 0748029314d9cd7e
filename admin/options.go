package admin

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// CreateOption fits Create. The last of two options of one kind counts; Tags add up.
type CreateOption interface{ create(*creation) }

// TableOption fits Create and CreateTableInput: it is part of that one request. The zero TableOption changes nothing.
type TableOption struct{ set func(*creation) }

type createOption func(*creation)

func (o TableOption) create(c *creation) {
	if o.set != nil {
		o.set(c)
	}
}

func (o createOption) create(c *creation) { o(c) }

// creation is what the options of one call said.
type creation struct {
	provisioned *throughput
	perIndex    map[string]throughput
	encrypted   bool
	kmsKey      string
	tags        map[string]string
	protected   bool
	class       types.TableClass
	view        types.StreamViewType
	recovery    bool
	existing    bool
}

// throughput is provisioned capacity in units per second.
type throughput struct{ read, write int64 }

// Provisioned bills the table by the hour for read and write capacity units, at least 1 each, that it can use per
// second; every global index gets as many unless ProvisionedIndex says otherwise. The default is billing by request, on
// demand. Auto scaling is another service's and is not set. (Developer Guide, "Provisioned capacity mode".)
func Provisioned(read, write int64) TableOption {
	return TableOption{func(c *creation) { c.provisioned = &throughput{read, write} }}
}

// ProvisionedIndex gives a global index of a Provisioned table capacity units of its own, at least 1 each. A local
// index uses the table's, and is refused, as is an index that the schema has not.
func ProvisionedIndex(name string, read, write int64) TableOption {
	return TableOption{func(c *creation) {
		if c.perIndex == nil {
			c.perIndex = map[string]throughput{}
		}
		c.perIndex[name] = throughput{read, write}
	}}
}

// KMS encrypts the table at rest with a key of AWS KMS: the one with that id, ARN or alias, or with "" the account's
// AWS managed key. Either is billed by KMS. The default is the key that DynamoDB owns, at no charge. (Developer Guide,
// "Encryption at rest".)
func KMS(keyID string) TableOption {
	return TableOption{func(c *creation) { c.encrypted, c.kmsKey = true, keyID }}
}

// Tags are the table's tags, by which costs are told apart and permissions are given: at most 50, of keys of up to 128
// characters and values of up to 256. The service refuses others.
func Tags(tags map[string]string) TableOption {
	return TableOption{func(c *creation) {
		if c.tags == nil {
			c.tags = map[string]string{}
		}
		maps.Copy(c.tags, tags)
	}}
}

// DeletionProtection makes the service refuse to delete the table until it is taken off with UpdateTable.
func DeletionProtection() TableOption { return TableOption{func(c *creation) { c.protected = true }} }

// InfrequentAccess is the table class with cheaper storage and dearer requests. (Developer Guide, "Table classes".)
func InfrequentAccess() TableOption {
	return TableOption{func(c *creation) { c.class = types.TableClassStandardInfrequentAccess }}
}

// Stream turns on the table's stream of changes, which keeps them for 24 hours and which package stream reads; view
// says what a record holds beside the key: nothing, the item as it was, as it is, or both. A view that the SDK does not
// know is refused.
func Stream(view types.StreamViewType) TableOption {
	return TableOption{func(c *creation) { c.view = view }}
}

// PointInTimeRecovery keeps continuous backups, from which the table can be restored to any second of the last 35 days.
// It is billed by the table's size. It is UpdateContinuousBackups, sent when the table is ready, and again while the
// service answers that its backups are not. A service that has none, as DynamoDB Local, refuses the request, and the
// error says that the table is there all the same.
func PointInTimeRecovery() CreateOption {
	return createOption(func(c *creation) { c.recovery = true })
}

// AllowExisting takes a table that is there already: Create then waits until it is ready, compares it with the schema
// as Verify does, for one DescribeTimeToLive more, and enables what TTL and point-in-time recovery it lacks. Anything
// else that differs is an error, monotable.ErrExists and a *MismatchError in one, and nothing is changed. What the
// other options ask for is not looked at in a table that exists.
func AllowExisting() CreateOption {
	return createOption(func(c *creation) { c.existing = true })
}

// validate says everything that is wrong with the options for this schema.
func (c *creation) validate(schema monotable.Schema) error {
	var errs []error
	refuse := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if p := c.provisioned; p != nil && !p.valid() {
		refuse("Provisioned: at least 1 read and 1 write capacity unit")
	}
	for _, name := range slices.Sorted(maps.Keys(c.perIndex)) {
		at := slices.IndexFunc(schema.Indexes, func(x monotable.Index) bool { return x.Name == name })
		switch {
		case at < 0:
			refuse("ProvisionedIndex: the schema has no index %q", name)
		case schema.Indexes[at].Local:
			refuse("ProvisionedIndex: %s is a local index, which uses the table's capacity", name)
		case c.provisioned == nil:
			refuse("ProvisionedIndex: %s has units of its own only when the table is Provisioned", name)
		case !c.perIndex[name].valid():
			refuse("ProvisionedIndex: %s: at least 1 read and 1 write capacity unit", name)
		}
	}
	if c.view != "" && !slices.Contains(c.view.Values(), c.view) {
		refuse("Stream: there is no view type %q", c.view)
	}
	return errors.Join(errs...)
}

func (t throughput) valid() bool { return t.read >= 1 && t.write >= 1 }
