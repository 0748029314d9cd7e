package runtimeapi

import (
	"errors"
	"fmt"
	"time"
)

// begun is Lambda's line before an invocation.
func (e *environment) begun(inv *invocation) {
	e.process.Log("START RequestId: " + inv.id + " Version: $LATEST")
}

// ended are Lambda's lines after one (Lambda guide, "Working with Lambda function logs"). The Init phase is reported
// with the first, and billed with it.
func (e *environment) ended(inv *invocation, took time.Duration, err error) {
	init := e.initTook
	e.initTook = 0
	memory := max(e.memory, maxMemory(e.process.Pid()))
	e.memory = memory
	report := fmt.Sprintf("REPORT RequestId: %s\tDuration: %s ms\tBilled Duration: %d ms\tMemory Size: %d MB",
		inv.id, inMilliseconds(took), billed(init+took), e.config.MemorySize)
	if memory > 0 {
		report += fmt.Sprintf("\tMax Memory Used: %d MB", memory)
	}
	if init > 0 {
		report += fmt.Sprintf("\tInit Duration: %s ms", inMilliseconds(init))
	}
	report += "\t"
	var exit *FunctionError
	exited := errors.As(err, &exit) && exit.Type == exitError
	switch {
	case errors.Is(err, ErrTimeout):
		e.process.Log(fmt.Sprintf("%s %s Task timed out after %.2f seconds",
			time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), inv.id, took.Seconds()))
		e.process.Log("")
		report += "Status: timeout"
	case exited:
		report += "Status: error\tError Type: " + exitError
	}
	e.process.Log("END RequestId: " + inv.id)
	e.process.Log(report)
	if exited {
		e.process.Log("RequestId: " + inv.id + " Error: Runtime exited with error: " + e.process.State())
		e.process.Log(exitError)
	}
}

// exitError is the type of the error of a process that ended.
const exitError = "Runtime.ExitError"

func inMilliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000)
}

// billed is a time in milliseconds, begun ones too.
func billed(d time.Duration) int64 { return (d + time.Millisecond - 1).Milliseconds() }
