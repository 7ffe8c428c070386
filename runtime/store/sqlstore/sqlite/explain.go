package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

var errNoPath = errors.New("no path given; name the database file")

// Explain adds the sentinel that err means, and what to do about it.
func (d *Database) Explain(err error) error {
	code := 0
	var failure *sqlite.Error
	if errors.As(err, &failure) {
		code = failure.Code() & 0xff
	}
	switch {
	case errors.Is(err, store.ErrGone):
		return err
	case errors.Is(err, store.ErrCorrupt), code == sqlite3.SQLITE_CORRUPT, code == sqlite3.SQLITE_NOTADB:
		if !errors.Is(err, store.ErrCorrupt) {
			err = fmt.Errorf("%w: %w", store.ErrCorrupt, err)
		}
		return fmt.Errorf("%w; stop batchd, move %s and the files beside it that begin with its name away, "+
			"then put a backup in their place or start with an empty state directory", err, filepath.Base(d.path))
	case code == sqlite3.SQLITE_FULL, errors.Is(err, syscall.ENOSPC),
		code == sqlite3.SQLITE_IOERR && freeBytes(filepath.Dir(d.path)) < minFreeBytes:
		return fmt.Errorf("%w: %w; make room on the file system of %s", store.ErrFull, err, filepath.Dir(d.path))
	}
	return err
}
