// Package plan works out what a DynamoDB table needs and costs before it is there, and looks into one that is: a
// workload plan, hot keys, a survey, and reports of them. It goes by the rules of the DynamoDB developer guide; where
// an input is missing or a figure is an estimate it says so, and what AWS does not publish is left out.
//
// # A workload
//
// A [Workload] is what a table holds, by [Entity], and what a service does with it, by [AccessPattern]: which
// operation, on how large items, how often. Sizes are given in [Bytes], by [Percentiles], or taken from samples:
// [EntityOf] encodes values of a monotable.Table's own type and finds the indexes that they are in, and
// [Survey.Workload] has them from a live table.
//
//	w := plan.Workload{
//		Entities: []plan.Entity{{Name: "Order", Count: 5e6, Sizes: plan.Bytes(1200)}},
//		Patterns: []plan.AccessPattern{
//			{Name: "place an order", Operation: plan.PutItem, Entity: "Order", Average: 20, Peak: 100},
//		},
//	}
//
// [EachOf] says what one operation of a pattern is charged. A write is also charged in each index whose entries it
// changes, which its [Effects] say and [EffectsOf] finds from an item before and after. A pattern whose units are known
// otherwise, from Table.WriteCost or a Meter, brings them along.
//
// # A plan
//
// [New] prices a workload by a [PriceSheet]: what each mode and table class costs a month, the bounds of auto scaling,
// where provisioned capacity beats on-demand, and what each pattern, index and entity type contributes. [Prices] has a
// sheet with its date and region, [ReadPrices] reads yours, with other regions, discounts, reserved capacity or the
// free tier.
//
//	sheet, err := plan.Prices("us-east-1")
//	p, err := plan.New(w, sheet)
//	fmt.Print(p)
//
// # Hot keys
//
// One partition does 3,000 read and 1,000 write units a second, whatever the table has. Where an entity or an index has
// a [KeyDistribution], the plan holds its busiest keys against that; [Traffic.HotKeys] does so alone. It says which
// share of the requests is throttled, with burst capacity and without, and into how many shards keys must be written
// for that to end.
//
// # A survey
//
// [SurveyTable] scans some segments of a live table, slowly and within a budget, and says what is in it: counts and
// sizes by entity type, the largest items and item collections, what attribute names take, how many items each index
// has, what has expired. It shows no values, and keys only where asked.
//
// # Reports
//
// A [Plan], [HotKeys] and a [Survey] are plain data. [Text], [Markdown] and [JSON] write them, and [HTML] makes one
// page with charts that needs nothing from elsewhere.
package plan
