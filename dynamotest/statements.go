package dynamotest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/partiql"
)

// statement is one statement of a request.
type statement struct {
	*partiql.Statement // nil for one that cannot be read
}

// statementsOf lists the statements of a request, none for requests without.
func statementsOf(in any) []statement {
	var all []statement
	add := func(text *string, parameters []types.AttributeValue) {
		s, err := partiql.Read(aws.ToString(text), parameters)
		if err != nil {
			s = nil
		}
		all = append(all, statement{s})
	}
	switch in := in.(type) {
	case *dynamodb.ExecuteStatementInput:
		add(in.Statement, in.Parameters)
	case *dynamodb.BatchExecuteStatementInput:
		for _, s := range in.Statements {
			add(s.Statement, s.Parameters)
		}
	case *dynamodb.ExecuteTransactionInput:
		for _, s := range in.TransactStatements {
			add(s.Statement, s.Parameters)
		}
	}
	return all
}

// part is what a statement does: with the item of an INSERT, or with what its WHERE says of attributes by equality.
func (s statement) part() part {
	if s.Statement == nil {
		return part{}
	}
	item := s.Item
	if s.Kind != partiql.KindInsert {
		item = map[string]types.AttributeValue{}
		terms, _ := s.Where.Conjuncts()
		for _, term := range terms {
			if term.Op == expr.OpEqual {
				item[term.Attribute] = term.Values[0]
			}
		}
	}
	return part{table: s.Table, index: s.Index, item: item}
}

// writes says whether a request writes, of an operation that may read as well.
func writes(operation string, in any) bool {
	statements := statementsOf(in)
	for _, s := range statements {
		if s.Statement != nil && s.Writes() {
			return true
		}
	}
	return statements == nil && writesItems(operation)
}

// addStatement adds what a statement works on.
func (l place) addStatement(call *Call, s statement) {
	if s.Statement == nil {
		return
	}
	var index *string
	if s.Index != "" {
		index = &s.Index
	}
	l.addTable(call, &s.Table, index)
}

// refusedMembers are the statements of a batch that an authorizer refused, by their places.
type refusedMembers map[int]error

// Error says that there are some.
func (refusedMembers) Error() string { return "statements of the batch are not allowed" }
