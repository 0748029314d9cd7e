// Drives a DynamoDB with the JavaScript SDK v3: the client and the document client, pages, batches, transactions, errors. The
// endpoint and credentials come from the environment, as go run ./dynamotest/local prints them.
import assert from "node:assert/strict";
import {
  BatchWriteItemCommand, CreateTableCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient, GetItemCommand,
  paginateListTables, UpdateTimeToLiveCommand, waitUntilTableExists, waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import {
  BatchExecuteStatementCommand, BatchGetCommand, DeleteCommand, DynamoDBDocumentClient, ExecuteStatementCommand,
  ExecuteTransactionCommand, GetCommand, NumberValue, paginateQuery, paginateScan, PutCommand,
  QueryCommand, TransactGetCommand, TransactWriteCommand, UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

const client = new DynamoDBClient({});
const db = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
const TableName = `js_${process.pid}`;

// fails runs a call that the service must refuse by this name, and returns the error.
async function fails(name, call) {
  const error = await call().then(() => assert.fail(`${name} was not raised`), (e) => e);
  assert.equal(error.name, name, error.message);
  assert.equal(error.$metadata.httpStatusCode, 400);
  assert.equal(error.$metadata.requestId.length, 52);
  return error;
}

await client.send(new CreateTableCommand({
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [
    { AttributeName: "p", AttributeType: "S" }, { AttributeName: "s", AttributeType: "N" }, { AttributeName: "g", AttributeType: "S" },
  ],
  KeySchema: [{ AttributeName: "p", KeyType: "HASH" }, { AttributeName: "s", KeyType: "RANGE" }],
  GlobalSecondaryIndexes: [{
    IndexName: "by_g", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }, { AttributeName: "s", KeyType: "RANGE" }],
    Projection: { ProjectionType: "ALL" },
  }],
}));
await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName });
const { Table } = await client.send(new DescribeTableCommand({ TableName }));
assert.ok(Table.CreationDateTime instanceof Date && Math.abs(Date.now() - Table.CreationDateTime) < 60_000, "a date");
await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true } }));

// Values come back as they were, of every type.
const item = {
  p: "a", s: 1, g: "x", text: "é🐟", empty: "", yes: true, nothing: null, list: [1, { k: [] }], map: { deep: { er: -0.5 } },
  binary: new Uint8Array([0, 255]), strings: new Set(["x", "y"]), numbers: new Set([1, 2.5]),
};
await db.send(new PutCommand({ TableName, Item: { ...item, left: undefined } }));
assert.deepEqual((await db.send(new GetCommand({ TableName, Key: { p: "a", s: 1 }, ConsistentRead: true }))).Item, item);
const exact = "12345678901234567890123456789012345678";
await db.send(new PutCommand({ TableName, Item: { p: "n", s: NumberValue.from("0.10"), big: NumberValue.from(exact) } }));
const raw = await client.send(new GetItemCommand({ TableName, Key: { p: { S: "n" }, s: { N: ".1" } } }));
assert.deepEqual(raw.Item, { p: { S: "n" }, s: { N: "0.1" }, big: { N: exact } });

// Pages of 1 MB, an index, filters, counts.
for (let from = 2; from < 102; from += 25) {
  const Item = (s) => ({ p: { S: "a" }, s: { N: `${s}` }, g: { S: s % 2 ? "odd" : "even" }, pad: { S: "x".repeat(15_000) } });
  const puts = Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: Item(from + i) } }));
  const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }));
  assert.deepEqual(UnprocessedItems, {});
}
const query = { TableName, KeyConditionExpression: "p = :p", ExpressionAttributeValues: { ":p": "a" } };
const sorts = [];
let pages = 0;
for await (const page of paginateQuery({ client: db }, query)) {
  pages++;
  sorts.push(...page.Items.map((i) => i.s));
}
assert.equal(pages, 2);
assert.deepEqual(sorts, Array.from({ length: 101 }, (_, i) => i + 1));
const odd = await db.send(new QueryCommand({
  TableName, IndexName: "by_g", KeyConditionExpression: "g = :g AND s BETWEEN :a AND :b", FilterExpression: "attribute_exists(#pad)",
  ProjectionExpression: "s", ScanIndexForward: false, ExpressionAttributeNames: { "#pad": "pad" },
  ExpressionAttributeValues: { ":g": "odd", ":a": 5, ":b": 9 }, ReturnConsumedCapacity: "TOTAL",
}));
assert.deepEqual(odd.Items, [{ s: 9 }, { s: 7 }, { s: 5 }]);
assert.equal(odd.ConsumedCapacity.CapacityUnits, 5.5); // 3 x 15,012 bytes together, half a unit for each 4 KB
let scanned = 0;
for (const Segment of [0, 1, 2]) {
  for await (const page of paginateScan({ client: db, pageSize: 20 }, { TableName, Segment, TotalSegments: 3, Select: "COUNT" })) {
    scanned += page.Count;
  }
}
assert.equal(scanned, 102);

