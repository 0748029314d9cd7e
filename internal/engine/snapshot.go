package engine

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/engine/btree"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/wire"
)

// A snapshot is text, one JSON value a line: what it is and its version, then each table followed by its items in
// DynamoDB JSON, then how much there was, then a checksum of all lines before.
const (
	snapshotKind    = "dynamotest snapshot"
	snapshotVersion = 1
	// SnapshotHead is a snapshot's first line.
	SnapshotHead = `{"kind":"dynamotest snapshot","version":1}` + "\n"
	// maxSnapshotLine bounds a line: an item of 400 KB whose every byte is escaped, with room to spare.
	maxSnapshotLine = 16 << 20
)

// ErrSnapshot is what a snapshot that cannot be read is refused with; the error says why.
var ErrSnapshot = errors.New("not a snapshot that can be read")

type snapshotHead struct {
	Kind    string `json:"kind"`
	Version int    `json:"version"`
}

type snapshotEnd struct {
	Tables   int    `json:"tables"`
	Items    int    `json:"items"`
	Sequence uint64 `json:"sequence"` // of the last change of any stream
}

type snapshotSum struct {
	CRC32 uint32 `json:"crc32"` // of all lines before
}

// savedTable is a table with all that is not an item.
type savedTable struct {
	Definition     json.RawMessage `json:"definition"` // a CreateTableInput
	Items          int             `json:"items"`
	ID             string          `json:"id"`
	Created        time.Time       `json:"created"`
	OnDemandSince  time.Time       `json:"onDemandSince,omitzero"`
	ClassChanged   time.Time       `json:"classChanged,omitzero"`
	Increased      time.Time       `json:"increased,omitzero"`
	Decreased      time.Time       `json:"decreased,omitzero"`
	DecreasesToday int64           `json:"decreasesToday,omitzero"`
	TTL            string          `json:"ttl,omitzero"`
	Recovery       bool            `json:"recovery,omitzero"`
	RecoverySince  time.Time       `json:"recoverySince,omitzero"`
	RecoveryDays   int32           `json:"recoveryDays"`
	StreamLabel    string          `json:"streamLabel,omitzero"`
	StreamEnabled  time.Time       `json:"streamEnabled,omitzero"`
}

// Save writes all tables with their settings and items, as they are at one moment, for Load. Tables being deleted are
// left out; the records of streams are not kept, nor are the tokens of transactions.
func (e *Engine) Save(w io.Writer) error {
	tables, items, sequence := e.capture()
	sum := crc32.NewIEEE()
	out := bufio.NewWriter(w)
	line := func(b []byte) error {
		b = append(b, '\n')
		_, _ = sum.Write(b) // never fails
		_, err := out.Write(b)
		return err
	}
	if err := line([]byte(strings.TrimSuffix(SnapshotHead, "\n"))); err != nil {
		return err
	}
	end := snapshotEnd{Tables: len(tables), Sequence: sequence}
	var buffer []byte
	for i, t := range tables {
		saved, err := json.Marshal(t)
		if err == nil {
			err = line(saved)
		}
		if err != nil {
			return err
		}
		for _, item := range items[i] {
			buffer = item.AppendJSON(buffer[:0])
			if err := line(buffer); err != nil {
				return err
			}
		}
		end.Items += len(items[i])
	}
	counts, err := json.Marshal(end)
	if err == nil {
		err = line(counts)
	}
	if err != nil {
		return err
	}
	last, err := json.Marshal(snapshotSum{sum.Sum32()})
	if err == nil {
		err = line(last)
	}
	return cmp.Or(err, out.Flush())
}

// capture gives all tables and their items as of one moment: it holds all their locks while it collects.
func (e *Engine) capture() (saved []savedTable, items [][]packed.Item, sequence uint64) {
	var tables []*table
	for _, name := range e.tableNames() {
		if t := e.find(name); t != nil {
			tables = append(tables, t)
		}
	}
	slices.SortFunc(tables, func(a, b *table) int { return strings.Compare(a.name, b.name) })
	for _, t := range tables {
		t.mu.RLock()
		defer t.mu.RUnlock()
	}
	for _, t := range tables {
		if t.status == types.TableStatusDeleting {
			continue
		}
		all := make([]packed.Item, 0, t.items.Size)
		t.items.Ascend("", func(e *btree.Entry) bool {
			all = append(all, e.Item)
			return true
		})
		saved = append(saved, t.save())
		items = append(items, all)
	}
	return saved, items, e.sequence.Load()
}

