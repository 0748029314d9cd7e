package bench

import (
	"runtime"
	"testing"

	"github.com/monotable/monotable"
)

// A scan of a table of 10 pages and of one of 200, of 1 MB each, item by item: the most memory that is in use, after a
// collection that every 500th item forces.
func BenchmarkFullScan(b *testing.B) {
	const count = 1000
	page, last := pageBody(b, count, flatOf, false), pageBody(b, count, flatOf, true)
	for _, c := range []struct {
		name            string
		segments, pages int
	}{{"one/10MB", 1, 10}, {"one/200MB", 1, 200}, {"segments8/16MB", 8, 2}, {"segments8/200MB", 8, 25}} {
		b.Run(c.name, func(b *testing.B) {
			transport := newCanned(page)
			var most uint64
			measured(b, func() error {
				asked := 0
				transport.pick = func(string) []byte {
					if asked++; asked == c.pages {
						return last
					}
					return nil
				}
				if c.segments > 1 {
					transport.pick = countdown(last, c.segments, c.pages)
				}
				table, _ := tableOf[flat](b, cannedClient(transport))
				n := 0
				for _, err := range table.Scan(ctx, monotable.Segments(c.segments)) {
					if err != nil {
						return err
					}
					if n++; n%500 == 0 {
						runtime.GC()
						var m runtime.MemStats
						runtime.ReadMemStats(&m)
						most = max(most, m.HeapAlloc)
					}
				}
				return counted(n, c.segments*c.pages*count, nil)
			})
			b.ReportMetric(float64(most)/(1<<20), "peak-MB")
		})
	}
}
