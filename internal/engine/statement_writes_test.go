package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stored gives an attribute of an item of TabH as it is stored, in JSON; "" for none.
func stored(t testing.TB, e *Engine, pk, attribute string) string {
	t.Helper()
	out, err := e.GetItem(background,
		&dynamodb.GetItemInput{TableName: new("TabH"), Key: parseItem(t, `{"pk":{"S":"`+pk+`"}}`)})
	require.NoError(t, err)
	v := out.Item[attribute]
	if v == nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(itemJSON(map[string]types.AttributeValue{"v": v}), `{"v":`), "}")
}

func TestInsert(t *testing.T) {
	e := withStatementTables(t, Options{})
	assert.Empty(t, execute(t, e, `INSERT INTO TabH VALUE {'pk': 'z', 'n': 2.50, 'zero': -0, 'e': .73e1, 'big': 7.31E+6,
	  'l': [1, 'a', null],
	  'm': {'k': TRUE}, 'ss': <<'b', 'a'>>, 'ns': <<1, 2.0>>, 'q': 'it''s', 'empty': '',
	  'data': ?, 'raw': 'a\n'}`, `{"B":"aGk="}`))
	for attribute, want := range map[string]string{"n": `{"N":"2.5"}`, "zero": `{"N":"0"}`, "e": `{"N":"7.3"}`,
		"big": `{"N":"7310000"}`, "l": `{"L":[{"N":"1"},{"S":"a"},{"NULL":true}]}`, "m": `{"M":{"k":{"BOOL":true}}}`,
		"ss": `{"SS":["a","b"]}`, "ns": `{"NS":["1","2"]}`, "q": `{"S":"it's"}`, "empty": `{"S":""}`, "data": `{"B":"aGk="}`,
		"raw": `{"S":"a\\n"}`} {
		assert.Equal(t, want, stored(t, e, "z", attribute), attribute)
	}
	_, err := e.ExecuteStatement(background, statementOf(`INSERT INTO TabH VALUE {'pk': 'z'}`))
	duplicate := asError[*types.DuplicateItemException](t, err)
	assert.Equal(t, "Duplicate primary key exists in table", *duplicate.Message)
	assert.Equal(t, `{"N":"2.5"}`, stored(t, e, "z", "n"), "nothing was replaced")
	answers(t, e, map[string]string{
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': set_add(a, <<1>>)}`: `Unsupported data type: set_add ` +
			`under key root at 1:41:7`,
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': [1, [?]]}`: `Unsupported data type: Parameter under key ` +
			`root[1][0] at 1:46:1`,
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': {'k': ?}}`: `Unsupported data type: Parameter under key root.k ` +
			`at 1:47:1`,
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': <<>>}`: `Empty bags are not supported`,
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': <<1, 'a'>>}`: `Unsupported data type in Bag. DynamoDB only ` +
			`supports either numbers or strings in bags`,
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': <<'a', 'a'>>}`: `One or more parameter values were invalid: Input ` +
			`collection [a, a] contains duplicates.`,
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': <<2, 2.0>>}`: `One or more parameter values were invalid: Input ` +
			`collection [2, 2.0] contains duplicates! under root`,
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': ` + nested(32) + `}`: `Nesting Levels have exceeded supported limits ` +
			`under root` +
			strings.Repeat(".a", 31),
		`INSERT INTO TabH VALUE {'pk': 'y', 'a': 1e126}`: `Number overflow. Attempting to store a number ` +
			`with magnitude larger than supported range under root`,
		`INSERT INTO TabC VALUE {'pk': 'y', 'sk': 's', 'g': 1}`: `One or more parameter values were invalid: Type ` +
			`mismatch for Index Key g Expected: S Actual: N IndexName: gall`,
		`INSERT INTO nope VALUE {'pk': 'y'}`: `ResourceNotFoundException: Requested resource not ` +
			`found`,
		`INSERT INTO TabH VALUE {'pk': 'd', 'a': ` + nested(31) + `}`: ``,
	})
	room := strings.Repeat("x", 409600-len("pkfullz"))
	assert.Empty(t, execute(t, e, `INSERT INTO TabH VALUE {'pk': 'full', 'z': ?}`, `{"S":"`+room+`"}`))
	assert.Equal(t, "ValidationException: Item size has exceeded the maximum allowed size",
		execute(t, e, `INSERT INTO TabH VALUE {'pk': 'fuller', 'z': ?}`, `{"S":"`+room+`"}`))
}

