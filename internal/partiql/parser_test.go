package partiql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is told of a text that is no statement. Most of these were captured from the service; the others are what the
// grammar says whose words it uses.
func TestMalformedStatements(t *testing.T) {
	for text, detail := range map[string]string{
		`SELECT * FROM "t" WHERE a = 'b`:                       "",
		`SELECT * FROM "t" WHERE "a = 'b'`:                     "",
		`SELECT * FROM "t" /* c`:                               "",
		`SELECT * FROM "t" # c`:                                "",
		`SELECT * FROM "t" WHERE a = 1e2147483648`:             "",
		`SELECT * FROM "t" WHERE a = 1e-2147483648`:            "",
		`SELECT * FROM "t" WHERE a = 1e`:                       "",
		`SELECT * FROM "t" WHERE a = 1b`:                       "",
		"SELECT * FROM \"t\" WHERE a = `AQI=`":                 "",
		"SELECT * FROM \"t\" WHERE a = `1":                     "",
		`SELECT * FROM "t" WHERE a = 1)`:                       "Unexpected token after expression",
		`SELECT * FROM "t" WHERE a = 1 RETURNING ALL OLD *`:    "Unexpected token after expression",
		`DELETE FROM "t" WHERE a = 1 LIMIT 1`:                  "Unexpected token after expression",
		`DELETE FROM "t" WHERE a = 1 ORDER BY a`:               "Unexpected token after expression",
		`SELECT * FROM "t" ORDER BY a WHERE a = 1`:             "Unexpected token after expression",
		`SELECT * FROM "t" WHERE a = 1 ORDER BY a NULLS LAST`:  "Unexpected token after expression",
		`UPDATE "t" REMOVE a, b WHERE c = 1`:                   "Unexpected token after expression",
		`UPDATE "t" SET a = 1 RETURNING ALL OLD * WHERE b = 1`: "Unexpected token after expression",
		`FROM "t" SET a = 1 WHERE b = 1`:                       "Unexpected token after expression",
		`INSERT INTO "t" (a) VALUES (1)`:                       "Unexpected token after expression",
		`INSERT INTO "t" VALUE {'a': 1}, {'a': 2}`:             "Unexpected token after expression",
		`INSERT INTO "t" VALUE {'a': 1} IF NOT EXISTS`:         "Unexpected token after expression",
		`INSERT INTO "t" AS x VALUE {'a': 1}`:                  "Unexpected token after expression",
		`UPSERT INTO "t" VALUE {'a': 1}`:                       "Unexpected token after expression",
		`TRUNCATE "t"`:                                         "Unexpected token after expression",
		`SELECT * FROM "t"; SELECT * FROM "t"`: "Unexpected token after semicolon. (Only one query is " +
			"allowed.)",
		`SELECT`:                               "Unexpected term",
		``:                                     "Unexpected term",
		`;`:                                    "Unexpected term",
		`SELECT * FROM`:                        "Unexpected term",
		`SELECT * FROM "t" WHERE a = :v`:       "Unexpected term",
		`SELECT as FROM "t"`:                   "Unexpected term",
		`SELECT * FROM "t" WHERE a = {{AQI=}}`: "Unexpected term",
		`SELECT * FROM "t" WHERE a = ()`:       "Unexpected term",
		`UPDATE "t" SET a = 1 WHERE b = 1 RETURNING ALL NEW`: "Unexpected term",
		`SELECT user FROM "t"`:                               "Unexpected keyword",
		`SELECT size FROM "t"`:                               "Unexpected keyword",
		`INSERT "t" VALUE {'a': 1}`:                          "Unexpected keyword",
		`LET x = 1`:                                          "Unexpected keyword",
		`SELECT * FROM "t" WHERE IS NULL`:                    "Unexpected operator",
		`SELECT * FROM "t" WHERE a = LIKE 'x'`:               "Unexpected operator",
		`SELECT * FROM "t" WHERE a == 1`:                     "Unexpected operator",
		`SELECT * FROM "t" WHERE a = 1 OR OR b = 1`:          "Unexpected operator",
		`SELECT * FROM "t" WHERE a = 1 AND`:                  "Missing right-hand side expression of infix operator",
		`SELECT * FROM "t" WHERE a = 1 OR`:                   "Missing right-hand side expression of infix operator",
		`SELECT * FROM "t" WHERE a =`:                        "Missing right-hand side expression of infix operator",
		`SELECT * FROM "t" WHERE a IN`:                       "Missing right-hand side expression of infix operator",
		`SELECT m.inner FROM "t"`:                            "Invalid path dot component",
		`SELECT m. FROM "t"`:                                 "Invalid path dot component",
		`UPDATE "t" SET a.count = 1 WHERE b = 1`:             "Invalid path dot component",
		`DELETE FROM`:                                        "Expected identifier for simple path",
		`DELETE FROM WHERE a = 1`:                            "Expected identifier for simple path",
		`UPDATE SET a = 1`:                                   "Expected identifier for simple path",
		`INSERT INTO`:                                        "Expected identifier for simple path",
		`UPDATE "t" SET WHERE`:                               "Expected identifier for simple path",
		`UPDATE "t" SET a = 1, WHERE b = 1`:                  "Expected identifier for simple path",
		`UPDATE "t" SET count = 1 WHERE b = 1`:               "Expected identifier for simple path",
		`UPDATE "t" REMOVE WHERE b = 1`:                      "Expected identifier for simple path",
		`UPDATE "t" WHERE a = 1`:                             "Expected data manipulation",
		`UPDATE "t" ADD a 1 WHERE b = 1`:                     "Expected data manipulation",
		`UPDATE Tab-H SET a = 1 WHERE b = 1`:                 "Expected data manipulation",
		`SLECT * FROM "t" WHERE a = 1`:                       "Expected data manipulation",
		`SELECT CASE FROM "t"`:                               "Expected data manipulation",
		`SELECT value FROM "t"`:                              "Expected data manipulation",
		`UPDATE "t" SET a WHERE b = 1`:                       "Expected '='",
		`SELECT * "t"`:                                       "Expected FROM after SELECT list",
		`SELECT * FROM "t" WHERE a = (SELECT 1)`:             "Expected FROM after SELECT list",
		`DELETE "t" WHERE a = 1`:                             "Expected FROM after DELETE",
		`SELECT * FROM "t" WHERE (a = 1`:                     "Expected RIGHT_PAREN",
		`SELECT * FROM "t" WHERE f(a`:                        "Expected RIGHT_PAREN",
		`SELECT * FROM "t" WHERE a = [1`:                     "Expected RIGHT_BRACKET",
		`SELECT a[0 FROM "t"`:                                "Expected RIGHT_BRACKET",
		`SELECT * FROM "t" WHERE a = {'b': 1`:                "Expected RIGHT_CURLY",
		`SELECT * FROM "t" WHERE a = <<1`:                    "Expected RIGHT_DOUBLE_ANGLE_BRACKET",
		`SELECT * FROM "t" WHERE a = {'b' 1}`:                "Expected COLON",
		`SELECT * FROM "t" WHERE a BETWEEN 1`:                "Expected AND keyword",
		`SELECT * FROM "t" WHERE a BETWEEN 1 AND`:            "Expected expression after AND",
		`SELECT * FROM "t" WHERE a IS TRUE`:                  "Expected type name",
		`SELECT * FROM "t" WHERE a IS NOT NUMBER`:            "Expected type name",
		`SELECT * FROM "t" WHERE a IS foo`:                   "Expected type name",
		`SELECT * FROM "t" WHERE date = 'x'`: "Expected date string followed by the keyword DATE, found " +
			"SYMBOL",
		`INSERT INTO "t" VALUES {'a': 1}`: "Expected LEFT_PAREN for row value constructor",
		`SELECT *, a FROM "t"`: "Other expressions may not be present in the select list " +
			"when '*' is used without dot notation.",
		`SELECT a, * FROM "t"`: "Other expressions may not be present in the select list " +
			"when '*' is used without dot notation.",
		`SELECT FROM "t"`: "Expected identifier or an expression but found " +
			"unexpected keyword 'from' in a select list.",
		`SELECT l[*] FROM "t"`: "Invalid use of * in select list",
		`UPDATE "t" SET a = 1 WHERE b = 1 RETURNING *`: "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each " +
			"returning element.",
		`UPDATE "t" SET a = 1 WHERE b = 1 RETURNING NEW *`: "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each " +
			"returning element.",
		`INSERT INTO "t" x VALUE {'a': 1}`: "Unexpected token after expression",
	} {
		_, err := Parse(text)
		require.Error(t, err, text)
		assert.Equal(t, "Statement wasn't well formed, can't be processed: "+detail, err.Error(), text)
	}
}

