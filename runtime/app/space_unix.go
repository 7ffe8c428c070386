//go:build linux || darwin

package app

import "golang.org/x/sys/unix"

// freeBytes returns how much may still be written to the file system of path.
func freeBytes(path string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return 0, err
	}
	return stat.Bavail * uint64(stat.Bsize), nil
}
