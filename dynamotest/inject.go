package dynamotest

// Inject puts a fault in place, for calls of c and for those that reach it through a Server, until the Injection's
// Remove or ClearFaults. Faults are asked in the order in which they were injected: delays add up, effects on the
// answer combine, and the first one that is an error ends the call.
//
// In the process there is no SDK under the client, and so no retryer: a fault is seen as one attempt's error, wrapped
// as the SDK wraps one attempt's. Over HTTP the SDK's retryer sends most of them again, and so it does in the process
// with WithMaxAttempts or WithRetryer. A call that the SDK would not send is not hit.
//
// A fault that cannot be makes every call fail with an error that says so: one without an effect, for an operation that
// does not exist or that the effect does nothing to, with a Chance that is none, or with a Match that no call can meet,
// such as the Key of a Query.
func (c *Client) Inject(f Fault) *Injection { return c.faults.inject(f) }

// ClearFaults takes all faults away.
func (c *Client) ClearFaults() { c.faults.clear() }

// Seed is what the chances of faults are drawn from.
func (c *Client) Seed() uint64 { return c.faults.seed }
