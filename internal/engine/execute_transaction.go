package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
	"github.com/monotable/monotable/internal/partiql"
	"github.com/monotable/monotable/internal/size"
	"github.com/monotable/monotable/internal/wire"
)

// ExecuteTransaction does up to 100 statements of several tables as of one moment: reads, or writes, all or none.
func (e *Engine) ExecuteTransaction(
	ctx context.Context, in *dynamodb.ExecuteTransactionInput,
) (*dynamodb.ExecuteTransactionOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x := &statementTransaction{in: in}
	if err := x.read(e); err != nil {
		return nil, err
	}
	if err := e.checkTransaction(x); err != nil {
		return nil, err
	}
	names := make([]string, len(x.statements))
	for i, s := range x.statements {
		names[i] = s.Table
	}
	locked, err := e.lockAll(names, x.writes)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.ExecuteTransactionOutput{Responses: []types.ItemResponse{}}
	units, err := func() ([]*capacity, error) {
		defer locked.unlock()
		if x.writes {
			return e.writeStatements(locked, x)
		}
		return x.getStatements(locked, out)
	}()
	consumed := e.settleUnits(ctx, "ExecuteTransaction", units, in.ReturnConsumedCapacity, err)
	if err != nil {
		return nil, err
	}
	out.ConsumedCapacity = consumed
	return out, nil
}

// statementTransaction is a transaction of statements under way.
type statementTransaction struct {
	in         *dynamodb.ExecuteTransactionInput
	statements []*partiql.Statement
	writes     bool
}

// inStatement says of which statement a refusal is.
func inStatement(i int, err error) error {
	if api := (*smithy.GenericAPIError)(nil); errors.As(err, &api) {
		return refusal.Invalidf("Validation failed in TransactStatements[%d]: %s", i, api.Message)
	}
	return err
}

// read reads the statements and finds what is wrong with them without their tables.
func (x *statementTransaction) read(e *Engine) error {
	var c constraints
	all := x.in.TransactStatements
	c.consumedCapacity(x.in.ReturnConsumedCapacity)
	c.length(x.in.ClientRequestToken, "clientRequestToken", 1, size.MaxToken)
	c.required(all != nil, "transactStatements")
	if all != nil {
		c.count(len(all), shownMembers(len(all)), "transactStatements", 1, size.MaxTransaction)
	}
	for i, s := range all {
		c.statement(fmt.Sprintf("transactStatements.%d.member.", i+1), s.Statement, s.Parameters,
			s.ReturnValuesOnConditionCheckFailure)
	}
	if err := c.err(); err != nil {
		return err
	}
	for _, s := range all {
		if err := checkParameters(s.Parameters); err != nil {
			return err
		}
	}
	reads := false
	for i, request := range all {
		s, err := e.readStatement(request.Statement, request.Parameters)
		if err != nil && err.Error() == asStatementError(partiql.ErrExists).Error() {
			return refusal.Invalid("Unsupported operation in transaction.")
		}
		if err != nil {
			return inStatement(i, err)
		}
		x.statements = append(x.statements, s)
		reads, x.writes = reads || !s.Writes(), x.writes || s.Writes()
	}
	if reads && x.writes {
		return refusal.Invalid("ExecuteTransaction API does not support both read and write operations in the same " +
			"request.")
	}
	return nil
}

// checkTransaction finds what is wrong with the statements on their tables. A table that is not there cancels the
// transaction, once nothing else is wrong.
func (e *Engine) checkTransaction(x *statementTransaction) error {
	reasons := make([]types.CancellationReason, len(x.statements))
	missing := false
	for i, s := range x.statements {
		err := e.reading(s.Table, func(t *table) error { return t.checkInTransaction(s) })
		var notFound *types.ResourceNotFoundException
		if reasons[i] = reasonOf(nil); errors.As(err, &notFound) {
			reasons[i] = types.CancellationReason{Code: aws.String("ResourceNotFound"), Message: notFound.Message}
			missing = true
			continue
		}
		if err != nil {
			return inStatement(i, err)
		}
	}
	if missing {
		return cancelled(reasons)
	}
	return nil
}

// checkInTransaction refuses what a transaction has no place for.
func (t *table) checkInTransaction(s *partiql.Statement) error {
	switch {
	case s.Returning != "":
		return refusal.Invalid("RETURNING clause is not supported in ExecuteTransaction.")
	case s.Kind == partiql.KindSelect && s.Index != "":
		if _, err := t.statementIndex(s, false); err != nil {
			return err
		}
		return refusal.Invalid("Reads on indices are not supported within transactions.")
	case s.Kind == partiql.KindSelect:
		_, err := t.selectKey(s, nil, "Select statements within ExecuteTransaction must specify the primary key in the "+
			"where clause.")
		return err
	case s.Kind == partiql.KindExists && s.Index != "":
		return refusal.Invalid("Operations on indices are not supported in transactions")
	case s.Kind == partiql.KindExists:
		if key, more := t.pinned(s); len(key) < len(t.keys.All) || !more {
			return refusal.Invalid("EXISTS() must contain a single item read with additional condition")
		}
	}
	return nil
}

