package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answers sends statements and compares what each answers: its rows, or its refusal, of which a ValidationException
// goes without its name.
func answers(t *testing.T, e *Engine, all map[string]string) {
	t.Helper()
	for statement, want := range all {
		assert.Equal(t, want, strings.TrimPrefix(execute(t, e, statement), "ValidationException: "), statement)
	}
}

// What a SELECT shows was captured from the service: the last named step of a path, with a list's index.
func TestSelectLists(t *testing.T) {
	e := withStatementTables(t, Options{})
	answers(t, e, map[string]string{
		`SELECT m.y FROM TabH WHERE pk = 'a'`:           `{"y":{"M":{"z":{"S":"deep"}}}}`,
		`SELECT m.y.z, n FROM TabH WHERE pk = 'a'`:      `{"n":{"N":"1"},"z":{"S":"deep"}}`,
		`SELECT l[1] FROM TabH WHERE pk = 'a'`:          `{"l[1]":{"N":"5"}}`,
		`SELECT l[-0] FROM TabH WHERE pk = 'a'`:         `{"l[0]":{"S":"e0"}}`,
		`SELECT m['x'] FROM TabH WHERE pk = 'a'`:        `{"x":{"N":"1"}}`,
		`SELECT nope, m.other FROM TabH WHERE pk = 'b'`: `{}`,
		`SELECT "Case" FROM TabH WHERE pk = 'a'`:        `{"Case":{"S":"up"}}`,
		`SELECT * FROM TabH WHERE pk = 'none'`:          ``,
		`SELECT attribute_exists(s) FROM TabH`:          `Unexpected path component at 1:8:16`,
		`SELECT COUNT(*) FROM TabH`:                     `Unexpected path component at 1:8:5`,
		`SELECT n, cOuNt(n) FROM Nowhere`:               `Unexpected path component at 1:11:5`,
		`SELECT "COUNT" FROM TabH WHERE pk = 'a'`:       `{}`,
		`SELECT l[2147483648] FROM TabH`: `List index is not within the allowable range; index: ` +
			`[2147483648] at 1:10:10`,
		`SELECT l[-1] FROM TabH`:                  `List index is not within the allowable range; index: [-1] at 1:11:1`,
		`SELECT pk FROM TabH AS t WHERE pk = 'a'`: `Aliasing is not supported`,
		`SELECT pk FROM TabH t WHERE pk = 'a'`:    `Aliasing is not supported`,
		`SELECT m.x, m.x FROM TabH`:               `Duplicate identifiers in select clause: x`,
		`SELECT pk FROM TabH, TabC`:               `Only select from a single table or index is supported.`,
		`SELECT pk FROM TabC.gall.x`:              `A path may contain at most 2 components in the FROM clause`,
		`SELECT pk FROM "Nowhere".""`:             `Path component cannot be an empty string`,
		`SELECT pk FROM ""."x"`:                   `Path component cannot be an empty string`,
		`SELECT pk FROM Nowhere`:                  `ResourceNotFoundException: Requested resource not found`,
		`SELECT pk FROM Nowhere.nope`:             `ResourceNotFoundException: Requested resource not found`,
		`SELECT pk FROM TabC.nope`:                `The table does not have the specified index`,
		`SELECT pk FROM TabC.TabC`:                `The table does not have the specified index`,
		`SELECT pk FROM Nowhere WHERE b < true`: `Incorrect operand type for operator or function; operator or ` +
			`function: <, operand type: BOOL`,
		`SELECT pk FROM Nowhere x`:                      `Aliasing is not supported`,
		`x IS INT4`:                                     `Unsupported operation: IsType`,
		`SELECT pk FROM TabH WHERE EXISTS(s)`:           `Unrecognized function: exists at 1:27:6`,
		`SELECT pk FROM TabH WHERE set_add(s, <<'a'>>)`: `Unrecognized function: set_add at 1:27:7`,
	})
}