// What SET and REMOVE make of item a, or what they are told.
func TestUpdate(t *testing.T) {
	for change, want := range map[string]string{
		`SET q = n`: `q {"N":"1"}`, `SET q = n + 1`: `q {"N":"2"}`, `SET q = 5 - n`: `q {"N":"4"}`,
		`SET n=n-1`:                                    `n {"N":"0"}`,
		`SET q = n - - 2`:                              `q {"N":"3"}`,
		`SET l = list_append(l, ['x'])`:                `l {"L":[{"S":"e0"},{"N":"5"},{"M":{"q":{"S":"v"}}},{"S":"x"}]}`,
		`SET q = LIST_APPEND(['x'], l)`:                `q {"L":[{"S":"x"},{"S":"e0"},{"N":"5"},{"M":{"q":{"S":"v"}}}]}`,
		`SET l[10] = 'new'`:                            `l {"L":[{"S":"e0"},{"N":"5"},{"M":{"q":{"S":"v"}}},{"S":"new"}]}`,
		`REMOVE l[0]`:                                  `l {"L":[{"N":"5"},{"M":{"q":{"S":"v"}}}]}`,
		`REMOVE s SET q = 1, r = 2 REMOVE n SET t = s`: `t {"S":"str"}`, `SET data = 1`: `data {"N":"1"}`,
		`SET m.y.z = ?`:                      `m {"M":{"x":{"N":"1"},"y":{"M":{"z":{"S":"given"}}}}}`,
		`SET ss = set_add(ss, <<'z', 'p'>>)`: `ss {"SS":["p","q","z"]}`, `SET q = set_add(q, <<1>>)`: `q {"NS":["1"]}`,
		`SET ss = SET_DELETE(ss, <<'p', 'none'>>)`: `ss {"SS":["q"]}`, `SET ss = set_delete(ss, <<'p', 'q'>>)`: `ss `,
		`SET q = set_delete(q, <<'p'>>)`: `q `, `SET bs = set_add(bs, ?)`: `bs {"BS":["AQ==","Ag=="]}`,
		`SET m.set = set_add(m.set, <<1>>)`: "E Statement wasn't well formed, can't be processed: Invalid path dot " +
			"component",
		`SET m."set" = set_add(m."set", <<1>>)`: `m {"M":{"set":{"NS":["1"]},"x":{"N":"1"},"y":{"M":{"z":{"S":"deep"}}}}}`,
		`SET n = set_add(n, <<1>>)`:             `E An operand in the update expression has an incorrect data type`,
		`SET ss = set_add(ss, <<1>>)`:           `E An operand in the update expression has an incorrect data type`,
		`SET ss = set_add(ns, <<1>>)`:           `E The first argument to SET_ADD must equal the assignment value at 1:22:7`,
		`SET ss = set_add("ss", 'z')`:           `E The second argument to SET_ADD must be a value with type SET at 1:30:4`,
		`SET ss = set_delete(ss)`:               `E SET_DELETE must have exactly two arguments at 1:22:10`,
		`SET q = nope + 1`: `E The provided expression refers to an attribute that does not exist in ` +
			`the item`,
		`SET nope.x = 1`:  `E The document path provided in the update expression is invalid for update`,
		`SET nope[0] = 1`: `E The document path provided in the update expression is invalid for update`,
		`SET q = s + 1`:   `E An operand in the update expression has an incorrect data type`,
		`SET q = 'a' + 1`: `E Incorrect operand type for operator or function; operator or ` +
			`function: +, operand type: S`,
		`SET q = [?]`:               `E Unsupported data type: Parameter under key root[0] at 1:22:1`,
		`SET m.y.z = ` + nested(30): `E Nesting Levels have exceeded supported limits`,
	} {
		t.Run(change, func(t *testing.T) {
			e := withStatementTables(t, Options{})
			parameter := map[bool]string{true: `{"BS":["Ag=="]}`, false: `{"S":"given"}`}[strings.Contains(change, "bs")]
			got := execute(t, e, "UPDATE TabH "+change+" WHERE pk = 'a'", parameter)
			attribute, value, _ := strings.Cut(want, " ")
			if attribute == "E" {
				assert.Equal(t, "ValidationException: "+value, got)
				assert.JSONEq(t, itemA, itemOf(t, e, "TabH", `{"pk":{"S":"a"}}`))
				return
			}
			assert.Empty(t, got)
			assert.Equal(t, value, stored(t, e, "a", attribute))
			fromFirst := withStatementTables(t, Options{})
			assert.Empty(t, execute(t, fromFirst, "FROM TabH WHERE pk = 'a' "+change, parameter))
			assert.Equal(t, itemOf(t, e, "TabH", `{"pk":{"S":"a"}}`), itemOf(t, fromFirst, "TabH", `{"pk":{"S":"a"}}`))
		})
	}
}

