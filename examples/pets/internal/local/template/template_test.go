package template

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/examples/pets/internal/local/iam"
)

const file = "../../../template.yaml"

var world = World{
	Region: "eu-west-1", Account: "123456789012", StackName: "zoo",
	Parameters: map[string]string{"CursorKey": "0123456789abcdef0123456789abcdef"},
}

func TestTheLessonsTemplate(t *testing.T) {
	stack, err := Read(file, world)
	require.NoError(t, err)

	const tableARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/zoo-PetsTable"
	const namesARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/zoo-NamesTable"
	const queueARN = "arn:aws:sqs:eu-west-1:123456789012:zoo-MissedChanges"
	assert.Equal(t, []Table{
		{ID: "PetsTable", ARN: tableARN, Encrypted: true, Recoverable: true,
			Schema: monotable.Schema{Name: "zoo-PetsTable", Partition: monotable.N("id"),
				Stream: types.StreamViewTypeNewAndOldImages}},
		{ID: "NamesTable", ARN: namesARN, Encrypted: true,
			Schema: monotable.Schema{Name: "zoo-NamesTable", Partition: monotable.S("name")}},
	}, stack.Tables)
	assert.Equal(t, []Queue{{ID: "MissedChanges", ARN: queueARN}}, stack.Queues)
	assert.Equal(t, []Source{{
		ID: "PetChanges", Function: "PetNames", Table: "PetsTable", BatchSize: 100, Attempts: 5, Bisect: true,
		Partial: true, OnFailure: queueARN,
	}}, stack.Sources)

	// Exactly one action on exactly one resource for each function of the API, and nothing else.
	only := func(action string) []iam.Policy {
		return []iam.Policy{{Version: "2012-10-17", Statement: []iam.Statement{
			{Effect: "Allow", Action: []string{action}, Resource: []string{tableARN}},
		}}}
	}
	function := func(id, dir, action string, route Route, env map[string]string) Function {
		env["TABLE_NAME"] = "zoo-PetsTable"
		return Function{
			ID: id, Name: "zoo-" + id, ARN: "arn:aws:lambda:eu-west-1:123456789012:function:zoo-" + id,
			CodeDir: "../../../" + dir, MemorySize: 128, Timeout: 10 * time.Second, Environment: env,
			LogGroup: "/aws/lambda/zoo/" + id, Policies: only(action), Routes: []Route{route},
		}
	}
	assert.Equal(t, []Function{
		function("AllPets", "allpets", "dynamodb:Scan", Route{"GET", "/pets"},
			map[string]string{"CURSOR_KEYS": world.Parameters["CursorKey"]}),
		function("CreatePet", "createpet", "dynamodb:PutItem", Route{"POST", "/pets"}, map[string]string{}),
		function("OnePet", "onepet", "dynamodb:GetItem", Route{"GET", "/pets/{id}"}, map[string]string{}),
	}, stack.Functions[:3])
	require.Len(t, stack.Functions, 4)
	names := stack.Functions[3]
	assert.Equal(t, "zoo-PetNames", names.Name)
	assert.Empty(t, names.Routes)
	assert.Equal(t, map[string]string{"TABLE_NAME": "zoo-PetsTable", "NAMES_TABLE": "zoo-NamesTable"},
		names.Environment)
	assert.Equal(t, []iam.Policy{{Version: "2012-10-17", Statement: []iam.Statement{
		{Effect: "Allow", Action: []string{"dynamodb:UpdateItem"}, Resource: []string{namesARN}},
		{Effect: "Allow", Action: []string{"dynamodb:DescribeStream", "dynamodb:GetRecords",
			"dynamodb:GetShardIterator", "dynamodb:ListStreams"},
			Resource: []string{tableARN + "/stream/*"}},
		{Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{queueARN}},
	}}}, names.Policies)

	one, ok := stack.Function("OnePet")
	assert.True(t, ok)
	assert.Equal(t, "zoo-OnePet", one.Name)
	_, ok = stack.Function("TwoPets")
	assert.False(t, ok)
}

// TestEverythingGoesWithTheStack: what CloudFormation would keep by default, or can be told to keep, is told to go.
func TestEverythingGoesWithTheStack(t *testing.T) {
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	text := string(raw)
	kept := strings.Count(text, "Type: "+typeTable) + strings.Count(text, "Type: "+typeLogGroup) +
		strings.Count(text, "Type: "+typeQueue)
	assert.Equal(t, 7, kept)
	assert.Equal(t, kept, strings.Count(text, "DeletionPolicy: Delete"))
	assert.Equal(t, kept, strings.Count(text, "UpdateReplacePolicy: Delete"))
	assert.Equal(t, 4, strings.Count(text, "RetentionInDays: 14"))
	for _, keeps := range []string{"Retain", "Snapshot", "DeletionProtection"} {
		assert.NotContains(t, text, keeps)
	}
}

