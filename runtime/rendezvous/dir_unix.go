//go:build unix

package rendezvous

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func checkOwner(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("state directory %s belongs to user %d, and you are user %d; choose a directory of your own with --state-dir or %s",
			path, stat.Uid, os.Geteuid(), EnvStateDir)
	}
	return nil
}

func identityOf(info fs.FileInfo) Identity {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Identity{}
	}
	return Identity{Inode: stat.Ino, Device: uint64(stat.Dev), Boot: bootID()} //nolint:unconvert,gosec // it has another type on macOS
}