// Every keyword must be quoted to be a name, in any case, and no other word must.
func TestKeywordsAreNoNames(t *testing.T) {
	assert.Len(t, keywords, 253)
	for word := range keywords {
		for _, form := range []string{word, strings.ToUpper(word)} {
			if strings.Contains(word, "-") { // which is read as a subtraction
				continue
			}
			_, err := Parse(`SELECT m.` + form + ` FROM t`)
			assert.ErrorContains(t, err, "Invalid path dot component", word)
			_, err = Parse(`UPDATE t SET ` + form + ` = 1`)
			assert.ErrorContains(t, err, "Expected identifier for simple path", word)
			_, err = Parse(`UPDATE ` + form + ` SET a = 1`)
			assert.ErrorContains(t, err, "Expected identifier for simple path", word)
			_, err = Parse(`SELECT m."` + form + `" FROM "` + form + `"`)
			assert.NoError(t, err, word)
		}
	}
	for _, word := range []string{"name", "status", "type", "data", "year", "id", "$1", "_", "Txxx"} {
		_, err := Parse(`SELECT ` + word + `, m.` + word + ` FROM ` + word)
		assert.NoError(t, err, word)
	}
}

// Comments stand wherever white space may, and do not nest; a sign twice before a number is a comment where no space
// keeps the two apart.
func TestSpacesAndComments(t *testing.T) {
	plain, err := Parse(`SELECT a FROM t WHERE n = 1`)
	require.NoError(t, err)
	for _, text := range []string{
		"SELECT -- all of it\n a FROM t WHERE n = 1 -- end", "SELECT/**/a/*,b*/FROM/* /* */t WHERE n=1/* it's */",
		"select A FROM t\r\n\tWHERE n = - - 1;", "SELECT a FROM t WHERE n = +1", "SELECT a FROM t WHERE n = 1--1",
	} {
		parsed, err := Parse(strings.Replace(text, " A ", " a ", 1))
		require.NoError(t, err, text)
		assert.Equal(t, Print(plain), Print(parsed), text)
	}
}