// An update and a deletion are of one item, which WHERE names; what else it says is their condition.
func TestWriteConditions(t *testing.T) {
	const mandatory = "Where clause does not contain a mandatory equality on all key attributes"
	const failed = "ConditionalCheckFailedException: The conditional request failed"
	const several = "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported"
	for where, want := range map[string][2]string{ // of an update, of a deletion
		`WHERE pk='x' AND sk='1'`: {"", ""}, `WHERE (pk='x' AND sk='1') AND n=1`: {"", ""},
		`WHERE pk='x' AND sk='1' AND n=2`: {failed, failed},
		`WHERE pk='x' AND sk='none'`:      {failed, ""}, `WHERE pk='x' AND sk='none' AND n=2`: {failed, ""},
		`WHERE pk='x' AND sk='none' AND attribute_not_exists(pk)`: {failed, ""},
		`WHERE pk='x' AND sk='1' AND pk='x'`:                      {"", ""},
		`WHERE pk='x' AND sk='1' AND pk='y'`:                      {several, several},
		`WHERE pk='x'`:                                            {mandatory, mandatory}, ``: {mandatory, mandatory},
		`WHERE n=1`:                    {mandatory, mandatory},
		`WHERE pk IN ['x'] AND sk='1'`: {mandatory, mandatory}, `WHERE pk='x' AND sk>'0'`: {mandatory, mandatory},
		`WHERE pk='x' AND sk='1' OR n=1`: {mandatory, mandatory}, `WHERE NOT pk='x' AND sk='1'`: {mandatory, mandatory},
	} {
		for i, statement := range []string{"UPDATE TabC SET q=7 " + where, "DELETE FROM TabC " + where, "FROM TabC " +
			where + " SET q=7"} {
			e := withStatementTables(t, Options{})
			before := storedItems(t, e)
			got := strings.TrimPrefix(execute(t, e, statement), "ValidationException: ")
			assert.Equal(t, want[i%2], got, statement)
			if want[i%2] != "" || strings.Contains(where, "none") {
				assert.Equal(t, before, storedItems(t, e), statement)
			} else {
				assert.NotEqual(t, before, storedItems(t, e), statement)
			}
		}
	}
	e := withStatementTables(t, Options{})
	for _, statement := range []string{`UPDATE TabH SET q=1 WHERE pk='b' AND n=7`,
		`DELETE FROM TabH WHERE pk='b' AND n=7`} {
		for option, item := range map[types.ReturnValuesOnConditionCheckFailure]string{
			"ALL_OLD": `{"n":{"N":"2"},"pk":{"S":"b"}}`,
			"NONE":    `null`, "": `null`} {
			_, err := e.ExecuteStatement(background, &dynamodb.ExecuteStatementInput{Statement: &statement,
				ReturnValuesOnConditionCheckFailure: option})
			assert.Equal(t, item, itemJSON(asError[*types.ConditionalCheckFailedException](t, err).Item), statement)
		}
	}
	room := strings.Repeat("x", 409600-len("pkaz"))
	execute(t, e, `INSERT INTO TabH VALUE {'pk': '1', 'y': 1}`)
	assert.Empty(t, execute(t, e, `UPDATE TabH SET z = ? REMOVE y WHERE pk = '1'`, `{"S":"`+room+`"}`))
	assert.Equal(t, "ValidationException: Item size to update has exceeded the maximum allowed size",
		execute(t, e, `UPDATE TabH SET z = ? WHERE pk = '1'`, `{"S":"`+room+`x"}`))
}

