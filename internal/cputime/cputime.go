//go:build unix

// Package cputime lets benchmarks report processor time, which says the same on a machine that is busy with other
// things.
package cputime

import (
	"syscall"
	"testing"
	"time"
)

// Report reports the processor time of a benchmark's loop per operation, garbage collection and all goroutines of the
// process included, as cpu-ns/op. Call it where the loop begins, and what it returns where the loop ends:
//
//	defer cputime.Report(b)()
func Report(b *testing.B) (end func()) {
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

// used is the processor time of the process so far.
func used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
