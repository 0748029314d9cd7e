package plan

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// KeyDistribution is how requests spread over partition keys. Make one with Uniform, Zipf, Sample or SampleNamed.
type KeyDistribution struct {
	Kind     string    // "uniform", "zipf" or "sample"
	Keys     float64   // how many there are
	Exponent float64   `json:",omitempty"` // of Zipf: the key of rank r has a share in proportion to 1/r^Exponent
	Counts   []float64 `json:",omitempty"` // of a sample: how often each key was seen, falling
	Names    []string  `json:",omitempty"` // of a sample, where they may be shown
}

// Uniform spreads requests evenly over n keys.
func Uniform(n float64) KeyDistribution { return KeyDistribution{Kind: "uniform", Keys: n} }

// Zipf spreads requests over n keys so that the key of rank r has a share in proportion to 1/r^exponent. An exponent of
// 0 is uniform; about 1 is common where people choose (Zipf's law).
func Zipf(n, exponent float64) KeyDistribution {
	return KeyDistribution{Kind: "zipf", Keys: n, Exponent: exponent}
}

// Sample takes the spread from a sample of real requests: the partition key of each. Reports call the keys by their
// rank; the keys themselves are not kept. Keys too rare to be in the sample are not in the distribution either: the
// busiest ones, which matter here, are.
func Sample(keys []string) KeyDistribution {
	d := SampleNamed(keys)
	d.Names = nil
	return d
}

// SampleNamed is Sample with the keys shown in reports, where these may hold them.
func SampleNamed(keys []string) KeyDistribution {
	counts := map[string]float64{}
	for _, key := range keys {
		counts[key]++
	}
	d := KeyDistribution{Kind: "sample", Keys: float64(len(counts))}
	for name := range counts {
		d.Names = append(d.Names, name)
	}
	slices.SortFunc(d.Names, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for _, name := range d.Names {
		d.Counts = append(d.Counts, counts[name])
	}
	return d
}

// maxKeys is more partition keys than a table could hold items.
const maxKeys = 1e15

func (d *KeyDistribution) check() error {
	if !(d.Keys >= 1 && d.Keys <= maxKeys) {
		return fmt.Errorf("%v keys: there are 1 to %v", d.Keys, float64(maxKeys))
	}
	switch d.Kind {
	case "uniform":
	case "zipf":
		if !(d.Exponent >= 0 && d.Exponent <= 10) {
			return fmt.Errorf("exponent %v: it is 0 to 10", d.Exponent)
		}
	case "sample":
		if len(d.Counts) == 0 || float64(len(d.Counts)) != d.Keys || d.Names != nil && len(d.Names) != len(d.Counts) {
			return fmt.Errorf("a sample of %v keys with %d counts and %d names", d.Keys, len(d.Counts), len(d.Names))
		}
		for i, n := range d.Counts {
			if !(n > 0 && n <= maxCount) || i > 0 && n > d.Counts[i-1] {
				return fmt.Errorf("counts of a sample are positive and fall: the one of rank %d is %v", i+1, n)
			}
		}
	default:
		return fmt.Errorf("kind %q: it is uniform, zipf or sample", d.Kind)
	}
	return nil
}

// shares gives the share of requests of the key of each rank, from 1.
func (d *KeyDistribution) shares() func(rank int) float64 {
	switch d.Kind {
	case "zipf":
		sum := harmonic(d.Keys, d.Exponent)
		return func(rank int) float64 { return math.Pow(float64(rank), -d.Exponent) / sum }
	case "sample":
		sum := 0.0
		for _, n := range d.Counts {
			sum += n
		}
		return func(rank int) float64 { return d.Counts[rank-1] / sum }
	}
	return func(int) float64 { return 1 / d.Keys }
}

// harmonic is the sum of r^-s for r of 1 to n: added up at first, and then by Euler and Maclaurin's formula, whose
// error there is below 1e-12.
func harmonic(n, s float64) float64 {
	const direct = 1000
	sum := 0.0
	for r := 1.0; r <= min(n, direct); r++ {
		sum += math.Pow(r, -s)
	}
	if n <= direct {
		return sum
	}
	integral := math.Log(n / direct)
	if s != 1 {
		integral = (math.Pow(n, 1-s) - math.Pow(direct, 1-s)) / (1 - s)
	}
	slope := func(x float64) float64 { return -s * math.Pow(x, -s-1) }
	return sum + integral + (math.Pow(n, -s)-math.Pow(direct, -s))/2 + (slope(n)-slope(direct))/12
}

// name is what reports call the key of a rank.
func (d *KeyDistribution) name(rank int) string {
	switch {
	case d.Names != nil:
		return d.Names[rank-1]
	case d.Kind == "uniform":
		return "each key"
	}
	return fmt.Sprintf("key %d", rank)
}

// text says what the distribution is.
func (d *KeyDistribution) text() string {
	switch d.Kind {
	case "zipf":
		return fmt.Sprintf("Zipf with exponent %v over %s keys", d.Exponent, numberText(d.Keys))
	case "sample":
		return fmt.Sprintf("a sample with %s keys", numberText(d.Keys))
	}
	return fmt.Sprintf("uniform over %s keys", numberText(d.Keys))
}
