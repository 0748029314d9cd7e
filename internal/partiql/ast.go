package partiql

// Expr is a piece of syntax. Statements are expressions too: where one may stand is found after parsing.
type Expr interface {
	// Where is where the piece's own word or sign stands.
	Where() Position
	print(*printer)
}

// LiteralKind is the kind of a Literal.
type LiteralKind uint8

// The kinds of literals.
const (
	String LiteralKind = iota
	Number
	True
	False
	Null
	Missing
	Date // of a date or a time, which DynamoDB has not
	Ion  // between backticks
)

// The terms.
type (
	// Name is a variable: an attribute, table or index.
	Name struct {
		Text string
		At   Position
	}
	// Literal is a scalar; Text is a number's digits with its sign, a string's characters, or the source of an Ion value.
	Literal struct {
		Kind LiteralKind
		Text string
		At   Position
	}
	// Parameter is a question mark, by its number from 0.
	Parameter struct {
		Number int
		At     Position
	}
	// List is [a, b], or (a, b).
	List struct {
		Items []Expr
		At    Position
	}
	// Bag is <<a, b>>.
	Bag struct {
		Items []Expr
		At    Position
	}
	// Sexp is sexp(a, b).
	Sexp struct {
		Items []Expr
		At    Position
	}
	// Struct is {'name': value}.
	Struct struct {
		Fields []Field
		At     Position
	}
	// Field is one of a Struct's.
	Field struct{ Name, Value Expr }
	// Path leads from a root into it.
	Path struct {
		Root  Expr
		Steps []Step
		At    Position
	}
	// Step is .name, [index], .* or [*].
	Step struct {
		Kind  StepKind
		Name  string
		Index Expr
		At    Position
	}
	// Call calls a function, whose name is in lower case.
	Call struct {
		Function  string
		Aggregate bool // count and its like
		All       bool // count(*)
		Args      []Expr
		At        Position
	}
)

// StepKind is the kind of a Step.
type StepKind uint8

// The kinds of steps.
const (
	StepName StepKind = iota
	StepIndex
	StepAll   // .*
	StepEvery // [*]
)

// The operators.
type (
	// Unary is a sign before what is no number, or not.
	Unary struct {
		Operator string
		Of       Expr
		At       Position
	}
	// Binary is an operator between two operands; a word is in lower case.
	Binary struct {
		Operator    string
		Left, Right Expr
		At          Position
	}
	// Between is BETWEEN.
	Between struct {
		Not           bool
		Of, Low, High Expr
		At            Position
	}
	// In is IN; Right is no list where it is nothing to look in.
	In struct {
		Not   bool
		Of    Expr
		Right Expr
		At    Position
	}
	// Is is IS with the name of a type.
	Is struct {
		Not  bool
		Of   Expr
		Type string
		At   Position
	}
	// Like is LIKE.
	Like struct {
		Not         bool
		Of, Pattern Expr
		Escape      Expr // nil for none
		At          Position
	}
	// Case is CASE, simple with an Of.
	Case struct {
		Of    Expr // nil for none
		Whens []When
		Else  Expr // nil for none
		At    Position
	}
	// When is one WHEN of a Case.
	When struct{ If, Then Expr }
	// Cast is CAST(x AS type); At is where its parenthesis stands.
	Cast struct {
		Of   Expr
		Type string
		At   Position
	}
)

// The statements.
type (
	// Select is SELECT.
	Select struct {
		Distinct bool
		Star     bool
		Value    Expr // of SELECT VALUE, and of PIVOT
		Columns  []Column
		From     *Source
		Lets     []Column
		Filter   Expr // nil for none, as are those below
		GroupBy  []Expr
		Having   Expr
		OrderBy  []Term
		Limit    Expr
		Offset   Expr
		At       Position
	}
	// Column is one of a select list.
	Column struct {
		Of      Expr
		Aliased bool
	}
	// Term is one of ORDER BY.
	Term struct {
		Of         Expr
		Descending bool
	}
	// Source is what stands behind FROM.
	Source struct {
		Of      Expr
		Aliased bool
		Unpivot bool
		Joined  []*Source // further ones
	}
	// Insert is INSERT INTO. Legacy is its form without VALUE.
	Insert struct {
		Into      Expr
		Value     Expr
		Legacy    bool
		Index     Expr // behind AT
		Conflict  Expr // the condition of ON CONFLICT
		Returning []Returned
		At        Position
	}
	// Update is UPDATE, or FROM with changes.
	Update struct {
		From      *Source
		Changes   []Change
		Filter    Expr // nil for none
		Returning []Returned
		At        Position
	}
	// Change is one assignment of SET, one REMOVE, or an INSERT within an update.
	Change struct {
		Target Expr
		Value  Expr    // nil to remove
		Insert *Insert // alone
	}
	// Delete is DELETE FROM.
	Delete struct {
		From      *Source
		Filter    Expr // nil for none
		Returning []Returned
		At        Position
	}
	// Returned is one element of RETURNING.
	Returned struct {
		Images string // such as ALL OLD
		All    bool   // with a star
		Of     Expr   // in its place
	}
	// Other is a statement of a kind that there is none of here, and Words what it says.
	Other struct {
		Kind  string
		Words string
		At    Position
	}
)

// The positions of all pieces.

func (n *Name) Where() Position      { return n.At }
func (n *Literal) Where() Position   { return n.At }
func (n *Parameter) Where() Position { return n.At }
func (n *List) Where() Position      { return n.At }
func (n *Bag) Where() Position       { return n.At }
func (n *Sexp) Where() Position      { return n.At }
func (n *Struct) Where() Position    { return n.At }
func (n *Path) Where() Position      { return n.At }
func (n *Call) Where() Position      { return n.At }
func (n *Unary) Where() Position     { return n.At }
func (n *Binary) Where() Position    { return n.At }
func (n *Between) Where() Position   { return n.At }
func (n *In) Where() Position        { return n.At }
func (n *Is) Where() Position        { return n.At }
func (n *Like) Where() Position      { return n.At }
func (n *Case) Where() Position      { return n.At }
func (n *Cast) Where() Position      { return n.At }
func (n *Select) Where() Position    { return n.At }
func (n *Insert) Where() Position    { return n.At }
func (n *Update) Where() Position    { return n.At }
func (n *Delete) Where() Position    { return n.At }
func (n *Other) Where() Position     { return n.At }
