package plan

import (
	"cmp"
	"slices"

	"github.com/monotable/monotable"
)

// Mode is a way to pay for reads and writes.
type Mode string

// The modes. Provisioned is capacity held at the peak; AutoScaled follows the load between its bounds; WithReserved is
// AutoScaled with the workload's reserved units bought ahead.
const (
	OnDemand     Mode = "on-demand"
	Provisioned  Mode = "provisioned for the peak"
	AutoScaled   Mode = "provisioned, auto scaling"
	WithReserved Mode = "provisioned, auto scaling, reserved"
)

// Bill is what one way to pay costs a month, in the price sheet's currency.
type Bill struct {
	Name                 string
	Mode                 Mode
	Class                Class
	Read, Write, Storage float64
	Free                 float64 `json:",omitempty"` // what the free tier takes off
	Total                float64 // Read + Write + Storage - Free
	// the part of Read and Write that no access pattern asks for: the least capacity there can be
	Idle float64
	// Estimate says that the figure leaves something out that AWS does not publish: how fast auto scaling follows.
	Estimate bool
}

// Comparison is provisioned capacity against on-demand, in the Standard table class.
type Comparison struct {
	// BreakEven is the average utilisation of provisioned capacity, 0 to 1, above which it costs less than on-demand,
	// at the workload's mix of reads and writes.
	BreakEven float64
	// Utilisation is that of capacity held at the peak and of capacity that auto scaling moves.
	Provisioned, AutoScaled float64
}

// bill prices every mode in every class of the sheet.
func (p *pricing) bill(out *Plan, loads []load, draws []draw, sheet *PriceSheet) {
	for i := range out.Patterns {
		out.Patterns[i].Monthly = map[string]float64{}
	}
	for i := range out.Arms {
		out.Arms[i].Monthly = map[string]float64{}
	}
	for i := range out.Entities {
		out.Entities[i].Monthly = map[string]float64{}
	}
	for _, class := range sheet.classes() {
		modes := []Mode{OnDemand, Provisioned, AutoScaled}
		if class.Class == Standard && sheet.Reserved != nil && p.Reserved != (Reserved{}) {
			modes = append(modes, WithReserved) // AWS sells it for Standard tables only
		}
		for _, mode := range modes {
			t := tariff{p, sheet, class, mode}
			out.Bills = append(out.Bills, t.bill(out, loads, draws))
		}
	}
	best := slices.MinFunc(out.Bills, func(a, b Bill) int { return cmp.Compare(a.Total, b.Total) })
	out.Best = best.Name
	throughput, all := 0.0, 0.0
	for i := range out.Patterns {
		throughput += out.Patterns[i].Monthly[best.Name]
	}
	for i := range out.Arms {
		all += out.Arms[i].Monthly[best.Name]
	}
	for i := range out.Patterns {
		out.Patterns[i].Share = share(out.Patterns[i].Monthly[best.Name], throughput)
	}
	for i := range out.Arms {
		out.Arms[i].Share = share(out.Arms[i].Monthly[best.Name], all)
	}
	p.compare(out, draws, sheet)
}

func share(part, of float64) float64 {
	if of == 0 {
		return 0
	}
	return part / of
}

// tariff is one mode in one class of a sheet.
type tariff struct {
	*pricing
	sheet *PriceSheet
	class class
	mode  Mode
}

// bill prices the workload, and shares the price out: the capacity of a throughput over the patterns in the measure in
// which they draw on it, headroom included.
func (t *tariff) bill(out *Plan, loads []load, draws []draw) Bill {
	bill := Bill{Name: string(t.mode) + ", " + t.class.text(), Mode: t.mode, Class: t.class.Class,
		Estimate: t.mode == AutoScaled || t.mode == WithReserved}
	gb := func(bytes float64) float64 { return bytes / t.sheet.BytesPerGB * t.class.StorageGB }
	bill.Storage = gb(out.Storage)
	ofReads, ofWrites := t.discounts(draws)
	perArm := make([]float64, len(draws))
	perPattern := make([]float64, len(loads))
	for i, d := range draws {
		if t.throughput(i) != i {
			continue
		}
		price, weight := t.price(&d), t.weight(d.average, d.peak, d.low)
		price.Read *= ofReads
		price.Write *= ofWrites
		bill.Read += price.Read
		bill.Write += price.Write
		if weight.Read == 0 {
			bill.Idle += price.Read
			perArm[i] += price.Read
		}
		if weight.Write == 0 {
			bill.Idle += price.Write
			perArm[i] += price.Write
		}
		each := monotable.Units{Read: share(price.Read, weight.Read), Write: share(price.Write, weight.Write)}
		for j := range loads {
			for k := range draws {
				if t.throughput(k) != i {
					continue
				}
				own := t.weight(loads[j].average[k], loads[j].peak[k], loads[j].low[k])
				part := own.Read*each.Read + own.Write*each.Write
				perPattern[j] += part
				perArm[k] += part
			}
		}
	}
	for j, money := range perPattern {
		out.Patterns[j].Monthly[bill.Name] = money
	}
	for k, money := range perArm {
		out.Arms[k].Monthly[bill.Name] = money + gb(out.Arms[k].Storage)
	}
	for i := range out.Entities {
		out.Entities[i].Monthly[bill.Name] = gb(out.Entities[i].Bytes + out.Entities[i].Entries)
	}
	bill.Free = t.free(&bill, draws, out.Storage)
	bill.Total = bill.Read + bill.Write + bill.Storage - bill.Free
	return bill
}

