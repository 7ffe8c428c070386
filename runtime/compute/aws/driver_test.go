package aws

import (
	"strings"
	"testing"
)

func TestAnInstallationNeedsAnID(t *testing.T) {
	for _, id := range []string{"", "two words", strings.Repeat("a", 65)} {
		if err := New(Options{Installation: id}).Open(t.Context()); err == nil || !strings.Contains(err.Error(), "installation id") {
			t.Errorf("installation %q: error %v", id, err)
		}
	}
}

func TestADriverIsOpenedOnce(t *testing.T) {
	d := New(Options{Installation: "i-1"})
	if err := d.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Open(t.Context()); err == nil {
		t.Error("a second Open succeeds")
	}
	if err := d.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
