package joblog

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// restore ends the current segment if its path does not name it any more, so that output goes to a segment that readers find: somebody
// may have removed the directory of the logs, or what is in it. A directory that was moved with the one above it is written to as
// before, because its readers move with it.
func (w *Writer) restore(now time.Time) {
	if w.file == nil || now.Before(w.lookAt) {
		return
	}
	w.lookAt = now.Add(lookEvery)
	there, err := os.Stat(segmentPath(w.dir, w.segment))
	if err == nil && os.SameFile(there, w.opened) || !w.inPlace() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roll()
}

// inPlace reports whether the directory above the logs is the one in which the writer began.
func (w *Writer) inPlace() bool {
	above, err := os.Stat(filepath.Dir(w.dir))
	return err == nil && os.SameFile(above, w.above)
}

// open opens the current segment, with disk held. A directory that was removed is made again.
func (w *Writer) open() error {
	path := segmentPath(w.dir, w.segment)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrNotExist) && w.inPlace() {
		// Another writer of this directory may make it first. What is above it is never made.
		if err = os.Mkdir(w.dir, 0o700); err == nil || errors.Is(err, fs.ErrExist) {
			file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
		}
	}
	if err != nil {
		return err
	}
	opened, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	w.file, w.opened, w.lookAt = file, opened, time.Now().Add(lookEvery)
	return nil
}
