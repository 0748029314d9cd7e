package edit

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attr"
)

// align tells which element of before each element of after was, -1 for one that is new. It is not sure where that
// matters, since elements lose something, and cannot be told.
func align(before, after []types.AttributeValue, loses func(i int) bool) (from []int, sure bool) {
	m := &matching{from: make([]int, len(after)), taken: make([]bool, len(before))}
	for j := range m.from {
		m.from[j] = -1
	}
	b, a := identities(before, after)
	anchors := common(b, a)
	for _, p := range anchors {
		m.match(p.b, p.a)
	}
	m.moved(b, a)
	some := false
	for i := range before {
		some = some || !m.taken[i] && loses(i)
	}
	if some {
		m.byKey(before, after)
	}
	sure = m.between(append(anchors, pair{len(b), len(a)}), loses) && !m.contradicted()
	if some && !m.keyed && slices.Contains(m.from, -1) { // one of these may be what an element became that is gone
		for i := range before {
			sure = sure && (m.taken[i] || !loses(i))
		}
	}
	return m.from, sure
}

// matching is what is known of two lists' elements.
type matching struct {
	from   []int // of an element of after, which one of before it was
	taken  []bool
	claims map[pair]int // which may be which: how many attributes that tell elements apart say so
	keyed  bool         // there is such an attribute
	kept   bool         // each element is what it was
}

func (m *matching) match(b, a int) { m.from[a], m.taken[b] = b, true }

// moved finds elements that are as they were, wherever they are now.
func (m *matching) moved(b, a []int) {
	rest := map[int][]int{}
	for i, id := range b {
		if !m.taken[i] {
			rest[id] = append(rest[id], i)
		}
	}
	for j, id := range a {
		if same := rest[id]; m.from[j] < 0 && len(same) > 0 {
			rest[id] = same[1:]
			m.match(same[0], j)
		}
	}
}

// byKey finds elements that changed, by the strings, numbers and binaries that tell elements apart: that differ from
// element to element in both lists. Where such do not agree about an element, most of them count, or it is left to its
// place.
func (m *matching) byKey(before, after []types.AttributeValue) {
	m.claims = map[pair]int{}
	for _, name := range commonNames(before) {
		places, keys := keysOf(before, name), keysOf(after, name)
		m.keyed = m.keyed || places != nil && keys != nil
		for key, j := range keys {
			if i, there := places[key]; there && !m.taken[i] && m.from[j] < 0 {
				m.claims[pair{i, j}]++
			}
		}
	}
	if m.kept = m.keepsPlaces(); m.kept {
		for j := range m.from {
			m.match(j, j)
		}
		return
	}
	for claim := range m.claims {
		if m.foremost(claim) {
			m.match(claim.b, claim.a)
		}
	}
}

// keepsPlaces tells that nothing speaks against each element being what it was, so that whatever else they have in
// common is chance.
func (m *matching) keepsPlaces() bool {
	for j, i := range m.from {
		if i >= 0 && i != j || i < 0 && m.claims[pair{j, j}] == 0 {
			return false
		}
	}
	return len(m.from) == len(m.taken)
}

// foremost tells that no other claim to the same element is as strong.
func (m *matching) foremost(claim pair) bool {
	for other, votes := range m.claims {
		if other != claim && (other.a == claim.a || other.b == claim.b) && votes >= m.claims[claim] {
			return false
		}
	}
	return true
}

// contradicted tells that an element was taken for another than it has the stronger claim to be.
func (m *matching) contradicted() bool {
	for claim, votes := range m.claims {
		if i := m.from[claim.a]; i != claim.b && !m.kept && m.claims[pair{i, claim.a}] < votes {
			return true
		}
	}
	return false
}

// commonNames are the names of a list's first element, if it is a map.
func commonNames(list []types.AttributeValue) []string {
	if len(list) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(entriesOf(list[0])))
}

// keysOf gives the places of a list's elements by their attribute of that name; nil if two have the same, or one has
// none that could tell it apart.
func keysOf(list []types.AttributeValue, name string) map[string]int {
	places := make(map[string]int, len(list))
	for i, elem := range list {
		av := entriesOf(elem)[name]
		switch av.(type) {
		case *types.AttributeValueMemberS, *types.AttributeValueMemberN, *types.AttributeValueMemberB:
		default:
			return nil
		}
		key := string(appendKey(nil, av))
		if _, twice := places[key]; twice {
			return nil
		}
		places[key] = i
	}
	return places
}

