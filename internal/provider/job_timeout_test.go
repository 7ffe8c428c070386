package provider

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// dependent is a resource that must not be applied before the job has ended.
const dependent = "\n}\nresource \"terraform_data\" \"dependent\" {\n  depends_on = [batch_job.counted]\n"

// short are timeouts of a second.
const short = `timeouts {
    create = "1s"
    update = "1s"
  }`

// waits wants the job not to have been followed by its dependent.
func (c *counted) waits(out string) {
	c.t.Helper()
	if strings.Contains(out, "terraform_data.dependent: Creating") {
		c.t.Errorf("the dependent of a job that goes on was applied:\n%s", out)
	}
}

// onlyJob wants one job to have been submitted, and returns it.
func (c *counted) onlyJob() wire.JobDetail {
	c.t.Helper()
	ids := c.r.submitted(c.t)
	if len(ids) != 1 {
		c.t.Fatalf("the jobs %v were submitted, want one", ids)
	}
	d, err := c.r.client.Job(context.WithoutCancel(c.t.Context()), ids[0])
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

// TestTimeoutOfACreate is an error that holds dependents up. The next apply waits for the same job.
func TestTimeoutOfACreate(t *testing.T) {
	c := newCounted(t, "[1, 2]", short+dependent)
	c.waits(c.refused("has not ended within 1s", "goes on"))
	c.says(c.run("plan"), "must be replaced", "goes on: the next apply waits for the same job")
	c.waits(c.refused("has not ended within 1s"))
	lift(t, c.gate)
	c.says(c.apply(), "terraform_data.dependent: Creation complete")
	c.ran("1", "2")
	if d := c.onlyJob(); d.Status != wire.StatusSucceeded || d.JobID != c.job("job_id") {
		t.Errorf("job %s is %s; the state has %v", d.JobID, d.Status, c.job("job_id"))
	}
	c.says(c.apply(), "No changes")
}

// TestTimeoutOfACreateThatHasSucceededSince takes the job for done, and does not take Terraform's taint for a user's.
func TestTimeoutOfACreateThatHasSucceededSince(t *testing.T) {
	c := newCounted(t, "[1, 2]", short)
	c.refused("has not ended within 1s")
	lift(t, c.gate)
	c.r.awaitStatus(t, wire.StatusSucceeded)
	if out := c.apply(); strings.Contains(out, "could not be given up") {
		t.Errorf("the job has ended, and there is nothing to give up:\n%s", out)
	}
	c.ran("1", "2")
	c.onlyJob()
}

// TestTimeoutOfAnUpdate is an error too, and taints nothing.
func TestTimeoutOfAnUpdate(t *testing.T) {
	c := newCounted(t, "[1]", short+dependent)
	lift(t, c.gate)
	c.apply("-target=batch_job.counted")
	shut(t, c.gate)
	c.configure(c.config("[1, 2]", short+dependent))
	c.waits(c.refused("has not ended within 1s"))
	c.says(c.run("plan"), "1 to add, 1 to change, 0 to destroy")
	lift(t, c.gate)
	c.apply()
	c.ran("1", "2")
}

// TestTimeoutAsAWarning goes on to what depends on the job, as the configuration says.
func TestTimeoutAsAWarning(t *testing.T) {
	c := newCounted(t, "[1]", short+"\n  on_timeout = \"warn\""+dependent)
	c.says(c.apply(), "has not ended within 1s", "terraform_data.dependent: Creation complete")
	lift(t, c.gate)
	c.apply()
	c.ran("1")
	c.onlyJob()
}

// TestDestroyAfterATimeout ends the job.
func TestDestroyAfterATimeout(t *testing.T) {
	c := newCounted(t, "[1, 2]", short)
	c.refused("has not ended within 1s")
	c.run("destroy", "-auto-approve", "-target=batch_job.counted")
	if d := c.onlyJob(); d.Status != wire.StatusFailed || d.StatusReason != reasonDestroyed {
		t.Errorf("after destroy the job is %s: %s", d.Status, d.StatusReason)
	}
}

// TestInterrupt presses Ctrl-C while the job is waited for: nothing that depends on it is applied, and the next apply
// waits for the same job.
func TestInterrupt(t *testing.T) {
	c := newCounted(t, "[1, 2]", dependent)
	cmd, out := c.command("apply", "-auto-approve")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.r.awaitPoints(t, 2)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Errorf("the interrupted apply succeeded:\n%s", out)
	}
	c.waits(unwrapped(out.String()))
	lift(t, c.gate)
	c.apply()
	c.ran("1", "2")
	c.onlyJob()
}