func TestCfnLint(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Log("cfn-lint is not installed: the template is checked by the other tests alone")
		return
	}
	out, err := exec.Command(lint, file).CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

// small is a template to break.
const small = `
Transform: AWS::Serverless-2016-10-31
Parameters:
  Word: {Type: String, Default: w, MinLength: 1, MaxLength: 3}
Globals:
  Function:
    Runtime: provided.al2023
    Environment: {Variables: {A: global, B: global}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties:
      Handler: bootstrap
      CodeUri: f/
      Environment:
        Variables: {B: !Sub "${Word}-${!Word}-${AWS::StackName}-${T}-${T.Arn}-${F.Arn}", C: !Ref Log, D: !Ref Named}
      Policies:
        - Version: 2012-10-17
          Statement:
            - {Effect: Allow, Action: ["dynamodb:GetItem", "dynamodb:Query"], Resource: !GetAtt T.Arn}
      Events:
        E: {Type: HttpApi, Properties: {Method: GET, Path: "/a/{b}"}}
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: p, AttributeType: S}, {AttributeName: s, AttributeType: B}]
      KeySchema: [{AttributeName: p, KeyType: HASH}, {AttributeName: s, KeyType: RANGE}]
      StreamSpecification: {StreamViewType: KEYS_ONLY}
  Source:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !GetAtt F.Arn, EventSourceArn: !GetAtt T.StreamArn, StartingPosition: LATEST}
  Log:
    Type: AWS::Logs::LogGroup
  Named:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub "/x/${Word}"}
`

func TestIntrinsicFunctionsAndGlobals(t *testing.T) {
	stack, err := Parse([]byte(small), "dir", World{Region: "r", Account: "1", StackName: "st"})
	require.NoError(t, err)
	f := stack.Functions[0]
	assert.Equal(t, map[string]string{
		"A": "global",
		"B": "w-${Word}-st-st-T-arn:aws:dynamodb:r:1:table/st-T-arn:aws:lambda:r:1:function:st-F",
		"C": "st-Log",
		"D": "/x/w",
	}, f.Environment)
	assert.Equal(t, 3*time.Second, f.Timeout)
	assert.Equal(t, "dir/f", f.CodeDir)
	assert.Equal(t, []string{"dynamodb:GetItem", "dynamodb:Query"}, f.Policies[0].Statement[0].Action)
	assert.Equal(t, []Route{{"GET", "/a/{b}"}}, f.Routes)
	schema := stack.Tables[0].Schema
	assert.Equal(t, monotable.S("p"), schema.Partition)
	assert.Equal(t, monotable.B("s"), schema.Sort)
	assert.False(t, stack.Tables[0].Encrypted)
	assert.Equal(t, types.StreamViewTypeKeysOnly, schema.Stream)
	assert.Equal(t, []Source{{ID: "Source", Function: "F", Table: "T", Latest: true, BatchSize: 100}}, stack.Sources,
		"Lambda's defaults")
}