// What RETURNING gives was captured: of MODIFIED the changed paths alone, list elements closed up, and no row for none.
func TestReturning(t *testing.T) {
	for statement, want := range map[string]string{
		`UPDATE TabH SET n = 7 WHERE pk='b' RETURNING ALL OLD *`:      `{"n":{"N":"2"},"pk":{"S":"b"}}`,
		`UPDATE TabH SET n = 7 WHERE pk='b' RETURNING ALL NEW *`:      `{"n":{"N":"7"},"pk":{"S":"b"}}`,
		`UPDATE TabH SET n = 7 WHERE pk='b' RETURNING MODIFIED OLD *`: `{"n":{"N":"2"}}`,
		`UPDATE TabH SET n = 7, m.x = 8 WHERE pk='a' RETURNING MODIFIED NEW *`: `{"m":{"M":{"x":{"N":"8"}}},` +
			`"n":{"N":"7"}}`,
		`UPDATE TabH SET q = 7 WHERE pk='a' RETURNING MODIFIED OLD *`:                  ``,
		`UPDATE TabH REMOVE n WHERE pk='a' RETURNING MODIFIED NEW *`:                   ``,
		`UPDATE TabH REMOVE n WHERE pk='a' RETURNING MODIFIED OLD *`:                   `{"n":{"N":"1"}}`,
		`UPDATE TabH SET l[2] = 'c', l[0] = 'a' WHERE pk='a' RETURNING MODIFIED NEW *`: `{"l":{"L":[{"S":"a"},{"S":"c"}]}}`,
		`UPDATE TabH SET l[2] = 'c', l[0] = 'a' WHERE pk='a' RETURNING MODIFIED OLD *`: `{"l":{"L":[{"S":"e0"},` +
			`{"M":{"q":{"S":"v"}}}]}}`,
		`UPDATE TabH REMOVE l[1] WHERE pk='a' RETURNING MODIFIED NEW *`:    `{"l":{"L":[{"M":{"q":{"S":"v"}}}]}}`,
		`UPDATE TabH REMOVE l[1] WHERE pk='a' RETURNING MODIFIED OLD *`:    `{"l":{"L":[{"N":"5"}]}}`,
		`UPDATE TabH REMOVE l[2] WHERE pk='a' RETURNING MODIFIED NEW *`:    ``,
		`UPDATE TabH SET l[3] = 'd' WHERE pk='a' RETURNING MODIFIED NEW *`: `{"l":{"L":[{"S":"d"}]}}`,
		`UPDATE TabH SET l[3] = 'd' WHERE pk='a' RETURNING MODIFIED OLD *`: ``,
		`UPDATE TabH SET l[9] = 'd' WHERE pk='a' RETURNING MODIFIED NEW *`: ``,
		`DELETE FROM TabH WHERE pk='b' RETURNING ALL OLD *`:                `{"n":{"N":"2"},"pk":{"S":"b"}}`,
		`DELETE FROM TabH WHERE pk='none' RETURNING ALL OLD *`:             ``,
		`DELETE FROM TabH WHERE pk='b' RETURNING MODIFIED OLD *`: `ValidationException: Invalid returning clause: ` +
			`RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in ` +
			`DELETE statements.`,
	} {
		assert.Equal(t, want, execute(t, withStatementTables(t, Options{}), statement), statement)
	}
}

