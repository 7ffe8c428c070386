package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// TestFilesThatGo takes the files of a serving runtime away. Nothing is accepted from then on, whether a command or the watch
// meets it first, and submissions, the health check and doctor say so.
func TestFilesThatGo(t *testing.T) {
	for name, lose := range map[string]func(dir string) error{
		"the directory is removed":  os.RemoveAll,
		"the directory is moved":    func(dir string) error { return os.Rename(dir, dir+".moved") },
		"the directory is replaced": func(dir string) error { return errors.Join(os.Rename(dir, dir+".moved"), os.Mkdir(dir, 0o700)) },
		"the database is removed":   func(dir string) error { return os.Remove(filepath.Join(dir, "batchd.db")) },
		"the database is emptied":   func(dir string) error { return os.Truncate(filepath.Join(dir, "batchd.db"), 0) },
		"the lock is removed":       func(dir string) error { return os.Remove(filepath.Join(dir, "lock")) },
	} {
		for _, first := range []string{"a command meets it", "the watch meets it"} {
			t.Run(name+", "+first, func(t *testing.T) {
				o := options(t)
				o.StateDir = filepath.Join(t.TempDir(), "state")
				a := start(t, o)
				furnish(t, dial(t, o.StateDir), "anything")
				c := once(t, o.StateDir)
				if err := lose(o.StateDir); err != nil {
					t.Fatal(err)
				}
				if first == "the watch meets it" {
					awaitUnhealthy(t, a)
				}
				for i := range 2 {
					_, err := c.SubmitJob(t.Context(), &wire.SubmitJobRequest{JobName: "j", JobQueue: "work", JobDefinition: "task"})
					if err == nil {
						t.Error("a submission is acknowledged")
					} else if i == 1 && !strings.Contains(err.Error(), "start the runtime again") {
						t.Errorf("submission: %v", err)
					}
				}
				awaitUnhealthy(t, a)
				checks, err := c.Doctor(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				failed := map[string]string{}
				for _, check := range checks.Checks {
					if check.Status == wire.CheckFail {
						failed[check.Name] = check.Detail + check.Remedy
					}
				}
				if failed["scheduler"] == "" || !strings.Contains(failed["state directory"], "put the files back") {
					t.Errorf("doctor = %+v", checks)
				}
			})
		}
	}
}

// TestADatabaseThatIsWrittenOver writes to the database of a serving runtime as `cp` over it does, again until the runtime has
// seen it: it does not see what falls into a moment in which it writes there itself.
func TestADatabaseThatIsWrittenOver(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no dependable time of modification there")
	}
	o := options(t)
	a := start(t, o)
	furnish(t, dial(t, o.StateDir), "anything")
	c := once(t, o.StateDir)
	path := filepath.Join(o.StateDir, "batchd.db")
	earlier, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	awaitUnhealthy(t, a, func() error {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.WriteAt(earlier, 0)
		return errors.Join(err, file.Close())
	})
	_, err = c.SubmitJob(t.Context(), &wire.SubmitJobRequest{JobName: "j", JobQueue: "work", JobDefinition: "task"})
	if err == nil || !strings.Contains(err.Error(), "written to by another program") || !strings.Contains(err.Error(), "start the runtime again") {
		t.Errorf("a submission after it: %v", err)
	}
}

// watched is a driver that tells when it is closed.
type watched struct {
	app.Driver
	closed chan struct{}
}

func (w *watched) Close(ctx context.Context) error {
	close(w.closed)
	return w.Driver.Close(ctx)
}

// TestLockThatGoes takes the lock of a serving runtime away, before or after a file of its store, so that another can serve from
// the directory: it lets go of its driver, once. A runtime whose directory has gone keeps it, because its jobs go on.
func TestLockThatGoes(t *testing.T) {
	for _, files := range [][]string{{"lock"}, {"batchd.db", "lock"}} {
		o := options(t)
		w := &watched{o.Driver, make(chan struct{})}
		o.Driver = w
		a := start(t, o)
		for _, file := range files {
			if err := os.Remove(filepath.Join(o.StateDir, file)); err != nil {
				t.Fatal(err)
			}
			awaitUnhealthy(t, a)
		}
		select {
		case <-w.closed:
		case <-time.After(20 * time.Second):
			t.Fatalf("without %q the driver is not closed", files)
		}
	}

	o := options(t)
	o.StateDir = filepath.Join(t.TempDir(), "state")
	w := &watched{o.Driver, make(chan struct{})}
	o.Driver = w
	a := start(t, o)
	if err := os.Rename(o.StateDir, o.StateDir+".moved"); err != nil {
		t.Fatal(err)
	}
	awaitUnhealthy(t, a)
	select {
	case <-w.closed:
		t.Error("the driver is closed")
	default:
	}
}

