package events

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/durable"
)

// jsonLines appends events to a file, one a line, and rotates it by size: FILE, FILE.1, FILE.2, … from new to old.
type jsonLines struct {
	path string
	max  int64 // bytes
	keep int
	file *os.File // nil until it is needed
	size int64    // of file: whole lines
}

func newJSONLines(c *SinkConfig) *jsonLines {
	return &jsonLines{path: c.Path, max: cmp.Or(c.MaxMiB, defaultFileMiB) << 20, keep: cmp.Or(c.Keep, defaultKeep)}
}

// deliver implements [sink]: what it has taken is on the disk.
func (l *jsonLines) deliver(_ context.Context, told []wire.Event) (int, error) {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	for i := range told {
		if err := lines.Encode(&told[i]); err != nil {
			return len(told), fmt.Errorf("encoding an event: %w", err)
		}
	}
	if err := l.append(text.Bytes()); err != nil {
		return len(told), errors.Join(err, l.close()) // it is opened again, which takes away what was half written
	}
	return len(told), nil
}

func (l *jsonLines) append(text []byte) error {
	if l.file != nil && !l.isThere() {
		if err := l.close(); err != nil {
			return err
		}
	}
	if l.file == nil {
		if err := l.open(); err != nil {
			return err
		}
	}
	if l.size > 0 && l.size+int64(len(text)) > l.max {
		if err := l.rotate(); err != nil {
			return err
		}
	}
	if _, err := l.file.Write(text); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.size += int64(len(text))
	return nil
}

// isThere reports whether the open file still has its name; somebody may have moved or removed it.
func (l *jsonLines) isThere() bool {
	named, err := os.Stat(l.path)
	if err != nil {
		return false
	}
	opened, err := l.file.Stat()
	return err == nil && os.SameFile(named, opened)
}

// open opens the file and cuts off a line that was not written to its end: it will be told again.
func (l *jsonLines) open() error {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	size, err := wholeLines(file)
	if err == nil {
		err = file.Truncate(size)
	}
	if err == nil {
		_, err = file.Seek(size, io.SeekStart)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("finding the last line of %s: %w", l.path, err), file.Close())
	}
	l.file, l.size = file, size
	return nil
}

// wholeLines returns how many bytes of a file end with a line's end.
func wholeLines(file *os.File) (int64, error) {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	block := make([]byte, 64<<10)
	for end > 0 {
		from := max(end-int64(len(block)), 0)
		part := block[:end-from]
		if _, err := file.ReadAt(part, from); err != nil {
			return 0, err
		}
		if at := bytes.LastIndexByte(part, '\n'); at >= 0 {
			return from + int64(at) + 1, nil
		}
		end = from
	}
	return 0, nil
}

// rotate moves every file one place on; the last one goes, and so do those that an earlier configuration kept. What it has done is on the disk.
func (l *jsonLines) rotate() error {
	if err := l.close(); err != nil {
		return err
	}
	for i := l.keep - 1; i >= 0; i-- {
		if err := os.Rename(l.numbered(i), l.numbered(i+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for i := l.keep + 1; i <= maxKeep; i++ {
		if err := os.Remove(l.numbered(i)); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return err
		}
	}
	return errors.Join(l.open(), durable.SyncDirectory(filepath.Dir(l.path)))
}

func (l *jsonLines) numbered(i int) string {
	if i == 0 {
		return l.path
	}
	return l.path + "." + strconv.Itoa(i)
}

// close implements [sink].
func (l *jsonLines) close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
