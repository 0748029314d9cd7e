package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What the lesson's invocations still log when it is over is not among the lines that follow.
func TestLogsThatFollowTheLesson(t *testing.T) {
	var out strings.Builder
	logs := &heldLogs{to: &out}
	say := func(lines ...string) {
		for _, line := range lines {
			_, _ = logs.Write([]byte(line + "\n"))
		}
	}
	say("START RequestId: one Version: $LATEST", "its own", "END RequestId: one",
		"START RequestId: two", "END RequestId: two")
	logs.release(false)
	say("REPORT RequestId: one\tDuration: 1 ms", "START RequestId: three", "REPORT RequestId: two", "of three",
		"REPORT RequestId: three", "REPORT RequestId: one")
	assert.Equal(t, "START RequestId: three\nof three\nREPORT RequestId: three\nREPORT RequestId: one\n", out.String())
}
