package attr

import (
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/number"
	"github.com/monotable/monotable/internal/size"
)

// Error is what is wrong with a value, and where in it.
type Error struct {
	Path   string // with the names of the entries of maps, for programs
	Shown  string // the same with SomeKey for the names inside of values, for texts
	Reason string
}

// Error has no values in it.
func (e *Error) Error() string {
	if e.Shown == "" {
		return e.Reason
	}
	return "attribute " + e.Shown + ": " + e.Reason
}

// What can be wrong with a value. NotText and NotTextName say what to do, since nothing else in the program would fail.
const (
	NilValue = "is a nil AttributeValue"
	NotText  = "is text that is not UTF-8, which would be stored as other text: store it as []byte, or make it " +
		"valid"
	NotTextName = "has a name or map key that is not UTF-8, which would be stored as another one: encode it as " +
		"text first"
	EmptyName     = "has an empty name"
	NotANumber    = "is no number that DynamoDB can hold: 38 digits, 1E-130 to 9.99E+125"
	FalseNull     = "is a NULL that is not true"
	EmptySet      = "is an empty set"
	Twice         = "is a set with an element twice"
	TooDeep       = "is nested deeper than 32 levels"
	UnknownMember = "is no member of types.AttributeValue that is known"
)

// ValidText tells text that arrives as it was sent. The SDK writes all else as U+FFFD, so that texts that differ become
// one.
func ValidText(s string) bool {
	if n := len(s); 8 <= n && n <= 32 { // most texts, and nearly all of them ASCII: four words cover them, and overlap
		middle := min(8, n-8)
		found := word(s) | word(s[middle:]) | word(s[n-8-middle:]) | word(s[n-8:])
		if found&0x8080808080808080 == 0 {
			return true
		}
	}
	return utf8.ValidString(s)
}

// word is the first eight bytes of s; the compiler makes one load of it.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// Check finds what DynamoDB could not hold, or would hold as something else: values that are nil or of no type, numbers
// that are none, text and names that are not UTF-8, a NULL that is not true, empty sets and sets with an element twice,
// and too many levels. It is for what is about to be sent. Errors are *Error, their paths relative to the value.
func Check(av types.AttributeValue) error { return CheckLevel(av, 1) }

// CheckLevel is Check for a value on a level below an attribute's own, which is 1.
func CheckLevel(av types.AttributeValue, level int) error {
	if err := check(av, level); err != nil {
		return err
	}
	return nil
}

// CheckItem is Check for all attributes of an item, and their names. The path of its error begins with an attribute's
// name.
func CheckItem(item map[string]types.AttributeValue) error {
	for _, name := range slices.Sorted(maps.Keys(item)) {
		if reason := checkName(name); reason != "" {
			return &Error{Reason: reason}
		}
		if err := check(item[name], 1); err != nil {
			name = EscapeName(name)
			return &Error{Path: Join(name, err.Path), Shown: Join(name, err.Shown), Reason: err.Reason}
		}
	}
	return nil
}

// CheckName is Check for the name of an attribute.
func CheckName(name string) error {
	if reason := checkName(name); reason != "" {
		return &Error{Reason: reason}
	}
	return nil
}

func checkName(name string) string {
	switch {
	case name == "":
		return EmptyName
	case !ValidText(name):
		return NotTextName
	}
	return ""
}

func check(av types.AttributeValue, level int) *Error {
	if Absent(av) {
		return &Error{Reason: NilValue}
	}
	if level > size.MaxDepth {
		return &Error{Reason: TooDeep}
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return failIf(!ValidText(av.Value), NotText)
	case *types.AttributeValueMemberN:
		_, err := number.Parse(av.Value)
		return failIf(err != nil, NotANumber)
	case *types.AttributeValueMemberB, *types.AttributeValueMemberBOOL:
		return nil
	case *types.AttributeValueMemberNULL:
		return failIf(!av.Value, FalseNull)
	case *types.AttributeValueMemberSS:
		return checkStrings(av.Value)
	case *types.AttributeValueMemberNS:
		return checkNumbers(av.Value)
	case *types.AttributeValueMemberBS:
		if len(av.Value) == 0 {
			return &Error{Reason: EmptySet}
		}
		return failIf(BinariesTwice(av.Value), Twice)
	case *types.AttributeValueMemberL:
		return checkList(av.Value, level)
	case *types.AttributeValueMemberM:
		return checkMap(av.Value, level)
	}
	return &Error{Reason: UnknownMember}
}

func failIf(wrong bool, reason string) *Error {
	if wrong {
		return &Error{Reason: reason}
	}
	return nil
}

func checkStrings(set []string) *Error {
	if len(set) == 0 {
		return &Error{Reason: EmptySet}
	}
	for i, s := range set {
		if !ValidText(s) {
			return inElement(i, &Error{Reason: NotText})
		}
	}
	return failIf(StringsTwice(set), Twice)
}

func checkNumbers(set []string) *Error {
	if len(set) == 0 {
		return &Error{Reason: EmptySet}
	}
	for i, text := range set {
		if _, err := number.Parse(text); err != nil {
			return inElement(i, &Error{Reason: NotANumber})
		}
	}
	return failIf(NumbersTwice(set), Twice)
}

func checkList(list []types.AttributeValue, level int) *Error {
	if level == size.MaxDepth {
		return &Error{Reason: TooDeep}
	}
	for i, elem := range list {
		if err := check(elem, level+1); err != nil {
			return inElement(i, err)
		}
	}
	return nil
}

func checkMap(m map[string]types.AttributeValue, level int) *Error {
	if level == size.MaxDepth {
		return &Error{Reason: TooDeep}
	}
	var first string // by name, so that the error does not depend on the map's order
	var found *Error
	for name, elem := range m {
		if found != nil && name > first {
			continue
		}
		if reason := checkName(name); reason != "" {
			first, found = name, &Error{Reason: reason}
		} else if err := check(elem, level+1); err != nil {
			first = name
			found = &Error{Path: Join(EscapeName(name), err.Path), Shown: Join(SomeKey, err.Shown), Reason: err.Reason}
		}
	}
	return found
}

func inElement(i int, err *Error) *Error {
	step := "[" + strconv.Itoa(i) + "]"
	return &Error{Path: Join(step, err.Path), Shown: Join(step, err.Shown), Reason: err.Reason}
}
