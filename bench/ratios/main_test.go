package main

import (
	"strings"
	"testing"
)

const sample = `goos: linux
goarch: amd64
pkg: github.com/monotable/monotable/bench
cpu: some
BenchmarkScanPage/flat/sdk-2         	      10	  20000 ns/op	  18000 cpu-ns/op	 4000 B/op	   42000 allocs/op
BenchmarkScanPage/flat/sdk-2         	      10	  99000 ns/op	  90000 cpu-ns/op	 4000 B/op	   42000 allocs/op
BenchmarkScanPage/flat/sdk-2         	      10	  10000 ns/op	   9000 cpu-ns/op	 4000 B/op	   42000 allocs/op
BenchmarkScanPage/flat/mono-table-2  	     100	   2500 ns/op	   1500 cpu-ns/op	 1000 B/op	     400 allocs/op
BenchmarkScanPage/small/floor        	     100	   2500 ns/op	   2000 cpu-ns/op
BenchmarkAlone-16                    	     100	   1e+03 ns/op	   1000 cpu-ns/op	 0 B/op	     0 allocs/op
PASS
ok  	github.com/monotable/monotable/bench	1.0s
`

func TestRatios(t *testing.T) {
	const want = `| Benchmark | Library | CPU | × less CPU | × faster | × less memory | × fewer allocations |
| --- | --- | --- | --- | --- | --- | --- |
| ScanPage/flat | sdk | 18 µs | 1.0 | 1.0 | 1.0 | 1.0 |
| ScanPage/flat | mono-table | 1.5 µs | 12.0 | 8.0 | 4.0 | 105.0 |
| ScanPage/small | floor | 2 µs |  |  |  |  |
| Alone |  | 1 µs |  |  |  |  |
`
	var got strings.Builder
	if err := run(strings.NewReader(sample), &got); err != nil {
		t.Fatal(err)
	}
	if got.String() != want {
		t.Errorf("got\n%s\ninstead of\n%s", got.String(), want)
	}
}

func TestRatiosOfWhatIsNoNumber(t *testing.T) {
	err := run(strings.NewReader("BenchmarkGet/sdk-2 100 many ns/op 1 B/op"), new(strings.Builder))
	if err == nil || !strings.Contains(err.Error(), "BenchmarkGet/sdk-2") {
		t.Errorf("got %v instead of an error that names the line", err)
	}
}

func TestMedian(t *testing.T) {
	for want, values := range map[float64][]float64{0: nil, 1: {1}, 2: {3, 1, 2}, 2.5: {4, 1, 2, 3}} {
		if got := median(values); got != want {
			t.Errorf("the median of %v is %v, not %v", values, want, got)
		}
	}
}
