// Ratios reads the output of the benchmarks on standard input and prints a Markdown table: how many times faster each
// library is than the SDK with attributevalue, and how many times less processor time, memory and allocations it needs,
// by the medians of all runs. The library is the last part of a benchmark's name; "floor" is none, but what no library
// can do without.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// figures are the values of one benchmark, by unit, one for each run.
type figures map[string][]float64

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	order, all, err := read(in)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "| Benchmark | Library | CPU | × less CPU | × faster | × less memory | × fewer allocations |")
	fmt.Fprintln(out, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, name := range order {
		group, library := name, ""
		if at := strings.LastIndexByte(name, '/'); at >= 0 {
			group, library = name[:at], name[at+1:]
		}
		f, sdk := all[name], all[group+"/sdk"]
		row := []string{group, library, fmt.Sprintf("%.4g µs", median(f["cpu-ns/op"])/1000)}
		for _, unit := range []string{"cpu-ns/op", "ns/op", "B/op", "allocs/op"} {
			cell := ""
			if sdk != nil && median(f[unit]) > 0 {
				cell = fmt.Sprintf("%.1f", median(sdk[unit])/median(f[unit]))
			}
			row = append(row, cell)
		}
		fmt.Fprintln(out, "| "+strings.Join(row, " | ")+" |")
	}
	return nil
}

// read reads lines such as "BenchmarkGet/sdk-2  100  31000 ns/op  35000 cpu-ns/op". order is that of their first
// coming.
func read(in io.Reader) (order []string, all map[string]figures, err error) {
	all = map[string]figures{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if at := strings.LastIndexByte(name, '-'); at > 0 {
			name = name[:at]
		}
		if all[name] == nil {
			order, all[name] = append(order, name), figures{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", fields[0], err)
			}
			all[name][fields[i+1]] = append(all[name][fields[i+1]], value)
		}
	}
	return order, all, lines.Err()
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
