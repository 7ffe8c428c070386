package holder

import (
	"time"

	"golang.org/x/sys/unix"
)

// sinceTolerance is how many milliseconds may lie between the noted moment of a start and the kernel's.
const sinceTolerance = 2000

// bootID names this boot of the machine.
func bootID() string {
	id, _ := unix.Sysctl("kern.bootsessionuuid") // without it pids are told by their times
	return id
}

// sinceBoot stands for now; here milliseconds since the epoch.
func sinceBoot() int64 { return time.Now().UnixMilli() }

// isProcess reports whether pid is a living process that began at since.
func isProcess(pid int, since int64) bool {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil || info.Proc.P_pid != int32(pid) {
		return false
	}
	began := info.Proc.P_starttime.Sec*1000 + int64(info.Proc.P_starttime.Usec)/1000
	return began >= since-sinceTolerance && began <= since+sinceTolerance
}
