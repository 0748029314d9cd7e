//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newFiles lists what lies beside a file under the names of its new ones.
func newFiles(t *testing.T, file string) []string {
	t.Helper()
	found, err := filepath.Glob(file + ".*.new")
	require.NoError(t, err)
	return found
}

// What a process that was killed left behind goes at the next start, and nothing else does.
func TestWhatAKillLeavesBehindGoes(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "data")
	require.Eventually(t, func() bool {
		process := exec.Command(self)
		process.Env = append(os.Environ(), "LOCAL_TEST_SAVES="+file)
		require.NoError(t, process.Start())
		for deadline := time.Now().Add(10 * time.Second); len(newFiles(t, file)) == 0 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		require.NoError(t, process.Process.Kill())
		require.Error(t, process.Wait())
		return len(newFiles(t, file)) > 0
	}, time.Minute, time.Millisecond, "a process was killed between writing and renaming")

	snapshot, err := os.ReadFile(newFiles(t, file)[0])
	require.NoError(t, err)
	begun := snapshot[:min(len(snapshot), 1000)]
	foreign := map[string][]byte{file + ".notes.new": begun, file + ".77.new": []byte("my novel\n"),
		file + "2.77.new":    begun,
		file + ".77.new.bak": begun, filepath.Join(filepath.Dir(file), "77.new"): begun}
	for name, text := range foreign {
		require.NoError(t, os.WriteFile(name, text, 0o600))
	}
	beingWritten := file + ".78.new"
	require.NoError(t, os.WriteFile(beingWritten, begun, 0o600))
	writer, err := os.Open(beingWritten)
	require.NoError(t, err)
	require.NoError(t, syscall.Flock(int(writer.Fd()), syscall.LOCK_EX))

	start := func() {
		_, stop := serving(t, "-data", file)
		require.NoError(t, stop())
	}
	start()
	assert.ElementsMatch(t, []string{file + ".notes.new", file + ".77.new", beingWritten}, newFiles(t, file))
	require.NoError(t, writer.Close())
	start()
	assert.ElementsMatch(t, []string{file + ".notes.new", file + ".77.new"}, newFiles(t, file))
	for name, text := range foreign {
		kept, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, text, kept, name)
	}
}
