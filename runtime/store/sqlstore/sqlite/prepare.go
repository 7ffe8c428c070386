package sqlite

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/batchd/terraform-provider-batch/runtime/durable"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

const fileHeader = "SQLite format 3\x00"

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
	return durable.SyncDirectory(filepath.Dir(path))
}
