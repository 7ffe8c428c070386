package provider

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// TestADependentSeesWhatItDependsOn changes an upstream job: the one that depends on it is other work then, too.
func TestADependentSeesWhatItDependsOn(t *testing.T) {
	r, file := newRuntime(t), filepath.Join(t.TempDir(), "data")
	with := func(v string) string {
		return r.config(t, "testdata/base.tf") + r.text(t, "testdata/upstream.tf", "FILE", file, "V", v)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: with("1"), ConfigStateChecks: append(points("batch_job.use", 1, 1, 0), output("saw", "1"))},
			{Config: with("2"), ConfigStateChecks: append(points("batch_job.use", 1, 1, 0), output("saw", "2"))},
		},
	})
}

// TestKilledTerraform kills Terraform while it waits: the next apply waits for the same job, and the claim of the first lapses.
func TestKilledTerraform(t *testing.T) {
	c := newCounted(t, "[1, 2]", "")
	cmd, out := c.command("apply", "-auto-approve", "-lock=false")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.r.awaitPoints(t, 2)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatalf("the killed apply succeeded:\n%s", out)
	}
	before := c.onlyJob()
	c.adopted()
	c.configure(c.config("[1, 2]", "wait_for_completion = false"))
	c.apply("-lock=false")
	if after := c.onlyJob(); after.JobID != before.JobID || after.JobID != c.job("job_id") {
		t.Errorf("job %s went on, and the state has %s", before.JobID, c.job("job_id"))
	}
	for _, held := range c.onlyJob().Batchd.Claims {
		if held.Until == 0 && held.Name != c.job("claim") {
			t.Errorf("the claim %s of the killed apply never lapses", held.Name)
		}
	}
	lift(t, c.gate)
	c.configure(c.config("[1, 2]", ""))
	c.apply("-lock=false")
	c.ran("1", "2")
}

// adopted forgets the queue, definition and environment that the killed Terraform made, by taking them into the state.
func (c *counted) adopted() {
	c.t.Helper()
	for address, id := range map[string]string{
		"batch_compute_environment.local": "local", "batch_job_queue.work": "work", "batch_job_definition.counted": "counted:1",
	} {
		if _, err := c.try("import", "-lock=false", address, id); err != nil {
			c.t.Logf("%s is in the state", address) // Terraform saves it now and then
		}
	}
}

// claims returns who holds a job.
func (c *counted) claims(id string) []string {
	c.t.Helper()
	d, err := c.r.client.Job(context.WithoutCancel(c.t.Context()), id)
	if err != nil {
		c.t.Fatal(err)
	}
	var names []string
	for _, held := range d.Batchd.Claims {
		names = append(names, held.Name)
	}
	return names
}

// TestTwoInstancesShareAJob asks twice for the same work in one configuration.
func TestTwoInstancesShareAJob(t *testing.T) {
	c := newCounted(t, "[1, 2]", "count = 2\n  wait_for_completion = false")
	c.apply()
	job := c.onlyJob()
	for address, values := range c.jobs() {
		if values["job_id"] != job.JobID || !slices.Contains(c.claims(job.JobID), values["claim"].(string)) { //nolint:forcetypeassert // a string in the schema
			t.Errorf("%s has %v and the claim %v", address, values["job_id"], values["claim"])
		}
	}
	c.configure(c.config("[1, 2]", "count = 1\n  wait_for_completion = false"))
	c.apply()
	if d := c.onlyJob(); wire.Terminal(d.Status) {
		t.Fatalf("the job is %s with one of its two instances: %s", d.Status, d.StatusReason)
	}
	lift(t, c.gate)
	c.configure(c.config("[1, 2]", "count = 1"))
	c.apply()
	c.ran("1", "2")
	c.onlyJob()
}

// TestTwoWorkspacesShareAJob applies one configuration from two states: the job ends early with the last.
func TestTwoWorkspacesShareAJob(t *testing.T) {
	c := newCounted(t, "[1, 2]", "wait_for_completion = false")
	c.apply()
	second := &counted{workspace: newWorkspace(t), r: c.r, log: c.log, gate: c.gate}
	second.configure(c.config("[1, 2]", "wait_for_completion = false"))
	second.adopted()
	second.apply()
	job := c.onlyJob()
	c.run("destroy", "-auto-approve", "-target=batch_job.counted")
	if d := c.onlyJob(); wire.Terminal(d.Status) {
		t.Fatalf("the job is %s after the first destroy: %s", d.Status, d.StatusReason)
	}
	second.run("destroy", "-auto-approve", "-target=batch_job.counted")
	if d := c.onlyJob(); d.Status != wire.StatusFailed || d.StatusReason != reasonDestroyed || d.JobID != job.JobID {
		t.Errorf("after the last destroy the job is %s: %s", d.Status, d.StatusReason)
	}
}

// TestAResourceHoldsItsJobOnce looks at the claims after applies that ended in errors.
func TestAResourceHoldsItsJobOnce(t *testing.T) {
	c := newCounted(t, "[1, 2]", short)
	c.refused("has not ended within 1s")
	job := c.onlyJob()
	if held := c.claims(job.JobID); !slices.Equal(held, []string{c.job("claim").(string)}) { //nolint:forcetypeassert // a string in the schema
		t.Errorf("job %s is held by %v", job.JobID, held)
	}
	c.refused("has not ended within 1s")
	if held := c.claims(job.JobID); !slices.Equal(held, []string{c.job("claim").(string)}) { //nolint:forcetypeassert // a string in the schema
		t.Errorf("after another apply job %s is held by %v", job.JobID, held)
	}
}

// TestAChangedSweepGoesOn adds a value while the others run: they run on for the new job.
func TestAChangedSweepGoesOn(t *testing.T) {
	c := newCounted(t, "[1, 2]", "wait_for_completion = false")
	c.apply()
	c.r.awaitPoints(t, 2)
	first := c.onlyJob()
	c.configure(c.config("[1, 2, 3]", "wait_for_completion = false"))
	c.says(c.apply(), "2 of 3 points are also points of other jobs that have not ended; each of them runs once",
		fmt.Sprintf("2 points of job %s (running)", first.JobID))
	lift(t, c.gate)
	c.configure(c.config("[1, 2, 3]", ""))
	c.apply()
	c.ran("1", "2", "3")
}
