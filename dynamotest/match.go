package dynamotest

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/number"
)

// matches says whether a call is one that the Match selects.
func (m Match) matches(operation string, parts []part, in any) bool {
	if m.Operation != "" && m.Operation != operation {
		return false
	}
	if m.Table != "" || m.Index != "" || m.Key != nil {
		found := false
		for _, p := range parts {
			found = found || m.takes(p)
		}
		if !found {
			return false
		}
	}
	return m.Where == nil || m.Where(in)
}

// takes says whether a part of a call is one that the Match selects.
func (m Match) takes(p part) bool {
	if m.Table != "" && m.Table != p.table || m.Index != "" && m.Index != p.index {
		return false
	}
	if m.Key != nil && p.item == nil {
		return false
	}
	for name, want := range m.Key {
		has, ok := p.item[name]
		if !ok || !(monotable.Item{"": has}).Equal(monotable.Item{"": want}) {
			return false
		}
	}
	return true
}

// check finds what would keep a Match from ever selecting a call.
func (m Match) check() error {
	name := m.Operation
	switch {
	case name != "" && !tableOperations[name] && !streamOperations[name]:
		return fmt.Errorf("there is no operation %q", name)
	case m.Table != "" && (name == "ListTables" || name == "DescribeLimits" || name == "DescribeEndpoints"):
		return fmt.Errorf("%s works on no table, and Table selects one", name)
	case m.Index != "" && m.Key != nil:
		return errors.New("no call has both an Index and a Key")
	case m.Index != "" && name != "" && name != "Query" && name != "Scan" && name != "ExecuteStatement":
		return fmt.Errorf("%s reads no index, and Index selects one", name)
	case m.Key != nil && name != "" && (!onItems(name) || name == "Query" || name == "Scan"):
		return fmt.Errorf("%s has no key or item, and Key selects by one", name)
	}
	for attribute, v := range m.Key {
		if n, ok := v.(*types.AttributeValueMemberN); ok && n != nil {
			if _, err := number.Parse(n.Value); err != nil {
				return fmt.Errorf("Key: %s is not a number", attribute)
			}
		}
		if v == nil || reflect.ValueOf(v).IsNil() {
			return fmt.Errorf("Key: %s has no value", attribute)
		}
	}
	return nil
}
