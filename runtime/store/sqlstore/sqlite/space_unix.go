//go:build linux || darwin || freebsd

package sqlite

import (
	"math"

	"golang.org/x/sys/unix"
)

// freeBytes says how much may still be written to the file system of dir; a lot if that
// cannot be found out.
func freeBytes(dir string) uint64 {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return math.MaxUint64
	}
	return uint64(stat.Bavail) * uint64(stat.Bsize) //nolint:unconvert // their types differ between systems
}