// Operators bind as the grammar has them.
func TestPrecedence(t *testing.T) {
	for text, want := range map[string]string{
		`a OR b AND NOT c = d`:       `("a" OR ("b" AND (NOT ("c" = "d"))))`,
		`a = b < c + d * e`:          `("a" = ("b" < ("c" + ("d" * "e"))))`,
		`NOT a IN (1) AND b`:         `((NOT ("a" IN [1])) AND "b")`,
		`a BETWEEN b + 1 AND c OR d`: `(("a" BETWEEN ("b" + 1) AND "c") OR "d")`,
		`a - b - c`:                  `(("a" - "b") - "c")`,
		`a != b <> c`:                `(("a" != "b") <> "c")`,
		`a IS NOT MISSING = b`:       `(("a" IS NOT MISSING) = "b")`,
		`a NOT BETWEEN 1 AND 2 = b`:  `(("a" NOT BETWEEN 1 AND 2) = "b")`,
		`(a OR b) AND c`:             `(("a" OR "b") AND "c")`,
	} {
		parsed, err := Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, Print(parsed), text)
	}
}

func TestPositions(t *testing.T) {
	parsed, err := Parse("SELECT é FROM t")
	assert.Nil(t, parsed)
	assert.Error(t, err)
	parsed, err = Parse("SELECT \"é🐟\",\n  'it''s' -- c\n, COUNT(*) FROM t")
	require.NoError(t, err)
	columns := parsed.(*Select).Columns
	assert.Equal(t, Position{1, 8, 4}, columns[0].Of.Where())
	assert.Equal(t, Position{2, 3, 7}, columns[1].Of.Where())
	assert.Equal(t, Position{3, 3, 5}, columns[2].Of.Where())
}