// Updates, conditions, and what a refusal carries.
const updated = await db.send(new UpdateCommand({
  TableName, Key: { p: "a", s: 1 }, UpdateExpression: "SET #l = list_append(#l, :more), #m.deep.er = #m.deep.er + :one REMOVE nothing ADD numbers :set",
  ExpressionAttributeNames: { "#l": "list", "#m": "map" }, ExpressionAttributeValues: { ":more": ["z"], ":one": 1, ":set": new Set([3]) }, ReturnValues: "UPDATED_NEW",
}));
assert.deepEqual(updated.Attributes, { list: [1, { k: [] }, "z"], map: { deep: { er: 0.5 } }, numbers: new Set([1, 2.5, 3]) });
const refused = await fails("ConditionalCheckFailedException", () => db.send(new PutCommand({
  TableName, Item: { p: "n", s: 0.1 }, ConditionExpression: "attribute_not_exists(p)", ReturnValuesOnConditionCheckFailure: "ALL_OLD",
})));
assert.equal(refused.Item.big.N ?? `${refused.Item.big}`, exact);
await fails("ValidationException", () => db.send(new GetCommand({ TableName, Key: { p: "a" } })));
await fails("ResourceNotFoundException", () => db.send(new GetCommand({ TableName: "none", Key: { p: "a" } })));

// Transactions, in place and once.
const check = { TableName, Key: { p: "n", s: 1 }, ConditionExpression: "attribute_exists(p)" };
const cancelled = await fails("TransactionCanceledException", () => db.send(new TransactWriteCommand({
  TransactItems: [{ Put: { TableName, Item: { p: "t", s: 1 } } }, { ConditionCheck: check }],
})));
assert.deepEqual(cancelled.CancellationReasons.map((r) => r.Code), ["None", "ConditionalCheckFailed"]);
const once = {
  ClientRequestToken: `${TableName}_once`, TransactItems: [{ Update: {
    TableName, Key: { p: "t", s: 1 }, UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": 1 } } }],
};
await db.send(new TransactWriteCommand(once));
await db.send(new TransactWriteCommand(once));
const { Responses } = await db.send(new TransactGetCommand({ TransactItems: [{ Get: { TableName, Key: { p: "t", s: 1 } } }, { Get: { TableName, Key: { p: "t", s: 2 } } }] }));
assert.deepEqual(Responses, [{ Item: { p: "t", s: 1, n: 1 } }, {}]);

const Keys = [{ p: "t", s: 1 }, { p: "a", s: 2 }, { p: "none", s: 0 }];
const batch = await db.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ProjectionExpression: "p, s" } } }));
assert.equal(batch.Responses[TableName].length, 2);
assert.deepEqual(batch.UnprocessedKeys, {});
const gone = await db.send(new DeleteCommand({ TableName, Key: { p: "t", s: 1 }, ReturnValues: "ALL_OLD" }));
assert.deepEqual(gone.Attributes, { p: "t", s: 1, n: 1 });

// PartiQL: statements with parameters, their pages, batches and transactions.
const statement = (Statement, ...Parameters) => db.send(new ExecuteStatementCommand({ Statement, Parameters: Parameters.length ? Parameters : undefined }));
assert.deepEqual((await statement(`INSERT INTO "${TableName}" VALUE {'p': 'q', 's': 1, 'tags': <<'a'>>, 'm': {'k': [1, NULL]}}`)).Items, []);
assert.deepEqual((await statement(`SELECT * FROM ${TableName} WHERE p = ? AND s = ?`, "q", 1)).Items,
  [{ p: "q", s: 1, tags: new Set(["a"]), m: { k: [1, null] } }]);
assert.deepEqual((await statement(`UPDATE ${TableName} SET tags = set_add(tags, ?) WHERE p = 'q' AND s = 1 RETURNING MODIFIED NEW *`, new Set(["b"]))).Items,
  [{ tags: new Set(["a", "b"]) }]);
await fails("DuplicateItemException", () => statement(`INSERT INTO ${TableName} VALUE {'p': 'q', 's': 1}`));
const one = await db.send(new ExecuteStatementCommand({ Statement: `SELECT s FROM ${TableName} WHERE p = 'a' AND s < 3`, Limit: 1 }));
const two = await db.send(new ExecuteStatementCommand({ Statement: `SELECT s FROM ${TableName} WHERE p = 'a' AND s < 3`, NextToken: one.NextToken }));
assert.deepEqual([one.Items, two.Items, two.NextToken], [[{ s: 1 }], [{ s: 2 }], undefined]);
const members = await db.send(new BatchExecuteStatementCommand({ Statements: [
  { Statement: `SELECT s FROM ${TableName} WHERE p = 'q' AND s = 1` }, { Statement: `SELECT s FROM ${TableName} WHERE p = 'q'` }] }));
assert.deepEqual(members.Responses.map((r) => r.Item ?? r.Error.Code), [{ s: 1 }, "ValidationError"]);
await fails("TransactionCanceledException", () => db.send(new ExecuteTransactionCommand({ TransactStatements: [
  { Statement: `DELETE FROM ${TableName} WHERE p = 'q' AND s = 1` }, { Statement: `UPDATE ${TableName} SET x = 1 WHERE p = 'q' AND s = 9` }] })));
await db.send(new ExecuteTransactionCommand({ TransactStatements: [{ Statement: `DELETE FROM ${TableName} WHERE p = 'q' AND s = 1` }] }));
assert.deepEqual((await statement(`SELECT * FROM ${TableName} WHERE p = 'q'`)).Items, []);

const names = [];
for await (const page of paginateListTables({ client, pageSize: 1 }, {})) names.push(...page.TableNames);
assert.ok(names.includes(TableName));
await client.send(new DeleteTableCommand({ TableName }));
await waitUntilTableNotExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName });
console.log("the JavaScript SDK is content");
