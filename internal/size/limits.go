package size

// Limits of the service, each once (DynamoDB developer guide, "Quotas in Amazon DynamoDB"; API reference for requests).
const (
	// MaxItem is the largest item, and with local secondary indexes the largest sum of an item and its entries there.
	MaxItem = 400 << 10
	// MaxPage is the bytes that end a page: it holds the item that reaches them.
	MaxPage = 1 << 20

	MaxPartitionKey = 2048 // bytes of a partition key's value
	MaxSortKey      = 1024 // bytes of a sort key's value

	MaxGlobalIndexes   = 20  // of a table
	MaxLocalIndexes    = 5   // of a table
	MaxIndexAttributes = 4   // of a global index's partition key, and as many of its sort key
	MaxIncluded        = 100 // attributes that all indexes of a table name to include

	MaxExpression = 4096 // bytes of one expression, before names are put in
	MaxOperators  = 300  // operators and functions of one expression
	// MaxExpressionUse is the bytes of one expression together with the names and values that it uses, each as often as
	// it is used.
	MaxExpressionUse = 1 << 20
	MaxSubstitutes   = 2 << 20 // bytes of all names and values of a request's expressions together
	MaxPlaceholder   = 255     // bytes of a name or value placeholder
	MaxPath          = 32      // elements of a document path
	MaxChoices       = 100     // operands of IN

	MaxName    = 65535 // bytes of an attribute's name
	MaxNesting = 32    // levels of lists and maps, of which an item is one
	// MaxDepth is the levels that an attribute's value may have: a scalar has one, a list of scalars two. A list or map
	// that is empty counts as if it were not (DynamoDB guide, "Constraints: Attributes"; measured).
	MaxDepth = 32

	MaxBatchGet         = 100      // keys of a BatchGetItem
	MaxBatchGetBytes    = 16 << 20 // of the items of a BatchGetItem together
	MaxBatchWrite       = 25       // entries of a BatchWriteItem
	MaxTransaction      = 100      // actions of a transaction
	MaxTransactionBytes = 4 << 20  // of what a transaction's actions send, or of the items that it reads
	MaxToken            = 36       // bytes of a transaction's token

	MaxStatement      = 8192  // characters of a PartiQL statement
	MaxNextToken      = 32768 // of a page of one
	MaxBatchStatement = 25    // statements of a batch

	MaxSegments = 1_000_000

	MaxProjection = 100 // names of an AttributesToGet
	MaxTags       = 50  // of a table
	MaxTableNames = 100 // of a ListTables
)

// PageItems returns how many items of so many bytes each a page holds.
func PageItems(bytes int) int { return blocks(MaxPage, max(1, bytes)) }