// Items gives all items of a table in the order of their encoded keys, none where there is no table. It charges
// nothing.
func (e *Engine) Items(nameOrARN string) []map[string]types.AttributeValue {
	var items []map[string]types.AttributeValue
	_ = e.reading(nameOrARN, func(t *table) error { // a table that is not there has no items
		t.items.Ascend("", func(e *btree.Entry) bool {
			items = append(items, e.Item.Map())
			return true
		})
		return nil
	})
	return items
}

// save gives all of a table but its items. It is called under the table's lock.
func (t *table) save() savedTable {
	s := t.settings
	saved := savedTable{
		Definition: wire.AppendOutput(nil, t.definition()), Items: t.items.Size, ID: t.id, Created: t.created,
		OnDemandSince: s.onDemandSince, ClassChanged: s.classChanged,
		Increased: t.throughput.increased, Decreased: t.throughput.decreased,
		DecreasesToday: t.throughput.decreasesToday,
		TTL:            s.ttlAttribute, Recovery: s.recovery, RecoverySince: s.recoverySince,
		RecoveryDays: s.recoveryDays,
	}
	if stream := t.stream(); stream != nil {
		saved.StreamLabel, saved.StreamEnabled = stream.label, stream.enabled
	}
	return saved
}

// definition is the request that would make the table as it is.
func (t *table) definition() *dynamodb.CreateTableInput {
	s := t.settings
	in := &dynamodb.CreateTableInput{
		TableName: &t.name, AttributeDefinitions: t.definitions, KeySchema: t.schema, BillingMode: s.billing,
		TableClass:                s.class,
		DeletionProtectionEnabled: &s.deletionProtection, OnDemandThroughput: s.onDemand,
		ProvisionedThroughput: t.provisioned(t.throughput),
	}
	if s.encryption != nil {
		in.SSESpecification = &types.SSESpecification{Enabled: new(true), SSEType: s.encryption.SSEType,
			KMSMasterKeyId: s.encryption.KMSMasterKeyArn}
	}
	if stream := t.stream(); stream != nil {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: new(true), StreamViewType: stream.view}
	}
	for key, value := range s.tags {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
	slices.SortFunc(in.Tags, func(a, b types.Tag) int { return strings.Compare(*a.Key, *b.Key) })
	for _, x := range t.indexes {
		switch {
		case x.local:
			in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes,
				types.LocalSecondaryIndex{IndexName: &x.name, KeySchema: x.schema, Projection: x.shown()})
		case x.status != types.IndexStatusDeleting:
			in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes,
				types.GlobalSecondaryIndex{IndexName: &x.name, KeySchema: x.schema, Projection: x.shown(),
					OnDemandThroughput: x.onDemand, ProvisionedThroughput: t.provisioned(x.throughput)})
		}
	}
	return in
}

// shown is an index's projection as a request has it, without an empty list.
func (x *index) shown() *types.Projection {
	p := types.Projection{ProjectionType: x.projection.ProjectionType}
	if len(x.projection.NonKeyAttributes) > 0 {
		p.NonKeyAttributes = x.projection.NonKeyAttributes
	}
	return &p
}

// provisioned is what a request says about throughput, nil where the table is billed by request.
func (t *table) provisioned(p throughput) *types.ProvisionedThroughput {
	if t.settings.billing != types.BillingModeProvisioned {
		return nil
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: &p.read, WriteCapacityUnits: &p.write}
}

// snapshotReader reads a snapshot line by line.
type snapshotReader struct {
	lines  *bufio.Scanner
	number int
	sum    uint32 // of the lines before the last one that was read
	next   uint32
}

// damaged is the refusal of what stands on the line that was read last.
func (r *snapshotReader) damaged(format string, args ...any) error {
	return fmt.Errorf("%w: damaged at line %d: %s", ErrSnapshot, r.number, fmt.Sprintf(format, args...))
}

func (r *snapshotReader) line() ([]byte, error) {
	r.number++
	if !r.lines.Scan() {
		switch err := r.lines.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			return nil, r.damaged("the line is too long")
		case err != nil:
			return nil, err
		}
		return nil, r.damaged("it ends too early")
	}
	b := r.lines.Bytes()
	r.sum = r.next
	r.next = crc32.Update(crc32.Update(r.sum, crc32.IEEETable, b), crc32.IEEETable, []byte{'\n'})
	return b, nil
}

// decode reads a line's JSON, with no members but those of into.
func decode(line []byte, into any) bool {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(into) == nil && !d.More()
}

