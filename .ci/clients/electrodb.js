// Drives a DynamoDB with ElectroDB: the patch that its README opens with, and the collection, pages and checks around it.
import assert from "node:assert/strict";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Entity, Service } from "electrodb";

const dynamodb = new DynamoDBClient({});
const client = DynamoDBDocumentClient.from(dynamodb);
const table = `electro_${process.pid}`;
const S = (AttributeName) => ({ AttributeName, AttributeType: "S" });
const keys = (pk, sk) => [{ AttributeName: pk, KeyType: "HASH" }, { AttributeName: sk, KeyType: "RANGE" }];
await dynamodb.send(new CreateTableCommand({
  TableName: table, BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["pk", "sk", "gsi1pk", "gsi1sk"].map(S), KeySchema: keys("pk", "sk"),
  GlobalSecondaryIndexes: [{ IndexName: "gsi1", KeySchema: keys("gsi1pk", "gsi1sk"), Projection: { ProjectionType: "ALL" } }],
}));
await waitUntilTableExists({ client: dynamodb, maxWaitTime: 30, minDelay: 1 }, { TableName: table });

let clock = 0; // of what is updated
const tasks = new Entity({
  model: { entity: "tasks", version: "1", service: "taskapp" },
  attributes: {
    team: { type: "string", required: true },
    task: { type: "string", required: true },
    project: { type: "string", required: true },
    user: { type: "string" },
    status: { type: ["open", "in-progress", "closed"], default: "open" },
    points: { type: "number", default: 0 },
    tags: { type: "set", items: "string" },
    comments: { type: "list", items: { type: "map", properties: { user: { type: "string" }, body: { type: "string" } } } },
    updatedAt: { type: "number", watch: "*", readOnly: true, set: () => ++clock },
  },
  indexes: {
    backlog: { pk: { field: "pk", composite: ["team"] }, sk: { field: "sk", composite: ["project", "task"] } },
    assigned: {
      collection: "assignments", index: "gsi1",
      pk: { field: "gsi1pk", composite: ["user"] }, sk: { field: "gsi1sk", composite: ["status"] },
    },
  },
}, { client, table });
const people = new Entity({
  model: { entity: "people", version: "1", service: "taskapp" },
  attributes: { team: { type: "string" }, user: { type: "string" }, title: { type: "string", required: true } },
  indexes: {
    member: { pk: { field: "pk", composite: ["team"] }, sk: { field: "sk", composite: ["user"] } },
    self: { collection: "assignments", index: "gsi1", pk: { field: "gsi1pk", composite: ["user"] }, sk: { field: "gsi1sk", composite: [] } },
  },
}, { client, table });

const key = { team: "core", task: "45-662", project: "backend" };
const created = await tasks.create({ ...key, user: "tom", status: "in-progress", points: 3, tags: ["a", "b"], comments: [] }).go();
assert.equal(created.data.updatedAt, 1);
await assert.rejects(tasks.create({ ...key }).go(), /condition/i); // it is there
await people.put({ team: "core", user: "tom", title: "engineer" }).go();

// What the README turns into an expression.
const patch = () => tasks.patch(key).set({ status: "open", user: "tom" }).add({ points: 5 })
  .append({ comments: [{ user: "janet", body: "This could be shorter." }] })
  .where(({ status }, { eq }) => eq(status, "in-progress")).go({ response: "all_new" });
const { data } = await patch();
assert.deepEqual([data.status, data.points, data.comments], ["open", 8, [{ user: "janet", body: "This could be shorter." }]]);
await assert.rejects(patch(), /condition/i); // it is open now
await assert.rejects(tasks.patch({ ...key, task: "none" }).set({ points: 1 }).go(), /condition/i);

// Reads: by key, by index, a collection of two entities, pages, batches.
const read = await tasks.get(key).go();
assert.deepEqual([read.data.points, [...read.data.tags].sort()], [8, ["a", "b"]]);
const both = await new Service({ tasks, people }, { client, table }).collections.assignments({ user: "tom" }).go();
assert.deepEqual([both.data.tasks.length, both.data.people[0].title], [1, "engineer"]);
const more = Array.from({ length: 30 }, (_, i) => ({ team: "core", project: `p${i % 3}`, task: `${100 + i}`, user: "ann", points: i }));
assert.deepEqual((await tasks.put(more).go()).unprocessed, []);
assert.equal((await tasks.query.backlog({ team: "core", project: "p1" }).between({ task: "101" }, { task: "110" }).go()).data.length, 4);
const seen = [];
let cursor = null;
do {
  const page = await tasks.query.backlog({ team: "core" }).where(({ points }, { gte }) => gte(points, 10)).go({ cursor, count: 7 });
  seen.push(...page.data.map((t) => t.task));
  cursor = page.cursor;
} while (cursor);
assert.deepEqual(seen.sort(), more.filter((t) => t.points >= 10).map((t) => t.task).sort());
assert.equal((await tasks.get(more.slice(0, 12)).go()).data.length, 12);
assert.equal((await tasks.scan.where(({ user }, { begins }) => begins(user, "an")).go({ pages: "all" })).data.length, 30);

// Sets, removal of attributes, upserts, transactions.
await tasks.update(key).delete({ tags: ["a"] }).remove(["comments"]).go();
assert.deepEqual((await tasks.get(key).go()).data.tags, ["b"]);
const upserted = await tasks.upsert({ ...key, task: "new" }).add({ points: 2 }).go({ response: "all_new" });
assert.equal(upserted.data.points, 2);
const service = new Service({ tasks, people }, { client, table });
const moved = await service.transaction.write(({ tasks, people }) => [
  tasks.remove(key).commit(),
  people.check({ team: "core", user: "tom" }).where(({ title }, { eq }) => eq(title, "manager")).commit({ response: "all_old" }),
]).go();
assert.equal(moved.canceled, true);
assert.deepEqual(moved.data.map((r) => r.rejected), [false, true]);
assert.ok((await tasks.get(key).go()).data, "nothing was removed");
await tasks.remove(key).go();
assert.equal((await tasks.get(key).go()).data, null);

await dynamodb.send(new DeleteTableCommand({ TableName: table }));
console.log("ElectroDB is content");