// TestStuck asks for more than there is: the plan warns, the wait ends with an error that says what would help, and once
// that is done the next apply takes the same job up.
func TestStuck(t *testing.T) {
	const help = "raise compute_resources.max_vcpus (and compute_resources.memory) of a compute environment of the queue"
	for name, more := range map[string]string{"single": "", "array": "array_size = 3", "sweep": "matrix = { x = [1, 2] }"} {
		t.Run(name, func(t *testing.T) {
			w, r := newWorkspace(t), newRuntime(t)
			w.configure(r.config(t, "testdata/base.tf") + r.text(t, "testdata/stuck.tf", "STUCK", "1s", "MORE", more))
			w.apply("-target=batch_job_queue.work", "-target=batch_job_definition.huge")
			w.says(w.run("plan"), "Job huge could not run", "COMPUTE_ENVIRONMENT_MAX_RESOURCE", help)
			w.refused("Job huge cannot run", "COMPUTE_ENVIRONMENT_MAX_RESOURCE", "fail_when_stuck", help)
			if ids := r.submitted(t); len(ids) != 1 {
				t.Errorf("the jobs %v were submitted, want one", ids)
			}
		})
	}
}

// TestTimeoutWithoutReuse goes on with the same job as well: reuse is about the results of other jobs.
func TestTimeoutWithoutReuse(t *testing.T) {
	c := newCounted(t, "[1, 2]", short+"\n  reuse = false")
	c.refused("has not ended within 1s")
	c.refused("has not ended within 1s")
	lift(t, c.gate)
	c.apply()
	c.ran("1", "2")
	c.onlyJob()
}

// TestTimeoutBeforeDestroy has the successor made first: it adopts the job, or takes its results if it has ended since.
func TestTimeoutBeforeDestroy(t *testing.T) {
	c := newCounted(t, "[1, 2]", short+"\n  lifecycle {\n    create_before_destroy = true\n  }\n")
	c.refused("has not ended within 1s")
	c.refused("has not ended within 1s")
	c.onlyJob()
	lift(t, c.gate)
	c.apply()
	c.ran("1", "2")
}

// TestTimeoutAndAnotherSweep changes what is asked for after a time-out: the job of before is given up.
func TestTimeoutAndAnotherSweep(t *testing.T) {
	c := newCounted(t, "[1, 2]", short)
	c.refused("has not ended within 1s")
	before := c.onlyJob()
	c.configure(c.config("[3]", short))
	c.refused("has not ended within 1s")
	ctx, cancel := context.WithTimeout(t.Context(), stopTimeout)
	defer cancel()
	d, err := c.r.client.Wait(ctx, before.JobID, nil)
	if err != nil || d.StatusReason != reasonReplaced {
		t.Errorf("the job of before is %s (%s), %v", d.Status, d.StatusReason, err)
	}
}

// TestThePlanWarnsOfARefusal asks for more points than the runtime takes, which only the runtime knows.
func TestThePlanWarnsOfARefusal(t *testing.T) {
	w, r := newWorkspace(t), newRuntime(t)
	w.configure(r.config(t, "testdata/base.tf") + r.text(t, "testdata/stuck.tf", "STUCK", "1s", "MORE", "array_size = 20000"))
	w.apply("-target=batch_job_queue.work", "-target=batch_job_definition.huge")
	w.says(w.run("plan"), "Job huge would be refused", "20000")
	w.refused("Cannot submit job huge", "20000")
}
