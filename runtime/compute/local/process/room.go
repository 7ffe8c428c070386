//go:build linux || darwin

package process

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// What one attempt takes of the limits of the system, and what stays for the holder and the runtime.
const (
	filesPerAttempt = 5  // of the holder: a pipe, a directory, two of a control group, and one for the moment of the start
	filesReserved   = 32 // sockets, the journal, log segments
	// filesPerContainer is of the runtime: the connection that its output comes by, and one for a moment. filesOfRuntime is what
	// stays for callers, the store and the log.
	filesPerContainer = 2
	filesOfRuntime    = 96
	tasksPerAttempt   = 2  // a shell and what it runs; what needs more is noticed when a start fails
	tasksReserved     = 64 // threads of the holder and of the runtime
)

// Room is how many attempts the limits of this process allow at once, and which of them says so; 0 if none can be read.
func Room() (attempts int32, reason string) {
	for _, limit := range []struct {
		n             int64
		each, reserve int64
		words         string
	}{
		{openFiles(), filesPerAttempt, filesReserved, "%d open files (RLIMIT_NOFILE)"},
		{userTasks(), tasksPerAttempt, tasksReserved, "%d processes of the user (RLIMIT_NPROC)"},
		{groupTasks(), tasksPerAttempt, tasksReserved, "%d processes of the control group (pids.max)"},
	} {
		if limit.n <= 0 {
			continue
		}
		n := int32(min(max((limit.n-limit.reserve)/limit.each, 1), math.MaxInt32))
		if attempts == 0 || n < attempts {
			attempts, reason = n, fmt.Sprintf(limit.words, limit.n)
		}
	}
	return attempts, reason
}

// ContainerRoom is how many containers the limits of this process allow at once, whose output it reads, and which of them says so; 0
// if none can be read.
func ContainerRoom() (attempts int32, reason string) {
	n := openFiles()
	if n <= 0 {
		return 0, ""
	}
	return int32(max((n-filesOfRuntime)/filesPerContainer, 1)), fmt.Sprintf("%d open files (RLIMIT_NOFILE)", n)
}

// openFiles is how many descriptors this process may have; 0 if there is no bound.
func openFiles() int64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return int64(limit.Cur)
}

// userTasks is how many threads the user of this process may have; 0 if there is no bound, as for root.
func userTasks() int64 {
	var limit unix.Rlimit
	if os.Geteuid() == 0 || unix.Getrlimit(unix.RLIMIT_NPROC, &limit) != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return int64(limit.Cur)
}

// groupTasks is how many threads the control group of this process, or one that it is in, may have; 0 if there is no bound.
func groupTasks() int64 {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	return leastTasks(string(text), "/sys/fs/cgroup")
}

// leastTasks finds the smallest limit of the groups that own names, which is the text of /proc/self/cgroup, and of those above them,
// where the hierarchies are mounted at root. In a container the name may be that of the host, below which nothing is mounted: the
// limit of the container then lies at the root.
func leastTasks(own, root string) (least int64) {
	for line := range strings.Lines(own) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, path, _ := strings.Cut(rest, ":")
		for _, mount := range groupMounts(controllers) {
			for dir := path; ; dir = filepath.Dir(dir) {
				if n := readTasks(filepath.Join(root, mount, dir, "pids.max")); n > 0 && (least == 0 || n < least) {
					least = n
				}
				if dir == "/" || dir == "." {
					break
				}
			}
		}
	}
	return least
}

// groupMounts is where the tree of a hierarchy with these controllers may be mounted; version 2 names none.
func groupMounts(controllers string) []string {
	switch {
	case controllers == "":
		return []string{"", "unified"}
	case strings.Contains(","+controllers+",", ",pids,"):
		return []string{"pids", controllers}
	default:
		return nil
	}
}

// readTasks reads a limit; 0 for "max" and for a file that is not there.
func readTasks(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n
}
