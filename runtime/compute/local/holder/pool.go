//go:build linux || darwin

package holder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
	"github.com/batchd/terraform-provider-batch/runtime/fifo"
)

// scratchPool hands out directories. Each attempt has a name of its own, and no directory in which anything of
// another attempt could still be at work: one that an attempt left empty goes to the next under a new name if nothing of
// the attempt is left, since making and removing a directory costs as much as a start and renaming one nearly
// nothing. Any other is removed by a goroutine once its attempt is forgotten.
type scratchPool struct {
	state    int    // descriptor of the state directory
	root     int    // descriptor of the directory of directories
	path     string // of root
	prefix   string // begins every name: it says whose directories these are
	lent     string // path of the directory of directories for other users; empty until there is one
	made     int
	inodesAt time.Time // when the inodes are looked at again
	clean    []*scratch
	trash    *fifo.Queue[string]
	done     chan struct{}
	bin      sync.WaitGroup
}

// newScratchPool begins with an empty directory; what the last holder left is removed meanwhile.
func newScratchPool(dir *directory) (*scratchPool, error) {
	p := &scratchPool{
		state: int(dir.file.Fd()), root: -1, path: filepath.Join(dir.path, scratchName), prefix: dir.id.mark() + "-",
		trash: fifo.New[string](), done: make(chan struct{}),
	}
	if err := p.openRoot(); err != nil {
		return nil, err
	}
	old, err := os.ReadDir(p.path)
	if err != nil {
		return nil, fmt.Errorf("reading the scratch directory: %w", err)
	}
	// Numbers begin at one of our own: a holder that is still ending, of a state directory that was removed and made
	// again, removes its directories by path.
	p.made = os.Getpid() * numbersEach
	for _, e := range old {
		p.discard(filepath.Join(p.path, e.Name()))
	}
	lent, _ := filepath.Glob(filepath.Join(os.TempDir(), lentPrefix+p.prefix+"*")) // the pattern is well formed
	for _, path := range lent {
		p.discard(path)
	}
	p.bin.Go(p.empty)
	return p, nil
}

// openRoot opens the directory of directories, and makes it if it is missing.
func (p *scratchPool) openRoot() error {
	if err := unix.Mkdirat(p.state, scratchName, 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("making the scratch directory: %w", err)
	}
	fd, err := unix.Openat(p.state, scratchName, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening the scratch directory %s: %w", p.path, err)
	}
	p.closeRoot()
	p.root = fd
	return nil
}

func (p *scratchPool) closeRoot() {
	if p.root >= 0 {
		_ = unix.Close(p.root) // it was only read
	}
}

// close removes what was thrown away and every clean directory.
func (p *scratchPool) close() {
	close(p.done)
	p.bin.Wait()
	for _, s := range p.clean {
		s.close()
		_ = unix.Unlinkat(p.root, s.name, unix.AT_REMOVEDIR) // the next holder removes what stays
	}
	p.closeRoot()
	if p.lent != "" {
		_ = os.Remove(p.lent) // as above
	}
}

// discard removes a directory some time later.
func (p *scratchPool) discard(path string) { p.trash.Put(path) }

// empty removes what is thrown away.
func (p *scratchPool) empty() {
	for open := true; open; {
		select {
		case <-p.trash.Bell():
		case <-p.done:
			open = false
		}
		for _, path := range p.trash.Take() {
			remove(path)
		}
	}
}

// remove removes a directory with what is in it, but not what is mounted there. What stays is removed by the next holder.
func remove(path string) {
	if detachMounts(path) {
		_ = os.RemoveAll(path)
	}
}

// take returns an empty directory for a process of user (empty: our own). One for another user is ours until it is
// handed over.
func (p *scratchPool) take(user string) (*scratch, error) {
	if user != "" {
		who, own, err := process.Resolve(user)
		if err != nil {
			return nil, err
		}
		if !own {
			return p.makeElsewhere(&who)
		}
	}
	for n := len(p.clean); n > 0; n = len(p.clean) {
		s := p.clean[n-1]
		p.clean = p.clean[:n-1]
		if p.rename(s) {
			return s, nil
		}
		s.close()
		p.discard(s.path)
	}
	return p.make()
}

func (p *scratchPool) nextName() string {
	p.made++
	return p.prefix + strconv.Itoa(p.made)
}

// rename gives a clean directory the name of its next attempt, and reports whether that names the directory:
// somebody may have moved it, or put another in its place.
func (p *scratchPool) rename(s *scratch) bool {
	name := p.nextName()
	if unix.Renameat(p.root, s.name, p.root, name) != nil {
		return false
	}
	s.name, s.path = name, filepath.Join(p.path, name)
	return s.there()
}

// make makes a directory. The directory above is opened, and made, anew if somebody has removed or moved it.
func (p *scratchPool) make() (*scratch, error) {
	s, err := p.makeIn()
	if err != nil {
		if err = p.openRoot(); err == nil {
			s, err = p.makeIn()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("making a scratch directory in %s: %w", p.path, err)
	}
	return s, nil
}

// makeIn makes a directory in the root that is open.
func (p *scratchPool) makeIn() (*scratch, error) {
	name := p.nextName()
	if err := unix.Mkdirat(p.root, name, 0o700); err != nil {
		return nil, err
	}
	s, err := openScratch(p.root, name, filepath.Join(p.path, name))
	if err != nil {
		return nil, err
	}
	if !s.there() {
		s.close()
		return nil, errors.New("the directory above was moved or replaced")
	}
	return s, nil
}

// lentPrefix begins the names of directories for other users.
const lentPrefix = "batchd-"

// lentMode lets others through the directory that theirs are in, and keeps from them what else is there.
const lentMode = 0o711

// makeElsewhere makes a directory for another user in the system's directory for temporary files, as nobody else may
// enter the state directory. Its name cannot be guessed, nor found out by who may not list the directory that it is in.
func (p *scratchPool) makeElsewhere(who *process.Identity) (*scratch, error) {
	path, err := p.mkdirLent()
	if err != nil {
		return nil, fmt.Errorf("making a scratch directory: %w", err)
	}
	s, err := openScratch(unix.AT_FDCWD, path, path)
	if err != nil {
		return nil, err
	}
	s.name, s.owner = "", who
	return s, nil
}

func (p *scratchPool) mkdirLent() (path string, err error) {
	if p.lent != "" {
		path = filepath.Join(p.lent, rand.Text())
		if err = unix.Mkdir(path, 0o700); !errors.Is(err, unix.ENOENT) {
			return path, err
		}
	} // it is the first, or somebody has tidied up
	p.lent = filepath.Join(os.TempDir(), lentPrefix+p.prefix+rand.Text())
	if err = unix.Mkdir(p.lent, 0o700); err == nil {
		err = unix.Chmod(p.lent, lentMode) // whatever the umask is
	}
	if err != nil {
		return "", err
	}
	path = filepath.Join(p.lent, rand.Text())
	return path, unix.Mkdir(path, 0o700)
}

// leave takes back the directory of an attempt that ended. What cannot be used again is returned as
// a path, to be thrown away when the attempt is forgotten. alone says that nothing of the attempt is left.
func (p *scratchPool) leave(s *scratch, alone bool) (waste string) {
	if alone && p.reusable(s) {
		p.clean = append(p.clean, s)
		return ""
	}
	s.close()
	return s.path
}

// reusable reports whether a directory is as it was made.
func (p *scratchPool) reusable(s *scratch) bool {
	if s.owner != nil || !s.empty() {
		return false
	}
	_, err := s.pristine()
	return err == nil && s.there()
}
