package holder

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// detachMounts takes away what a job mounted in its directory and left there, so that removing the directory does not
// remove what is mounted. It reports whether nothing is mounted there any more.
func detachMounts(dir string) bool {
	for _, point := range slices.Backward(mountsBelow(dir)) { // the last first: it may lie in another
		_ = unix.Unmount(point, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	}
	return len(mountsBelow(dir)) == 0
}

// mountsBelow lists what is mounted at or below a directory, in the order in which it was mounted.
func mountsBelow(dir string) []string {
	text, _ := os.ReadFile("/proc/self/mountinfo") // without /proc nothing is known
	var all []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		point := mountEscapes.Replace(fields[4])
		if point == dir || strings.HasPrefix(point, dir+"/") {
			all = append(all, point)
		}
	}
	return all
}

// mountEscapes are how the kernel writes what would end a field.
var mountEscapes = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