// Load makes the tables of a snapshot, in an engine without tables. It makes all of them or, with an error that is
// ErrSnapshot unless r failed, none.
func (e *Engine) Load(r io.Reader) error {
	in := &snapshotReader{lines: bufio.NewScanner(r)}
	in.lines.Buffer(nil, maxSnapshotLine)
	var head snapshotHead
	first, err := in.line()
	if err != nil && !errors.Is(err, ErrSnapshot) {
		return err
	}
	if json.Unmarshal(first, &head) != nil || head.Kind != snapshotKind {
		return fmt.Errorf("%w: it is something else", ErrSnapshot)
	}
	if head.Version != snapshotVersion {
		return fmt.Errorf("%w: it has version %d and this program reads version %d", ErrSnapshot, head.Version,
			snapshotVersion)
	}
	tables := map[string]*table{}
	items := 0
	for {
		b, err := in.line()
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(b, []byte(`{"definition":`)) {
			if err := in.checkEnd(b, e, len(tables), items); err != nil {
				return err
			}
			break
		}
		t, err := in.table(e, b)
		if err != nil {
			return err
		}
		if tables[t.name] != nil {
			return in.damaged("a table stands there twice")
		}
		tables[t.name] = t
		items += t.items.Size
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.tables) > 0 {
		return errors.New("a snapshot is loaded where there are no tables yet")
	}
	e.tables = tables
	return nil
}

// checkEnd checks a snapshot's last two lines against what was read, and that nothing follows.
func (r *snapshotReader) checkEnd(counts []byte, e *Engine, tables, items int) error {
	var end snapshotEnd
	if !decode(counts, &end) || end.Tables != tables || end.Items != items {
		return r.damaged("not what belongs there")
	}
	last, err := r.line()
	if err != nil {
		return err
	}
	var sum snapshotSum
	if !decode(last, &sum) {
		return r.damaged("not a checksum")
	}
	if sum.CRC32 != r.sum {
		return r.damaged("the checksum is another")
	}
	if r.lines.Scan() {
		return r.damaged("something follows the end")
	}
	if e.sequence.Load() < end.Sequence {
		e.sequence.Store(end.Sequence)
	}
	return r.lines.Err()
}

// table makes a table of its line and reads its items.
func (r *snapshotReader) table(e *Engine, line []byte) (*table, error) {
	var saved savedTable
	if !decode(line, &saved) {
		return nil, r.damaged("not a table")
	}
	in := &dynamodb.CreateTableInput{}
	if wire.UnmarshalInput(saved.Definition, in) != nil || checkSavedTable(in) != nil {
		return nil, r.damaged("not a table's definition")
	}
	t, err := e.newTable(in)
	if err != nil {
		return nil, r.damaged("not a table's definition")
	}
	t.restore(saved)
	for range saved.Items {
		b, err := r.line()
		if err != nil {
			return nil, err
		}
		if err := t.load(b); err != nil {
			return nil, r.damaged("not an item of table %s", t.name)
		}
	}
	t.past = nil // nothing that was loaded is a write that a read may stand behind
	return t, nil
}

// restore gives a table what its definition does not say.
func (t *table) restore(saved savedTable) {
	t.id, t.created = saved.ID, saved.Created
	t.status = types.TableStatusActive
	t.passing.Store(false)
	for _, x := range t.indexes {
		x.status = types.IndexStatusActive
	}
	t.throughput.increased, t.throughput.decreased, t.throughput.decreasesToday = saved.Increased, saved.Decreased,
		saved.DecreasesToday
	t.settings.onDemandSince, t.settings.classChanged = saved.OnDemandSince, saved.ClassChanged
	t.settings.ttlAttribute = saved.TTL
	t.settings.recovery, t.settings.recoverySince, t.settings.recoveryDays = saved.Recovery, saved.RecoverySince,
		saved.RecoveryDays
	if s := t.stream(); s != nil && saved.StreamLabel != "" {
		s.label, s.enabled = saved.StreamLabel, saved.StreamEnabled
		s.arn = t.arn() + "/stream/" + s.label
	}
}

// load stores one item of a snapshot, under the rules of a put but for the keys of indexes: an index that was added to
// a table leaves out the items that do not fit it.
func (t *table) load(line []byte) error {
	item, err := wire.ParseItem(line)
	if err != nil {
		return err
	}
	w, err := writeRequest{kind: putWrite, table: &t.name, item: item}.write()
	if err != nil {
		return err
	}
	key, err := t.itemKey(item, false)
	if err != nil {
		return err
	}
	if _, twice := t.items.Get(key); twice {
		return errors.New("an item stands there twice")
	}
	t.store(key, "", w.item, &capacity{})
	return nil
}
