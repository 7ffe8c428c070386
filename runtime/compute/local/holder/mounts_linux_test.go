package holder

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// What a job mounted in its directory is not removed with the directory.
func TestWhatIsMountedIsNotRemoved(t *testing.T) {
	precious := t.TempDir()
	file := filepath.Join(precious, "file")
	if err := os.WriteFile(file, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := testPool(t)
	s, err := p.take("")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a b", "a b/c"} {
		point := filepath.Join(s.path, name)
		if err := os.MkdirAll(point, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(precious, "c"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount(precious, point, "", unix.MS_BIND, ""); err != nil {
			t.Skip("nothing can be mounted:", err)
		}
	}
	remove(p.leave(s, true))
	if _, err := os.Stat(s.path); !os.IsNotExist(err) {
		t.Errorf("the directory is there: %v", err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "kept" {
		t.Errorf("the file is %q, %v", text, err)
	}
}
