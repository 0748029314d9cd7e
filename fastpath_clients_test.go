package monotable_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
)

// An item without attributes is none, whatever has it in its place.
func TestFastPathOfEmptyItems(t *testing.T) {
	for _, item := range []string{`{}`, ` { } `, `null`} {
		for _, c := range cannedReads {
			body := map[string]string{
				"Scan":             `{"Items":[` + item + `],"Count":1}`,
				"GetItem":          `{"Item":` + item + `,"ConsumedCapacity":{"CapacityUnits":0.5,"TableName":"pets"}}`,
				"BatchGetItem":     `{"Responses":{"pets":[` + item + `]}}`,
				"TransactGetItems": `{"Responses":[{"Item":` + item + `},{},{"Item":{"id":{"N":"3"}}}]}`,
			}[c.form]
			bothWays(t, body, c.of)
			bothWays(t, body, c.ofItem)
		}
	}
}

// twice is a client that sends each request two times at once and takes the answer that comes first.
type twice struct{ *dynamodb.Client }

func (c *twice) Scan(ctx context.Context, in *dynamodb.ScanInput,
	o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return firstOfTwo(func() (*dynamodb.ScanOutput, error) { return c.Client.Scan(ctx, in, o...) })
}

func (c *twice) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return firstOfTwo(func() (*dynamodb.TransactGetItemsOutput, error) {
		return c.Client.TransactGetItems(ctx, in, o...)
	})
}

func firstOfTwo[T any](send func() (T, error)) (out T, err error) {
	var both sync.WaitGroup
	first := make(chan func() (T, error), 2)
	for range 2 {
		both.Go(func() {
			out, err := send()
			first <- func() (T, error) { return out, err }
		})
	}
	both.Wait()
	return (<-first)()
}

// Two answers to one call, decoded at a time, share nothing.
func TestFastPathOfHedgedRequests(t *testing.T) {
	more := petPage
	db, err := monotable.Open(&twice{cannedClient(&canned{answers: []cannedAnswer{
		{body: more}, {body: more}, {body: more}, {body: more}, {body: more}, {body: more}, {body: `{"Items":[]}`},
	}})}, petSchema)
	require.NoError(t, err)
	pets := tableOf[pet](t, db, monotable.Model{})
	var names []string
	for p, err := range pets.Scan(t.Context()) {
		require.NoError(t, err)
		names = append(names, p.Name)
	}
	assert.Equal(t, []string{"Rex", "Mia é", "Rex", "Mia é", "Rex", "Mia é"}, names)

	type other struct {
		ID int     `dynamodbav:"id"`
		At float64 `dynamodbav:"at"`
	}
	body := `{"Responses":[{"Item":{"id":{"N":"1"},"name":{"S":"Rex"}}},{"Item":{"id":{"N":"2"},"at":{"N":"1.5"}}}]}`
	schema := monotable.Schema{Name: "pets", Partition: monotable.N("id"), EntityType: "type"}
	db, err = monotable.Open(&twice{cannedClient(&canned{answers: []cannedAnswer{{body: body}}})}, schema)
	require.NoError(t, err)
	pets, others := tableOf[pet](t, db, monotable.Model{}), tableOf[other](t, db, monotable.Model{})
	for range 20 {
		var a *pet
		var b *other
		require.NoError(t, db.Read(t.Context(),
			[]monotable.ReadOp{pets.GetOp(pet{ID: 1}, &a), others.GetOp(other{ID: 2}, &b)}))
		require.Equal(t, &pet{ID: 1, Name: "Rex"}, a)
		require.Equal(t, &other{ID: 2, At: 1.5}, b)
	}
}

// copying is a client that makes outputs of its own.
type copying struct{ *dynamodb.Client }

func (c *copying) Scan(ctx context.Context, in *dynamodb.ScanInput,
	o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	out, err := c.Client.Scan(ctx, in, o...)
	if err != nil {
		return nil, err
	}
	return &dynamodb.ScanOutput{Items: out.Items, Count: out.Count, LastEvaluatedKey: out.LastEvaluatedKey}, nil
}

func (c *copying) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	out, err := c.Client.GetItem(ctx, in, o...)
	if err != nil {
		return nil, err
	}
	return &dynamodb.GetItemOutput{Item: out.Item}, nil
}

