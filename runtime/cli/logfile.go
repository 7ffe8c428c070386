package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
)

const (
	// maxLogFile is how large the log file becomes, about, before it is rotated, in bytes.
	maxLogFile = 16 << 20
	// keptLogFiles is how many rotated log files are kept: FILE.1 is the newest.
	keptLogFiles = 2
)

// logFlags open the log file: appended to, for its owner alone.
const (
	logFlags = os.O_CREATE | os.O_APPEND | os.O_WRONLY
	logMode  = 0o600
)

// logFile is a log that is rotated by size. Writes come one at a time, as slog's handlers make them, and none waits for a rotation:
// until the new file is there they go on in the one that has been renamed.
type logFile struct {
	path     string
	max      int64
	file     *os.File
	size     int64
	rotating bool
	next     atomic.Pointer[os.File] // made by a rotation, taken by the next write
	rotation sync.WaitGroup
}

func openLogFile(path string, max int64) (*logFile, error) {
	file, err := os.OpenFile(path, logFlags, logMode)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	l := &logFile{path: path, max: max, file: file}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		l.size = info.Size()
	} else { // a pipe or a device stays as it is
		l.rotating = true
	}
	return l, nil
}

// Write implements [io.Writer].
func (l *logFile) Write(line []byte) (int, error) {
	if next := l.next.Swap(nil); next != nil {
		_ = l.file.Close() // nothing is buffered in it
		l.file, l.size, l.rotating = next, 0, false
	}
	n, err := l.file.Write(line)
	if l.size += int64(n); l.size > l.max && !l.rotating {
		l.rotating = true
		l.rotation.Go(l.rotate)
	}
	return n, err
}

// rotate renames the files and makes the new one. If that fails the log goes on as it is, and the runtime's next start tries again.
func (l *logFile) rotate() {
	for i := keptLogFiles - 1; i >= 0; i-- {
		if err := os.Rename(l.numbered(i), l.numbered(i+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.complain(err)
			return
		}
	}
	next, err := os.OpenFile(l.path, logFlags, logMode)
	if err != nil {
		l.complain(err)
		return
	}
	// Standard error may be the file that was renamed: what a crash says is to be in the new one.
	_ = debug.SetCrashOutput(next, debug.CrashOptions{}) // it is on standard error in any case
	l.next.Store(next)
}

// complain says in the log that it cannot be rotated. A short write at the end of a file needs no lock.
func (l *logFile) complain(err error) {
	_, _ = fmt.Fprintf(l.file, "level=ERROR msg=%q error=%q\n", "the log cannot be rotated and goes on in one file until the next start", err)
}

func (l *logFile) numbered(i int) string {
	if i == 0 {
		return l.path
	}
	return l.path + "." + strconv.Itoa(i)
}

// Close ends the log, after which nothing may be written.
func (l *logFile) Close() error {
	l.rotation.Wait()
	var err error
	if next := l.next.Swap(nil); next != nil {
		err = next.Close()
	}
	return errors.Join(err, l.file.Close())
}
