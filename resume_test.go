package monotable_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// A scan killed at every page and resumed yields each item at least once and, counted by stored cursors, exactly once.
func TestScanKilledAtEveryPage(t *testing.T) {
	const items = 60
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id")}
	for _, segments := range []int{1, 3} {
		for _, every := range []int{1, 2, 5} { // store the cursor behind each item, or behind some
			t.Run(fmt.Sprintf("%d segments, stored every %d", segments, every), func(t *testing.T) {
				db, requests := newDB(t, schema, monotable.CursorKeys(make([]byte, 16)))
				pets := tableOf[Pet](t, db, monotable.Model{})
				for i := range items {
					require.NoError(t, pets.Put(t.Context(), &Pet{ID: i, Name: "x"}))
				}
				requests.before = func(_ string, in any) error { // small pages
					if scan, ok := in.(*dynamodb.ScanInput); ok {
						limit := int32(4)
						scan.Limit = &limit
					}
					return nil
				}
				var stored []byte        // what another process finds
				counted := map[int]int{} // items that stored cursors stand behind
				yielded := map[int]int{} // items seen at all
				done, lives, crashes := false, 0, 0
				for ; !done && lives < 10*items; lives++ {
					// A process of its own: a new DB over the same table, with the stored text alone.
					db, err := monotable.Open(requests, db.Schema(), monotable.CursorKeys(make([]byte, 16)))
					require.NoError(t, err)
					pets := tableOf[Pet](t, db, monotable.Model{})
					var at monotable.Cursor
					if stored != nil {
						require.NoError(t, json.Unmarshal(stored, &at))
					}
					var since []int
					store := func() {
						text, err := json.Marshal(at)
						require.NoError(t, err)
						stored = text
						for _, id := range since {
							counted[id]++
						}
						since = nil
					}
					pages, killed := 0, false
					progress := monotable.Progress(items, func(monotable.ScanProgress) {
						pages++
						// in the first page to the fourth: three may be nothing but the ends of segments
						killed = pages > lives%4
					})
					for pet, err := range pets.Scan(t.Context(), monotable.Segments(segments), monotable.Resume(&at),
						progress) {
						require.NoError(t, err)
						if killed {
							break // before the item was dealt with
						}
						yielded[pet.ID]++
						if since = append(since, pet.ID); len(since) == every {
							store()
						}
					}
					if killed {
						crashes++
					} else {
						done = true
						store()
						assert.Equal(t, `""`, string(stored), "the end")
					}
				}
				require.True(t, done)
				assert.Greater(t, crashes, 5)
				for id := range items {
					assert.Equal(t, 1, counted[id], "item %d by stored cursors", id)
					assert.GreaterOrEqual(t, yielded[id], 1, "item %d", id)
				}
			})
		}
	}
}

// The cursor that is kept when a page's end is told stands behind the page, filtered items included.
func TestResumeFromPages(t *testing.T) {
	for _, segments := range []int{1, 4} {
		c := &costly{items: 100, full: 10, units: 1}
		pets := costlyPets(t, c)
		var stored monotable.Cursor
		var all []Pet
		for done := false; !done; {
			at := stored
			var page []Pet
			progress := monotable.Progress(100, func(p monotable.ScanProgress) {
				all, page = append(all, page...), nil
				stored = at
				done = p.Share == 1
			})
			pages := 0
			for pet, err := range pets.Scan(t.Context(), monotable.Segments(segments), monotable.Resume(&at),
				progress) {
				require.NoError(t, err)
				if page = append(page, pet); len(all)+len(page) > 0 && len(page) == 7 {
					if pages++; pages == 3 {
						break
					}
				}
			}
		}
		assert.Empty(t, stored)
		ids := petIDs(all)
		assert.Equal(t, counting(100), slices.Compact(ids), "%d segments", segments)
	}
}

func TestParallelScansWithLongKeysResume(t *testing.T) {
	ctx := t.Context()
	db, _ := newDB(t, monotable.Schema{Name: "long", Partition: monotable.S("id")}, monotable.CursorKeys(newKey))
	items := tableOf[monotable.Item](t, db, monotable.Model{})
	for i := range 200 {
		require.NoError(t, items.Put(ctx, &monotable.Item{"id": text(fmt.Sprintf("%0600d", i))}))
	}
	var at monotable.Cursor
	n := 0
	for range 2 {
		for _, err := range items.Scan(ctx, monotable.Segments(150), monotable.Resume(&at)) {
			require.NoError(t, err)
			if n++; n == 190 {
				break
			}
		}
	}
	assert.Equal(t, 200, n)
}
