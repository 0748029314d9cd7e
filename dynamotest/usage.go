package dynamotest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"

	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/wire"
)

// Usage is what a client was asked to do and what that was charged, since it was made or ResetUsage.
type Usage struct {
	Calls  int            // requests, refused ones included
	Errors map[string]int // refused requests by the service's code, such as ConditionalCheckFailedException
	Lines  []UsageLine    // by operation, table and index
}

// UsageLine is one operation's part in a Usage, on one table or on one index. Units that the service charges without
// reporting them are in: those of failed conditions and of cancelled transactions.
type UsageLine struct {
	Operation string
	Table     string  // "" for operations on no table
	Index     string  // "" for the table itself
	Calls     int     // requests; those that also write an index are counted on the table's line alone
	Failed    int     // those of Calls that ended in an error
	Items     int     // items and keys read, evaluated or written, counted where Calls are
	Read      float64 // units
	Write     float64 // units
}

// Sum adds the lines that keep approves; their sum names no operation.
func (u Usage) Sum(keep func(UsageLine) bool) UsageLine {
	var sum UsageLine
	for _, l := range u.Lines {
		if keep(l) {
			sum.Calls += l.Calls
			sum.Failed += l.Failed
			sum.Items += l.Items
			sum.Read += l.Read
			sum.Write += l.Write
		}
	}
	return sum
}

// Operation sums an operation's lines, on all tables and indexes. A call on two tables is counted on both.
func (u Usage) Operation(name string) UsageLine {
	sum := u.Sum(func(l UsageLine) bool { return l.Operation == name })
	sum.Operation = name
	return sum
}

// Table sums a table's lines, with its indexes.
func (u Usage) Table(name string) UsageLine {
	sum := u.Sum(func(l UsageLine) bool { return l.Table == name })
	sum.Table = name
	return sum
}

// Index sums an index's lines.
func (u Usage) Index(table, name string) UsageLine {
	sum := u.Sum(func(l UsageLine) bool { return l.Table == table && l.Index == name })
	sum.Table, sum.Index = table, name
	return sum
}

// String shows the lines as a table, and the errors.
func (u Usage) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "operation\ton\tcalls\tfailed\titems\tread\twrite")
	for _, l := range u.Lines {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%g\t%g\n", l.Operation, cmp.Or(placeOf(l.Table, l.Index), "-"), l.Calls,
			l.Failed, l.Items, l.Read, l.Write)
	}
	_ = w.Flush() // a strings.Builder takes everything
	for _, code := range slices.Sorted(maps.Keys(u.Errors)) {
		fmt.Fprintf(&b, "%d × %s\n", u.Errors[code], code)
	}
	return b.String()
}

// placeOf names a table, or an index as table/index.
func placeOf(table, index string) string {
	if index == "" {
		return table
	}
	return table + "/" + index
}

// usage counts. It is safe for concurrent use, and calls that only add to a line that is there do not wait for each
// other.
type usage struct {
	counts atomic.Pointer[usageCounts] // nil for none
}

// usageCounts are the counts since one beginning.
type usageCounts struct {
	calls  atomic.Int64
	mu     sync.RWMutex // of what follows, for writing where a line is new
	lines  map[usageKey]*lineCounts
	errors map[string]int
}

type usageKey struct{ operation, table, index string }

type lineCounts struct {
	calls, failed, items atomic.Int64
	read, write          units
}

// units are a sum of floating point numbers.
type units struct{ bits atomic.Uint64 }

func (u *units) add(n float64) {
	for n != 0 {
		old := u.bits.Load()
		if u.bits.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+n)) {
			return
		}
	}
}

func (u *units) load() float64 { return math.Float64frombits(u.bits.Load()) }

func (u *usage) now() *usageCounts {
	for {
		if counts := u.counts.Load(); counts != nil {
			return counts
		}
		u.counts.CompareAndSwap(nil, &usageCounts{lines: map[usageKey]*lineCounts{}})
	}
}

func (u *usageCounts) line(operation, table, index string) *lineCounts {
	key := usageKey{operation, table, index}
	u.mu.RLock()
	l := u.lines[key]
	u.mu.RUnlock()
	if l != nil {
		return l
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.lines[key] == nil {
		u.lines[key] = &lineCounts{}
	}
	return u.lines[key]
}

// called counts a request.
func (u *usage) called(operation string, in any, err error) {
	counts := u.now()
	counts.calls.Add(1)
	if err != nil {
		counts.failed(codeOf(err))
	}
	count := func(p part) {
		l := counts.line(operation, p.table, p.index)
		l.calls.Add(1)
		if err != nil {
			l.failed.Add(1)
		}
	}
	if p, ok := singlePart(in); ok {
		count(p)
		return
	}
	parts := partsOf(in)
	if len(parts) == 0 {
		count(part{})
	}
	seen := map[string]bool{"": len(parts) > 1} // of a statement that cannot be read, beside others
	for _, p := range parts {
		if !seen[p.table] {
			seen[p.table] = true
			count(p)
		}
	}
}

func (u *usageCounts) failed(code string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.errors == nil {
		u.errors = map[string]int{}
	}
	u.errors[code]++
}

func (u *usage) read() Usage {
	counts := u.now()
	counts.mu.RLock()
	defer counts.mu.RUnlock()
	out := Usage{Calls: int(counts.calls.Load()), Errors: maps.Clone(counts.errors)}
	for key, l := range counts.lines {
		line := UsageLine{Operation: key.operation, Table: key.table, Index: key.index,
			Calls: int(l.calls.Load()), Failed: int(l.failed.Load()), Items: int(l.items.Load()), Read: l.read.load(),
			Write: l.write.load()}
		if line != (UsageLine{Operation: key.operation, Table: key.table, Index: key.index}) {
			out.Lines = append(out.Lines, line)
		}
	}
	slices.SortFunc(out.Lines, func(a, b UsageLine) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Table, b.Table),
			cmp.Compare(a.Index, b.Index))
	})
	return out
}

// codeOf names an error as the service does.
func codeOf(err error) string {
	var api smithy.APIError
	var unread *wire.Error
	var cut *cutAnswer
	switch {
	case errors.As(err, &api):
		return api.ErrorCode()
	case errors.As(err, &unread):
		return unread.Code
	case errors.Is(err, errConnectionReset):
		return "connection reset"
	case errors.As(err, &cut):
		return "answer cut"
	case errors.Is(err, context.Canceled):
		return "context canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "context deadline exceeded"
	}
	return "other"
}