// Parameters are checked before the statement is read.
func TestParameters(t *testing.T) {
	e := withStatementTables(t, Options{})
	deep := strings.Repeat(`{"L":[`, 32) + strings.Repeat(`]}`, 32)
	for parameter, want := range map[string]string{
		`{"N":"abc"}`:                   "The parameter cannot be converted to a numeric value: abc",
		`{"N":""}`:                      "The parameter cannot be converted to a numeric value",
		`{"N":"1e2147483648"}`:          "The parameter cannot be converted to a numeric value: 1e2147483648",
		`{"L":[{"N":"1e99999999999"}]}`: "The parameter cannot be converted to a numeric value: 1e99999999999",
		`{"N":"1e2147483647"}`: "Number underflow. Attempting to store a number with magnitude smaller than " +
			"supported range",
		`{"N":"1e126"}`: "Number overflow. Attempting to store a number with magnitude larger than " +
			"supported range",
		`{"N":"` + digits(39) + `"}`: "Attempting to store more than 38 significant digits in a Number",
		`{"SS":["a","a"]}`: "One or more parameter values were invalid: Input collection [a, a] contains " +
			"duplicates.",
		`{"SS":[]}`: "One or more parameter values were invalid: An string set  may not be empty",
		`{"NULL":false}`: "One or more parameter values were invalid: Null attribute value types must " +
			"have the value of true",
		`{"L":[` + deep +
			`]}`: "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond " +
			"supported limit",
		`{"L":[` + deep +
			`,{"N":"x"}]}`: "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond " +
			"supported limit",
		`{"L":[{"N":"x"},` + deep + `]}`: "The parameter cannot be converted to a numeric value: x",
	} {
		for _, statement := range []string{"UPDATE TabH SET WHERE", "SELECT * FROM Nowhere WHERE pk = ?",
			"SELECT pk FROM TabH"} {
			assert.Equal(t, "ValidationException: "+want, execute(t, e, statement, parameter), statement)
		}
	}
	assert.Equal(t, "ValidationException: Number of parameters in request and statement don't match.",
		execute(t, e, "SELECT pk FROM TabH WHERE n IN [?, ?]", `{"N":"1"}`))
	assert.Equal(t, `{"pk":{"S":"b"}}`,
		execute(t, e, "SELECT pk FROM TabH WHERE s IS MISSING AND n IN [?, ?]", `{"N":"1"}`, `{"N":"2"}`))
}

func TestStatementBounds(t *testing.T) {
	e := withStatementTables(t, Options{})
	const one = "ValidationException: 1 validation error detected: Value "
	limit := int32(0)
	assert.Equal(t, one+"'0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
		executeWith(t, e, &dynamodb.ExecuteStatementInput{Statement: new("SELEC"), Limit: &limit}), "before it is read")
	assert.Equal(t, one+"null at 'statement' failed to satisfy constraint: Member must not be null",
		executeWith(t, e, &dynamodb.ExecuteStatementInput{}))
	assert.Contains(t, execute(t, e, ""),
		"at 'statement' failed to satisfy constraint: Member must have length greater than or equal to 1")
	fits := "SELECT pk FROM TabH WHERE pk = 'b'" + strings.Repeat(" ", 8192-34)
	assert.Equal(t, `{"pk":{"S":"b"}}`, execute(t, e, fits))
	assert.Contains(t, execute(t, e, fits+" "),
		"at 'statement' failed to satisfy constraint: Member must have length less than or equal to 8192")
	for _, operation := range []string{"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"} {
		body := map[string]string{"ExecuteStatement": `"Statement":"SELECT pk FROM TabH"`,
			"BatchExecuteStatement": `"Statements":[{"Statement":"x"}]`,
			"ExecuteTransaction":    `"TransactStatements":[{"Statement":"x"}]`}[operation]
		assert.Equal(t,
			one+"'BOGUS' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: "+
				"[INDEXES, TOTAL, NONE]", refused(t, e, operation, `{`+body+`,"ReturnConsumedCapacity":"BOGUS"}`))
	}
	assert.Equal(t,
		one+"'BAD' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum "+
			"value set: [ALL_OLD, NONE]", refused(t, e, "ExecuteStatement",
			`{"Statement":"x","ReturnValuesOnConditionCheckFailure":"BAD"}`))
	out, err := e.ExecuteStatement(background, statementOf("DELETE FROM TabH WHERE pk = 'none'"))
	require.NoError(t, err)
	assert.NotNil(t, out.Items)
	assert.Empty(t, out.Items)
}
