package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// selection is a set of paths as a tree. A selection without branches is of a whole value.
type selection struct {
	names    map[string]*selection
	elements map[int]*selection
	order    []int // the indexes of elements, ascending
}

func selectionOf(paths []Path) *selection {
	root := &selection{}
	for _, path := range paths {
		s := root
		for _, e := range path {
			s = s.branch(e)
		}
	}
	return root
}

// branch returns what is selected under an element, which it adds if need be.
func (s *selection) branch(e Elem) *selection {
	if e.Index < 0 {
		if s.names == nil {
			s.names = make(map[string]*selection)
		}
		if s.names[e.Name] == nil {
			s.names[e.Name] = &selection{}
		}
		return s.names[e.Name]
	}
	if s.elements == nil {
		s.elements = make(map[int]*selection)
	}
	if s.elements[e.Index] == nil {
		s.elements[e.Index] = &selection{}
		at, _ := slices.BinarySearch(s.order, e.Index)
		s.order = slices.Insert(s.order, at, e.Index)
	}
	return s.elements[e.Index]
}

// from returns the selected part of a value, nil if it has none.
func (s *selection) from(v types.AttributeValue) types.AttributeValue {
	if s.names == nil && s.elements == nil {
		return v
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		if part := s.fromMap(v.Value); len(part) > 0 {
			return &types.AttributeValueMemberM{Value: part}
		}
	case *types.AttributeValueMemberL:
		var part []types.AttributeValue
		for _, i := range s.order {
			if i >= len(v.Value) {
				break
			}
			if e := s.elements[i].from(v.Value[i]); e != nil {
				part = append(part, e)
			}
		}
		if len(part) > 0 {
			return &types.AttributeValueMemberL{Value: part}
		}
	}
	return nil
}

func (s *selection) fromMap(m map[string]types.AttributeValue) map[string]types.AttributeValue {
	part := make(map[string]types.AttributeValue, len(s.names))
	for name, branch := range s.names {
		v, ok := m[name]
		if !ok {
			continue
		}
		if selected := branch.from(v); selected != nil {
			part[name] = selected
		}
	}
	return part
}
