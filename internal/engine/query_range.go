package engine

import (
	"github.com/monotable/monotable/internal/expr"
)

// queryRange is where a query looks: a range of keys within one item collection.
type queryRange struct {
	keyRange
	collection keyRange
}

// rangeOf finds the range of a key condition: every hash attribute by equality, then sort attributes from the left without
// gaps, of which the last may be a range.
func (s keySchema) rangeOf(terms []expr.KeyTerm) (queryRange, error) {
	var found queryRange
	if len(terms) > len(s.hash)+max(len(s.sort), 1) {
		return found, invalid("Conditions can be of length 1 or 2 only")
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
			return found, invalid("Query condition missed key schema element: " + a.name)
		}
		if term.Op != expr.OpEqual {
			return found, invalid("Query key condition not supported")
		}
		texts, err := s.operands(a, term)
		if err != nil {
			return found, err
		}
		key = appendKeyPart(key, a.tag, texts[0])
		delete(byName, a.name)
	}
	hashKey(key)
	found.collection = prefixed(key)
	found.keyRange = found.collection
	for _, a := range s.sort {
		term, ok := byName[a.name]
		if !ok {
			break
		}
		delete(byName, a.name)
		texts, err := s.operands(a, term)
		if err != nil {
			return found, err
		}
		if term.Op == expr.OpEqual {
			key = appendKeyPart(key, a.tag, texts[0])
			found.keyRange = prefixed(key)
			continue
		}
		if found.keyRange, err = sortRange(prefixed(key), key, a.tag, term.Op, texts); err != nil {
			return found, err
		}
		break
	}
	if len(byName) > 0 {
		return found, s.unusable(byName)
	}
	return found, nil
}

// unusable tells which sort attribute a condition passed over.
func (s keySchema) unusable(left map[string]expr.KeyTerm) error {
	for _, a := range s.sort {
		if _, ok := left[a.name]; !ok {
			return invalid("Query condition missed key schema element: " + a.name)
		}
	}
	return invalid("Query key condition not supported")
}

// operands gives the texts of a term's values, which must have the type of the key attribute.
func (s keySchema) operands(a keyAttribute, term expr.KeyTerm) ([]string, error) {
	texts := make([]string, len(term.Values))
	for i, v := range term.Values {
		tag, text, ok := scalarOf(v)
		if !ok || tag != a.tag {
			return nil, invalidParameter("Condition parameter type does not match schema type")
		}
		if text == "" && term.Op != expr.OpBeginsWith {
			return nil, invalidf("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
				longTypeName(tag), a.name)
		}
		if err := checkKeySize(s, a.name, tag, text); err != nil {
			return nil, err
		}
		texts[i] = text
	}
	return texts, nil
}

// sortRange narrows the keys below prefix by a comparison of the sort attribute that comes next.
func sortRange(all keyRange, prefix []byte, tag byte, op expr.Op, texts []string) (keyRange, error) {
	at := func(text string) keyRange {
		return prefixed(appendKeyPart(prefix[:len(prefix):len(prefix)], tag, text))
	}
	switch op {
	case expr.OpLess:
		return keyRange{all.lo, at(texts[0]).lo}, nil
	case expr.OpLessOrEqual:
		return keyRange{all.lo, at(texts[0]).hi}, nil
	case expr.OpGreater:
		return keyRange{at(texts[0]).hi, all.hi}, nil
	case expr.OpGreaterOrEqual:
		return keyRange{at(texts[0]).lo, all.hi}, nil
	case expr.OpBetween:
		low, high := at(texts[0]), at(texts[1])
		if low.lo > high.lo {
			return keyRange{}, invalidf("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
		}
		return keyRange{low.lo, high.hi}, nil
	case expr.OpBeginsWith:
		if tag == tagNumber {
			return keyRange{}, invalidParameter("Condition parameter type does not match schema type")
		}
		return prefixed(appendKeyPrefix(prefix[:len(prefix):len(prefix)], texts[0])), nil
	}
	return keyRange{}, invalid("Query key condition not supported")
}
