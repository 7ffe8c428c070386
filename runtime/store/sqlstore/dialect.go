package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"modernc.org/sqlite" // the driver named below
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// This file is all that is SQLite's own. Every other statement is SQL that PostgreSQL
// understands too, but for its placeholders.

const (
	driverName = "sqlite"
	beginWrite = "BEGIN IMMEDIATE"
	beginRead  = "BEGIN"
	fileHeader = "SQLite format 3\x00"
)

var (
	commonPragmas = []string{
		fmt.Sprintf("PRAGMA busy_timeout = %d", busyTimeout.Milliseconds()),
		"PRAGMA temp_store = MEMORY",
	}
	// writerPragmas make every commit durable before it returns. The order matters:
	// auto_vacuum is fixed by the first write.
	writerPragmas = append(commonPragmas[:len(commonPragmas):len(commonPragmas)],
		"PRAGMA auto_vacuum = INCREMENTAL",
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		"PRAGMA wal_autocheckpoint = 0",
		fmt.Sprintf("PRAGMA cache_size = -%d", writerCacheKiB),
	)
	readerPragmas = append(commonPragmas[:len(commonPragmas):len(commonPragmas)],
		"PRAGMA query_only = ON",
		"PRAGMA wal_autocheckpoint = 0",
		fmt.Sprintf("PRAGMA cache_size = -%d", readerCacheKiB),
	)
	upkeepPragmas = append(commonPragmas[:len(commonPragmas):len(commonPragmas)], "PRAGMA synchronous = FULL")
)

// functionIsResult is a function of SQL that says whether a stored result is one; a migration uses it.
const functionIsResult = "is_result"

func init() {
	sqlite.MustRegisterDeterministicScalarFunction(functionIsResult, 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		body, _ := args[0].([]byte)
		return bit(batch.CheckResult(body) == ""), nil
	})
}

// dataSource names the file at path, which must exist: a session never makes one.
func dataSource(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "mode=rw"}).String()
}

// prepareFile makes the file if it is not there, so that only its owner can read it, and
// checks what is there. It returns its size.
func prepareFile(path string) (size int64, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() == 0 {
		return 0, checkNew(path)
	}
	header := make([]byte, len(fileHeader))
	if n, err := io.ReadFull(file, header); err != nil || string(header) != fileHeader {
		return 0, fmt.Errorf("%w: it begins with %q, not with the header of an SQLite database", store.ErrCorrupt, header[:n])
	}
	return info.Size(), nil
}

// checkNew refuses an empty file beside a log with content: SQLite would drop the log.
func checkNew(path string) error {
	log, err := os.Stat(path + "-wal")
	if err == nil && log.Size() > 0 {
		return fmt.Errorf("%w: it is empty, but its log %s-wal is not", store.ErrCorrupt, path)
	}
	return syncDirectory(filepath.Dir(path))
}

// syncDirectory makes a new file's name durable, where directories can be synced.
func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, os.ErrPermission) {
		return errors.Join(err, dir.Close())
	}
	return dir.Close()
}

// quickCheck reads the whole file and looks for damage.
func (s *session) quickCheck(ctx context.Context) error {
	var found []string
	err := s.each(ctx, "PRAGMA quick_check(3)", nil, func(rows *sql.Rows) error {
		var line string
		err := rows.Scan(&line)
		found = append(found, line)
		return err
	})
	if err != nil {
		return err
	}
	if len(found) == 1 && found[0] == "ok" {
		return nil
	}
	return fmt.Errorf("%w: %s", store.ErrCorrupt, strings.Join(found, "; "))
}

// empty reports whether the database holds no table at all.
func (s *session) empty(ctx context.Context) (bool, error) {
	var tables int
	_, err := s.one(ctx, "SELECT count(*) FROM sqlite_master", nil, &tables)
	return tables == 0, err
}

func (s *session) hasTable(ctx context.Context, name string) (bool, error) {
	var tables int
	_, err := s.one(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", []any{name}, &tables)
	return tables > 0, err
}

// classify adds the sentinel that err means, and what to do about it.
func classify(path string, err error) error {
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
			"then put a backup in their place or start with an empty state directory", err, filepath.Base(path))
	case code == sqlite3.SQLITE_FULL, errors.Is(err, syscall.ENOSPC),
		code == sqlite3.SQLITE_IOERR && freeBytes(filepath.Dir(path)) < minFreeBytes:
		return fmt.Errorf("%w: %w; make room on the file system of %s", store.ErrFull, err, filepath.Dir(path))
	}
	return err
}

var vacuumStatement = fmt.Sprintf("PRAGMA incremental_vacuum(%d)", vacuumStep)
