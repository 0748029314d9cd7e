// Package monotable models several entity types in one DynamoDB table, over the AWS SDK for Go v2.
//
// # Tables
//
// A [Schema] says what the physical table is: its key attributes with their types, its indexes, and which attribute
// holds an item's entity type. [Open] binds it to a client, a *dynamodb.Client or the fake of package dynamotest, as a
// [DB]. [New] makes a [Table] of one entity type in it, laid out by a [Model]:
//
//	db, err := monotable.Open(client, monotable.Schema{Name: "pets", Partition: monotable.N("id")})
//	pets, err := monotable.New[Pet](db, monotable.Model{})
//
// All that can be wrong with a schema, a type's tags or a model is reported there, once; neither sends anything.
// [github.com/monotable/monotable/admin] creates, verifies and deletes the table itself.
//
// # Items
//
// T is a struct with the tags of the SDK's attributevalue package, and is encoded as that does. A field tagged
// `monotable:"unknown"`, of type [Item], keeps the attributes that T does not name, so that they survive when an item
// is read, changed and put back. T may also be Item itself, for items without a type.
//
// # Keys
//
// A key attribute is T's own attribute of that name, or the model makes it from T's attributes with a template:
//
//	monotable.Model{Keys: map[string]string{"PK": "CUSTOMER#{customer_id}", "SK": "ORDER#{placed_at}#{id}"}}
//
// Integers, decimals, times, bools, strings of a width ({id:26}) and, at the end of a template, any string sort in it
// as their values do. Values cannot run into each other: what separates two fields is escaped inside the first.
// {stars:3} gives an integer three digits instead of 19 (a larger one is refused), {price:8.2} a decimal its digits,
// {id:26} says that a string has 26 bytes (a longer or shorter one is refused; one with lower or upper, once it is
// folded), {email|lower} folds case, {at|date} cuts a time, {n|desc} sorts downwards, {n|plain} leaves an integer
// unpadded, {sku|raw} a string unescaped.
//
// A partition that takes more writes than DynamoDB gives one (1,000 units a second) is spread over several by a field
// that is written as a shard: "STATUS#{status}#{id|shard:10}" ends in a number from 0 to 9 that is chosen by a hash of
// id, so that calls by key know it. A query gives the partition's other fields, and asks all shards at a time, merging
// what they answer in the order of the sort key; where Eq gives the shard's field, it asks the one. The hash is the
// first eight bytes, big-endian, of the SHA-256 of what the template would write for the field without shard at its
// end, modulo the number of shards. It will not change. More shards of an index can be had at any time, readers first:
// items stay in the shard they were written to, which is among the new ones, until a write makes its key again. For
// fewer, or for the table's own key, the items must be written anew first.
//
// A key is given as a T with its key fields set. Zero numbers and false are values; an empty string, a nil or a zero
// time is [ErrKey]. An index whose templates lack a value is sparse: the item is left out of it.
//
// # Reading
//
// Get and GetMany read by key. Query takes the partition's fields as a T, and conditions on sort fields as options,
// from the left: [Eq], then [BeginsWith] or a range: a lower bound, [From] or [After], an upper one, [UpTo] or
// [Before], or both ([Between]). Scan reads the whole table. Both yield items as the caller iterates, which [Collect]
// makes a slice; QueryPage and ScanPage give a [Page] and a [Cursor] for the next, which [StartAfter] takes. [Limit]
// means items returned, and with [Lookahead] the last page is known to be the last. Only items of T's own type come
// back, whatever else lives beside them. A [View] reads some of the attributes only.
//
// # Writing
//
// Create never overwrites, Put always does, Update changes an item that is there, Upsert makes it if need be, and
// Modify runs a function on it and writes the difference, again if someone else was faster. Index keys are rewritten
// with whatever they are made of; where an update does not know enough for that it is refused before it is sent.
// Operands of expressions are checked against T's own encoding. [If] adds a condition, [AtVersion] expects a version,
// [Old] keeps the item as it was.
//
// Success means that a write took place, and an error that it did not, but for [ErrAmbiguous], which says that nobody
// knows: an attempt's answer was lost, and no later one settled it. A write whose repetition would double an effect,
// such as an ADD, is not sent again after a lost answer. [Once] makes a write exact, at twice the units.
//
// # Costs
//
// Each method says which requests it sends; there are no others. [Metered] adds what a call consumed to a [Meter],
// [Budget] ends a read at a number of units.
//
// # Speed
//
// What a *dynamodb.Client reads is decoded from the response straight into T, without the SDK's attribute maps, several
// times as fast and with a hundredth of the allocations for a page; the client still signs, retries, checks, logs and
// traces. Get, GetMany, BatchRead, Read, Query, Scan and collections do it, and [DB.ReadStats] counts. Short strings of
// a page share memory, unless [OwnMemory] is given. Middleware that looks at the items of an output sees none of them,
// and needs [WithoutFastPath]. A client that is not the SDK's, such as a fake, is read through its maps, with the same
// results.
//
// # Errors
//
// Errors wrap both this package's sentinel and the SDK's error: errors.Is(err, ErrExists) and errors.As(err, &ccf) with
// a *types.ConditionalCheckFailedException hold for the same error. [Error] names operation and entity type, and
// carries the item that a failed condition met. No error text contains a value of an item.
package monotable