// pinned gives the key attributes that a statement's condition has by equality, the first where it has several, and
// says whether it says more.
func (t *table) pinned(s *partiql.Statement) (key map[string]types.AttributeValue, more bool) {
	key = map[string]types.AttributeValue{}
	terms, whole := s.Where.Conjuncts()
	for _, term := range terms {
		if term.Op == expr.OpEqual && t.keys.Has(term.Attribute) && key[term.Attribute] == nil {
			key[term.Attribute] = term.Values[0]
		} else {
			more = true
		}
	}
	return key, more || !whole
}

// getStatements reads the items of a transaction of reads.
func (x *statementTransaction) getStatements(
	locked *lockedTables, out *dynamodb.ExecuteTransactionOutput,
) ([]*capacity, error) {
	gets := make([]get, len(x.statements))
	for i, s := range x.statements {
		t := locked.table(s.Table)
		key, err := t.selectKey(s, nil, "")
		if err != nil {
			return nil, err
		}
		gets[i] = get{table: s.Table, key: key}
	}
	items, units, err := locked.getAll(gets)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		out.Responses = append(out.Responses, types.ItemResponse{Item: nestedRow(x.statements[i], item)})
	}
	return units, nil
}

// writeStatements does the writes of a transaction, or tells of the replay of one that was done before.
func (e *Engine) writeStatements(locked *lockedTables, x *statementTransaction) ([]*capacity, error) {
	token, now := aws.ToString(x.in.ClientRequestToken), e.options.Clock()
	digest := tokenDigest{}
	if token != "" {
		digest = digestStatements(x.in)
		replay, err := e.statementTokens.replays(token, digest, now)
		if err != nil {
			return nil, err
		}
		if replay {
			return e.statementTokens.units(token), nil
		}
	}
	writes, err := x.writesOn(locked)
	if err != nil {
		return nil, err
	}
	effects, units, err := locked.effects(writes)
	if err != nil {
		return units, x.asDuplicates(err)
	}
	for _, f := range effects {
		f.apply(capacityOf(&units, f.table))
	}
	if token != "" {
		e.statementTokens.remember(token, digest, now)
		e.statementTokens.keep(token, replayCharges(effects))
	}
	return units, nil
}

// writesOn makes the writes of a transaction. Those that name no item cancel it, and where some do, it does not matter
// that two are of one item.
func (x *statementTransaction) writesOn(locked *lockedTables) ([]*write, error) {
	writes := make([]*write, len(x.statements))
	reasons := make([]types.CancellationReason, len(x.statements))
	seen := map[itemID]bool{}
	twice, failed, bytes := false, false, 0
	for i, s := range x.statements {
		w, err := writeOf(s, x.in.TransactStatements[i].ReturnValuesOnConditionCheckFailure)
		if err != nil {
			return nil, inStatement(i, err)
		}
		t := locked.table(s.Table)
		if s.Kind == partiql.KindExists {
			w.key, _ = t.pinned(s)
		} else if s.Kind != partiql.KindInsert {
			w.key, _ = t.statementKey(s)
		}
		writes[i] = w
		if bytes += w.payload(); bytes > size.MaxTransactionBytes {
			return nil, refusal.Invalidf("Transaction payload size cannot exceed 4MB. Payload Size: %d", bytes)
		}
		p, err := w.on(t)
		if reasons[i] = reasonOf(err); err != nil {
			failed = true
			continue
		}
		id := itemID{t, p.key}
		twice = twice || seen[id]
		seen[id] = true
	}
	if failed && twice {
		return nil, cancelled(reasons)
	}
	return writes, nil
}

// asDuplicates words the reasons of a cancellation that are of an INSERT whose item is there.
func (x *statementTransaction) asDuplicates(err error) error {
	var c *types.TransactionCanceledException
	if !errors.As(err, &c) {
		return err
	}
	for i := range c.CancellationReasons {
		r := &c.CancellationReasons[i]
		if x.statements[i].Kind == partiql.KindInsert && *r.Code == "ConditionalCheckFailed" {
			*r = types.CancellationReason{Code: aws.String("DuplicateItem"), Message: aws.String(duplicateItem)}
		}
	}
	return cancelled(c.CancellationReasons)
}

// digestStatements digests what a transaction does, without the parameters that only shape its answer.
func digestStatements(in *dynamodb.ExecuteTransactionInput) tokenDigest {
	return sha256.Sum256(wire.AppendOutput(nil,
		&struct {
			TransactStatements []types.ParameterizedStatement
		}{in.TransactStatements}))
}

// replayCharges gives what a replay of a transaction is charged: a read of each item as the transaction left it.
func replayCharges(effects []effect) []*capacity {
	var units []*capacity
	for _, f := range effects {
		c := capacityOf(&units, f.table)
		c.items++
		item := f.new
		if item == "" {
			item = f.old
		}
		c.read += size.TransactReadUnits(item.Size())
	}
	return units
}