// The operators and functions of WHERE, over the items a, b and c.
func TestWhere(t *testing.T) {
	e := withStatementTables(t, Options{})
	for condition, want := range map[string]string{
		`ss = <<'q','p'>>`: "a", `ns <> <<2,1.0>>`: "b c", `l = ['e0', 5, {'q': 'v'}]`: "a", `l = [5, 'e0', {'q': 'v'}]`: "",
		`m = {'y': {'z': 'deep'}, 'x': 1.0}`: "a", `bs = ?`: "a", `bin > ?`: "", `nul = NULL`: "a", `b <> true`: "b c",
		`n <> 1`: "b c", `n != 1`: "b c", `NOT n = 1`: "b c", `NOT s = 'str'`: "b c", `s = 'str'`: "a",
		`NOT nope = 1`: "a b c",
		`nope = 1`:     "", `n < '2'`: "", `n BETWEEN 1 AND 2`: "a b", `n NOT BETWEEN 1 AND 2`: "c", `n IN [1, 3]`: "a c",
		`n IN (2)`: "b", `n NOT IN [1]`: "b c", `s IS MISSING`: "b", `s IS NOT MISSING`: "a c", `nul IS NULL`: "a",
		`nope IS NULL`: "", `nope IS NOT NULL`: "a b c", `b IS BOOL`: "a", `s IS STRING`: "a c", `begins_with(s, 'st')`: "a",
		`contains(ss, 'p')`: "a", `contains(s, 'he')`: "c", `attribute_type(n, 'N')`: "a b c", `size(s) > 3`: "c",
		`attribute_exists(m.y.z)`: "a", `attribute_not_exists(m.y.z)`: "b c", `attribute_exists(s) = true`: "a c",
		`(n BETWEEN 0 AND 1) = true`: "a", `attribute_exists(s) IN [true, false]`: "a b c", `attribute_exists(s) = b`: "a",
		`attribute_exists(s) <> 1`: "a b c", `n = .1e1`: "a", `n = 1.0E+0`: "a", `n = - - 1`: "a",
		`(n = 1 OR n = 2) AND NOT (s = 'str')`: "b", `n = 1 OR n = 2 AND s = 'x'`: "a",
	} {
		t.Run(condition, func(t *testing.T) {
			var parameters []string
			if strings.Contains(condition, "?") {
				parameters = []string{map[bool]string{true: `{"BS":["AQ=="]}`, false: `{"B":"Av8="}`}[condition == `bs = ?`]}
			}
			got := ""
			for _, pk := range []string{"a", "b", "c"} {
				if row := execute(t, e, "SELECT pk FROM TabH WHERE pk = '"+pk+"' AND ("+condition+")", parameters...); row != "" {
					require.JSONEq(t, `{"pk":{"S":"`+pk+`"}}`, row)
					got += " " + pk
				}
			}
			assert.Equal(t, want, strings.TrimSpace(got))
			all := execute(t, e, "SELECT pk FROM TabH WHERE "+condition, parameters...)
			assert.Equal(t, len(strings.Fields(want)), strings.Count(all, "pk"), all)
		})
	}
}

