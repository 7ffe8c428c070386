//go:build linux || darwin

package holder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// scratch is a directory that belongs to one attempt at a time: its working directory, if it
// names no other, and the place of its result.
type scratch struct {
	path    string
	fd      int
	private bool // it belongs to another user and is never used again
}

func (s *scratch) resultFile() string { return filepath.Join(s.path, resultName) }

// scratchPool hands out directories. One that an attempt left empty goes to the next attempt, since
// making and removing a directory costs as much as a start; any other is removed by a
// goroutine once its attempt is forgotten.
type scratchPool struct {
	root string
	// private begins the names of directories for other users, which lie in the system's directory
	// for temporary files as nobody else may enter the state directory.
	private string
	made    int
	clean   []*scratch
	trash   *queue[string]
	done    chan struct{}
	bin     sync.WaitGroup
}

// newScratchPool begins with an empty directory; what the last holder left is removed meanwhile.
func newScratchPool(stateDir, name string) (*scratchPool, error) {
	p := &scratchPool{private: "batchd-job-" + name + "-", root: filepath.Join(stateDir, scratchName), trash: newQueue[string](), done: make(chan struct{})}
	if err := os.MkdirAll(p.root, 0o700); err != nil {
		return nil, fmt.Errorf("making the scratch directory: %w", err)
	}
	old, err := os.ReadDir(p.root)
	if err != nil {
		return nil, fmt.Errorf("reading the scratch directory: %w", err)
	}
	// Numbers begin at one of our own: a holder that is still ending, of a state directory that was removed and made
	// again, removes its directories by path.
	p.made = os.Getpid() * numbersEach
	for _, e := range old {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			p.made = max(p.made, n)
		}
	}
	for _, e := range old {
		p.discard(filepath.Join(p.root, e.Name()))
	}
	lent, _ := filepath.Glob(filepath.Join(os.TempDir(), p.private+"*")) // the pattern is well formed
	for _, path := range lent {
		p.discard(path)
	}
	p.bin.Go(p.empty)
	return p, nil
}

// close removes what was thrown away and every clean directory.
func (p *scratchPool) close() {
	close(p.done)
	p.bin.Wait()
	for _, s := range p.clean {
		_ = unix.Close(s.fd)
		_ = os.Remove(s.path) // the next holder removes what stays
	}
}

// discard removes a directory some time later.
func (p *scratchPool) discard(path string) { p.trash.put(path) }

// empty removes what is thrown away.
func (p *scratchPool) empty() {
	for open := true; open; {
		select {
		case <-p.trash.bell:
		case <-p.done:
			open = false
		}
		for _, path := range p.trash.take() {
			_ = os.RemoveAll(path) // what stays is removed by the next holder
		}
	}
}

// take returns an empty directory for a process of user (empty: our own).
func (p *scratchPool) take(user string) (*scratch, error) {
	if user != "" {
		return p.takePrivate(user)
	}
	if n := len(p.clean); n > 0 {
		s := p.clean[n-1]
		p.clean = p.clean[:n-1]
		return s, nil
	}
	p.made++
	path := filepath.Join(p.root, strconv.Itoa(p.made))
	if err := os.Mkdir(path, 0o700); err != nil {
		return nil, fmt.Errorf("making a scratch directory: %w", err)
	}
	return open(path, false)
}

// takePrivate makes a directory outside the state directory, which other users cannot enter.
func (p *scratchPool) takePrivate(user string) (*scratch, error) {
	who, own, err := process.Resolve(user)
	if err != nil {
		return nil, err
	}
	if own {
		return p.take("")
	}
	path, err := os.MkdirTemp("", p.private)
	if err != nil {
		return nil, fmt.Errorf("making a scratch directory: %w", err)
	}
	if err := os.Chown(path, int(who.UID), int(who.GID)); err != nil {
		return nil, fmt.Errorf("giving a scratch directory to user %q: %w", user, err)
	}
	return open(path, true)
}

func open(path string, private bool) (*scratch, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("opening a scratch directory: %w", err)
	}
	return &scratch{path: path, fd: fd, private: private}, nil
}

// leave takes back the directory of an attempt that ended. What cannot be used again is returned as
// a path, to be thrown away when the attempt is forgotten. quiet says that no process can still write there.
func (p *scratchPool) leave(s *scratch, quiet bool) (waste string) {
	if quiet && !s.private && s.empty() {
		p.clean = append(p.clean, s)
		return ""
	}
	_ = unix.Close(s.fd)
	return s.path
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

// result reads and removes what the attempt left as its result. problem says why it cannot be taken, as far as the file
// goes; what is in it is looked at where it is received, see [Presence.Unpack].
func (s *scratch) result() (result []byte, problem string) {
	fd, err := unix.Openat(s.fd, resultName, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil, ""
	}
	if err != nil {
		return nil, fmt.Sprintf("%s: %v", resultVariable, err)
	}
	file := os.NewFile(uintptr(fd), resultName)
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, resultVariable + " is not a regular file"
	}
	_ = unix.Unlinkat(s.fd, resultName, 0) // a directory that is not empty is thrown away
	if info.Size() > batch.MaxResultBytes {
		return nil, batch.ResultTooLarge(info.Size())
	}
	return readResult(file, info.Size())
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
