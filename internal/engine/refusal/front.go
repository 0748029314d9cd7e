package refusal

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// Change is one way in which the service's newer front end answers otherwise than the older one. Since June 2026 the
// service has been moved to it, operation by operation and region by region.
type Change int

// The changes that were seen, each with what is new.
const (
	// Writes: PutItem, UpdateItem and DeleteItem put the envelope before what they refuse without their table, and word
	// values anew.
	Writes Change = iota
	// Depth: UpdateItem refuses values of its condition that no item has room for.
	Depth
	// Charge: UpdateItem bounds what an update writes, and not its finished item alone.
	Charge
	// Reads: GetItem, BatchGetItem and Query word values anew; Query puts the envelope before its rules of Select.
	Reads
	// Scans: Scan words its segments, its Limit, its Select and its start key as Query does.
	Scans
	// BatchGets: BatchGetItem shows none of a request that asks for too much or nothing.
	BatchGets
	// BatchWrites: so does BatchWriteItem.
	BatchWrites
	// TransactWrites: TransactWriteItems shows none of an empty list, refuses values that are too deep as a whole, and
	// bounds what its updates write.
	TransactWrites
	// TransactGets: TransactGetItems shows none of an empty list.
	TransactGets
	numberOfChanges
)

// regions are those named, or all but those named.
type regions struct {
	allBut bool
	named  []string
}

func (r regions) has(region string) bool { return slices.Contains(r.named, region) != r.allBut }

func allBut(named ...string) regions { return regions{true, named} }
func only(named ...string) regions   { return regions{false, named} }

// rollout says which regions answer the newer way. It is data: the next step of the service's move changes these rows
// and nothing else. Captured from 33 regions between September and October 2026; the date is that of the last capture.
var rollout = [numberOfChanges]regions{
	// 2026-10-07
	Writes: allBut("eu-south-2", "me-central-1"),
	Depth:  allBut("eu-south-2", "me-central-1"),
	Charge: allBut("eu-south-2", "me-central-1"),
	Scans:  only("eu-central-1", "us-west-1", "ap-northeast-2", "eu-west-2", "ap-east-2"),
	// Captured from us-east-1 alone; that the regions are those of the writes is assumed.
	Reads: allBut("eu-south-2", "me-central-1"),
	// 2026-09-02, of an empty request
	BatchGets: allBut("me-central-1"),
	// 2026-10-07, two runs, of an empty request
	BatchWrites: only("ap-east-2", "ap-southeast-1", "eu-central-1", "eu-north-1", "eu-west-2"),
	// 2026-10-08
	TransactWrites: only("eu-west-2", "eu-north-1", "ap-northeast-2"),
	// 2026-10-08, when eu-west-2 gave both answers
	TransactGets: only("ap-northeast-2", "eu-north-1"),
}

// Front is how one region answers: which changes it has.
type Front [numberOfChanges]bool

// FrontOf gives a region's. One that was not captured answers as most do.
func FrontOf(region string) Front {
	var f Front
	for change, where := range rollout {
		f[change] = where.has(region)
	}
	return f
}

// Envelope is what the service's model of requests writes before a single violation.
const Envelope = "1 validation error detected: "

// Enveloped puts the envelope before a ValidationException that has none; other errors stay as they are.
func Enveloped(err error) error {
	var refusal *smithy.GenericAPIError
	if !errors.As(err, &refusal) || refusal.Code != "ValidationException" ||
		strings.HasPrefix(refusal.Message, Envelope) {
		return err
	}
	return Invalid(Envelope + refusal.Message)
}

// twoWays is a refusal that the front ends word differently, in neither's words before it is asked for. As an error it
// is the older one's.
type twoWays struct{ older, newer func() error }

func (w twoWays) Error() string { return w.older().Error() }
func (w twoWays) Unwrap() error { return w.older() }

// TwoWays is a refusal in the words of both front ends.
func TwoWays(older, newer func() error) error { return twoWays{older, newer} }

// Newer gives the newer front end's words of a refusal.
func Newer(err error) error {
	if both := (twoWays{}); errors.As(err, &both) {
		return both.newer()
	}
	return err
}

// Older gives the older front end's words of a refusal.
func Older(err error) error {
	if both := (twoWays{}); errors.As(err, &both) {
		return both.older()
	}
	return err
}