func TestWhereIsRefused(t *testing.T) {
	e := withStatementTables(t, Options{})
	const incorrect = "Incorrect operand type for operator or function; operator or function: "
	for condition, want := range map[string]string{
		`b < true`: incorrect + "<, operand type: BOOL", `n >= [1]`: incorrect + ">=, operand type: L",
		`attribute_exists(s) > false`: incorrect + ">, operand type: BOOL",
		`attribute_type(n, 1)`:        incorrect + "attribute_type, operand type: N",
		`attribute_type(n, 'X')`: "Invalid attribute type name found; type: X, valid types: " +
			"{N,BS,L,B,NULL,M,S,SS,NS,BOOL}",
		`attribute_exists('n')`: "Operator or function requires a document path; operator or function: " +
			"attribute_exists",
		`attribute_exists(?)`: "Operator or function requires a document path; operator or function: " +
			"attribute_exists",
		`attribute_exists()`: "Incorrect number of operands for operator or function; operator or function: " +
			"attribute_exists, number of operands: 0",
		`n = 1e126`: "Number overflow. Attempting to store a number with magnitude larger than " +
			"supported range under root",
		`n = 1e-131`: "Number underflow. Attempting to store a number with magnitude smaller than " +
			"supported range under root",
		`n = [1, ` + digits(39) + `]`: "Attempting to store more than 38 significant digits in a Number under root[1]",
		`n = {'x': {'y': 1e126}}`: "Number overflow. Attempting to store a number with magnitude larger than " +
			"supported range under root.x.y",
		`n = 1e2147483648`:                "Statement wasn't well formed, can't be processed: ",
		`n > -?`:                          "Unsupported operator in Condition Expression. Operator: -",
		`n = -s`:                          "Unsupported operator in Condition Expression. Operator: -",
		`n IN [` + repeat("1", 101) + `]`: "The IN operator is provided with too many operands; number of operands: 101",
		`n IN [` + repeat("1", 100) + `]`: "",
		`a = ` + nested(31):               "",
		`a = ` + nested(32): "Nesting Levels have exceeded supported limits under root" +
			strings.Repeat(".a", 31),
		`a = [[` + nested(30) + `]]`: "Nesting Levels have exceeded supported limits under root[0][0]" +
			strings.Repeat(".a", 29),
	} {
		got := execute(t, e, "SELECT pk FROM TabH WHERE "+condition, `{"S":"x"}`)
		if want == "" {
			assert.NotContains(t, got, "Exception", condition)
			continue
		}
		assert.Equal(t, "ValidationException: "+want, got, condition)
	}
}

func digits(n int) string { return strings.Repeat("7", n) }

func repeat(text string, n int) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }

// nested is a value of that many maps in each other.
func nested(levels int) string {
	return strings.Repeat("{'a':", levels-1) + "{}" + strings.Repeat("}", levels-1)
}

// Reads by the key, which ranges of one partition may not overlap in, and scans, in which nothing is an overlap.
func TestKeyedReads(t *testing.T) {
	e := withStatementTables(t, Options{})
	const overlap = "Overlapping conditions with range keys are not supported in where clause"
	const many = "Too many decomposed read operations for a given query."
	const wrong = "Key attribute's data type should match its data type in table's schema: Key "
	for condition, want := range map[string]string{
		`pk='x'`: "1 2 3 4", `pk='x' AND sk>'1' AND sk<'4'`: "2 3", `pk='x' AND begins_with(sk, '2')`: "2",
		`pk='x' AND sk BETWEEN '2' AND '3'`: "2 3", `pk='x' AND (sk='3' OR sk='1')`: "1 3",
		`pk='x' AND sk IN ['3','1']`: "1 3",
		`'x' = pk AND '2' <= sk`:     "2 3 4", `pk='y' AND sk='1' OR pk='x' AND sk='2'`: "2 1",
		`pk IN ['y','x'] AND sk='1'`:              "1 1",
		`pk='x' AND (sk<'2' OR sk>'3' OR sk='3')`: "1 3 4", `pk='x' AND pk='y'`: "", `pk='x' AND pk='x' AND sk='1'`: "1",
		`pk='x' AND sk='1' AND sk='2'`: "", `pk='x' AND sk='1' AND sk>'0'`: "1",
		`pk='x' OR pk='x'`: overlap, `pk IN ['x','x']`: overlap, `pk='x' AND (sk>'0' OR sk<'5')`: overlap,
		`pk='x' AND (sk='1' OR d='data2')`: overlap, `pk='x' AND d='1' OR pk='x' AND sk='2'`: overlap,
		`pk='x' AND d<>'1' OR pk='x' AND sk='2'`: overlap, `pk='x' AND sk IN ['1','1']`: overlap,
		`pk='x' AND NOT sk='1' OR pk='x' AND sk='2'`: "2 3 4", `pk='x' AND sk<>'1' OR pk='x' AND sk='2'`: "2 3 4",
		`pk='x' AND NOT begins_with(sk,'1') OR pk='x' AND sk='1'`: "1 2 3 4",
		`pk='x' AND sk NOT IN ['1'] OR pk='x' AND sk='1'`:         "1 2 3 4",
		`pk='x' AND NOT sk > '3' OR pk='x' AND sk='1'`:            "1 2 3",
		`pk='x' AND (d='data1' OR d='data3')`:                     "1 3",
		`pk=1 OR pk='x'`:                                          wrong + "pk",
		`pk IN [1]`:                                               wrong + "pk", `pk='x' AND sk=1`: wrong + "sk",
		`pk = NULL`: wrong + "pk",
		`pk > 1`:    "", `pk IN [` + quotedNumbers(51) + `]`: many, `pk IN [` + quotedNumbers(50) + `]`: "",
		`pk='x' AND sk IN [` + quotedNumbers(51) + `]`:          many,
		`pk IN [` + quotedNumbers(26) + `] AND sk IN ['a','b']`: many, `pk IN [` + quotedNumbers(25) +
			`] AND sk IN ['a','b']`: "",
		`sk IN [` + quotedNumbers(51) + `] AND d='x'`: "",
		`pk='x' AND sk IN [` + quotedNumbers(101) +
			`]`: "The IN operator is provided with too many operands; number of operands: 101",
	} {
		assert.Equal(t, want, sortKeys(t, e, "SELECT sk FROM TabC WHERE "+condition), condition)
	}
	for condition, want := range map[string]int{`pk='x' OR sk='1'`: 5, `NOT pk='y'`: 4,
		`pk>='x' AND NOT pk='y' OR sk='1'`: 5} {
		assert.Len(t, requireItems(t, e, "SELECT sk FROM TabC WHERE "+condition), want, condition)
	}
}

