package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/engine/keyspace"
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/partiql"
	"github.com/monotable/monotable/internal/size"
)

// BatchExecuteStatement does up to 25 reads or writes of single items, each by itself and with its own answer.
func (e *Engine) BatchExecuteStatement(
	ctx context.Context, in *dynamodb.BatchExecuteStatementInput,
) (*dynamodb.BatchExecuteStatementOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var c constraints
	c.consumedCapacity(in.ReturnConsumedCapacity)
	c.required(in.Statements != nil, "statements")
	if in.Statements != nil {
		c.count(len(in.Statements), shownMembers(len(in.Statements)), "statements", 1, size.MaxBatchStatement)
	}
	for i, s := range in.Statements {
		c.statement(fmt.Sprintf("statements.%d.member.", i+1), s.Statement, s.Parameters,
			s.ReturnValuesOnConditionCheckFailure)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	members, err := e.batchMembers(in)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.BatchExecuteStatementOutput{Responses: make([]types.BatchStatementResponse, len(members))}
	refusals := memberErrorsOf(ctx)
	for i, m := range members {
		if refused := refusals(i); m.err == nil && refused != nil {
			m.err = refused
		} else if m.err == nil {
			e.runMember(ctx, m)
		}
		out.Responses[i] = m.response()
	}
	out.ConsumedCapacity = e.batchUnits(ctx, members, in.ReturnConsumedCapacity)
	return out, nil
}

// batchMember is one statement of a batch.
type batchMember struct {
	*partiql.Statement // nil for none that can be read
	consistent         bool
	key                map[string]types.AttributeValue
	err                error
	row                map[string]types.AttributeValue
	keyed              bool // it has a key, whatever that is worth
	ran                bool // it was tried
	units              capacity
}

// batchMembers reads the statements of a batch, and refuses all of them where reads and writes are mixed or two are of
// one item.
func (e *Engine) batchMembers(in *dynamodb.BatchExecuteStatementInput) ([]*batchMember, error) {
	members := make([]*batchMember, len(in.Statements))
	reads, writes := false, false
	for i, request := range in.Statements {
		m := &batchMember{consistent: aws.ToBool(request.ConsistentRead)}
		members[i] = m
		if m.err = checkParameters(request.Parameters); m.err != nil {
			continue
		}
		if m.Statement, m.err = e.readStatement(request.Statement, request.Parameters); m.err != nil {
			continue
		}
		m.units = capacity{table: m.Table, items: 1}
		if m.Kind == partiql.KindExists {
			m.err = asStatementError(partiql.ErrExists)
			continue
		}
		reads, writes = reads || !m.Writes(), writes || m.Writes()
	}
	if reads && writes {
		return nil, refusal.Invalid("Read and write requests together in the same batch is not supported.")
	}
	seen := map[itemID]bool{}
	for _, m := range members {
		if m.err != nil {
			continue
		}
		var id itemID
		if id, m.err = e.memberItem(m); m.err != nil {
			continue
		}
		if seen[id] {
			return nil, refusal.Invalid("Provided list of item keys contains duplicates")
		}
		seen[id] = true
	}
	return members, nil
}

// memberItem finds the item that a member of a batch is of.
func (e *Engine) memberItem(m *batchMember) (id itemID, err error) {
	err = e.reading(m.Table, func(t *table) (err error) {
		id.t = t
		if m.Writes() {
			m.key, err = t.statementKey(m.Statement)
		} else {
			m.key, err = t.memberKey(m)
		}
		if err != nil {
			return err
		}
		m.keyed = true
		id.key, err = t.encodeKey(keyspace.Map(m.key))
		return err
	})
	return id, err
}

// memberKey is the key of a SELECT of a batch.
func (t *table) memberKey(m *batchMember) (map[string]types.AttributeValue, error) {
	x, err := t.statementIndex(m.Statement, false)
	if err != nil {
		return nil, err
	}
	key, err := t.selectKey(m.Statement, x, "Select statements within BatchExecuteStatement must specify the primary "+
		"key in the where clause.")
	if err != nil {
		return nil, err
	}
	return key, t.checkKeyTypes(key)
}

// selectKey is the key that a SELECT names by equality, and by one value of IN, or a refusal: of the reads that it
// comes to, or else by rule.
func (t *table) selectKey(s *partiql.Statement, x *index, rule string) (map[string]types.AttributeValue, error) {
	if err := t.checkStatementPaths(s); err != nil {
		return nil, err
	}
	terms, whole := s.Where.Conjuncts()
	key := map[string]types.AttributeValue{}
	for _, term := range terms {
		exact := (term.Op == expr.OpEqual || term.Op == "IN") && len(term.Values) == 1
		if !exact || !t.keys.Has(term.Attribute) ||
			key[term.Attribute] != nil && !expr.Equal(key[term.Attribute], term.Values[0]) {
			whole = false
			break
		}
		key[term.Attribute] = term.Values[0]
	}
	if whole && x == nil && len(key) == len(t.keys.All) {
		return key, nil
	}
	if _, err := t.plan(s, x); err != nil {
		return nil, err
	}
	return nil, refusal.Invalid(rule)
}

// runMember does a member that is right.
func (e *Engine) runMember(ctx context.Context, m *batchMember) {
	if m.Writes() {
		m.row, m.ran, m.err = e.writeStatement(m.Statement, "", &m.units)
		return
	}
	var item packed.Item
	m.units.items = 0 // which readOne counts
	item, m.err = e.readOne(ctx, &m.units, get{table: m.Table, key: m.key, consistent: m.consistent})
	m.ran = m.err == nil
	m.row = nestedRow(m.Statement, item)
}

// nestedRow shows an item of a batch or a transaction, where paths keep their places.
func nestedRow(s *partiql.Statement, item packed.Item) map[string]types.AttributeValue {
	if s.Columns == nil || item == "" {
		return item.Map()
	}
	return expr.NewProjection(s.Columns).Apply(item.Map())
}

// response is a member's answer.
func (m *batchMember) response() types.BatchStatementResponse {
	var r types.BatchStatementResponse
	if m.err == nil || m.keyed {
		r.TableName = &m.Table
	}
	if m.err != nil {
		r.Error = batchError(m.err)
		return r
	}
	r.Item = m.row
	return r
}

// batchError is an error as the answer to a member of a batch.
func batchError(err error) *types.BatchStatementError {
	var (
		notFound   *types.ResourceNotFoundException
		duplicate  *types.DuplicateItemException
		conflict   *types.TransactionConflictException
		denied     *smithy.GenericAPIError
		code       types.BatchStatementErrorCodeEnum
		message    string
		cancelling = reasonOf(err)
	)
	switch {
	case errors.As(err, &notFound):
		code, message = types.BatchStatementErrorCodeEnumResourceNotFound, notFound.ErrorMessage()
	case errors.As(err, &duplicate):
		code, message = types.BatchStatementErrorCodeEnumDuplicateItem, duplicate.ErrorMessage()
	case errors.As(err, &conflict):
		code, message = types.BatchStatementErrorCodeEnumTransactionConflict, conflict.ErrorMessage()
	case errors.As(err, &denied) && denied.Code == "AccessDeniedException":
		code, message = types.BatchStatementErrorCodeEnumAccessDenied, denied.Message
	default:
		code, message = types.BatchStatementErrorCodeEnum(*cancelling.Code), aws.ToString(cancelling.Message)
	}
	return &types.BatchStatementError{Code: code, Message: &message}
}

// batchUnits reports what the members cost and shapes it for the answer, table by table. What a failed one was charged
// stands in the total of a table of which another succeeded, and in no part of it.
func (e *Engine) batchUnits(
	ctx context.Context, members []*batchMember, mode types.ReturnConsumedCapacity,
) []types.ConsumedCapacity {
	type tableUnits struct {
		charged, done capacity
		failed        float64
		succeeded     bool
	}
	var names []string
	tables := map[string]*tableUnits{}
	for _, m := range members {
		if !m.ran {
			continue
		}
		of := tables[m.Table]
		if of == nil {
			of = &tableUnits{charged: capacity{table: m.Table}, done: capacity{table: m.Table}}
			tables[m.Table], names = of, append(names, m.Table)
		}
		of.charged.add(m.units)
		if m.err == nil {
			of.done.add(m.units)
			of.succeeded = true
			continue
		}
		of.failed += max(m.units.write, 1)
	}
	slices.Sort(names)
	var out []types.ConsumedCapacity
	for _, name := range names {
		of := tables[name]
		e.charged(ctx, "BatchExecuteStatement", &of.charged, nil)
		if consumed := of.done.consumed(mode); consumed != nil && of.succeeded {
			*consumed.CapacityUnits += of.failed
			out = append(out, *consumed)
		}
	}
	return out
}

type memberErrorsKey struct{}

// WithMemberErrors makes the statements of a batch that are right fail with the errors that refused gives for them, by
// their place.
func WithMemberErrors(ctx context.Context, refused func(i int) error) context.Context {
	before := memberErrorsOf(ctx)
	return context.WithValue(ctx, memberErrorsKey{}, func(i int) error { return cmp.Or(before(i), refused(i)) })
}

func memberErrorsOf(ctx context.Context) func(int) error {
	if refused, ok := ctx.Value(memberErrorsKey{}).(func(int) error); ok {
		return refused
	}
	return func(int) error { return nil }
}
