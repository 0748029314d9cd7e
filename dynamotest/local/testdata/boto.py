"""Drives a DynamoDB with boto3: the resource and the client interface, pages, batches, transactions, errors.

The endpoint and credentials come from the environment, as go run ./dynamotest/local prints them.
"""
import os
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

db = boto3.resource("dynamodb")
client = boto3.client("dynamodb")
name = f"boto_{os.getpid()}"

table = db.create_table(
    TableName=name,
    BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "s", "AttributeType": "N"}],
    KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
)
table.wait_until_exists()


def fails(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        assert len(e.response["ResponseMetadata"]["RequestId"]) == 52, e
        return e.response
    raise AssertionError(f"{code} was not raised")


item = {"p": "a", "s": 1, "n": Decimal("1.50"), "b": b"\x00\xff", "l": [1, {"k": None}], "ss": {"x", "y"}, "t": True}
item["m"] = {"k": "é🐟"}
table.put_item(Item=item)
got = table.get_item(Key={"p": "a", "s": 1}, ConsistentRead=True)["Item"]
assert got["b"].value == b"\x00\xff" and dict(got, b=b"\x00\xff") == item, got

with table.batch_writer() as batch:
    for i in range(2, 120):
        batch.put_item(Item={"p": "a", "s": i, "pad": "x" * 20000})
pages = list(client.get_paginator("query").paginate(
    TableName=name, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "a"}}))
assert len(pages) > 2 and sum(page["Count"] for page in pages) == 119, [page["Count"] for page in pages]
assert [int(i["s"]["N"]) for page in pages for i in page["Items"]] == list(range(1, 120))
found = table.query(KeyConditionExpression=Key("p").eq("a") & Key("s").between(5, 7), FilterExpression=Attr("pad").exists())
assert [int(i["s"]) for i in found["Items"]] == [5, 6, 7], found
assert table.scan(Select="COUNT", Limit=10)["Count"] == 10

updated = table.update_item(Key={"p": "a", "s": 1}, UpdateExpression="SET #n = #n + :one", ExpressionAttributeNames={"#n": "n"},
                            ExpressionAttributeValues={":one": 1}, ReturnValues="UPDATED_NEW", ReturnConsumedCapacity="TOTAL")
assert updated["Attributes"] == {"n": Decimal("2.5")}, updated
assert updated["ConsumedCapacity"]["CapacityUnits"] == 1.0, updated

refused = fails("ConditionalCheckFailedException", table.put_item, Item={"p": "a", "s": 1},
                ConditionExpression="attribute_not_exists(p)", ReturnValuesOnConditionCheckFailure="ALL_OLD")
assert refused["Item"]["n"] == Decimal("2.5") or refused["Item"]["n"] == {"N": "2.5"}, refused
fails("ValidationException", table.get_item, Key={"p": "a"})
fails("ResourceNotFoundException", client.describe_table, TableName=f"none_{os.getpid()}")
cancelled = fails("TransactionCanceledException", client.transact_write_items, TransactItems=[
    {"Put": {"TableName": name, "Item": {"p": {"S": "t"}, "s": {"N": "1"}}}},
    {"ConditionCheck": {"TableName": name, "Key": {"p": {"S": "t"}, "s": {"N": "2"}}, "ConditionExpression": "attribute_exists(p)"}},
])
assert [r["Code"] for r in cancelled["CancellationReasons"]] == ["None", "ConditionalCheckFailed"], cancelled

first = client.execute_statement(Statement=f"SELECT s FROM {name} WHERE p = ? AND s < 5", Parameters=[{"S": "a"}], Limit=3)
rest = client.execute_statement(Statement=f"SELECT s FROM {name} WHERE p = ? AND s < 5", Parameters=[{"S": "a"}],
                                NextToken=first["NextToken"])
assert [i["s"]["N"] for i in first["Items"] + rest["Items"]] == ["1", "2", "3", "4"], (first, rest)
changed = client.execute_statement(Statement=f"UPDATE {name} SET extra = 1 WHERE p = 'a' AND s = 1",
                                   ReturnConsumedCapacity="TOTAL")
assert changed["Items"] == [] and changed["ConsumedCapacity"]["CapacityUnits"] == 1.0, changed
fails("DuplicateItemException", client.execute_statement, Statement=f"INSERT INTO {name} VALUE {{'p': 'a', 's': 1}}")
batch = client.batch_execute_statement(Statements=[{"Statement": f"SELECT extra FROM {name} WHERE p = 'a' AND s = 1"},
                                                   {"Statement": f"SELECT * FROM {name}"}])
assert batch["Responses"][0]["Item"] == {"extra": {"N": "1"}}, batch
assert batch["Responses"][1]["Error"]["Code"] == "ValidationError", batch
client.execute_transaction(TransactStatements=[{"Statement": f"INSERT INTO {name} VALUE {{'p': 'x', 's': 1}}"},
                                               {"Statement": f"DELETE FROM {name} WHERE p = 'a' AND s = 2"}])
read = client.execute_transaction(TransactStatements=[{"Statement": f"SELECT * FROM {name} WHERE p = 'x' AND s = 1"},
                                                      {"Statement": f"SELECT * FROM {name} WHERE p = 'a' AND s = 2"}])
assert read["Responses"] == [{"Item": {"p": {"S": "x"}, "s": {"N": "1"}}}, {}], read

table.delete()
table.wait_until_not_exists()
print("boto.py: all as expected")
