//go:build unix

package auth

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner accepts files of this user, and of root, who can read everything anyway.
func checkOwner(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to user %d, and this is user %d; it must belong to this user or to root: chown %d %s", path, stat.Uid, os.Geteuid(), os.Geteuid(), path)
	}
	return nil
}
