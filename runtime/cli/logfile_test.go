package cli

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestTheLogIsRotated logs from many goroutines: every line is whole and, as long as enough files are kept, there.
func TestTheLogIsRotated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "batchd.log")
	const writers, lines = 8, 500
	logged := func(max int64) {
		l, err := openLogFile(path, max)
		if err != nil {
			t.Fatal(err)
		}
		logger := slog.New(slog.NewTextHandler(l, nil))
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range lines {
					logger.Info(fmt.Sprintf("line %d of %d", i, w), "padding", strings.Repeat("x", 100))
				}
			})
		}
		all.Wait()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	whole := func() (n int) {
		for i := range keptLogFiles + 1 {
			text, err := os.ReadFile((&logFile{path: path}).numbered(i))
			if err != nil {
				t.Error(err)
			}
			for line := range strings.Lines(string(text)) {
				if !strings.HasPrefix(line, "time=") || !strings.HasSuffix(line, "x\n") {
					t.Fatalf("a line in pieces: %q", line)
				}
				n++
			}
		}
		return n
	}
	const runs = 2 // of about 170 bytes a line: each has one rotation
	for range runs {
		logged(writers * lines * 150)
	}
	if n := whole(); n != runs*writers*lines {
		t.Errorf("%d lines, want %d", n, runs*writers*lines)
	}
	logged(10_000)
	whole()
	if _, err := os.Stat(path + ".3"); err == nil {
		t.Error("more files are kept than are to be")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// A log that is not a file stays what it is.
func TestALogThatIsADevice(t *testing.T) {
	l, err := openLogFile(os.DevNull, 10)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := l.Write(make([]byte, 100)); n != 100 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
