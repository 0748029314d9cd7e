package runtimeapi

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCloseEndsEverything(t *testing.T) {
	f := start(t, Config{Timeout: time.Minute, Env: []string{"PATH=/usr/bin:/bin"}})
	a, err := tell(f, "spawn", "")
	require.NoError(t, err)
	require.False(t, gone(a.PID))
	require.False(t, gone(a.Child))
	hung := make(chan error)
	go func() {
		_, err := tell(f, "hang", "")
		hung <- err
	}()
	waitBusy(t, f)
	f.Close()
	var failed *FunctionError
	require.ErrorAs(t, <-hung, &failed)
	require.Eventually(t, func() bool { return gone(a.PID) && gone(a.Child) }, time.Second, 5*time.Millisecond)
	_, err = tell(f, "echo", "")
	require.ErrorIs(t, err, ErrClosed)
}

// TestChildrenDieWithTheParent runs this test binary as a parent that is killed without a chance to clean up.
func TestChildrenDieWithTheParent(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "BE_PARENT=1", "UNRULY="+unruly)
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	var child int
	require.NoError(t, json.NewDecoder(out).Decode(&child))
	require.False(t, gone(child))
	require.NoError(t, parent.Process.Kill())
	parent.Wait()
	require.Eventually(t, func() bool { return gone(child) }, 2*time.Second, 5*time.Millisecond)
}

// gone tells whether there is no such process, or only its remains that nobody has waited for.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && strings.Contains(string(stat), ") Z ")
}
