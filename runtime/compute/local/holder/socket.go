//go:build linux || darwin

package holder

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

// listen makes the socket of stateDir. The caller holds the lock, so a socket that is there is stale.
func listen(stateDir string) (net.Listener, error) {
	path := filepath.Join(stateDir, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("removing a stale socket: %w", err)
	}
	var l *net.UnixListener
	err := withShortPath(path, func(short string) (err error) {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listening for batchd: %w", err)
	}
	l.SetUnlinkOnClose(false) // its path may be a short one that is gone
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protecting the holder's socket: %w", err), l.Close())
	}
	return l, nil
}

// dial connects to the holder of stateDir.
func dial(stateDir string) (net.Conn, error) {
	var c net.Conn
	err := withShortPath(filepath.Join(stateDir, socketName), func(short string) (err error) {
		c, err = net.DialTimeout("unix", short, dialTimeout)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, c.SetDeadline(time.Now().Add(dialTimeout))
}

// withShortPath calls use with a path to the same file that fits a socket's address. A path that
// is too long is reached through a link in a private directory, which is needed only for the call.
func withShortPath(path string, use func(short string) error) error {
	if len(path) <= maxSocketPath {
		return use(path)
	}
	private, err := os.MkdirTemp(shortTempDir(), "batchd-")
	if err != nil {
		return fmt.Errorf("making a short path to %s: %w", path, err)
	}
	defer func() { _ = os.RemoveAll(private) }() // what stays is an empty directory
	link := filepath.Join(private, "s")
	if err := os.Symlink(filepath.Dir(path), link); err != nil {
		return fmt.Errorf("making a short path to %s: %w", path, err)
	}
	return use(filepath.Join(link, filepath.Base(path)))
}

func shortTempDir() string {
	if dir := os.TempDir(); len(dir) <= maxSocketPath/2 {
		return dir
	}
	return "/tmp"
}
