package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monotable/monotable"
)

// hotKeys looks for them in the key spaces whose distributions are known.
func (p *pricing) hotKeys(out *Plan) error {
	local := slices.ContainsFunc(p.Indexes, func(x Index) bool { return x.Local })
	done := map[string]bool{}
	for i := range p.Entities {
		e := &p.Entities[i]
		collection := e.collection()
		if e.Keys == nil || done[collection] {
			continue
		}
		done[collection] = true
		t := Traffic{Name: "table, " + collection, Keys: *e.Keys, LocalIndexes: local, Seed: p.Seed}
		in := func(entity string) bool {
			other := p.entities[entity]
			return other != nil && other.collection() == collection
		}
		for _, other := range p.Entities {
			t.RisingSort = t.RisingSort || in(other.Name) && other.RisingSort
		}
		t.receive(p.Patterns, func(a *AccessPattern) (monotable.Units, float64) { return p.onCollection(a, in) })
		if err := out.addHotKeys(t); err != nil {
			return err
		}
	}
	for i := range p.Indexes {
		if x := &p.Indexes[i]; x.Keys != nil {
			t := Traffic{Name: "index " + x.Name, Keys: *x.Keys, LocalIndexes: x.Local, RisingSort: x.RisingSort,
				Seed: p.Seed}
			t.receive(p.Patterns, func(a *AccessPattern) (monotable.Units, float64) { return p.each(a)[1+i], 1 })
			if err := out.addHotKeys(t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (out *Plan) addHotKeys(t Traffic) error {
	if t.Reads+t.Writes == 0 {
		return nil
	}
	h, err := t.HotKeys()
	if err == nil {
		out.HotKeys = append(out.HotKeys, h)
	}
	return err
}

// receive sums what patterns ask of the key space at their peaks: units of one operation, in so many requests for
// single keys. A Scan goes over all keys alike and makes none of them hot.
func (t *Traffic) receive(patterns []AccessPattern, of func(*AccessPattern) (each monotable.Units, requests float64)) {
	var reads, writes float64 // requests a second
	for i := range patterns {
		a := &patterns[i]
		if a.Operation == Scan {
			continue
		}
		each, requests := of(a)
		rate := max(a.Peak, a.Average)
		t.Reads += rate * each.Read
		t.Writes += rate * each.Write
		if each.Read > 0 {
			reads += rate * requests
		}
		if each.Write > 0 {
			writes += rate * requests
		}
	}
	t.ReadUnits, t.WriteUnits = share(t.Reads, reads), share(t.Writes, writes)
}

// onCollection is what one operation of a pattern asks of the table for the keys of some entities, in so many single
// requests.
func (p *pricing) onCollection(a *AccessPattern, in func(entity string) bool) (monotable.Units, float64) {
	if in(a.Entity) {
		if a.Operation == BatchGetItem || a.Operation == TransactGetItems {
			return p.each(a)[0], max(1, a.Items)
		}
		return p.each(a)[0], 1
	}
	part := *a
	part.Actions = nil
	n := 0.0
	for _, action := range a.Actions {
		if in(action.Entity) {
			part.Actions = append(part.Actions, action)
			n += action.items()
		}
	}
	if n == 0 || a.Units != nil {
		return monotable.Units{}, 1
	}
	return p.each(&part)[0], n
}

// tableQuota is the read and the write units that one table may have a second unless AWS raises it (DynamoDB guide,
// "Quotas in Amazon DynamoDB").
const tableQuota = 40_000

// advise says what the figures suggest: what is too hot, how to pay and what costs most, with what to do about each,
// and then what else there is to see.
func (p *pricing) advise(out *Plan) {
	out.adviseKeys()
	out.adviseMode()
	out.adviseCost()
	say := out.say
	for i := range out.Arms[1:] {
		arm := &out.Arms[1+i]
		switch {
		case arm.Average.Read == 0 && arm.Average.Write == 0 && arm.Items == 0:
			say("Index %s holds nothing and no pattern uses it: leave it out.", arm.Index)
		case arm.Average.Read == 0:
			say("No pattern reads index %s, which is %s of the cheapest bill.", arm.Index, percentText(arm.Share))
		}
	}
	for i := range out.Patterns {
		x := &out.Patterns[i]
		if x.Operation == Scan && x.Share > 0.1 {
			say("Pattern %s scans, and is %s of the reads and writes of the cheapest bill: an index with just the "+
				"items it is after would read less.", x.Name, percentText(x.Share))
		}
	}
	for i, arm := range out.Arms {
		if most := max(arm.Peak.Read, arm.Peak.Write); most > tableQuota && p.throughput(i) == i {
			say("The %s peaks at %s units a second, beyond the %s that a table has unless AWS raises its quota.",
				arm.name(), numberText(most), numberText(tableQuota))
		}
	}
	if best, ok := out.bill(out.Best); ok && best.Class == StandardInfrequentAccess {
		say("Storage weighs more than requests here: the Standard-IA table class is cheaper. It has no reserved " +
			"capacity, and a table's class can be changed twice in 30 days.")
	}
}

func (out *Plan) say(format string, args ...any) {
	out.Advice = append(out.Advice, fmt.Sprintf(format, args...))
}

// adviseKeys names the hottest keys.
func (out *Plan) adviseKeys() {
	if len(out.HotKeys) == 0 {
		return
	}
	byLoad := slices.Clone(out.HotKeys)
	slices.SortStableFunc(byLoad, func(a, b *HotKeys) int { return cmp.Compare(b.Busiest[0].Load, a.Busiest[0].Load) })
	if hottest := byLoad[0]; hottest.Over == 0 {
		out.say("No key is too hot: the hottest, %q of %s, asks for %s of what a partition can do.",
			hottest.Busiest[0].Name, hottest.Name, percentText(hottest.Busiest[0].Load))
		return
	}
	for _, h := range byLoad {
		if h.Over == 0 {
			break
		}
		key := h.Busiest[0]
		what, units, refused, remedy := "write", key.Write, h.Writing.Sustained,
			fmt.Sprintf("Write it under %d shards.", h.WriteShards)
		if key.Read/PartitionReads > key.Write/PartitionWrites {
			what, units, refused, remedy = "read", key.Read, h.Reading.Sustained,
				fmt.Sprintf("Read it from %d copies, or through a cache.", h.ReadCopies)
		}
		if h.Over > 1 {
			remedy += fmt.Sprintf(" So for %s more.", countText(h.Over-1, "key", "keys"))
		}
		out.say("Too hot: %q of %s asks for %s %s units a second at the peak, %s of what a partition can do, so that %s "+
			"of the %ss are refused. %s", key.Name, h.Name, numberText(units), what, percentText(key.Load),
			percentText(refused), what, remedy)
	}
}

// adviseMode names the cheapest way to pay, by how much, and why.
func (out *Plan) adviseMode() {
	best, ok := out.bill(out.Best)
	if !ok || best.Total == 0 {
		return
	}
	other := OnDemand
	if best.Mode == OnDemand {
		other = AutoScaled
	}
	at := slices.IndexFunc(out.Bills, func(b Bill) bool { return b.Mode == other && b.Class == best.Class })
	text := fmt.Sprintf("Cheapest at this load: %s, %s %s a month.", best.Name, moneyText(best.Total),
		out.Prices.Currency)
	if at >= 0 {
		text += fmt.Sprintf(" %s costs %s.", capital(string(other)), moneyText(out.Bills[at].Total))
	}
	pays := "Provisioned capacity pays once it is used to more than " + percentText(out.Compare.BreakEven)
	switch {
	case best.Read+best.Write == 0:
	case best.Mode == OnDemand:
		text += fmt.Sprintf(" %s; auto scaling would use it to %s.", pays, percentText(out.Compare.AutoScaled))
	case best.Mode == Provisioned:
		text += fmt.Sprintf(" %s; here it is used to %s.", pays, percentText(out.Compare.Provisioned))
	default:
		text += fmt.Sprintf(" %s; auto scaling uses it to %s. Set the bounds given below.", pays,
			percentText(out.Compare.AutoScaled))
	}
	out.say("%s", text)
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// adviseCost names what costs most, and what lowers it.
func (out *Plan) adviseCost() {
	best, ok := out.bill(out.Best)
	if !ok || best.Total == 0 {
		return
	}
	if best.Storage > best.Read+best.Write {
		largest := slices.MaxFunc(out.Entities, func(a, b EntityPlan) int {
			return cmp.Compare(a.Monthly[best.Name], b.Monthly[best.Name])
		})
		out.say("Largest cost: storage, %s of the bill, and of it %s with %s. A TTL, smaller items or narrower indexes "+
			"lower it.", percentText(share(best.Storage, best.Total)), largest.Name,
			percentText(share(largest.Monthly[best.Name], best.Storage)))
		return
	}
	if len(out.Patterns) == 0 {
		return
	}
	largest := slices.MaxFunc(out.Patterns, func(a, b PatternPlan) int {
		return cmp.Compare(a.Monthly[best.Name], b.Monthly[best.Name])
	})
	if largest.Share == 0 {
		return
	}
	out.say("Largest cost: %s, %s of the reads and writes, %s %s a month. %s", largest.Name,
		percentText(largest.Share), moneyText(largest.Monthly[best.Name]), out.Prices.Currency, largest.remedy())
}

// remedy says what one operation takes, and what lowers that.
func (x *PatternPlan) remedy() string {
	rate := ""
	if x.Operation == TransactWriteItems || x.Operation == TransactGetItems {
		rate = ", at the double rate of transactions"
	}
	if x.Each.Write == 0 {
		return fmt.Sprintf("Each takes %s read units%s: smaller or fewer items, or a cache, lower it.",
			numberText(x.Each.Read), rate)
	}
	indexes := 0.0
	for _, u := range x.Each.Indexes {
		indexes += u.Write
	}
	remedy := "smaller items, or fewer of them, lower it"
	if indexes > x.Each.Table.Write {
		remedy = "fewer index entries lower it"
	}
	return fmt.Sprintf("Each takes %s write units, %s of them in indexes%s: %s.", numberText(x.Each.Write),
		numberText(indexes), rate, remedy)
}

func (out *Plan) bill(name string) (*Bill, bool) {
	i := slices.IndexFunc(out.Bills, func(b Bill) bool { return b.Name == name })
	if i < 0 {
		return nil, false
	}
	return &out.Bills[i], true
}

// name is what reports call the table or an index.
func (a *ArmPlan) name() string {
	switch {
	case a.Index == "":
		return "table"
	case a.Local:
		return a.Index + " (local)"
	}
	return a.Index
}