// weight is by what a throughput's price is shared out: what is asked of it when the price is set.
func (t *tariff) weight(average, peak, low monotable.Units) monotable.Units {
	switch t.mode {
	case OnDemand:
		return average
	case Provisioned:
		return peak
	}
	h := t.PeakHours
	return monotable.Units{Read: (h*peak.Read + (24-h)*low.Read) / 24, Write: (h*peak.Write + (24-h)*low.Write) / 24}
}

// price is what reads and writes of one throughput cost a month.
func (t *tariff) price(d *draw) monotable.Units {
	hours := t.sheet.HoursPerMonth
	if t.mode == OnDemand {
		const million = 1e6
		requests := func(a float64) float64 { return a * 3600 * hours / million }
		return monotable.Units{Read: requests(d.average.Read) * t.class.OnDemand.Read,
			Write: requests(d.average.Write) * t.class.OnDemand.Write}
	}
	held := t.held(d)
	return monotable.Units{Read: held.Read * hours * t.class.Provisioned.Read,
		Write: held.Write * hours * t.class.Provisioned.Write}
}

// held is the capacity units that are provisioned on average over the hours.
func (t *tariff) held(d *draw) monotable.Units {
	peak := monotable.Units{Read: t.provision(d.peak.Read), Write: t.provision(d.peak.Write)}
	if t.mode == Provisioned {
		return peak
	}
	low := monotable.Units{Read: t.provision(d.low.Read), Write: t.provision(d.low.Write)}
	h := t.PeakHours
	return monotable.Units{Read: (h*peak.Read + (24-h)*low.Read) / 24, Write: (h*peak.Write + (24-h)*low.Write) / 24}
}

// discounts is the part of the provisioned price that is left with the reserved units, which cover table and indexes
// together: they are paid for in every hour, and what is needed beyond them at its own price.
func (t *tariff) discounts(draws []draw) (reads, writes float64) {
	if t.mode != WithReserved {
		return 1, 1
	}
	var peak, low monotable.Units
	for i, d := range draws {
		if t.throughput(i) == i {
			peak = plus(peak, monotable.Units{Read: t.provision(d.peak.Read), Write: t.provision(d.peak.Write)})
			low = plus(low, monotable.Units{Read: t.provision(d.low.Read), Write: t.provision(d.low.Write)})
		}
	}
	part := func(peak, low, reserved, ahead, hourly float64) float64 {
		h := t.PeakHours
		beyond := (h*max(0, peak-reserved) + (24-h)*max(0, low-reserved)) / 24
		return (reserved*ahead + beyond*hourly) / ((h*peak + (24-h)*low) / 24 * hourly)
	}
	return part(peak.Read, low.Read, t.Reserved.Read, t.sheet.Reserved.Read, t.class.Provisioned.Read),
		part(peak.Write, low.Write, t.Reserved.Write, t.sheet.Reserved.Write, t.class.Provisioned.Write)
}

// free is what the free tier takes off, which is for Standard tables: storage, and units that are provisioned.
func (t *tariff) free(bill *Bill, draws []draw, stored float64) float64 {
	tier := t.sheet.FreeTier
	if !t.FreeTier || tier == nil || t.class.Class != Standard {
		return 0
	}
	off := min(bill.Storage, tier.StorageGB*t.class.StorageGB)
	if t.mode == OnDemand {
		return off
	}
	hours := t.sheet.HoursPerMonth
	return off + min(bill.Read, tier.Read*hours*t.class.Provisioned.Read) +
		min(bill.Write, tier.Write*hours*t.class.Provisioned.Write)
}

func (c *class) text() string {
	if c.Class == Standard {
		return "Standard"
	}
	return "Standard-IA"
}

// compare works out the break-even: what provisioned capacity in full use costs, against on-demand for the same units.
func (p *pricing) compare(out *Plan, draws []draw, sheet *PriceSheet) {
	var average, peak, scaled monotable.Units
	prices := sheet.Standard
	fixed := tariff{p, sheet, class{ClassPrices: prices}, Provisioned}
	moved := tariff{p, sheet, class{ClassPrices: prices}, AutoScaled}
	for i, d := range draws {
		if p.throughput(i) == i {
			average, peak, scaled = plus(average, d.average), plus(peak, fixed.held(&d)), plus(scaled, moved.held(&d))
		}
	}
	hourly := func(u monotable.Units) float64 {
		return u.Read*prices.Provisioned.Read + u.Write*prices.Provisioned.Write
	}
	requests := func(u monotable.Units) float64 {
		return (u.Read*prices.OnDemand.Read + u.Write*prices.OnDemand.Write) * 3600 / 1e6
	}
	mix := average
	if mix == (monotable.Units{}) {
		mix = monotable.Units{Read: 1, Write: 1}
	}
	out.Compare = Comparison{BreakEven: hourly(mix) / requests(mix), Provisioned: share(hourly(average), hourly(peak)),
		AutoScaled: share(hourly(average), hourly(scaled))}
}
