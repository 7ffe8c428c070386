//go:build linux || darwin

package holder

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// mark begins the names of everything that is made outside the state directory for it, and of its scratch directories.
func (i *Identity) mark() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", i.Device, i.Inode, i.Installation))
	return "job-" + hex.EncodeToString(sum[:6])
}

// same reports whether both name one directory. An installation counts once both know it.
func (i *Identity) same(other *Identity) bool {
	known := i.Installation != "" && other.Installation != ""
	return i.Device == other.Device && i.Inode == other.Inode && (!known || i.Installation == other.Installation)
}

// directory is a state directory that is held open: what the holder writes stays in it wherever it is moved.
type directory struct {
	path string // absolute, as it was when it was opened
	root *os.Root
	file *os.File // the same
	id   Identity
}

func openDirectory(path string) (*directory, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("state directory %q: %w", path, err)
	}
	d := &directory{path: path}
	if d.root, err = os.OpenRoot(path); err != nil {
		return nil, fmt.Errorf("opening the state directory: %w", err)
	}
	var st unix.Stat_t
	if d.file, err = d.root.Open("."); err == nil {
		err = unix.Fstat(int(d.file.Fd()), &st)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the state directory: %w", err), d.root.Close())
	}
	id := idOf(&st)
	d.id = Identity{Device: id.dev, Inode: id.ino, Installation: d.installation()}
	return d, nil
}

// installation reads the id of the runtime whose state directory it is: the file holds it alone, or as a member of an
// object.
func (d *directory) installation() string {
	text, _ := d.root.ReadFile(installationName) // without it the directory alone counts
	var object struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(text, &object) == nil {
		return object.ID
	}
	return strings.TrimSpace(string(text))
}

// there reports whether the path still names the directory: it may have been moved, or removed.
func (d *directory) there() bool {
	var st unix.Stat_t
	return unix.Stat(d.path, &st) == nil && idOf(&st) == fileID{d.id.Device, d.id.Inode}
}

// has reports whether there is a file of that name.
func (d *directory) has(name string) bool {
	_, err := d.root.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

func (d *directory) close() error { return errors.Join(d.file.Close(), d.root.Close()) }
