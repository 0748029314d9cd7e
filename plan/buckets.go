package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// A simulation goes by steps. It looks at so many steps of single keys at most, and then ends before the traffic's
// duration: partitions have a second's worth of tokens and so are soon in their steady state.
const (
	step      = 0.1 // seconds
	mostSteps = 4_000_000
)

// bucket is the tokens that a partition, or a table, has left for reads or for writes. It begins full.
type bucket struct{ rate, most, tokens float64 }

func newBucket(rate, keptSeconds float64) bucket {
	return bucket{rate: rate, most: rate * keptSeconds, tokens: rate * keptSeconds}
}

// fill adds what a step brings.
func (b *bucket) fill() { b.tokens = min(b.most, b.tokens+b.rate*step) }

// passes is how many of n requests, of so many units each, the tokens are enough for. A full bucket lets even a larger
// request through, and then owes the rest.
func (b *bucket) passes(n, units float64) float64 {
	passed := min(n, max(0, math.Floor(b.tokens/units)))
	if passed == 0 && b.tokens == b.most {
		return min(n, 1)
	}
	return passed
}

// simulate plays the reads and the writes.
func (h *HotKeys) simulate(share func(rank int) float64) {
	random := rand.New(rand.NewPCG(h.Seed, 0x6d6f6e6f7461626c))
	played, seconds := 0.0, h.Duration.Seconds()
	for _, kind := range []struct {
		units, each, limit, provisioned float64
		into                            *Throttling
	}{
		{h.Reads, h.ReadUnits, PartitionReads, h.ProvisionedReads, &h.Reading},
		{h.Writes, h.WriteUnits, PartitionWrites, h.ProvisionedWrites, &h.Writing},
	} {
		if kind.units == 0 {
			continue
		}
		s := stream{rate: kind.units / kind.each, each: kind.each, table: newBucket(kind.provisioned, BurstSeconds)}
		s.busy(h.Keys.Keys, share, kind.limit)
		requests, took := s.play(h.Duration.Seconds(), random, kind.into)
		played += requests
		seconds = min(seconds, took)
	}
	h.Notes = append(h.Notes,
		fmt.Sprintf("Simulated: %s requests in %s, with seed %d; a refused request is not sent again.",
			numberText(played), durationText(time.Duration(seconds*float64(time.Second)).Round(time.Second/10)),
			h.Seed))
}

// stream is the reads or the writes of a simulation.
type stream struct {
	rate, each float64 // requests a second over all keys, and units of one
	keys       []keyStream
	rest       float64 // requests a second to keys whose partitions are far from their limits
	table      bucket  // of rate 0 for a table without a limit of its own
}

type keyStream struct {
	rate float64 // requests a second
	bucket
	passing float64 // in this step
}

// busy finds the keys that ask for more than half of a partition. Only these can empty its bucket.
func (s *stream) busy(n float64, share func(rank int) float64, limit float64) {
	s.rest = s.rate
	for rank := 1; rank <= int(min(n, mostOver)); rank++ {
		rate := share(rank) * s.rate
		if rate*s.each <= limit/2 {
			break
		}
		s.keys = append(s.keys, keyStream{rate: rate, bucket: newBucket(limit, 1)})
		s.rest -= rate
	}
	s.rest = max(0, s.rest)
}

// play goes through the steps, and gives the number of requests and the seconds.
func (s *stream) play(seconds float64, random *rand.Rand, into *Throttling) (requests, took float64) {
	steps := max(1, int(math.Ceil(seconds/step-1e-9)))
	steps = min(steps, max(int(60/step), mostSteps/(1+len(s.keys))))
	refused := 0.0
	for i := range steps {
		rest := poisson(random, s.rest*step)
		sent, passing := rest, rest
		for k := range s.keys {
			key := &s.keys[k]
			key.fill()
			n := poisson(random, key.rate*step)
			key.passing = key.passes(n, s.each)
			sent += n
			passing += key.passing
		}
		part := 1.0
		if s.table.rate > 0 && passing > 0 {
			s.table.fill()
			passed := s.table.passes(passing, s.each)
			s.table.tokens -= passed * s.each
			part = passed / passing
		}
		for k := range s.keys {
			s.keys[k].tokens -= part * s.keys[k].passing * s.each
		}
		if now := sent - part*passing; now > 0 {
			if refused == 0 {
				into.From = float64(i) * step
			}
			refused += now
		}
		requests += sent
	}
	if requests > 0 {
		into.Simulated = refused / requests
	}
	return requests, float64(steps) * step
}

// poisson draws how many requests come in a step in which so many are expected.
func poisson(random *rand.Rand, expected float64) float64 {
	if expected > 40 { // near enough a normal distribution
		return max(0, math.Round(expected+math.Sqrt(expected)*random.NormFloat64()))
	}
	n := 0.0
	for left := expected - random.ExpFloat64(); left > 0; left -= random.ExpFloat64() {
		n++
	}
	return n
}
