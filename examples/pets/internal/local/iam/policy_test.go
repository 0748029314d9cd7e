package iam

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const table = "arn:aws:dynamodb:us-east-1:123456789012:table/pets"

func TestCheck(t *testing.T) {
	allow := func(action, resource string) Statement {
		return Statement{Effect: "Allow", Action: []string{action}, Resource: []string{resource}}
	}
	deny := Statement{Effect: "Deny", Action: []string{"dynamodb:DeleteTable"}, Resource: []string{"*"}}
	for _, c := range []struct {
		name             string
		statements       []Statement
		action, resource string
		ok               bool
	}{
		{"what it allows", []Statement{allow("dynamodb:GetItem", table)}, "dynamodb:GetItem", table, true},
		{"actions have no case", []Statement{allow("DynamoDB:getitem", table)}, "dynamodb:GetItem", table, true},
		{"resources have", []Statement{allow("dynamodb:GetItem", strings.ToUpper(table))}, "dynamodb:GetItem", table,
			false},
		{"another action", []Statement{allow("dynamodb:GetItem", table)}, "dynamodb:PutItem", table, false},
		{"a longer action", []Statement{allow("dynamodb:GetItem", table)}, "dynamodb:GetItems", table, false},
		{"another table", []Statement{allow("dynamodb:GetItem", table)}, "dynamodb:GetItem", table + "2", false},
		{"an index of the table", []Statement{allow("dynamodb:Query", table)}, "dynamodb:Query", table + "/index/x",
			false},
		{"indexes by pattern", []Statement{allow("dynamodb:Query", table+"/index/*")}, "dynamodb:Query",
			table + "/index/x", true},
		{"all actions of a kind", []Statement{allow("dynamodb:Batch*", "*")}, "dynamodb:BatchGetItem", table, true},
		{"deny wins", []Statement{allow("*", "*"), deny}, "dynamodb:DeleteTable", table, false},
		{"deny wins in any order", []Statement{deny, allow("*", "*")}, "dynamodb:DeleteTable", table, false},
		{"deny of another action", []Statement{deny, allow("*", "*")}, "dynamodb:Scan", table, true},
		{"no statements", nil, "dynamodb:GetItem", table, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			role := Role{ARN: "arn:aws:sts::123456789012:assumed-role/r/s",
				Policies: []Policy{{Statement: c.statements}}}
			assert.Equal(t, c.ok, role.Check(c.action, c.resource) == nil)
		})
	}
}

func TestMessages(t *testing.T) {
	rs := Roles{"KEY": {ARN: "me", Policies: []Policy{{Statement: []Statement{
		{Effect: "Allow", Action: []string{"dynamodb:Scan"}, Resource: []string{table}},
		{Effect: "Deny", Action: []string{"dynamodb:Query"}, Resource: []string{"*"}},
	}}}}}
	require.NoError(t, rs.Check("KEY", "dynamodb:Scan", []string{table}))
	assert.EqualError(t, rs.Check("KEY", "dynamodb:PutItem", []string{table}),
		"AccessDeniedException: User: me is not authorized to perform: dynamodb:PutItem on resource: "+
			table+" because no identity-based policy allows the dynamodb:PutItem action")
	assert.EqualError(t, rs.Check("KEY", "dynamodb:Query", []string{table}),
		"AccessDeniedException: User: me is not authorized to perform: dynamodb:Query on resource: "+
			table+" with an explicit deny in an identity-based policy")
	assert.EqualError(t, rs.Check("KEY", "dynamodb:Scan", []string{table, table + "2"}),
		"AccessDeniedException: User: me is not authorized to perform: dynamodb:Scan on resource: "+
			table+"2 because no identity-based policy allows the dynamodb:Scan action")
	assert.EqualError(t, rs.Check("KEY", "dynamodb:ListTables", nil),
		"AccessDeniedException: User: me is not authorized to perform: dynamodb:ListTables on resource: * because no "+
			"identity-based policy allows the dynamodb:ListTables action")
	assert.EqualError(t, rs.Check("OTHER", "dynamodb:Scan", []string{table}),
		"UnrecognizedClientException: The security token included in the request is invalid.")
}

func TestValidate(t *testing.T) {
	good := Statement{Effect: "Allow", Action: []string{"a:b"}, Resource: []string{"*"}}
	require.NoError(t, Policy{Version: "2012-10-17", Statement: []Statement{good}}.Validate())
	for _, bad := range []Policy{
		{Version: "2008-10-17", Statement: []Statement{good}},
		{Version: "2012-10-17", Statement: []Statement{{Effect: "allow", Action: good.Action,
			Resource: good.Resource}}},
		{Version: "2012-10-17", Statement: []Statement{{Effect: "Allow", Resource: good.Resource}}},
		{Version: "2012-10-17", Statement: []Statement{good, {Effect: "Allow", Action: good.Action}}},
	} {
		assert.Error(t, bad.Validate(), "%+v", bad)
	}
}

func TestMatchesIsAGlob(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab*?]{0,8}`).Draw(t, "pattern")
		text := rapid.StringMatching(`[ab]{0,8}`).Draw(t, "text")
		re := regexp.MustCompile("^" + strings.NewReplacer("*", ".*", "?", ".").Replace(pattern) + "$")
		if matches(pattern, text) != re.MatchString(text) {
			t.Fatalf("%q on %q: %v", pattern, text, !re.MatchString(text))
		}
	})
}
