package read

import "github.com/aws/aws-sdk-go-v2/aws"

// Counts are how far a scan has come; the face says what each means.
type Counts struct {
	Items     int64
	Evaluated int64
	Pages     int64
	Units     float64
	Segments  int
	Ended     int
	Share     float64
}

// Progress is who is told how far a scan has come, and the counts so far.
type Progress struct {
	Counts
	Expected int64 // items to evaluate; 0 for not known
	Tell     func(Counts)
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
func (p *Progress) begin(segments, ended int) {
	if p != nil {
		p.Counts = Counts{Segments: segments, Ended: ended}
	}
}

// items counts items given to the caller.
func (p *Progress) items(n int) {
	if p != nil {
		p.Items += int64(n)
	}
}

// page counts responses, and the end of their segment, and reports.
func (p *Progress) page(c pageCounts, ended bool) {
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
	p.Tell(p.Counts)
}

// almost is the most that is estimated before the end.
const almost = 0.99

func (p *Progress) share() float64 {
	switch {
	case p.Ended == p.Segments:
		return 1
	case p.Expected > 0:
		return min(float64(p.Evaluated)/float64(p.Expected), almost)
	}
	return min(float64(p.Ended)/float64(p.Segments), almost)
}
