package docker

import (
	"fmt"
	"os"
	"path/filepath"
)

// marker is a file that says that there may be containers of an installation, for the time in which
// the daemon cannot be asked: without it, a daemon that is not installed would have to be waited for. It holds the
// installation, because in a copy of a state directory it is about the containers of the original.
type marker struct{ path, installation string }

func newMarker(stateDir, installation string) *marker {
	return &marker{filepath.Join(stateDir, "containers"), installation}
}

// exists reports whether the file is there. One of an earlier version is empty.
func (m *marker) exists() bool {
	text, err := os.ReadFile(m.path)
	return err == nil && (len(text) == 0 || string(text) == m.installation)
}

// set makes the file, before the first container.
func (m *marker) set() error {
	if m.exists() {
		return nil
	}
	if err := os.WriteFile(m.path, []byte(m.installation), 0o600); err != nil {
		return fmt.Errorf("noting that there are containers: %w", err)
	}
	return nil
}

// clear removes the file, after the last container.
func (m *marker) clear() { _ = os.Remove(m.path) } // one too many only makes a census wait
