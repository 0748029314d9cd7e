package runtimeapi

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// maxMemory is the most memory that a process that runs has used, in MiB; 0 where that is not known.
func maxMemory(pid int) (mib int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kib := 0
	if _, err := fmt.Sscan(after, &kib); err != nil {
		return 0
	}
	return (kib + 1023) / 1024
}

func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func killGroup(pid int) { syscall.Kill(-pid, syscall.SIGKILL) } // no such group: it is gone

func systemEnv() []string { return nil }
