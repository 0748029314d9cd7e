//go:build unix

package engine

import (
	"syscall"
	"testing"
	"time"
)

// reportCPU reports the processor time of a benchmark's loop, garbage collection included, which says the same on a machine
// that is busy with other things. Call it where the loop begins and what it returns where the loop ends.
func reportCPU(b *testing.B) (end func()) {
	before := cpuTime()
	return func() { b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op") }
}

// cpuTime is the processor time of the process so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
