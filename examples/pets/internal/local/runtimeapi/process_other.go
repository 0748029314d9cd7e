//go:build !linux

package runtimeapi

import (
	"os"
	"runtime"
	"syscall"
)

// maxMemory is not known here.
func maxMemory(int) (mib int) { return 0 }

func ownGroup() *syscall.SysProcAttr { return nil }

func killGroup(int) {} // the process itself is killed by its handle

// systemEnv is what a program cannot start without.
func systemEnv() []string {
	if runtime.GOOS == "windows" {
		return []string{"SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
	}
	return nil
}
