package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// mostRequests is how many requests a simulation plays. Where the traffic has more, each stands for several.
const mostRequests = 1_000_000

// bucket is the tokens that one partition has left for reads or for writes.
type bucket struct {
	rate, most float64 // tokens a second; how many are kept
	tokens     float64
	at         float64 // second
}

func newBucket(rate, keptSeconds float64) bucket {
	return bucket{rate: rate, most: rate * keptSeconds, tokens: rate * keptSeconds}
}

// take tells how many of n requests at a second, of so many units each, go through.
func (b *bucket) take(at, units, n float64) float64 {
	b.tokens = min(b.most, b.tokens+(at-b.at)*b.rate)
	b.at = at
	passed := min(n, math.Floor(b.tokens/units))
	b.tokens -= passed * units
	return passed
}

// simulate plays the traffic: requests at even intervals, each for a key drawn by its share. Only keys that ask for more than half
// of a partition can empty its bucket; of the others it is only counted that they go through.
func (h *HotKeys) simulate(share func(rank int) float64) {
	var shares []float64
	busy := 0.0
	for rank := 1; rank <= int(min(h.Keys.Keys, mostOver)); rank++ {
		s := share(rank)
		if s*h.Reads <= PartitionReads/2 && s*h.Writes <= PartitionWrites/2 {
			break
		}
		shares = append(shares, s)
		busy += s
	}
	random := rand.New(rand.NewPCG(h.Seed, 0x6d6f6e6f7461626c))
	picks := newPicker(shares, max(0, 1-busy))
	played, of := 0, 0.0
	play := func(units, each, limit float64, into *Throttling) {
		if units == 0 {
			return
		}
		seconds := h.Duration.Seconds()
		requests := units / each * seconds
		n := int(max(1, min(requests, mostRequests)))
		if requests < mostRequests {
			requests = float64(n)
		}
		weight := requests / float64(n)
		buckets := make([]bucket, len(shares))
		for i := range buckets {
			buckets[i] = newBucket(limit, BurstSeconds)
		}
		refused := 0.0
		for i := range n {
			key := picks.pick(random)
			if key == len(shares) {
				continue
			}
			at := (float64(i) + 0.5) / float64(n) * seconds
			if passed := buckets[key].take(at, each, weight); passed < weight {
				if refused == 0 {
					into.From = at
				}
				refused += weight - passed
			}
		}
		into.Simulated = refused / requests
		played += n
		of += requests
	}
	play(h.Reads, h.ReadUnits, PartitionReads, &h.Reading)
	play(h.Writes, h.WriteUnits, PartitionWrites, &h.Writing)
	note := fmt.Sprintf("Simulated: %s requests over %s with seed %d; a refused request is not sent again.", numberText(float64(played)), h.Duration, h.Seed)
	if of > float64(played)+1 {
		note = fmt.Sprintf("Simulated: %s requests that stand for %s over %s, with seed %d; a refused request is not sent again.", numberText(float64(played)), numberText(of), h.Duration, h.Seed)
	}
	h.Notes = append(h.Notes, note,
		"DynamoDB may use burst capacity for its own work without notice (guide, \"Burst and adaptive capacity\"): what is refused lies between the simulated share and the sustained one.")
}

// picker draws ranks by their shares in constant time (Walker's alias method, as Vose builds it). The last stands for the rest.
type picker struct {
	keep  []float64
	alias []int
}

func newPicker(shares []float64, rest float64) *picker {
	n := len(shares) + 1
	p := &picker{make([]float64, n), make([]int, n)}
	var small, large []int
	for i := range n {
		s := rest
		if i < len(shares) {
			s = shares[i]
		}
		p.keep[i], p.alias[i] = s*float64(n), i
		if p.keep[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		low, high := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		p.alias[low] = high
		if p.keep[high] -= 1 - p.keep[low]; p.keep[high] < 1 {
			large, small = large[:len(large)-1], append(small, high)
		}
	}
	return p
}

func (p *picker) pick(random *rand.Rand) int {
	at := random.Float64() * float64(len(p.keep))
	i := int(at)
	if at-float64(i) < p.keep[i] {
		return i
	}
	return p.alias[i]
}
