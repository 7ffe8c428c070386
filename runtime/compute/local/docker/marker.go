package docker

import (
	"fmt"
	"os"
	"path/filepath"
)

// marker is a file that says that there may be containers of this installation, for the time in which
// the daemon cannot be asked: without it, a daemon that is not installed would have to be waited for.
type marker struct{ path string }

func newMarker(stateDir string) *marker { return &marker{filepath.Join(stateDir, "containers")} }

func (m *marker) exists() bool {
	_, err := os.Stat(m.path)
	return err == nil
}

// set makes the file, before the first container.
func (m *marker) set() error {
	if m.exists() {
		return nil
	}
	if err := os.WriteFile(m.path, nil, 0o600); err != nil {
		return fmt.Errorf("noting that there are containers: %w", err)
	}
	return nil
}

// clear removes the file, after the last container.
func (m *marker) clear() { _ = os.Remove(m.path) } // one too many only makes a census wait
