package docker

import (
	"os"
	"testing"
)

// TestMarkerOfACopy marks containers of one installation, and looks for those of another in the same place, as in a copy.
func TestMarkerOfACopy(t *testing.T) {
	dir := t.TempDir()
	original, copied := newMarker(dir, "original"), newMarker(dir, "copy")
	if original.exists() {
		t.Error("it is there before it is set")
	}
	if err := original.set(); err != nil || !original.exists() || copied.exists() {
		t.Errorf("set %v; the original's is there: %v, the copy's: %v", err, original.exists(), copied.exists())
	}
	if err := copied.set(); err != nil || !copied.exists() {
		t.Errorf("set %v; the copy's is there: %v", err, copied.exists())
	}
	if err := os.WriteFile(copied.path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !original.exists() {
		t.Error("that of an earlier version is not seen")
	}
	original.clear()
	if original.exists() {
		t.Error("it is there after it was cleared")
	}
}
