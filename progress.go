package monotable

import "github.com/aws/aws-sdk-go-v2/aws"

// ScanProgress is how far one call of Scan or ScanPage has come. What was read before the cursor that it resumed is not
// in it, except for the segments that had ended.
type ScanProgress struct {
	Items     int64   // given to the caller
	Evaluated int64   // read by the service, whatever their type and whether or not a filter kept them
	Pages     int64   // responses
	Units     float64 // read units consumed
	Segments  int     // of the scan
	Ended     int     // segments that have come to their end
	Share     float64 // an estimate of what is done, 0 to 1; 1 at the end and never before
}

// Progress tells report after each page of a scan how far it has come: when the page's items have been given to the
// caller, on the goroutine that iterates. With Resume the cursor then stands behind the page: a good moment to store
// it.
//
// expected is how many items there are to evaluate, for ScanProgress.Share: all items of the table, of whatever type,
// as DescribeTable's ItemCount has them (at most some six hours old), less what was evaluated before a cursor that is
// resumed. The scan sends no request to find out. With 0 the share is that of the segments that have ended, as coarse
// as they are few.
func Progress(expected int64, report func(ScanProgress)) ScanOption {
	return scanOption(func(s *settings) {
		s.progress = nil
		if report != nil {
			s.progress = &progress{expected: expected, tell: report}
		}
	})
}

// progress is what Progress was given, and the counts so far.
type progress struct {
	ScanProgress
	expected int64
	tell     func(ScanProgress)
}

// pageCounts are what responses add to the counts.
type pageCounts struct {
	pages, evaluated int64
	units            float64
}

func (c *pageCounts) add(out *fetched) {
	c.pages++
	c.evaluated += int64(out.evaluated)
	if out.consumed != nil {
		c.units += aws.ToFloat64(out.consumed.CapacityUnits)
	}
}

// taken gives the counts and starts again.
func (c *pageCounts) taken() pageCounts {
	was := *c
	*c = pageCounts{}
	return was
}

// begin starts the counts of a scan with so many segments, of which some have ended.
func (p *progress) begin(segments, ended int) {
	if p != nil {
		p.ScanProgress = ScanProgress{Segments: segments, Ended: ended}
	}
}

// items counts items given to the caller.
func (p *progress) items(n int) {
	if p != nil {
		p.Items += int64(n)
	}
}

// page counts responses, and the end of their segment, and reports.
func (p *progress) page(c pageCounts, ended bool) {
	if p == nil {
		return
	}
	p.Pages += c.pages
	p.Evaluated += c.evaluated
	p.Units += c.units
	if ended {
		p.Ended++
	}
	p.Share = p.share()
	p.tell(p.ScanProgress)
}

// almost is the most that is estimated before the end.
const almost = 0.99

func (p *progress) share() float64 {
	switch {
	case p.Ended == p.Segments:
		return 1
	case p.expected > 0:
		return min(float64(p.Evaluated)/float64(p.expected), almost)
	}
	return min(float64(p.Ended)/float64(p.Segments), almost)
}
