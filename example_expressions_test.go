package monotable_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/monotable/monotable"
)

// Parcel is in an index whose key is made of two of its attributes.
type Parcel struct {
	ID      string    `dynamodbav:"id"`
	Depot   string    `dynamodbav:"depot"`
	State   string    `dynamodbav:"state"`
	Tags    []string  `dynamodbav:"tags,omitempty,stringset"`
	Note    string    `dynamodbav:"note,omitempty"`
	Scans   int       `dynamodbav:"scans"`
	Expires time.Time `dynamodbav:"expires,unixtime"`
}

func parcelTable(ctx context.Context) *monotable.Table[Parcel] {
	db := openTable(ctx, monotable.Schema{Name: "parcels", Partition: monotable.S("PK"),
		Indexes: []monotable.Index{{Name: "by-state", Partition: monotable.S("GSI1PK")}}})
	parcels, err := monotable.New[Parcel](db, monotable.Model{Keys: map[string]string{
		"PK": "PARCEL#{id}", "GSI1PK": "{depot}#{state}"}})
	if err != nil {
		log.Fatal(err)
	}
	one := Parcel{ID: "1", Depot: "oslo", State: "new", Tags: []string{"fragile"}, Note: "ring twice"}
	if err := parcels.Create(ctx, &one); err != nil {
		log.Fatal(err)
	}
	return parcels
}

// Values are written as the type's attribute is: a time on a unixtime field as a number.
func ExampleSet() {
	ctx := context.Background()
	parcels := parcelTable(ctx)
	end := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	p, err := parcels.Update(ctx, Parcel{ID: "1"}, monotable.Set("expires", end), monotable.If(monotable.Is("scans", 0)))
	fmt.Println(p.Expires.UTC(), err)
	_, err = parcels.Update(ctx, Parcel{ID: "1"}, monotable.Set("sacns", 1))
	fmt.Println(err)
	// Output:
	// 2030-01-01 00:00:00 +0000 UTC <nil>
	// monotable: Update Parcel: expression: monotable_test.Parcel has no attribute sacns
}

// A number is added to, and a slice to a set. What Add returns goes on with the SDK's methods.
func ExampleAdd() {
	ctx := context.Background()
	u := monotable.Add("tags", []string{"heavy"}).Add(expression.Name("scans"), expression.Value(1))
	p, err := parcelTable(ctx).Update(ctx, Parcel{ID: "1"}, u)
	fmt.Println(p.Tags, p.Scans, err)
	// Output: [fragile heavy] 1 <nil>
}

func ExampleDelete() {
	ctx := context.Background()
	p, err := parcelTable(ctx).Update(ctx, Parcel{ID: "1"}, monotable.Delete("tags", []string{"fragile"}))
	fmt.Println(p.Tags, err)
	// Output: [] <nil>
}

func ExampleRemove() {
	ctx := context.Background()
	p, err := parcelTable(ctx).Update(ctx, Parcel{ID: "1"}, monotable.Remove("note", "tags"))
	fmt.Printf("%q %v %v\n", p.Note, p.Tags, err)
	// Output: "" [] <nil>
}

// A request's body is written without a read: the attributes that it names, and no others. What T leaves out where it
// is empty is removed.
func ExamplePatch() {
	ctx := context.Background()
	in := Parcel{Tags: []string{"heavy", "wet"}} // of the request
	p, err := parcelTable(ctx).Update(ctx, Parcel{ID: "1"}, monotable.Patch(in, "tags", "note"))
	fmt.Printf("%v %q %s %v\n", p.Tags, p.Note, p.State, err)
	// Output: [heavy wet] "" new <nil>
}

// Conditions go on with the SDK's And, Or and Not.
func ExampleIs() {
	ctx := context.Background()
	parcels := parcelTable(ctx)
	free := monotable.Is("state", "new").And(monotable.Absent("expires").Or(monotable.Is("expires", time.Time{})))
	for range 2 {
		_, err := parcels.Update(ctx, Parcel{ID: "1"}, monotable.Patch(Parcel{Depot: "bergen", State: "sent"},
			"depot", "state"), monotable.If(free))
		fmt.Println(errors.Is(err, monotable.ErrCondition))
	}
	// Output:
	// false
	// true
}

func ExampleAbsent() {
	ctx := context.Background()
	_, err := parcelTable(ctx).Update(ctx, Parcel{ID: "1"}, monotable.Set("note", "none"),
		monotable.If(monotable.Absent("note")))
	fmt.Println(errors.Is(err, monotable.ErrCondition))
	// Output: true
}

// The key of the index is made of the depot, too, which the update does not say: it is taken from the parcel as it was
// seen, on condition that it still is so.
func ExampleKnown() {
	ctx := context.Background()
	parcels := parcelTable(ctx)
	seen, err := parcels.Get(ctx, Parcel{ID: "1"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = parcels.Update(ctx, seen, monotable.Set("state", "sent"))
	fmt.Println(errors.Is(err, monotable.ErrKey))
	_, err = parcels.Update(ctx, seen, monotable.Set("state", "sent"), monotable.Known(seen))
	fmt.Println(err)
	for p, err := range parcels.Query(ctx, Parcel{Depot: "oslo", State: "sent"}, monotable.On("by-state")) {
		fmt.Println(p.ID, err)
	}
	// Output:
	// true
	// <nil>
	// 1 <nil>
}