func TestWhatIsNotKnownFailsByName(t *testing.T) {
	for _, c := range []struct{ name, old, new, says string }{
		{"a resource type", "AWS::Logs::LogGroup", "AWS::SNS::Topic", "type AWS::SNS::Topic"},
		{"an event type", "{Type: HttpApi,", "{Type: DynamoDB,", "event E: type DynamoDB"},
		{"a section", "Transform:", "Mappings: {}\nTransform:", "Mappings"},
		{"another transform", "AWS::Serverless-2016-10-31", "AWS::Serverless-2099-01-01", "2099"},
		{"a property of a function", "CodeUri: f/", "CodeUri: f/\n      Tracing: Active", "Tracing"},
		{"a property of Globals", "Runtime: provided.al2023", "Runtime: provided.al2023\n    Tracing: Active",
			"Tracing"},
		{"a property of a table", "BillingMode: PAY_PER_REQUEST",
			"BillingMode: PAY_PER_REQUEST\n      TimeToLiveSpecification: {}", "TimeToLiveSpecification"},
		{"a property of a log group", "{LogGroupName:", "{KmsKeyId: x, LogGroupName:", "KmsKeyId"},
		{"an attribute of a resource", "Type: AWS::Logs::LogGroup\n  Named",
			"Type: AWS::Logs::LogGroup\n    Condition: X\n  Named", "Condition"},
		{"a function in long form", `!Ref Log`, `{"Fn::Join": ["", []]}`, "Fn::Join"},
		{"Ref in long form", `!Ref Log`, `{Ref: Log}`, "Ref"},
		{"another function", `!Ref Log`, `!Select Log`, "!Select"},
		{"a list of arguments", `!GetAtt T.Arn`, `!GetAtt [T, Arn]`, "!GetAtt"},
		{"an attribute", `!GetAtt T.Arn`, `!GetAtt T.TableId`, "TableId"},
		{"a stream that is none", "      StreamSpecification: {StreamViewType: KEYS_ONLY}\n", "",
			"table T has no StreamSpecification"},
		{"a view type", "KEYS_ONLY", "KEYS", `stream view "KEYS"`},
		{"a starting position", "LATEST", "AT_TIMESTAMP", "AT_TIMESTAMP"},
		{"a batch size", "StartingPosition: LATEST", "StartingPosition: LATEST, BatchSize: 1001", "1001"},
		{"retry attempts", "StartingPosition: LATEST", "StartingPosition: LATEST, MaximumRetryAttempts: -2", "-2"},
		{"a response type", "StartingPosition: LATEST", "StartingPosition: LATEST, FunctionResponseTypes: [All]",
			`"All"`},
		{"a property of an event source", "StartingPosition: LATEST",
			"StartingPosition: LATEST, ParallelizationFactor: 2", "ParallelizationFactor"},
		{"a source of no function", "FunctionName: !GetAtt F.Arn", "FunctionName: G", "FunctionName"},
		{"a source of no table", "EventSourceArn: !GetAtt T.StreamArn", "EventSourceArn: !GetAtt T.Arn",
			"EventSourceArn"},
		{"no such queue", "StartingPosition: LATEST",
			"StartingPosition: LATEST, DestinationConfig: {OnFailure: {Destination: q}}", "queues"},
		{"a reference to nothing", `!Ref Log`, `!Ref Lag`, "there is no Lag"},
		{"a substitution of nothing", `${T}`, `${AWS::Nothing}`, "AWS::Nothing"},
		{"a managed policy", "- Version: 2012-10-17", "- AmazonDynamoDBFullAccess\n        - Version: 2012-10-17",
			"AmazonD"},
		{"a policy template", "- Version: 2012-10-17",
			"- DynamoDBReadPolicy: {TableName: t}\n        - Version: 2012-10-17", "DynamoDBReadPolicy"},
		{"a condition of a policy", "{Effect: Allow,", "{Effect: Allow, Condition: {},", "Condition"},
		{"a policy that allows nothing", "{Effect: Allow,", "{Effect: Allowed,", "Allowed"},
		{"a runtime", "provided.al2023", "nodejs24.x", "provided.al2023"},
		{"a greedy route", "/a/{b}", "/a/{b+}", "{b+}"},
		{"any method", "Method: GET", "Method: ANY", "ANY"},
		{"a billing mode", "PAY_PER_REQUEST", "PROVISIONED", "PROVISIONED"},
		{"a key that is not defined", "[{AttributeName: p, KeyType", "[{AttributeName: q, KeyType", "q is not defined"},
		{"a definition without use", ", {AttributeName: s, KeyType: RANGE}", "", "in no key"},
		{"a key type", "KeyType: RANGE", "KeyType: SORT", "SORT"},
		{"an attribute type", "AttributeType: B", "AttributeType: BOOL", "BOOL"},
		{"a parameter's type", "{Type: String,", "{Type: Number,", "Number"},
		{"a parameter's length", "Default: w", "Default: wwww", "1 to 3"},
		{"an alias", "Default: w", "Default: &x w, Description: *x", "aliases"},
		{"a resource twice", "  Named:\n", "  Log:\n", "Log"},
		{"a timeout", "CodeUri: f/", "CodeUri: f/\n      Timeout: 901", "901"},
		{"no code", "CodeUri: f/", "CodeUri: ''", "CodeUri"},
		{"not a template", small, "- 1", "not a template"},
		{"not YAML", small, "a: [", "yaml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(small, c.old, c.new, 1)
			if c.name == "a reference to nothing" || c.name == "a resource twice" {
				broken = strings.Replace(broken, "!Ref Named", "x", 1)
			}
			require.NotEqual(t, small, broken)
			_, err := Parse([]byte(broken), "dir", World{StackName: "st"})
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.says)
		})
	}
	_, err := Parse([]byte(small), "dir", World{StackName: "st", Parameters: map[string]string{"Wurd": "x"}})
	require.ErrorContains(t, err, "Wurd")
	_, err = Read("none.yaml", world)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTwoFunctionsCannotShareARoute(t *testing.T) {
	_, second, _ := strings.Cut(small, "Resources:")
	second, _, _ = strings.Cut(second, "  T:\n")
	doubled := strings.Replace(small, "  T:\n", strings.Replace(second, "  F:", "  G:", 1)[1:]+"  T:\n", 1)
	_, err := Parse([]byte(doubled), "dir", World{StackName: "st"})
	require.ErrorContains(t, err, "route GET /a/{b} belongs to F and G")
}
