package rendezvous

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// lockPatience is how long Lock waits for a lock that is held: those who only look
	// whether a runtime is alive hold it for an instant.
	lockPatience = 300 * time.Millisecond
	lockRetry    = 10 * time.Millisecond
)

// Lock is the right to serve from a state directory.
type Lock struct {
	file *os.File
	dir  fs.FileInfo // the state directory
}

// HeldError says that another process serves from the directory.
type HeldError struct {
	Dir string
	PID int // 0 if it is not known
}

// Error names the holder, and what to do.
func (e *HeldError) Error() string {
	who := "another process"
	if e.PID != 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("state directory %s is in use by %s; stop it with: batchd stop --state-dir %s, or choose another directory", e.Dir, who, e.Dir)
}

// Lock takes the lock of d for this process, or returns a [*HeldError].
func (d *Dir) Lock() (*Lock, error) {
	file, err := os.OpenFile(d.File(lockFile), os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := d.await(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	dir, err := os.Stat(d.path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("state directory: %w", err), file.Close())
	}
	pid := strconv.Itoa(os.Getpid()) + "\n"
	if err := errors.Join(file.Truncate(0), writeAt(file, pid)); err != nil {
		return nil, errors.Join(fmt.Errorf("write lock: %w", err), file.Close())
	}
	return &Lock{file: file, dir: dir}, nil
}

func (d *Dir) await(file *os.File) error {
	for deadline := time.Now().Add(lockPatience); ; time.Sleep(lockRetry) {
		held, err := tryLock(file)
		if err != nil || !held {
			return err
		}
		if time.Now().After(deadline) {
			return &HeldError{Dir: d.path, PID: readPID(d.File(lockFile))}
		}
	}
}

func writeAt(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

// Unlock gives the lock back.
func (l *Lock) Unlock() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

// Path is the file that the lock is on. Whoever removes it lets a second process serve from the directory.
func (l *Lock) Path() string { return l.file.Name() }

// Lost reports whether somebody has removed or replaced the file of the lock while the state directory is in its place, so that
// another process may serve from it.
func (l *Lock) Lost() bool {
	dir, err := os.Stat(filepath.Dir(l.Path()))
	if err != nil || !os.SameFile(dir, l.dir) {
		return false
	}
	own, err := l.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(l.Path())
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(own, there)
}

// readPID returns the process named in a lock file, or 0.
func readPID(path string) int {
	text, err := readFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 1 {
		return 0
	}
	return pid
}

// Alive reports whether a process serves from the state directory at path, and which.
// A directory that does not exist has none; nothing is created.
func Alive(path string) (pid int, alive bool, err error) {
	name := (&Dir{path: path}).File(lockFile)
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look for a runtime: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	// Closing the file gives the lock back, if it was free.
	if held, err := tryLock(file); err != nil || !held {
		return 0, false, err
	}
	// The holder writes its pid right after it has the lock: none there yet is alive too.
	pid = readPID(name)
	return pid, pid == 0 || processExists(pid), nil
}