// quotedNumbers is a list of that many texts.
func quotedNumbers(n int) string {
	return strings.Join(strs(n, "'v%d'"), ",")
}

// sortKeys gives the sort keys of the rows that a statement answers, or its refusal.
func sortKeys(t *testing.T, e *Engine, statement string) string {
	t.Helper()
	out, err := e.ExecuteStatement(background, statementOf(statement))
	if err != nil {
		return errorMessage(err)
	}
	var keys []string
	for _, item := range out.Items {
		keys = append(keys, strings.Trim(itemJSON(item), `{}":skS`))
	}
	return strings.Join(keys, " ")
}

func TestOrderBy(t *testing.T) {
	e := withStatementTables(t, Options{})
	for rest, want := range map[string]string{
		`WHERE pk='x' ORDER BY sk`: "1 2 3 4", `WHERE pk='x' ORDER BY sk ASC`: "1 2 3 4",
		`WHERE pk='x' ORDER BY sk DESC`:                             "4 3 2 1",
		`WHERE pk='x' ORDER BY pk ASC`:                              "4 3 2 1", // whatever it says
		`WHERE pk='x' ORDER BY pk DESC`:                             "4 3 2 1",
		`WHERE pk IN ['x','y'] AND sk>'2' ORDER BY pk DESC, sk ASC`: "3 4 3 4",
		`WHERE pk='x' AND (sk='1' OR sk>'2') ORDER BY pk, sk DESC`:  "4 3 1",
		`ORDER BY sk`: "Must have WHERE clause in the statement when using ORDER BY clause.",
		`WHERE d='data1' ORDER BY sk`: "Must have at least one non-optional hash key condition in WHERE clause when " +
			"using ORDER BY clause.",
		`WHERE pk='x' ORDER BY Total`: "Attribute Total in ORDER BY clause must be part of the primary key",
		`WHERE pk IN ['x','y'] ORDER BY sk`: "Must have hash key in ORDER BY clause when more than one hash key condition " +
			"specified in WHERE clause.",
		`WHERE pk IN ['x'] ORDER BY sk`: "1 2 3 4",
	} {
		assert.Equal(t, want, sortKeys(t, e, "SELECT sk FROM TabC "+rest), rest)
	}
	assert.Equal(t, "1 2 3 4", sortKeys(t, e, "SELECT sk FROM TabC.lkeys WHERE pk='x' ORDER BY l DESC"))
	out := pagesOf(t, e, "SELECT pk, sk FROM TabC WHERE pk IN ['x','y'] ORDER BY pk DESC, sk DESC", 3)
	assert.Equal(t, "y4 y3 y2|y1 x4 x3|x2 x1", out)
}

