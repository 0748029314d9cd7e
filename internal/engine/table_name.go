package engine

import (
	"strings"

	"github.com/monotable/monotable/internal/engine/refusal"
)

// tableARN is a table's ARN in its parts.
type tableARN struct{ region, account, name string }

// parseARN reads a table's ARN; ok is false for any other text. What stands behind the table's name, of a stream or an
// index, is left to it.
func parseARN(text string) (a tableARN, ok bool) {
	rest, ok := strings.CutPrefix(text, "arn:aws:dynamodb:")
	if !ok {
		return a, false
	}
	a.region, rest, _ = strings.Cut(rest, ":")
	a.account, rest, _ = strings.Cut(rest, ":")
	a.name, ok = strings.CutPrefix(rest, "table/")
	return a, ok && a.region != "" && a.account != ""
}

// tableName gives the name in a table's ARN, and any other text as it is.
func tableName(nameOrARN string) string {
	if isARN(nameOrARN) {
		return nameInARN(nameOrARN)
	}
	return nameOrARN
}

// isARN tells what is no table's name from what may be one.
func isARN(nameOrARN string) bool { return strings.HasPrefix(nameOrARN, "arn:") }

func nameInARN(arn string) string {
	if a, ok := parseARN(arn); ok {
		return a.name
	}
	return arn
}

// checkTableName refuses a table name that is absent, of a wrong length or an ARN of something else, before any
// constraint is looked at.
func checkTableName(name *string) error {
	if name == nil {
		return refusal.Invalid("The parameter 'TableName' is required but was not present in the request")
	}
	plain := tableName(*name)
	switch {
	case isARN(plain):
		return refusal.Invalid("Valid ARN format is " +
			"'arn:<awsPartition>:<vendor>:<region>:<subscriber>:resourceType/resourceName', " +
			"where Resource name must have length less than or equal to 255, Resource name must have length greater " +
			"than or equal to 3, " +
			"Resource name must satisfyregular expression pattern: [a-zA-Z0-9_.-]+")
	case len(plain) < 3 || len(plain) > 255:
		return refusal.Invalid("TableName must be at least 3 characters long and at most 255 characters long")
	}
	return nil
}