// A copy of an output has no items: that is told, rather than that there are none.
func TestFastPathOfCopiedOutputs(t *testing.T) {
	for _, options := range [][]monotable.OpenOption{nil, {monotable.WithoutFastPath()}} {
		scans := &canned{answers: []cannedAnswer{{body: petPage}, {body: `{"Items":[]}`}}}
		pets, _ := petTable(t, &copying{cannedClient(scans)}, options...)
		page, scanErr := pets.ScanPage(t.Context())
		gets := &canned{answers: []cannedAnswer{{body: cannedReads[1].body}, {body: `{}`}}}
		pets, _ = petTable(t, &copying{cannedClient(gets)}, options...)
		_, getErr := pets.Get(t.Context(), pet{ID: 1})
		_, noneErr := pets.Get(t.Context(), pet{ID: 2})
		assert.ErrorIs(t, noneErr, monotable.ErrNotFound)
		if len(options) > 0 {
			require.NoError(t, scanErr)
			assert.Len(t, page.Items, 2)
			assert.NoError(t, getErr)
			continue
		}
		assert.ErrorContains(t, scanErr, "WithoutFastPath")
		assert.ErrorContains(t, getErr, "WithoutFastPath")
	}
}

// segmented answers scans: segment 0 has no end, and all others are empty.
type segmented struct{ sent atomic.Int64 }

func (s *segmented) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	answer := `{"Items":[]}`
	if strings.Contains(string(body), `"Segment":0`) {
		s.sent.Add(1)
		answer = petPage
	}
	return (&canned{answers: []cannedAnswer{{body: answer}}}).Do(r)
}

// However many segments there are, none of them reads on and on before the caller comes.
func TestParallelScanIsNotFarAhead(t *testing.T) {
	for _, options := range [][]monotable.OpenOption{nil, {monotable.WithoutFastPath()}} {
		transport := new(segmented)
		pets, _ := petTable(t, cannedClient(nil, func(o *dynamodb.Options) { o.HTTPClient = transport }), options...)
		items := 0
		for _, err := range pets.Scan(t.Context(), monotable.Segments(50)) {
			require.NoError(t, err)
			if items++; items == 40 {
				break
			}
			for range 100 {
				runtime.Gosched()
			}
			require.LessOrEqual(t, int(transport.sent.Load()), (items+1)/2+3, "of two items each")
		}
	}
}

// An item's large map does not make those of the others large.
func TestFastPathMemoryOfMaps(t *testing.T) {
	type noted struct {
		ID    int               `dynamodbav:"id"`
		Notes map[string]string `dynamodbav:"notes"`
	}
	var body strings.Builder
	body.WriteString(`{"Items":[{"id":{"N":"0"},"notes":{"M":{"k":{"S":""}`)
	for i := range 20_000 {
		fmt.Fprintf(&body, `,"k%d":{"S":""}`, i)
	}
	body.WriteString(`}}}`)
	for i := range 2000 {
		fmt.Fprintf(&body, `,{"id":{"N":"%d"},"notes":{"M":%s}}`, i+1, []string{`{}`, `{"k":{"S":""}}`}[i%2])
	}
	body.WriteString(`]}`)
	db, err := monotable.Open(cannedClient(&canned{answers: []cannedAnswer{{body: body.String()}}}), petSchema)
	require.NoError(t, err)
	table := tableOf[noted](t, db, monotable.Model{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	page, err := table.ScanPage(t.Context())
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.Len(t, page.Items, 2001)
	assert.Empty(t, page.Items[1].Notes)
	assert.NotNil(t, page.Items[1].Notes)
	assert.Len(t, page.Items[2].Notes, 1)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
	assert.Equal(t, monotable.ReadStats{Fast: 1}, db.ReadStats())
}

// A page that Limit cuts has an array of its own: what was cut off is not kept.
func TestFastPathPageThatIsCut(t *testing.T) {
	pets, _ := petTable(t, cannedClient(&canned{answers: []cannedAnswer{{body: petPage}}}))
	page, err := pets.ScanPage(t.Context(), monotable.Limit(1))
	require.NoError(t, err)
	assert.Equal(t, []pet{{ID: 1, Name: "Rex", Tags: []string{"a", "b"}}}, page.Items)
	for _, behind := range page.Items[:cap(page.Items)][1:] {
		assert.Zero(t, behind)
	}
	assert.NotEmpty(t, page.Next)
}
