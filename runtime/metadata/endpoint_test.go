package metadata

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store/storetest"
)

// listen opens an endpoint and closes its listener; what it logged is returned too.
func listen(t *testing.T, file string) (e *Endpoint, logged string) {
	t.Helper()
	var log bytes.Buffer
	e, err := Listen(t.Context(), file, Options{Store: storetest.NewMemory(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Listener.Close() }) // a test may have closed it
	return e, log.String()
}

// An attempt that outlives the runtime finds the endpoint of the next one where it was told to ask, also if the file of the place was
// damaged in between: then at least attempts that start from then on do.
func TestAnEndpointIsFoundAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "metadata.json")
	attempt := batch.AttemptID{Job: anyJob, Number: 1}
	first, _ := listen(t, file)
	url := first.URL(attempt)
	if err := first.Listener.Close(); err != nil {
		t.Fatal(err)
	}
	again, logged := listen(t, file)
	if again.URL(attempt) != url || logged != "" {
		t.Errorf("%s, then %s; logged %q", url, again.URL(attempt), logged)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file with the key: %v, %v", info.Mode(), err)
	}

	other, logged := listen(t, file) // the port of again is taken
	if other.Base == again.Base || !strings.Contains(logged, "is taken") || strings.TrimPrefix(other.URL(attempt), other.Base) != strings.TrimPrefix(url, first.Base) {
		t.Errorf("beside another listener: %s, logged %q", other.URL(attempt), logged)
	}

	for _, text := range []string{"", "{", `{"port": 70000, "key": "AAAA"}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if e, logged := listen(t, file); len(e.Key) != keyBytes || logged != "" || bytes.Equal(e.Key, again.Key) {
			t.Errorf("with %q in the file: key %x, logged %q", text, e.Key, logged)
		}
	}
}
