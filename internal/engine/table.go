package engine

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/refusal"
)

// table is one table with its indexes. Its lock covers all of it; what is said to be fixed needs none.
type table struct {
	shared      *shared                  // fixed
	name        string                   // fixed
	id          string                   // fixed
	created     time.Time                // fixed
	keys        keyspace.Schema          // fixed
	schema      []types.KeySchemaElement // fixed, as it was declared
	passing     atomic.Bool              // the table or one of its indexes is in a status that ends by itself
	mu          sync.RWMutex
	definitions []types.AttributeDefinition
	status      types.TableStatus
	until       time.Time // when a passing status ends
	settings    settings
	throughput  throughput
	items       btree.Tree
	bytes       int64
	indexes     []*index
	streams     []*stream        // the last one may be enabled
	past        []pastWrite      // the last writes, for reads that lag behind
	rewinding   bool             // what is stored now is the past, not a write
	collections map[string]int64 // bytes of each item collection, by encoded hash key; nil without LSIs
}

func (t *table) arn() string {
	o := t.shared.options
	return "arn:aws:dynamodb:" + o.Region + ":" + o.AccountID + ":table/" + t.name
}

// index finds an index by its name.
func (t *table) index(name string) *index {
	for _, x := range t.indexes {
		if x.name == name {
			return x
		}
	}
	return nil
}

// sortIndexes keeps the indexes in the order of their names, in which the service looks at them: of several that refuse
// a value the first is told (captured from us-east-1, October 2026).
func (t *table) sortIndexes() {
	slices.SortFunc(t.indexes, func(a, b *index) int { return strings.Compare(a.name, b.name) })
}

func (t *table) hasLocal() bool { return t.collections != nil }

// settle ends the passing statuses whose time has come, and says whether the table is gone.
func (t *table) settle(now time.Time) (gone bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	passing := false
	if t.status != types.TableStatusActive {
		switch {
		case now.Before(t.until):
			passing = true
		case t.status == types.TableStatusDeleting:
			return true
		default:
			t.status = types.TableStatusActive
		}
	}
	kept := t.indexes[:0:0]
	for _, x := range t.indexes {
		switch {
		case x.status == types.IndexStatusActive:
		case now.Before(x.until):
			passing = true
		case x.status == types.IndexStatusDeleting:
			continue
		default:
			x.status = types.IndexStatusActive
			x.backfilling = false
		}
		kept = append(kept, x)
	}
	if len(kept) < len(t.indexes) {
		t.indexes = kept
		t.forgetDefinitions()
	}
	t.passing.Store(passing)
	return false
}

// forgetDefinitions drops the attribute definitions that no key uses any more.
func (t *table) forgetDefinitions() {
	kept := t.definitions[:0:0]
	for _, d := range t.definitions {
		used := t.keys.Has(*d.AttributeName)
		for _, x := range t.indexes {
			used = used || x.keys.Has(*d.AttributeName)
		}
		if used {
			kept = append(kept, d)
		}
	}
	t.definitions = kept
}

// ready says whether items can be read and written: a table that is being made or deleted is not there for them.
func (t *table) ready() error {
	if t.status == types.TableStatusCreating || t.status == types.TableStatusDeleting {
		return refusal.NotFound()
	}
	return nil
}
