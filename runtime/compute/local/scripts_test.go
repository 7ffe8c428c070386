//go:build linux || darwin

package local

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestFaultOfScriptsIsSaidBeforeItsEnd stores a script where that fails. That it fails is said before anybody tries whether it works
// again, so that a trial that works at once does not come first and leave the fault standing.
func TestFaultOfScriptsIsSaidBeforeItsEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // a file in the place of the directory
		t.Fatal(err)
	}
	var said []bool
	var s *scripts
	s = newScripts(dir, func(reason string) {
		if len(s.failed) > 0 {
			t.Error("it is tried already")
		}
		said = append(said, reason != "")
	})
	if _, err := s.store("true"); err == nil || s.try() {
		t.Errorf("a script is stored in a file: %v", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	<-s.failed // as watch does
	if !s.try() {
		t.Error("a script cannot be stored in a directory that can be made")
	}
	if !slices.Equal(said, []bool{true, false}) {
		t.Errorf("said %v", said)
	}
}
