package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestConfigurationsThatAreRefused(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err == nil { // it has no end
		done := make(chan error, 1)
		go func() {
			_, err := ReadConfig("/dev/zero")
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "more than") {
				t.Errorf("a file without end: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("a file without end is read")
		}
	}
	state := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, says string }{
		"its own file": {`{"events": {"sinks": [{"name": "a", "type": "jsonLines", "path": "batchd.db"}]}}`, "own"},
		"a secret that others can read": {
			`{"events": {"sinks": [{"name": "a", "type": "webhook", "url": "https://example.com", "secretFile": "open.secret"}]}}`, "chmod 600",
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := filepath.Join(state, configFile)
			if err := os.WriteFile(config, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			open := filepath.Join(state, "open.secret")
			if err := os.WriteFile(open, []byte(strings.Repeat("s", 32)), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(open, 0o644); err != nil {
				t.Fatal(err)
			}
			a, err := New(t.Context(), Options{StateDir: state, Listen: "127.0.0.1:0"})
			if err == nil {
				err = a.Start(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
