package admin

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
)

// CreateOption fits Create. The last of two options of one kind counts; Tags add up. A nil one changes nothing.
type CreateOption interface{ create(*creation) }

// TableOption fits Create and CreateTableInput: it is part of that one request.
type TableOption interface {
	CreateOption
	table()
}

// VerifyOption fits Create, CreateTableInput and Verify: it is part of the request, and can be seen of a table that is
// there.
type VerifyOption interface {
	TableOption
	verify()
}

type createOption func(*creation)

func (o createOption) create(c *creation) { o(c) }

type tableOption struct{ createOption }

func (tableOption) table() {}

type verifyOption struct{ tableOption }

func (verifyOption) verify() {}

// inTable is an option of the request that creates a table.
func inTable(set func(*creation)) TableOption { return tableOption{set} }

// compared is one that Verify knows too.
func compared(set func(*creation)) VerifyOption { return verifyOption{tableOption{set}} }

// creation is what the options of one call said.
type creation struct {
	billing     types.BillingMode // "" where no option says
	provisioned throughput
	perIndex    map[string]throughput
	encrypted   bool
	kmsKey      string
	tags        map[string]string
	protected   bool
	class       types.TableClass // "" where no option says
	recovery    bool
	existing    bool
}

// said is what options say together.
func said[O CreateOption](options []O) *creation {
	c := &creation{}
	for _, o := range options {
		if any(o) != nil {
			o.create(c)
		}
	}
	return c
}

// throughput is provisioned capacity in units per second.
type throughput struct{ read, write int64 }

// OnDemand bills the table by request. It is the default of Create; Verify compares the billing mode where it is given.
// (Developer Guide, "On-demand mode".)
func OnDemand() VerifyOption {
	return compared(func(c *creation) { c.billing = types.BillingModePayPerRequest })
}

// Provisioned bills the table by the hour for read and write capacity units, at least 1 each, that it can use per
// second; every global index gets as many unless ProvisionedIndex says otherwise. The default is OnDemand. Auto scaling
// is another service's and is not set; as it changes the units, Verify compares the billing mode alone. (Developer
// Guide, "Provisioned capacity mode".)
func Provisioned(read, write int64) VerifyOption {
	return compared(func(c *creation) {
		c.billing, c.provisioned = types.BillingModeProvisioned, throughput{read, write}
	})
}

// ProvisionedIndex gives a global index of a Provisioned table capacity units of its own, at least 1 each. A local
// index uses the table's, and is refused, as is an index that the schema has not.
func ProvisionedIndex(name string, read, write int64) TableOption {
	return inTable(func(c *creation) {
		if c.perIndex == nil {
			c.perIndex = map[string]throughput{}
		}
		c.perIndex[name] = throughput{read, write}
	})
}

// KMS encrypts the table at rest with a key of AWS KMS: the one with that id, ARN or alias, or with "" the account's
// AWS managed key. Either is billed by KMS. The default is the key that DynamoDB owns, at no charge. (Developer Guide,
// "Encryption at rest".)
func KMS(keyID string) TableOption {
	return inTable(func(c *creation) { c.encrypted, c.kmsKey = true, keyID })
}

// Tags are the table's tags, by which costs are told apart and permissions are given: at most 50, of keys of up to 128
// characters and values of up to 256. The service refuses others.
func Tags(tags map[string]string) TableOption {
	return inTable(func(c *creation) {
		if c.tags == nil {
			c.tags = map[string]string{}
		}
		maps.Copy(c.tags, tags)
	})
}

// DeletionProtection makes the service refuse to delete the table until it is taken off with UpdateTable. Verify finds
// a table without it where it is given.
func DeletionProtection() VerifyOption { return compared(func(c *creation) { c.protected = true }) }

// InfrequentAccess is the table class with cheaper storage and dearer requests. Verify compares the class where it is
// given. (Developer Guide, "Table classes".)
func InfrequentAccess() VerifyOption {
	return compared(func(c *creation) { c.class = types.TableClassStandardInfrequentAccess })
}

// StandardClass is the table class that the service gives where none is asked for. Verify compares the class where it
// is given.
func StandardClass() VerifyOption {
	return compared(func(c *creation) { c.class = types.TableClassStandard })
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
// other options ask for is not looked at in a table that exists: give Verify those that it knows.
func AllowExisting() CreateOption {
	return createOption(func(c *creation) { c.existing = true })
}

// validate says everything that is wrong with the options for this schema.
func (c *creation) validate(schema monotable.Schema) error {
	var errs []error
	refuse := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.billing == types.BillingModeProvisioned && !c.provisioned.valid() {
		refuse("Provisioned: at least 1 read and 1 write capacity unit")
	}
	for _, name := range slices.Sorted(maps.Keys(c.perIndex)) {
		at := slices.IndexFunc(schema.Indexes, func(x monotable.Index) bool { return x.Name == name })
		switch {
		case at < 0:
			refuse("ProvisionedIndex: the schema has no index %q", name)
		case schema.Indexes[at].Local:
			refuse("ProvisionedIndex: %s is a local index, which uses the table's capacity", name)
		case c.billing != types.BillingModeProvisioned:
			refuse("ProvisionedIndex: %s has units of its own only when the table is Provisioned", name)
		case !c.perIndex[name].valid():
			refuse("ProvisionedIndex: %s: at least 1 read and 1 write capacity unit", name)
		}
	}
	return errors.Join(errs...)
}

func (t throughput) valid() bool { return t.read >= 1 && t.write >= 1 }