// once returns a client of the administrator that repeats nothing.
func once(t *testing.T, stateDir string) *client.Client {
	t.Helper()
	target, err := rendezvous.Find("", stateDir, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return as(t, target.Endpoint, &wire.CreateKeyResponse{AccessKeyID: target.Credentials.AccessKeyID, SecretAccessKey: target.Credentials.SecretAccessKey})
}

// awaitUnhealthy waits until the health check answers that the runtime does not work. Before each look it does again what may lead to that.
func awaitUnhealthy(t *testing.T, a *app.App, again ...func() error) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-look.C {
		for _, do := range again {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := http.Get(a.Endpoint() + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode == http.StatusServiceUnavailable {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("healthz says %d %s, want %d", answer.StatusCode, text, http.StatusServiceUnavailable)
		}
	}
}

// TestAnotherRuntimeInTheOldPlace starts a runtime where the directory of another was: when that one ends, the new one is
// still found.
func TestAnotherRuntimeInTheOldPlace(t *testing.T) {
	o := options(t)
	o.StateDir = filepath.Join(t.TempDir(), "state")
	old := start(t, o)
	if err := os.Rename(o.StateDir, o.StateDir+".moved"); err != nil {
		t.Fatal(err)
	}
	next := rendezvous.Runtime{Endpoint: "http://127.0.0.1:1", PID: os.Getpid() + 1, Version: "next", Region: "us-east-1"}
	dir, err := rendezvous.Open(o.StateDir)
	if err == nil {
		err = dir.WriteRuntime(next)
	}
	if err != nil {
		t.Fatal(err)
	}
	stop(t, old)
	if got, err := rendezvous.ReadRuntime(o.StateDir); err != nil || got.Version != "next" {
		t.Errorf("the runtime in the old place is %+v, %v", got, err)
	}
}

// TestIdleWithoutAStore lets a runtime with an unfinished job lose its store: it ends when nobody holds a lease.
func TestIdleWithoutAStore(t *testing.T) {
	o := options(t)
	o.IdleTimeout = 2 * time.Second // a busy machine, too, asks for the lease sooner
	o.StateDir = filepath.Join(t.TempDir(), "state")
	a := start(t, o)
	c := dial(t, o.StateDir)
	lease, err := c.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	furnish(t, c, "manual")
	if _, err := c.SubmitJob(t.Context(), &wire.SubmitJobRequest{JobName: "j", JobQueue: "work", JobDefinition: "task"}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(o.StateDir); err != nil {
		t.Fatal(err)
	}
	awaitUnhealthy(t, a)
	lease.Close()
	select {
	case <-a.Done():
	case <-time.After(20 * time.Second):
		t.Error("it waits for a job that it cannot get any further")
	}
}

// TestAnInstallationHasADatabase takes the database from a directory in which jobs have been recorded: that is not where a new
// runtime begins.
func TestAnInstallationHasADatabase(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"is empty":       func(path string) error { return os.Truncate(path, 0) },
		"does not exist": os.Remove,
	} {
		o := options(t)
		stop(t, start(t, o))
		if err := lose(filepath.Join(o.StateDir, "batchd.db")); err != nil {
			t.Fatal(err)
		}
		_, err := app.New(t.Context(), anew(o))
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "put back a backup") {
			t.Errorf("a database that %s: %v", name, err)
		}
		if info, err := os.Stat(filepath.Join(o.StateDir, "batchd.db")); err == nil && info.Size() > 0 {
			t.Errorf("a database that %s was made anew", name)
		}
	}
}

// TestCachesAreMadeAnew damages the files that only save trouble.
func TestCachesAreMadeAnew(t *testing.T) {
	for _, file := range []string{"port", "metadata.json", "runtime.json"} {
		for _, text := range []string{"", "\x00\x00\x00", "{", `{"port":4567,"key":"c2hvcnQ="}`, `{"port":-1}`} {
			o := options(t)
			stop(t, start(t, o))
			path := filepath.Join(o.StateDir, file)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			start(t, anew(o))
			if kept, err := os.ReadFile(path); err != nil || string(kept) == text {
				t.Errorf("%s with %q is %q afterwards (%v)", file, text, kept, err)
			}
		}
	}
}

// TestACopyIsAnInstallationOfItsOwn copies and moves a state directory: the copy shares neither its id, under which containers
// are found again, nor its ports with the original, and what was moved keeps them.
func TestACopyIsAnInstallationOfItsOwn(t *testing.T) {
	o := options(t)
	o.StateDir = filepath.Join(t.TempDir(), "original")
	a := start(t, o)
	endpoint, id := a.Endpoint(), installationID(t, o.StateDir)
	place := read(t, o.StateDir, "metadata.json")
	stop(t, a)

	copied := anew(o)
	copied.StateDir = filepath.Join(t.TempDir(), "copy")
	if text, err := exec.Command("cp", "-a", o.StateDir, copied.StateDir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	b := start(t, copied)
	if got := installationID(t, copied.StateDir); got == id || got == "" {
		t.Errorf("the id of the copy is %q, of the original %q", got, id)
	}
	if b.Endpoint() == endpoint || read(t, copied.StateDir, "metadata.json") == place {
		t.Errorf("the copy serves at %s like the original, or answers attempts for it", endpoint)
	}

	moved := anew(o)
	moved.StateDir = filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(o.StateDir, moved.StateDir); err != nil {
		t.Fatal(err)
	}
	c := start(t, moved)
	if got := installationID(t, moved.StateDir); got != id || c.Endpoint() != endpoint || read(t, moved.StateDir, "metadata.json") != place {
		t.Errorf("what was moved has id %q at %s; want %q at %s", got, c.Endpoint(), id, endpoint)
	}
}

// TestAnInstallationOfAnEarlierVersion has an id and no directory: it keeps the id.
func TestAnInstallationOfAnEarlierVersion(t *testing.T) {
	o := options(t)
	stop(t, start(t, o))
	if err := os.WriteFile(filepath.Join(o.StateDir, "installation"), []byte("abcdefgh12345678\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, anew(o))
	if got := installationID(t, o.StateDir); got != "abcdefgh12345678" {
		t.Errorf("the id became %q", got)
	}
}

func installationID(t *testing.T, stateDir string) string {
	t.Helper()
	var in struct{ ID string }
	if err := json.Unmarshal([]byte(read(t, stateDir, "installation")), &in); err != nil {
		t.Fatal(err)
	}
	return in.ID
}

func read(t *testing.T, stateDir, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(stateDir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
