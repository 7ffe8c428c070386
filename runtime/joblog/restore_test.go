package joblog

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// lookNow has the next flush look whether its segment is in place.
func lookNow(w *Writer) {
	w.disk.Lock()
	defer w.disk.Unlock()
	w.lookAt = time.Time{}
}

// TestLogsRemovedWhileWritten removes the directory of the logs, or what is in it. What an attempt writes afterwards is found.
func TestLogsRemovedWhileWritten(t *testing.T) {
	for name, remove := range map[string]func(dir string) error{
		"directory": os.RemoveAll,
		"segments": func(dir string) error {
			return os.Remove(segmentPath(dir, 1))
		},
		"replaced": func(dir string) error {
			if err := os.Rename(dir, dir+".old"); err != nil {
				return err
			}
			return os.Mkdir(dir, 0o700)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "logs")
			w := open(t, dir)
			s := w.Stream(attempt("a"))
			s.Write([]byte("before\n"))
			w.Flush()
			if err := remove(dir); err != nil {
				t.Fatal(err)
			}
			lookNow(w)
			s.Write([]byte("after\n"))
			span := s.Span()
			if span.Dropped != 0 || w.Err() != nil {
				t.Errorf("span %+v, %v", span, w.Err())
			}
			if got := readAll(t, dir, attempt("a"), span.From, span.To, 10); !slices.Equal(got, []string{"after"}) {
				t.Errorf("read %q", got)
			}
		})
	}
}

// TestLogsMovedWhileWritten moves the directory above the logs, as a state directory is moved, and puts another in its place. Output
// stays together, where it was moved to, and nothing is made in the other.
func TestLogsMovedWhileWritten(t *testing.T) {
	for _, again := range []bool{false, true} {
		state, moved := filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "moved")
		w := open(t, filepath.Join(state, "logs"))
		s := w.Stream(attempt("a"))
		s.Write([]byte("before\n"))
		w.Flush()
		if err := os.Rename(state, moved); err != nil {
			t.Fatal(err)
		}
		if again {
			if err := os.Mkdir(state, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		lookNow(w)
		s.Write([]byte("after\n"))
		if got := readAll(t, filepath.Join(moved, "logs"), attempt("a"), s.From(), s.Span().To, 10); !slices.Equal(got, []string{"before", "after"}) {
			t.Errorf("read %q", got)
		}
		if _, err := os.Stat(filepath.Join(state, "logs")); err == nil {
			t.Error("a directory of logs was made in another state directory")
		}
	}
}

// TestLogsRemovedBeforeTheFirstOutput has no segment to miss.
func TestLogsRemovedBeforeTheFirstOutput(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	w := open(t, dir)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	s := w.Stream(attempt("a"))
	s.Write([]byte("first\n"))
	if got := readAll(t, dir, attempt("a"), s.From(), s.Span().To, 10); !slices.Equal(got, []string{"first"}) {
		t.Errorf("read %q", got)
	}
}

// TestWritersShareADirectoryThatIsRemoved has several writers come to a directory that was removed at once: one of them makes it
// again, and no output of the others is lost.
func TestWritersShareADirectoryThatIsRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	streams := make([]*Stream, 8)
	for i := range streams {
		w, err := OpenWriter(dir, Series(i))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		streams[i] = w.Stream(attempt("a"))
	}
	for range 100 {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, s := range streams {
			lookNow(s.w)
			all.Go(func() {
				s.Write([]byte("line\n"))
				if span := s.Span(); span.Dropped != 0 {
					t.Errorf("%d bytes were dropped: %v", span.Dropped, s.w.Err())
				}
			})
		}
		all.Wait()
	}
}
