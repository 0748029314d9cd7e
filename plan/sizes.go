package plan

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/internal/size"
)

// Sizes is how large the items of a kind are: shares of them by bytes, as Item.Size counts, without storage overhead.
// The shares add up to 1.
type Sizes []SizeShare

// SizeShare is a share of items that have one size.
type SizeShare struct {
	Bytes int
	Share float64
}

// Bytes is one size for all items.
func Bytes(n int) Sizes { return Sizes{{Bytes: n, Share: 1}} }

// SizesOf is the sizes of sample items, each counting the same.
func SizesOf(items ...monotable.Item) Sizes {
	bytes := make([]int, len(items))
	for i, item := range items {
		bytes[i] = item.Size()
	}
	return sizesOf(bytes)
}

// sizesOf counts equal sizes together.
func sizesOf(bytes []int) Sizes {
	slices.Sort(bytes)
	var sizes Sizes
	for _, n := range bytes {
		if last := len(sizes) - 1; last >= 0 && sizes[last].Bytes == n {
			sizes[last].Share++
		} else {
			sizes = append(sizes, SizeShare{n, 1})
		}
	}
	for i := range sizes {
		sizes[i].Share /= float64(len(bytes))
	}
	return sizes
}

// Percentile is a size that so many percent of the items do not exceed.
type Percentile struct {
	Percent float64
	Bytes   int
}

// Percentiles makes sizes of percentiles, in rising order, the last of which is 100: the largest item. Between two of
// them sizes are taken to be spread evenly, and below the first to be of the first one's size, so that the sizes are an
// estimate. It returns an error that names what is out of order.
func Percentiles(percentiles ...Percentile) (Sizes, error) {
	const steps = 16 // sizes between two percentiles
	var sizes Sizes
	was := Percentile{}
	for i, p := range percentiles {
		if !(p.Percent > was.Percent && p.Percent <= 100) {
			return nil, fmt.Errorf("plan: Percentiles: %v percent after %v: they rise up to 100", p.Percent,
				was.Percent)
		}
		if p.Bytes < max(1, was.Bytes) || p.Bytes > size.MaxItem {
			return nil, fmt.Errorf("plan: Percentiles: %d bytes at %v percent: sizes rise, from 1 to %d", p.Bytes,
				p.Percent, size.MaxItem)
		}
		share := (p.Percent - was.Percent) / 100
		if i == 0 || p.Bytes == was.Bytes {
			sizes = append(sizes, SizeShare{p.Bytes, share})
		} else {
			for step := range steps {
				bytes := float64(was.Bytes) + float64(p.Bytes-was.Bytes)*(float64(step)+0.5)/steps
				sizes = append(sizes, SizeShare{int(math.Round(bytes)), share / steps})
			}
		}
		was = p
	}
	if was.Percent != 100 {
		return nil, fmt.Errorf("plan: Percentiles: the last is %v percent: it must be 100, the largest item",
			was.Percent)
	}
	return sizes, nil
}

// Mean is the average size in bytes.
func (s Sizes) Mean() float64 {
	return s.expect(func(bytes int) float64 { return float64(bytes) })
}

// At is the size in bytes that the given percentage of the items, 0 to 100, does not exceed; 0 if there are none.
func (s Sizes) At(percent float64) int {
	sorted := s.sorted()
	sum := 0.0
	for _, x := range sorted {
		if sum += x.Share; sum*100 >= percent-1e-9 {
			return x.Bytes
		}
	}
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)-1].Bytes
}

func (s Sizes) min() int { return slices.MinFunc(s, bySize).Bytes }
func (s Sizes) max() int { return slices.MaxFunc(s, bySize).Bytes }

func bySize(a, b SizeShare) int { return cmp.Compare(a.Bytes, b.Bytes) }

func (s Sizes) sorted() Sizes {
	if slices.IsSortedFunc(s, bySize) {
		return s
	}
	return slices.SortedFunc(slices.Values(s), bySize)
}

// expect is the average of what each size gives.
func (s Sizes) expect(of func(bytes int) float64) float64 {
	var a average
	for _, x := range s {
		a.add(x.Share, of(x.Bytes))
	}
	return a.value()
}

// average sums shares of values. Where all values are one it is exactly that, which a sum of shares might miss by a
// bit.
type average struct {
	sum, first float64
	some, many bool
}

func (a *average) add(share, value float64) {
	if !a.some {
		a.some, a.first = true, value
	}
	a.many = a.many || value != a.first
	a.sum += share * value
}

func (a *average) value() float64 {
	if a.many {
		return a.sum
	}
	return a.first
}

// expectBoth is the average of what an item's sizes before and after a write give, where the larger before is the
// larger after.
func expectBoth(was, is Sizes, of func(was, is int) float64) float64 {
	was, is = was.sorted(), is.sorted()
	var a average
	i, j := 0, 0
	restWas, restIs := 0.0, 0.0
	for i < len(was) && j < len(is) {
		if restWas == 0 {
			restWas = was[i].Share
		}
		if restIs == 0 {
			restIs = is[j].Share
		}
		share := min(restWas, restIs)
		a.add(share, of(was[i].Bytes, is[j].Bytes))
		restWas, restIs = restWas-share, restIs-share
		if restWas <= 1e-12 {
			restWas, i = 0, i+1
		}
		if restIs <= 1e-12 {
			restIs, j = 0, j+1
		}
	}
	return a.value()
}

// check says what is wrong with sizes, "" for nothing.
func (s Sizes) check() string {
	if len(s) == 0 {
		return "has no sizes"
	}
	sum := 0.0
	for _, x := range s {
		if x.Bytes < 1 || x.Bytes > size.MaxItem {
			return fmt.Sprintf("has a size of %d bytes: an item has 1 to %d", x.Bytes, size.MaxItem)
		}
		if !(x.Share > 0 && x.Share <= 1) {
			return fmt.Sprintf("has a share of sizes of %v: it is more than 0 and at most 1", x.Share)
		}
		sum += x.Share
	}
	if math.Abs(sum-1) > 1e-6 {
		return fmt.Sprintf("has shares of sizes that add up to %v, not 1", sum)
	}
	return ""
}
