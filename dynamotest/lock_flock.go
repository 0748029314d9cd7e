//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package dynamotest

import (
	"os"
	"syscall"
)

// lock takes a file's lock until the file is closed or the process ends, and says whether it could.
func lock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
