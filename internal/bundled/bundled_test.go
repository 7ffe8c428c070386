package bundled

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// config is that of a caller with a state directory of its own; what it starts ends with the test.
func config(t *testing.T) Config {
	t.Helper()
	for _, name := range []string{rendezvous.EnvEndpoint, rendezvous.EnvBatchEndpoint, rendezvous.EnvStateDir} {
		t.Setenv(name, "")
	}
	c := Config{StateDir: filepath.Join(t.TempDir(), "state"), IdleTimeout: time.Minute, Version: testVersion}
	t.Cleanup(func() { end(t, c.StateDir) })
	return c
}

// end stops what runs in a state directory.
func end(t *testing.T, path string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	target, err := rendezvous.Find("", path, os.Getenv)
	if err != nil {
		return
	}
	if err := (Config{}).replace(ctx, target); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T, c Config) *Session {
	t.Helper()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func pidOf(t *testing.T, s *Session) int {
	t.Helper()
	status, err := s.Client.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return status.PID
}

func TestManyCallersStartOneRuntime(t *testing.T) {
	t.Setenv("TF_VAR_password", "secret")
	t.Setenv("PLUGIN_PROTOCOL_VERSIONS", "6")
	c := config(t)
	pids := make([]int, 8)
	var group sync.WaitGroup
	for i := range pids {
		group.Go(func() {
			s, err := Open(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			pids[i] = pidOf(t, s)
		})
	}
	group.Wait()
	for _, pid := range pids {
		if pid != pids[0] || pid == os.Getpid() {
			t.Fatalf("started %v", pids)
		}
	}
}

func TestLeaseKeepsTheRuntimeUp(t *testing.T) {
	c := config(t)
	c.IdleTimeout = 2 * time.Second // a busy machine, too, asks for the lease sooner
	s := open(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 2*c.IdleTimeout)
	defer cancel()
	<-ctx.Done()
	if pidOf(t, s); s.Ended() {
		t.Fatal("the runtime ended under a lease")
	}
	s.Close()
	if err := poll(t.Context(), c.IdleTimeout+long.Stretched(5*time.Second), func() (bool, error) {
		_, alive, err := rendezvous.Alive(c.StateDir)
		return !alive, err
	}); err != nil {
		t.Fatalf("it goes on without one: %v", err)
	}
}

func TestOlderIdleRuntimeIsReplaced(t *testing.T) {
	c := config(t)
	t.Setenv(envVersion, "1.1.9")
	c.Version = "1.1.9"
	old := open(t, c)
	before := pidOf(t, old)
	t.Setenv(envVersion, "")
	c.Version = testVersion
	if after := pidOf(t, open(t, c)); after == before {
		t.Error("it was not replaced")
	}
	if err := poll(t.Context(), long.Stretched(time.Second), func() (bool, error) { return old.Ended(), nil }); err != nil {
		t.Error("the old session does not know that its runtime has gone")
	}
}

func TestBusyRuntimeIsUsedAsItIs(t *testing.T) {
	c := config(t)
	t.Setenv(envBusy, "1")
	t.Setenv(envVersion, "1.1.9")
	c.Version = "1.1.9"
	before := pidOf(t, open(t, c))
	c.Version = testVersion
	if after := pidOf(t, open(t, c)); after != before {
		t.Error("it was replaced")
	}
	c.Version = "2.0.0"
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "busy") || !strings.Contains(err.Error(), "batchd stop --state-dir "+c.StateDir) {
		t.Errorf("a busy one with another wire: %v", err)
	}
}

func TestRuntimeWithoutTheAccountIsReplacedWhenIdle(t *testing.T) {
	c := config(t)
	before := pidOf(t, open(t, c))
	c.AWS, c.NoStart = true, true
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "without --aws") {
		t.Errorf("one that may not be replaced: %v", err)
	}
	c.NoStart = false
	account := pidOf(t, open(t, c))
	if account == before {
		t.Error("it was not replaced")
	}
	c.AWS = false
	if after := pidOf(t, open(t, c)); after != account {
		t.Error("one with an account was replaced for a caller that needs none")
	}
}

func TestBusyRuntimeWithoutTheAccountIsRefused(t *testing.T) {
	c := config(t)
	t.Setenv(envBusy, "1")
	open(t, c)
	c.AWS = true
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "batchd stop --state-dir "+c.StateDir) {
		t.Errorf("opened it: %v", err)
	}
}

func TestNewerRuntimeIsUsed(t *testing.T) {
	c := config(t)
	t.Setenv(envVersion, "1.3.0")
	open(t, c)
	open(t, c)
	c.Version = "0.9.0"
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "use a newer provider") {
		t.Errorf("a newer one with another wire: %v", err)
	}
}

func TestLogIsInTheErrorWhenItCannotStart(t *testing.T) {
	c := config(t)
	t.Setenv(envBroken, "the disk is made of cheese")
	_, err := Open(t.Context(), c)
	if err == nil || !strings.Contains(err.Error(), "made of cheese") || !strings.Contains(err.Error(), logFile) {
		t.Fatal(err)
	}
	t.Setenv(envBroken, "")
	open(t, c) // a failure is not remembered
}

func TestNothingIsStartedUnasked(t *testing.T) {
	c := config(t)
	c.NoStart = true
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "batchd serve --state-dir") {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.StateDir); !os.IsNotExist(err) {
		t.Errorf("the state directory was made: %v", err)
	}
	c.NoStart = false
	open(t, c)
	c.NoStart = true
	open(t, c)
}

func TestEndpointElsewhereIsNeitherStartedNorLeased(t *testing.T) {
	c := config(t)
	c.Endpoint = "http://127.0.0.1:1"
	s := open(t, c)
	if s.lease != nil || s.Ended() || s.Client.Endpoint() != c.Endpoint {
		t.Errorf("session %+v", s)
	}
}

func TestIdleTimeoutFollowsCI(t *testing.T) {
	t.Setenv("CI", "")
	if d := (Config{}).idleTimeout(); d != DefaultIdleTimeout {
		t.Error(d)
	}
	t.Setenv("CI", "true")
	if d := (Config{}).idleTimeout(); d != ContinuousIdleTimeout {
		t.Error(d)
	}
	if d := (Config{IdleTimeout: time.Hour}).idleTimeout(); d != time.Hour {
		t.Error(d)
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]release{"1.2.3": {1, 2, 3}, "v0.10.0": {0, 10, 0}, "1.2.3-rc1": {1, 2, 3}, "1.2.3+x": {1, 2, 3}} {
		if have, ok := parseRelease(text); !ok || have != want {
			t.Errorf("%q: %v %v", text, have, ok)
		}
	}
	for _, text := range []string{"", "dev", "1.2", "1.2.x", "-1.0.0"} {
		if have, ok := parseRelease(text); ok {
			t.Errorf("%q: %v", text, have)
		}
	}
}
