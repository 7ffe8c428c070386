package sqlstore

import (
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// files are those that an open store consists of, and others that must stay with them. SQLite goes on writing to a file that
// has been removed, so what it committed would be acknowledged and lost.
type files struct {
	mu   sync.Mutex
	all  []file
	gone error // why they cannot be used; set once
}

// file is one of them, as it was found when the store was opened.
type file struct {
	path string
	info fs.FileInfo
	// least is how many bytes it has at least. The write-ahead log only grows while the store is open, and the
	// database keeps its first page.
	least int64
	grows bool
}

// openFiles notes the files of the database at path, which a session has open, and others beside it.
func openFiles(path string, beside []string) (*files, error) {
	f := &files{all: []file{{path: path, least: int64(len(fileHeader))}, {path: path + "-wal", grows: true}, {path: path + "-shm"}}}
	for _, other := range beside {
		f.all = append(f.all, file{path: other})
	}
	for i := range f.all {
		info, err := os.Stat(f.all[i].path)
		if err != nil {
			return nil, err
		}
		f.all[i].info = info
	}
	return f, nil
}

// check returns an error that wraps store.ErrGone if one of the files is not what it was. It costs about a microsecond a file.
func (f *files) check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.all {
		if f.gone != nil {
			break
		}
		f.gone = f.all[i].check()
	}
	return f.gone
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
	}
	if f.grows {
		f.least = info.Size()
	}
	return nil
}
