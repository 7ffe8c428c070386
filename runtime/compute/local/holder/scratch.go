//go:build linux || darwin

package holder

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// scratch is a directory that belongs to one attempt at a time: its working directory, if it
// names no other, and the place of its result. It is held open: what is read or written there is found
// from the descriptor, and no link is followed, because whoever the directory belongs to may replace its path and
// every file in it.
type scratch struct {
	path string
	name string // in the root of its pool; empty for one that lies elsewhere
	fd   int
	id   fileID
	// Of a directory for another user, which is never used again.
	owner *process.Identity
}

// fileID is which file it is, whatever its name.
type fileID struct{ dev, ino uint64 }

func idOf(st *unix.Stat_t) fileID { return fileID{uint64(st.Dev), st.Ino} } //nolint:unconvert // it is shorter on some systems

func (s *scratch) resultFile() string { return filepath.Join(s.path, resultName) }

// openScratch opens a directory that was just made at name in the directory parent, which may be
// [unix.AT_FDCWD].
func openScratch(parent int, name, path string) (*scratch, error) {
	fd, err := unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening a scratch directory: %w", err)
	}
	s := &scratch{path: path, name: name, fd: fd}
	if s.id, err = s.pristine(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening a scratch directory: %w", err), unix.Close(fd))
	}
	return s, nil
}

func (s *scratch) close() { _ = unix.Close(s.fd) } // it was only read

// pristine returns which directory it is, and an error if it is not as it was made: ours, closed to others, without
// attributes that say more about who may enter.
func (s *scratch) pristine() (fileID, error) {
	var st unix.Stat_t
	if err := unix.Fstat(s.fd, &st); err != nil {
		return fileID{}, err
	}
	if int(st.Uid) != os.Geteuid() || st.Mode&0o7777 != 0o700 {
		return fileID{}, fmt.Errorf("it belongs to uid %d and has mode %o; expected are %d and 700", st.Uid, st.Mode&0o7777, os.Geteuid())
	}
	if n, err := unix.Fgetxattr(s.fd, defaultACL, nil); err == nil && n > 0 {
		return fileID{}, errors.New("it has an access control list")
	}
	return idOf(&st), nil
}

// defaultACL is the attribute whose rights every new file in a directory gets.
const defaultACL = "system.posix_acl_default"

// there reports whether the path still names the directory.
func (s *scratch) there() bool {
	var st unix.Stat_t
	return unix.Lstat(s.path, &st) == nil && idOf(&st) == s.id
}

// lend copies a script into a directory that was not given away yet, for a user who cannot read it where it lies.
func (s *scratch) lend(script string) (path string, err error) {
	from, err := os.Open(script)
	if err != nil {
		return "", fmt.Errorf("reading the script: %w", err)
	}
	defer func() { _ = from.Close() }() // it was only read
	fd, err := unix.Openat(s.fd, scriptName, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o500)
	if err != nil {
		return "", fmt.Errorf("copying the script: %w", err)
	}
	to := os.NewFile(uintptr(fd), scriptName)
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Chmod(0o555), to.Close()); err != nil {
		return "", fmt.Errorf("copying the script: %w", err)
	}
	return filepath.Join(s.path, scriptName), nil
}

// hand gives the directory to its owner. From here on nothing in it is trusted.
func (s *scratch) hand() error {
	if s.owner == nil {
		return nil
	}
	if err := unix.Fchown(s.fd, int(s.owner.UID), int(s.owner.GID)); err != nil {
		return fmt.Errorf("giving a scratch directory to uid %d: %w", s.owner.UID, err)
	}
	return nil
}

// empty reports whether nothing lies in the directory.
func (s *scratch) empty() bool {
	if _, err := unix.Seek(s.fd, 0, 0); err != nil {
		return false
	}
	var buf [512]byte
	n, err := unix.ReadDirent(s.fd, buf[:])
	if err != nil {
		return false
	}
	_, count, _ := unix.ParseDirent(buf[:n], -1, nil)
	return count == 0
}

// notRegular is what is wrong with a link, a pipe, a socket or a directory.
const notRegular = " is not a regular file"

// result reads and removes what the attempt left as its result. problem says why it cannot be taken, as far as the file
// goes; what is in it is looked at where it is received, see [Presence.Unpack].
func (s *scratch) result() (result []byte, problem string) {
	fd, err := unix.Openat(s.fd, resultName, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil, s.elsewhere()
	case errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENXIO): // a link, a socket
		return nil, resultVariable + notRegular
	case err != nil:
		return nil, fmt.Sprintf("%s: %v", resultVariable, err)
	}
	file := os.NewFile(uintptr(fd), resultName)
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, resultVariable + notRegular
	}
	_ = unix.Unlinkat(s.fd, resultName, 0) // a directory that is not empty is thrown away
	if info.Size() > batch.MaxResultBytes {
		return nil, batch.ResultTooLarge(info.Size())
	}
	return readResult(file, info.Size())
}

// elsewhere says of an attempt without a result whether it wrote one into a directory that it put in the place of its own.
// What lies there may be anybody's.
func (s *scratch) elsewhere() (problem string) {
	var st unix.Stat_t
	if unix.Lstat(s.resultFile(), &st) != nil {
		return ""
	}
	return resultVariable + " is not in the directory that the attempt was given: that was replaced by another"
}

func readResult(file *os.File, size int64) (result []byte, problem string) {
	if size == 0 {
		return nil, ""
	}
	text := make([]byte, size)
	if n, err := file.ReadAt(text, 0); n < len(text) {
		return nil, fmt.Sprintf("reading %s: %v", resultVariable, err)
	}
	return text, ""
}
