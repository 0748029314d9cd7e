// Uses dynamodb-admin as a person with a browser does: it looks at a table, reads an item, changes it, and deletes another. It is
// given the address of dynamodb-admin, the browser's executable, and a file for a screenshot of the table as it then is.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchWriteItemCommand, CreateTableCommand, DeleteTableCommand, DynamoDBClient, GetItemCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { chromium } from "playwright-core";

const [address, executablePath, screenshot] = process.argv.slice(2);
const client = new DynamoDBClient({});
const TableName = `admin_${process.pid}`;
await client.send(new CreateTableCommand({
  TableName, BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }], KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
}));
await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName });
const put = (id, name) => ({ PutRequest: { Item: { id: { S: id }, name: { S: name }, age: { N: "3" }, tags: { L: [{ S: "a" }, { S: "b" }] } } } });
await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [put("1", "Kimchi"), put("2", "Bibimbap"), put("3", "Rex")] } }));
const get = async (id) => (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true }))).Item;

const profile = await mkdtemp(join(tmpdir(), "browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath, headless: true, viewport: { width: 1200, height: 800 },
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
try {
  const page = await browser.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("response", (r) => { if (r.status() >= 400 && !r.url().endsWith("favicon.ico")) wrong.push(`${r.status()} ${r.url()}`); });

  // List: the table among the tables, then its items.
  await page.goto(address);
  await page.getByRole("link", { name: TableName }).first().click();
  for (const name of ["Kimchi", "Bibimbap", "Rex"]) await page.getByText(name).first().waitFor();

  // Edit: the item's JSON in the editor, saved.
  await page.goto(`${address}/tables/${TableName}/items/2`);
  await page.locator("#saveButton").waitFor();
  const saved = page.waitForResponse((r) => r.request().method() === "PUT");
  await page.evaluate(() => {
    const item = JSON.parse(window.ace.edit("documentTextarea").getValue());
    window.ace.edit("documentTextarea").setValue(JSON.stringify({ ...item, name: "Bulgogi", age: 4 }));
  });
  await page.locator("#saveButton").click();
  assert.equal((await saved).status(), 200);
  const edited = await get("2");
  assert.deepEqual([edited.name, edited.age], [{ S: "Bulgogi" }, { N: "4" }]);

  // Delete: another item, by its button.
  await page.goto(`${address}/tables/${TableName}/items/3`);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.waitForURL(`**/tables/${TableName}`);
  assert.equal(await get("3"), undefined);

  await page.getByText("Bulgogi").first().waitFor();
  assert.equal(await page.getByText("Rex").count(), 0);
  await page.screenshot({ path: screenshot });
  assert.deepEqual(wrong, []);
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  await client.send(new DeleteTableCommand({ TableName }));
}
console.log("dynamodb-admin is content");
