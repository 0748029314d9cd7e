package monotable_test

import (
	"context"
	"fmt"
	"log"

	"github.com/monotable/monotable"
)

// A long scan that leaves capacity to others, shows how far it is, and can go on after a crash: what is stored after
// each page is enough for another process to continue.
func ExampleProgress() {
	ctx := context.Background()
	orders := orders(ctx)
	var stored monotable.Cursor // in a file, or an item of another table
	at := stored
	progress := monotable.Progress(5, func(p monotable.ScanProgress) {
		stored = at
		fmt.Printf("%d of 5 items, %.0f%%\n", p.Evaluated, 100*p.Share)
	})
	for order, err := range orders.Scan(ctx, monotable.Resume(&at), monotable.Pace(25), progress) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(order.ID)
	}
	fmt.Println("done:", stored == "")
	// Output:
	// o0
	// o1
	// o2
	// o3
	// o4
	// 5 of 5 items, 100%
	// done: true
}
