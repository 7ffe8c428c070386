package provider

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// stateDir is a directory for a bundled runtime that is stopped, and the directory removed, when the test ends.
func stateDir(t *testing.T) string {
	t.Helper()
	needTerraform(t)
	long.Only(t, "starts a bundled runtime as a process")
	for _, name := range []string{rendezvous.EnvEndpoint, rendezvous.EnvBatchEndpoint, rendezvous.EnvStateDir} {
		t.Setenv(name, "")
	}
	parent, err := os.MkdirTemp("", "batch") //nolint:usetesting // the path of t.TempDir may be too long for a socket in it
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "state")
	t.Cleanup(func() {
		stopRuntime(t, dir)
		removeState(t, parent)
	})
	return dir
}

// stopRuntime ends the runtime of a directory, if there is one.
func stopRuntime(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	target, err := rendezvous.Find("", dir, os.Getenv)
	if err != nil {
		return
	}
	c, err := client.Open(ctx, target, client.Options{})
	if err == nil {
		err = c.Stop(ctx)
	}
	if err == nil {
		err = until(ctx, func(context.Context) (bool, error) {
			_, alive, err := rendezvous.Alive(dir)
			return !alive, err
		})
	}
	if err != nil {
		t.Error(err)
	}
}

func alone(t *testing.T, dir, suffix, start string) string {
	t.Helper()
	return (&testRuntime{}).text(t, "testdata/alone.tf", "DIR", dir, "SUFFIX", suffix, "START", start)
}

// TestTwoAppliesStartOneRuntime applies two configurations at once on a directory where nothing runs.
func TestTwoAppliesStartOneRuntime(t *testing.T) {
	dir := stateDir(t)
	t.Run("at once", func(t *testing.T) {
		for _, suffix := range []string{"a", "b"} {
			t.Run(suffix, func(t *testing.T) {
				t.Parallel()
				resource.Test(t, resource.TestCase{
					ProtoV6ProviderFactories: factories,
					Steps: []resource.TestStep{{
						Config: alone(t, dir, suffix, "true"), ConfigStateChecks: points("batch_job.hello", 2, 2, 0),
					}},
				})
			})
		}
	})
}

// TestRuntimeThatEndedIsStartedAgain stops the runtime between two applies: what it kept is found again.
func TestRuntimeThatEndedIsStartedAgain(t *testing.T) {
	dir := stateDir(t)
	config := alone(t, dir, "a", "true")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config},
			{PreConfig: func() { stopRuntime(t, dir) }, Config: config, PlanOnly: true},
		},
	})
}

// TestRuntimeIsNotStartedUnasked refuses where auto_start is off and nothing runs, and says how to start one.
func TestRuntimeIsNotStartedUnasked(t *testing.T) {
	dir := stateDir(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: alone(t, dir, "a", "false"), ExpectError: spaced("auto_start = false.*batchd serve"),
		}},
	})
}

// TestRuntimeThatCannotStartSaysWhy breaks the state directory.
func TestRuntimeThatCannotStartSaysWhy(t *testing.T) {
	dir := stateDir(t)
	if err := os.MkdirAll(filepath.Join(dir, "batchd.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: alone(t, dir, "a", "true"), ExpectError: spaced("did not start.*Its log.*batchd"),
		}},
	})
}