// between matches what is left between two anchors: as many as there were are those that were there.
func (m *matching) between(anchors []pair, loses func(i int) bool) (sure bool) {
	start := pair{}
	for _, end := range anchors {
		var was, is []int
		for i := start.b; i < end.b; i++ {
			if !m.taken[i] {
				was = append(was, i)
			}
		}
		for j := start.a; j < end.a; j++ {
			if m.from[j] < 0 {
				is = append(is, j)
			}
		}
		switch {
		case len(was) == len(is):
			for k, j := range is {
				m.match(was[k], j)
			}
		case len(is) > 0 && slices.ContainsFunc(was, loses):
			return false
		}
		start = pair{end.b + 1, end.a + 1}
	}
	return true
}

// identities give equal elements the same number.
func identities(before, after []types.AttributeValue) (b, a []int) {
	known := map[string]int{}
	number := func(list []types.AttributeValue) []int {
		ids := make([]int, len(list))
		for i, av := range list {
			key := string(appendKey(nil, av))
			id, ok := known[key]
			if !ok {
				id = len(known)
				known[key] = id
			}
			ids[i] = id
		}
		return ids
	}
	return number(before), number(after)
}

// pair is a place in each of two lists.
type pair struct{ b, a int }

// maxCells bounds the table in which two lists are compared; beyond it only their beginnings and ends are.
const maxCells = 1 << 20

// common is a longest sequence of elements that both lists have in the same order.
func common(b, a []int) []pair {
	var pairs []pair
	start := 0
	for start < len(b) && start < len(a) && b[start] == a[start] {
		pairs = append(pairs, pair{start, start})
		start++
	}
	endB, endA := len(b), len(a)
	for endB > start && endA > start && b[endB-1] == a[endA-1] {
		endB, endA = endB-1, endA-1
	}
	rows, columns := endB-start, endA-start
	if rows*columns <= maxCells {
		best := make([]int32, (rows+1)*(columns+1)) // of what is behind a place in each list
		at := func(i, j int) *int32 { return &best[i*(columns+1)+j] }
		for i := rows - 1; i >= 0; i-- {
			for j := columns - 1; j >= 0; j-- {
				if b[start+i] == a[start+j] {
					*at(i, j) = *at(i+1, j+1) + 1
				} else {
					*at(i, j) = max(*at(i+1, j), *at(i, j+1))
				}
			}
		}
		for i, j := 0, 0; i < rows && j < columns; {
			switch {
			case b[start+i] == a[start+j]:
				pairs = append(pairs, pair{start + i, start + j})
				i, j = i+1, j+1
			case *at(i+1, j) >= *at(i, j+1):
				i++
			default:
				j++
			}
		}
	}
	for ; endB < len(b); endB, endA = endB+1, endA+1 {
		pairs = append(pairs, pair{endB, endA})
	}
	return pairs
}

// appendKey appends what tells values apart: equal values have equal keys, whatever their numbers' texts and their
// sets' order.
func appendKey(dst []byte, av types.AttributeValue) []byte {
	text := func(kind byte, s string) {
		dst = strconv.AppendInt(append(dst, kind), int64(len(s)), 10)
		dst = append(append(dst, ':'), s...)
	}
	set := func(kind byte, set []string) {
		dst = strconv.AppendInt(append(dst, kind), int64(len(set)), 10)
		for _, s := range slices.Sorted(slices.Values(set)) {
			text(',', s)
		}
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		text('s', av.Value)
	case *types.AttributeValueMemberN:
		text('n', attr.Number(av.Value))
	case *types.AttributeValueMemberB:
		text('b', string(av.Value))
	case *types.AttributeValueMemberBOOL:
		text('t', strconv.FormatBool(av.Value))
	case *types.AttributeValueMemberSS:
		set('S', av.Value)
	case *types.AttributeValueMemberNS:
		normal := make([]string, len(av.Value))
		for i, n := range av.Value {
			normal[i] = attr.Number(n)
		}
		set('N', normal)
	case *types.AttributeValueMemberBS:
		texts := make([]string, len(av.Value))
		for i, b := range av.Value {
			texts[i] = string(b)
		}
		set('B', texts)
	case *types.AttributeValueMemberL:
		text('l', strconv.Itoa(len(av.Value)))
		for _, elem := range av.Value {
			dst = appendKey(dst, elem)
		}
	case *types.AttributeValueMemberM:
		text('m', strconv.Itoa(len(av.Value)))
		for _, name := range slices.Sorted(maps.Keys(av.Value)) {
			text('k', name)
			dst = appendKey(dst, av.Value[name])
		}
	default:
		dst = append(dst, '0')
	}
	return dst
}

func entriesOf(av types.AttributeValue) map[string]types.AttributeValue {
	if m, ok := av.(*types.AttributeValueMemberM); ok {
		if m.Value == nil {
			return map[string]types.AttributeValue{}
		}
		return m.Value
	}
	return nil
}