// pagesOf reads a statement in pages of limit items, and writes the keys of each.
func pagesOf(t *testing.T, e *Engine, statement string, limit int32) string {
	t.Helper()
	in := &dynamodb.ExecuteStatementInput{Statement: &statement, Limit: &limit}
	var pages []string
	for {
		out, err := e.ExecuteStatement(background, in)
		require.NoError(t, err)
		var keys []string
		for _, item := range out.Items {
			text := strings.NewReplacer(`{"pk":{"S":"`, "", `"},"sk":{"S":"`, "", `"}}`, "").Replace(itemJSON(item))
			keys = append(keys, text)
		}
		pages = append(pages, strings.Join(keys, " "))
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return strings.Join(pages, "|")
		}
	}
}

// A limit is of items looked at; a page that ends with the last of them still has a token.
func TestStatementPages(t *testing.T) {
	e := withStatementTables(t, Options{})
	assert.Equal(t, "x1 x2|x3 x4|", pagesOf(t, e, "SELECT pk, sk FROM TabC WHERE pk='x'", 2))
	assert.Equal(t, "||x3|x4|", pagesOf(t, e, "SELECT pk, sk FROM TabC WHERE pk='x' AND n>2", 1))
	assert.Equal(t, "x1 x3 y1|y3", pagesOf(t, e, "SELECT pk, sk FROM TabC WHERE pk IN ['x','y'] AND sk IN ['1','3']", 3))
	assert.Equal(t, "x1|", pagesOf(t, e, "SELECT pk, sk FROM TabC WHERE pk='x' AND sk='1'", 1))
	first, err := e.ExecuteStatement(background, &dynamodb.ExecuteStatementInput{Limit: aws.Int32(1),
		Statement: aws.String("SELECT * FROM TabC WHERE pk=?"), Parameters: values(t, `{"S":"x"}`)})
	require.NoError(t, err)
	next := func(statement, parameter string, token *string) string {
		return executeWith(t, e, &dynamodb.ExecuteStatementInput{Statement: &statement, NextToken: token,
			Parameters: values(t, `{"S":"`+parameter+`"}`)})
	}
	assert.Equal(t, 3, strings.Count(next("SELECT * FROM TabC WHERE pk=?", "x", first.NextToken), `"sk"`),
		"without the limit")
	for _, other := range [][2]string{{"SELECT * FROM TabC WHERE pk=?", "y"}, {"SELECT sk FROM TabC WHERE pk=?", "x"},
		{"SELECT * FROM TabH WHERE pk=?", "x"}, {"SELECT * FROM TabC.lkeys WHERE pk=?", "x"}} {
		assert.Equal(t, "ValidationException: NextToken does not match request", next(other[0], other[1], first.NextToken))
	}
	spoilt := []byte(*first.NextToken)
	spoilt[len(spoilt)/2] ^= 1
	for _, token := range []string{"bogus", "", string(spoilt), *first.NextToken + "AAAA"} {
		got := next("SELECT * FROM TabC WHERE pk=?", "x", &token)
		assert.Contains(t, got, map[bool]string{true: "length greater than or equal to 1",
			false: "Invalid NextToken"}[token == ""])
	}
	for i := range 30 {
		send(t, e, "PutItem", fmt.Sprintf(`{"TableName":"TabC","Item":{"pk":{"S":"big"},"sk":{"S":"%02d"},"z":{"S":"%s"}}}`,
			i, strings.Repeat("z", 100000)))
	}
	assert.Equal(t, 2, strings.Count(pagesOf(t, e, "SELECT pk, sk FROM TabC WHERE pk='big'", 1000), "|"), "pages of 1 MB")
}
