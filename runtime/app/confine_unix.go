//go:build linux || darwin

package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// confined returns as whom processes run, and an error if those users could come at the state directory or the key of the
// certificate; the other files of secrets are checked where they are read.
func (o *Options) confined(stateDir string) (process.RunAs, error) {
	as, err := process.ParseRunAs(o.RunAs)
	if err != nil || o.RunAs == "" {
		return as, wrapRunAs(err)
	}
	users, groups, err := as.Check()
	if err == nil && o.TLSKey != "" {
		err = secretFrom(users, groups, o.TLSKey)
	}
	if err != nil {
		return as, wrapRunAs(err)
	}
	for dir := filepath.Clean(stateDir); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil {
			err = closedTo(users, groups, info)
		}
		if err != nil {
			return as, wrapRunAs(fmt.Errorf("the state directory must be out of reach of these users, and %s is not: %w", dir, err))
		}
		if dir == filepath.Dir(dir) {
			return as, nil
		}
	}
}

// secretFrom returns an error if one of the users may read a file.
func secretFrom(users, groups process.UserRange, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if mode := info.Mode().Perm(); !ok || users.Includes(stat.Uid) || mode&0o004 != 0 || mode&0o040 != 0 && groups.Includes(stat.Gid) {
		return fmt.Errorf("jobs could read %s (mode %04o): chmod 600 %s, and make it anew if it may have been read", path, mode, path)
	}
	return nil
}

func wrapRunAs(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("--run-as: %w", err)
}

// closedTo returns an error if one of the users may put something else in the place of what is in a directory. In one with the
// sticky bit, such as /tmp, only the owner may.
func closedTo(users, groups process.UserRange, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	mode := info.Mode()
	switch {
	case !ok:
		return errors.New("the system does not say whose it is")
	case users.Includes(stat.Uid):
		return fmt.Errorf("it belongs to user %d", stat.Uid)
	case mode.Perm()&0o020 != 0 && groups.Includes(stat.Gid) && mode&fs.ModeSticky == 0:
		return fmt.Errorf("group %d may change what is in it (mode %04o)", stat.Gid, mode.Perm())
	case mode.Perm()&0o002 != 0 && mode&fs.ModeSticky == 0:
		return fmt.Errorf("everybody may change what is in it (mode %04o)", mode.Perm())
	}
	return nil
}
