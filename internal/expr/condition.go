package expr

// Condition is a parsed condition or filter expression.
type Condition struct{ uses []Use }

// Eval says whether the item meets the condition. Its error is the service's ValidationException for operands whose
// types only the item shows to be wrong.
func (c *Condition) Eval(item Item) (bool, error) { panic("expr: Eval is being built") }

// Uses lists every value operand that meets a path, in the order of the text.
func (c *Condition) Uses() []Use { return c.uses }

// Paths lists every path that the condition names, in the order of the text.
func (c *Condition) Paths() []Path { panic("expr: Paths is being built") }
