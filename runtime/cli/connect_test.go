package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// TestARuntimeThatStartsIsWaitedFor asks for a runtime as a line does that is pasted together with 'batchd serve &': the
// runtime has not made its directory yet, then it is there and does not serve yet, then it serves.
func TestARuntimeThatStartsIsWaitedFor(t *testing.T) {
	alone(t)
	path := filepath.Join(t.TempDir(), "state")
	said := make(chan string, 1)
	go func() {
		_, stdout, stderr := batchd(t, "env", "--state-dir", path)
		said <- stdout + stderr
	}()
	<-time.After(3 * lookEvery) // so that it has looked before there is anything; that cannot be seen from here
	d, err := rendezvous.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	lock, err := d.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := lock.Unlock(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := d.Credentials(); err != nil {
		t.Fatal(err)
	}
	if err := d.WriteRuntime(rendezvous.Runtime{Endpoint: nobody, PID: os.Getpid()}); err != nil {
		t.Fatal(err)
	}
	if text := <-said; !strings.Contains(text, nobody) {
		t.Errorf("it says %q, want the endpoint %s", text, nobody)
	}
}

// TestAnAbsentRuntimeIsNamedWithItsVariable wants a variable that another shell command has set to be named: it goes before
// BATCHD_STATE_DIR, so that a new runtime of that directory is not the one that is asked.
func TestAnAbsentRuntimeIsNamedWithItsVariable(t *testing.T) {
	for _, variable := range []string{rendezvous.EnvEndpoint, rendezvous.EnvBatchEndpoint} {
		alone(t)
		t.Setenv(variable, nobody)
		code, _, stderr := batchd(t, "jobs")
		if want := nobody + " (from the environment variable " + variable + ")"; code != exitAbsent || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d, %q; want %q", code, stderr, want)
		}
	}
}
