package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// timesOfWrites reports whether a file's time of modification changes with each write. Windows may wait with it until the file
// is closed.
const timesOfWrites = runtime.GOOS != "windows"

// files are those that an open store consists of, and others that must stay with them. SQLite goes on writing to a file that
// has been removed, and reads what it has in memory from one that was written over, so what it committed would be
// acknowledged and lost.
type files struct {
	mu       sync.Mutex
	database file // written by checkpoints alone
	log      file // the write-ahead log, written by transactions alone
	others   []file
	gone     error // why they cannot be used; set once
}

// file is one of them, as it was found when the store was opened.
type file struct {
	path string
	info fs.FileInfo
	// least is how many bytes it has at least. The write-ahead log only grows while the store is open, and the
	// database keeps its first page.
	least int64
	grows bool
	// ours reports that nobody but the store writes to it, within [files.write]; writes is how many of these go on. While
	// there are none, its size and its time of modification stay what they were.
	ours   bool
	writes int
}

// openFiles notes the files of the database at path, which a session has open, and others beside it.
func openFiles(path string, beside []string) (*files, error) {
	f := &files{
		database: file{path: path, least: int64(len(fileHeader)), ours: timesOfWrites},
		log:      file{path: path + "-wal", grows: true, ours: timesOfWrites},
		others:   []file{{path: path + "-shm"}},
	}
	for _, other := range beside {
		f.others = append(f.others, file{path: other})
	}
	for file := range f.all {
		info, err := os.Stat(file.path)
		if err != nil {
			return nil, err
		}
		file.info = info
	}
	return f, nil
}

// all calls yield for each file until it has enough.
func (f *files) all(yield func(*file) bool) {
	if !yield(&f.database) || !yield(&f.log) {
		return
	}
	for i := range f.others {
		if !yield(&f.others[i]) {
			return
		}
	}
}

// check returns an error that wraps store.ErrGone if one of the files is not what it was. It costs about a microsecond a file.
func (f *files) check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for file := range f.all {
		if f.gone != nil {
			break
		}
		f.gone = file.check()
	}
	return f.gone
}

// write runs run, which writes to file: the database or the log. It checks all files before and after; what another program
// writes to file in between is not told from what run writes.
func (f *files) write(file *file, run func() error) error {
	if err := f.check(); err != nil {
		return err
	}
	f.count(file, 1)
	err := run()
	gone := f.check()
	f.count(file, -1)
	if gone != nil {
		return errors.Join(gone, err)
	}
	return err
}

func (f *files) count(file *file, writes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file.writes += writes
}

func (f *file) check() error {
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", store.ErrGone, err)
	case !os.SameFile(info, f.info):
		return fmt.Errorf("%w: another file is in the place of %s", store.ErrGone, f.path)
	case info.Size() < f.least:
		return fmt.Errorf("%w: %s was cut off at %d bytes", store.ErrGone, f.path, info.Size())
	case f.ours && f.writes == 0 && (info.Size() != f.info.Size() || !info.ModTime().Equal(f.info.ModTime())):
		return fmt.Errorf("%w: another program wrote to %s at %s", store.ErrGone, f.path, info.ModTime().UTC().Format(time.RFC3339))
	}
	if f.grows {
		f.least = info.Size()
	}
	f.info = info
	return nil
}
