package keyspace

import (
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
)

// QueryRange is where a query looks: a range of keys within one item collection.
type QueryRange struct {
	Range
	Collection Range
	// The lowest and the highest key that the condition itself names as the last one it takes in; "" if it names none.
	// A query of a table that has come to that key is at its end.
	Lowest, Highest string
}

// RangeOf finds the range of a key condition: every hash attribute by equality, then sort attributes from the left
// without gaps, of which the last may be a range.
func (s Schema) RangeOf(terms []expr.KeyTerm, empty func(Attribute) error) (QueryRange, error) {
	var found QueryRange
	if len(s.Sort) == 0 && len(s.Hash) == 1 && len(terms) == 2 {
		return found, refusal.Invalid("Query key condition not supported")
	}
	if len(terms) > len(s.All) {
		return found, refusal.TooManyConditions(len(terms), len(s.All))
	}
	byName := make(map[string]expr.KeyTerm, len(terms))
	for _, term := range terms {
		byName[term.Attribute] = term
	}
	if len(s.Hash) > 1 || len(s.Sort) > 1 {
		if err := s.checkEqualities(byName); err != nil {
			return found, err
		}
	}
	var scratch [256]byte
	key, err := s.appendEqual(scratch[:0], byName, empty)
	if err != nil {
		return found, err
	}
	found.Collection = prefixed(key)
	found.Range = found.Collection
	if len(s.Sort) == 0 {
		found.Lowest, found.Highest = string(key), string(key)
	}
	if err := found.sorted(s, key, byName, empty); err != nil {
		return found, err
	}
	if len(byName) > 0 {
		return found, refusal.Invalid("Query key condition not supported")
	}
	return found, nil
}

// checkEqualities refuses conditions on a key of several attributes of one kind that leave one open before another:
// every hash attribute has an equality, and so have the range attributes before the last that has a condition.
func (s Schema) checkEqualities(terms map[string]expr.KeyTerm) error {
	var open []string
	for _, a := range s.Hash {
		if term, ok := terms[a.Name]; !ok || term.Op != expr.OpEqual {
			open = append(open, a.Name)
		}
	}
	if open != nil {
		return refusal.HashNotEqual(open)
	}
	last := len(s.Sort) - 1
	for ; last >= 0; last-- {
		if _, ok := terms[s.Sort[last].Name]; ok {
			break
		}
	}
	for _, a := range s.Sort[:max(last, 0)] {
		if term, ok := terms[a.Name]; !ok || term.Op != expr.OpEqual {
			open = append(open, a.Name)
		}
	}
	if open != nil {
		return refusal.RangeNotEqual(open, s.Sort[last].Name)
	}
	return nil
}

// appendEqual appends the encoded hash attributes, each of which must have a term of equality, and takes their terms
// away.
func (s Schema) appendEqual(dst []byte, terms map[string]expr.KeyTerm, empty func(Attribute) error) ([]byte, error) {
	dst = append(dst, make([]byte, hashSize)...)
	last := ""
	for _, a := range s.Hash {
		term, ok := terms[a.Name]
		if !ok {
			return nil, refusal.Invalid("Query condition missed key schema element: " + a.Name)
		}
		if term.Op != expr.OpEqual {
			return nil, refusal.Invalid("Query key condition not supported")
		}
		texts, err := s.operands(a, term, empty)
		if err != nil {
			return nil, err
		}
		dst = AppendPart(dst, a.Tag, texts[0])
		last = texts[0]
		delete(terms, a.Name)
	}
	s.hashKey(dst, last)
	return dst, nil
}

// sorted takes in the terms of sort attributes, from the left without gaps and up to the first range; key is the
// collection's.
func (q *QueryRange) sorted(s Schema, key []byte, terms map[string]expr.KeyTerm, empty func(Attribute) error) error {
	for _, a := range s.Sort {
		term, ok := terms[a.Name]
		if !ok {
			if len(terms) > 0 {
				return refusal.Invalid("Query condition missed key schema element: " + a.Name)
			}
			return nil
		}
		delete(terms, a.Name)
		texts, err := s.operands(a, term, empty)
		if err != nil {
			return err
		}
		if term.Op != expr.OpEqual {
			return q.narrow(key, a.Tag, term.Op, texts)
		}
		key = AppendPart(key, a.Tag, texts[0])
		q.Range = prefixed(key)
	}
	return nil
}

// operands gives the texts of a term's values, which must have the type of the key attribute.
func (s Schema) operands(a Attribute, term expr.KeyTerm, empty func(Attribute) error) ([]string, error) {
	texts := make([]string, len(term.Values))
	for i, v := range term.Values {
		tag, text, ok := packed.ScalarOf(v)
		if !ok || tag != a.Tag {
			return nil, refusal.InvalidParameter("Condition parameter type does not match schema type")
		}
		if text == "" {
			return nil, empty(a)
		}
		if err := s.CheckSize(a.Name, tag, text); err != nil {
			return nil, err
		}
		texts[i] = text
	}
	return texts, nil
}

// narrow takes in what a comparison of the sort attribute that comes next allows; prefix is the key up to there.
func (q *QueryRange) narrow(prefix []byte, tag byte, op expr.Op, texts []string) error {
	at := func(text string) Range {
		return prefixed(AppendPart(prefix[:len(prefix):len(prefix)], tag, text))
	}
	q.Range = prefixed(prefix)
	switch op {
	case expr.OpLess:
		q.Hi = at(texts[0]).Lo
	case expr.OpLessOrEqual:
		q.Hi = at(texts[0]).Hi
		q.Highest = at(texts[0]).Lo
	case expr.OpGreater:
		q.Lo = at(texts[0]).Hi
	case expr.OpGreaterOrEqual:
		q.Lo = at(texts[0]).Lo
		q.Lowest = q.Lo
	case expr.OpBetween:
		q.Lo, q.Hi = at(texts[0]).Lo, at(texts[1]).Hi
		q.Lowest, q.Highest = q.Lo, at(texts[1]).Lo
		if q.Lowest > q.Highest {
			return refusal.Invalid(
				"The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
		}
	case expr.OpBeginsWith:
		if tag == packed.TagNumber {
			return refusal.InvalidParameter("Condition parameter type does not match schema type")
		}
		q.Range = prefixed(appendPrefix(prefix[:len(prefix):len(prefix)], texts[0]))
	default:
		return refusal.Invalid("Query key condition not supported")
	}
	return nil
}
