#!/usr/bin/env bash
# Drives a DynamoDB with the AWS CLI: creates a table, puts, gets, queries, scans, and asks for what must fail. The endpoint and
# credentials come from the environment, as go run ./dynamotest/local prints them.
set -euo pipefail

table=cli_$$
export AWS_PAGER=""

# A CLI before 2.13 does not take the endpoint from the environment.
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL_DYNAMODB" "$@"; }

expect() { # expect WHAT COMMAND…: the output holds WHAT
    local want=$1 got
    shift
    got=$("$@" 2>&1) || true
    if [[ $got != *"$want"* ]]; then
        printf 'cli.sh: %s\n  wanted: %s\n  got:    %s\n' "$*" "$want" "$got" >&2
        exit 1
    fi
}

aws dynamodb create-table --table-name "$table" --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=p,AttributeType=S AttributeName=s,AttributeType=N AttributeName=g,AttributeType=S \
    --key-schema AttributeName=p,KeyType=HASH AttributeName=s,KeyType=RANGE \
    --global-secondary-indexes 'IndexName=byg,KeySchema=[{AttributeName=g,KeyType=HASH}],Projection={ProjectionType=ALL}' >/dev/null
aws dynamodb wait table-exists --table-name "$table"
for i in 1 2 10; do
    aws dynamodb put-item --table-name "$table" --item '{"p":{"S":"a"},"s":{"N":"'$i'"},"g":{"S":"x"},"text":{"S":"é🐟"}}'
done
expect '"N": "10"' aws dynamodb get-item --table-name "$table" --key '{"p":{"S":"a"},"s":{"N":"10"}}'
expect '"Count": 2' aws dynamodb query --table-name "$table" --key-condition-expression 'p = :p AND s > :s' \
    --expression-attribute-values '{":p":{"S":"a"},":s":{"N":"1"}}'
expect '"Count": 3' aws dynamodb query --table-name "$table" --index-name byg --key-condition-expression 'g = :g' \
    --expression-attribute-values '{":g":{"S":"x"}}'
expect '"ScannedCount": 3' aws dynamodb scan --table-name "$table" --page-size 1 --filter-expression 's > :s' \
    --expression-attribute-values '{":s":{"N":"1"}}'
expect '"N": "11"' aws dynamodb update-item --table-name "$table" --key '{"p":{"S":"a"},"s":{"N":"1"}}' \
    --update-expression 'ADD hits :n' --expression-attribute-values '{":n":{"N":"11"}}' --return-values ALL_NEW
expect ConditionalCheckFailedException aws dynamodb put-item --table-name "$table" --item '{"p":{"S":"a"},"s":{"N":"1"}}' \
    --condition-expression 'attribute_not_exists(p)'
expect ValidationException aws dynamodb get-item --table-name "$table" --key '{"p":{"S":"a"}}'
expect '"N": "11"' aws dynamodb execute-statement --statement "SELECT hits FROM $table WHERE p = ? AND s = ?" \
    --parameters '[{"S":"a"},{"N":"1"}]'
expect '"Items": []' aws dynamodb execute-statement --statement "UPDATE \"$table\" SET hits = hits + 1 WHERE p = 'a' AND s = 1"
expect DuplicateItemException aws dynamodb execute-statement --statement "INSERT INTO $table VALUE {'p': 'a', 's': 1}"
expect DuplicateItem aws dynamodb batch-execute-statement \
    --statements "[{\"Statement\":\"INSERT INTO $table VALUE {'p': 'a', 's': 1}\"}]"
expect TransactionCanceledException aws dynamodb execute-transaction \
    --transact-statements "[{\"Statement\":\"DELETE FROM $table WHERE p = 'a' AND s = 1 AND hits = 0\"}]"
expect ResourceNotFoundException aws dynamodb describe-table --table-name "none_$$"
expect "$table" aws dynamodb list-tables
expect DELETING aws dynamodb delete-table --table-name "$table"
aws dynamodb wait table-not-exists --table-name "$table"
echo "cli.sh: all as expected"
