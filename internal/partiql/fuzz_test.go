package partiql

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the text, parsing ends with a statement or an *Error, and a statement that is written and read again is the
// same.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`SELECT * FROM "t" WHERE pk = 'a' AND NOT (sk > ? OR x.y[0] <> -1.5e3) ORDER BY sk DESC`,
		`select ALL n, m."x y".z, l[2].q from t."i" where n in (1) or n not in [1, 'a', <<1>>, {'a': null}]`,
		`INSERT INTO t VALUE {'pk': 'a''b', 's': <<'a', 'b'>>, 'l': [1, true, missing]} RETURNING ALL OLD *`,
		`INSERT INTO t.i (a, b) VALUES (1, 2), (3)`, `INSERT INTO t [1] VALUE 1 AT 2 ON CONFLICT WHERE a DO NOTHING`,
		`UPDATE t SET a = b + 1, c[0].d = set_add(c, ?) REMOVE e SET f = list_append(f, [1]) WHERE pk = 'a' RETURNING ` +
			`MODIFIED NEW *`,
		`FROM t AS x, y JOIN z ON 1 = 1 WHERE a BETWEEN 1 AND 2 AND b NOT BETWEEN ? AND c REMOVE a`,
		`DELETE FROM t WHERE a IS NOT MISSING AND b IS DECIMAL(5, 2) RETURNING ALL OLD a.b, MODIFIED NEW *;`,
		`EXISTS(SELECT * FROM t WHERE a LIKE 'x' ESCAPE '\' AND b = DATE '2020-01-01')`,
		`SELECT CASE WHEN a THEN b ELSE c END, CAST(a AS VARCHAR(3)), count(*), sum(DISTINCT x) FROM UNPIVOT t LIMIT 1`,
		"SELECT VALUE `1` FROM t LET 1 AS x GROUP BY a HAVING b LIMIT ? OFFSET 2 -- end", `PIVOT a AT b FROM /* c */ t`,
		`CREATE TABLE t`, `CREATE INDEX ON t (a, b.c)`, `DROP INDEX i ON t`, `EXEC p 1, (EXEC q)`, `a UNION ALL b EXCEPT c`,
		`- - 1 + - a || bag(1, sexp(2)) % values (1, 2), (3) / ()`, `((a.b)[*].*)[1 + 1].c IN b.c`, "'", `"`, "#", "a.1",
		"1a", "\u00e9",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := Parse(text)
		if err != nil {
			var refusal *Error
			require.ErrorAs(t, err, &refusal)
			return
		}
		written := Print(parsed)
		again, err := Parse(written)
		require.NoError(t, err, written)
		unplace(reflect.ValueOf(parsed))
		unplace(reflect.ValueOf(again))
		require.Equal(t, parsed, again, written)
	})
}

// unplace takes the positions out of a statement, and makes its empty lists none.
func unplace(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			unplace(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			unplace(v.Index(i))
		}
		if v.Len() == 0 && v.CanSet() {
			v.SetZero()
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Position]() {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			unplace(v.Field(i))
		}
	}
}
