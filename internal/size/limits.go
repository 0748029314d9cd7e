package size

// MaxItem is the largest item, and with local secondary indexes the largest sum of an item and its entries there (DynamoDB
// guide, "Quotas in Amazon DynamoDB: Item size").
const MaxItem = 400 << 10

// MaxPage is the bytes that end a page: it holds the item that reaches them (DynamoDB guide, "Paginating table query results").
const MaxPage = 1 << 20

// What the actions of an update weigh beside the item, as UpdateItem measures it against MaxItem (measured).
const (
	UpdateBase   = 3
	SetWeight    = 19 // of each SET and ADD
	RemoveWeight = 2  // of each REMOVE and DELETE
)

// UpdateWeight returns the bytes by which UpdateItem measures what an update makes of an item: the item's own, or those of its
// attributes besides the key together with the weight of the update's actions, if that is more.
func UpdateWeight(item, key, actions int) int { return max(item, item-key+UpdateBase+actions) }

// PageItems returns how many items of so many bytes each a page holds.
func PageItems(bytes int) int { return blocks(MaxPage, max(1, bytes)) }
