package engine

import (
	"github.com/monotable/monotable/internal/engine/packed"
	"github.com/monotable/monotable/internal/engine/refusal"
	"github.com/monotable/monotable/internal/expr"
)

// queryRange is where a query looks: a range of keys within one item collection.
type queryRange struct {
	keyRange
	collection keyRange
	// The lowest and the highest key that the condition itself names as the last one it takes in; "" if it names none. A query
	// of a table that has come to that key is at its end.
	lowest, highest string
}

// rangeOf finds the range of a key condition: every hash attribute by equality, then sort attributes from the left without
// gaps, of which the last may be a range.
func (s keySchema) rangeOf(terms []expr.KeyTerm, empty func(keyAttribute) error) (queryRange, error) {
	var found queryRange
	if len(s.sort) == 0 && len(s.hash) == 1 && len(terms) == 2 {
		return found, refusal.Invalid("Query key condition not supported")
	}
	if len(terms) > len(s.hash)+max(len(s.sort), 1) {
		return found, refusal.Invalid("Conditions can be of length 1 or 2 only")
	}
	byName := make(map[string]expr.KeyTerm, len(terms))
	for _, term := range terms {
		byName[term.Attribute] = term
	}
	var scratch [256]byte
	key := append(scratch[:0], make([]byte, hashSize)...)
	for _, a := range s.hash {
		term, ok := byName[a.name]
		if !ok {
			return found, refusal.Invalid("Query condition missed key schema element: " + a.name)
		}
		if term.Op != expr.OpEqual {
			return found, refusal.Invalid("Query key condition not supported")
		}
		texts, err := s.operands(a, term, empty)
		if err != nil {
			return found, err
		}
		key = appendKeyPart(key, a.tag, texts[0])
		delete(byName, a.name)
	}
	hashKey(key)
	found.collection = prefixed(key)
	found.keyRange = found.collection
	if len(s.sort) == 0 {
		found.lowest, found.highest = string(key), string(key)
	}
	for _, a := range s.sort {
		term, ok := byName[a.name]
		if !ok {
			if len(byName) > 0 {
				return found, refusal.Invalid("Query condition missed key schema element: " + a.name)
			}
			return found, nil
		}
		delete(byName, a.name)
		texts, err := s.operands(a, term, empty)
		if err != nil {
			return found, err
		}
		if term.Op == expr.OpEqual {
			key = appendKeyPart(key, a.tag, texts[0])
			found.keyRange = prefixed(key)
			continue
		}
		if err = found.narrow(key, a.tag, term.Op, texts); err != nil {
			return found, err
		}
		break
	}
	if len(byName) > 0 {
		return found, refusal.Invalid("Query key condition not supported")
	}
	return found, nil
}

// operands gives the texts of a term's values, which must have the type of the key attribute.
func (s keySchema) operands(a keyAttribute, term expr.KeyTerm, empty func(keyAttribute) error) ([]string, error) {
	texts := make([]string, len(term.Values))
	for i, v := range term.Values {
		tag, text, ok := packed.ScalarOf(v)
		if !ok || tag != a.tag {
			return nil, refusal.InvalidParameter("Condition parameter type does not match schema type")
		}
		if text == "" {
			return nil, empty(a)
		}
		if err := checkKeySize(s, a.name, tag, text); err != nil {
			return nil, err
		}
		texts[i] = text
	}
	return texts, nil
}

// narrow takes in what a comparison of the sort attribute that comes next allows; prefix is the key up to there.
func (q *queryRange) narrow(prefix []byte, tag byte, op expr.Op, texts []string) error {
	at := func(text string) keyRange {
		return prefixed(appendKeyPart(prefix[:len(prefix):len(prefix)], tag, text))
	}
	q.keyRange = prefixed(prefix)
	switch op {
	case expr.OpLess:
		q.hi = at(texts[0]).lo
	case expr.OpLessOrEqual:
		q.hi = at(texts[0]).hi
		q.highest = at(texts[0]).lo
	case expr.OpGreater:
		q.lo = at(texts[0]).hi
	case expr.OpGreaterOrEqual:
		q.lo = at(texts[0]).lo
		q.lowest = q.lo
	case expr.OpBetween:
		q.lo, q.hi = at(texts[0]).lo, at(texts[1]).hi
		q.lowest, q.highest = q.lo, at(texts[1]).lo
		if q.lowest > q.highest {
			return refusal.Invalid("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
		}
	case expr.OpBeginsWith:
		if tag == packed.TagNumber {
			return refusal.InvalidParameter("Condition parameter type does not match schema type")
		}
		q.keyRange = prefixed(appendKeyPrefix(prefix[:len(prefix):len(prefix)], texts[0]))
	default:
		return refusal.Invalid("Query key condition not supported")
	}
	return nil
}
