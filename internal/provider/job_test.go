package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// gate is a file whose being there holds a job up.
func gate(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gate")
	shut(t, path)
	return path
}

func shut(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func lift(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// points wants the numbers of points of a job.
func points(address string, total, ran, reused int64) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		is(address, "points_total", knownvalue.Int64Exact(total)),
		is(address, "points_ran", knownvalue.Int64Exact(ran)),
		is(address, "points_reused", knownvalue.Int64Exact(reused)),
		is(address, "points_failed", knownvalue.Int64Exact(0)),
		is(address, "status", knownvalue.StringExact(wire.StatusSucceeded)),
	}
}

func output(name, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownOutputValue(name, knownvalue.StringExact(value))
}

// TestSweep runs a sweep, adds a value, and changes the definition in a way that does not matter.
func TestSweep(t *testing.T) {
	r := newRuntime(t)
	const address = "batch_job.sweep"
	with := func(matrix, timeout string) string {
		return r.config(t, "testdata/base.tf") + r.text(t, "testdata/product.tf", "MATRIX", matrix, "TIMEOUT", timeout, "GATE", "/nonexistent", "TRIGGER", "")
	}
	sameJob := statecheck.CompareValue(compare.ValuesSame())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: with("{ a = [1, 2], b = [5, 6] }", "60"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionCreate,
					plancheck.ExpectKnownValue(address, tfjsonpath.New("points_total"), knownvalue.Int64Exact(4)),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("results"))),
				ConfigStateChecks: append(points(address, 4, 4, 0), output("products", "5 6 10 12")),
			},
			{
				Config:            with("{ a = [1, 2, 3], b = [5, 6] }", "60"),
				ConfigPlanChecks:  planned(address, plancheck.ResourceActionUpdate),
				ConfigStateChecks: append(points(address, 6, 2, 4), output("products", "5 6 10 12 15 18"), sameJob.AddStateValue(address, tfjsonpath.New("job_id"))),
			},
			{
				// Another revision with the same content: the plan cannot know, the apply submits nothing.
				Config: with("{ a = [1, 2, 3], b = [5, 6] }", "61"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionUpdate,
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("job_id"))),
				ConfigStateChecks: append(points(address, 6, 2, 4), sameJob.AddStateValue(address, tfjsonpath.New("job_id"))),
			},
			{
				Config:           with("{ a = [1, 2, 3], b = [5, 6] }", "61"),
				ConfigPlanChecks: planned(address, plancheck.ResourceActionNoop),
			},
		},
	})
}

// TestFailedSweepRunsOnlyWhatFailed fails at first, is tainted, and runs again what failed.
func TestFailedSweepRunsOnlyWhatFailed(t *testing.T) {
	r, file := newRuntime(t), gate(t)
	const address = "batch_job.sweep"
	with := func(matrix string) string {
		return r.config(t, "testdata/base.tf") + r.text(t, "testdata/product.tf", "MATRIX", matrix, "TIMEOUT", "60", "GATE", file, "TRIGGER", "")
	}
	failure := spaced(`Job sweep failed .*1 of 3 points failed.*Point 1 \(a = 2, b = 5\): .*exit code 3.*five is out of order`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: with("{ a = [2], b = [4, 5, 6] }"), ExpectError: failure},
			{
				PreConfig:         func() { lift(t, file) },
				Config:            with("{ a = [2], b = [4, 5, 6] }"),
				ConfigPlanChecks:  planned(address, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: append(points(address, 3, 1, 2), output("products", "8 10 12")),
			},
			{
				// A failure of an update is an error too, and is tried again in place.
				PreConfig:   func() { shut(t, file) },
				Config:      with("{ a = [2, 3], b = [4, 5] }"),
				ExpectError: spaced(`1 of 4 points failed`),
			},
			{
				PreConfig:         func() { lift(t, file) },
				Config:            with("{ a = [2, 3], b = [4, 5] }"),
				ConfigPlanChecks:  planned(address, plancheck.ResourceActionUpdate),
				ConfigStateChecks: append(points(address, 4, 1, 3), output("products", "8 10 12 15")),
			},
		},
	})
}

// TestTriggersRunAgain changes nothing but a trigger: everything runs again.
func TestTriggersRunAgain(t *testing.T) {
	r := newRuntime(t)
	const address = "batch_job.sweep"
	with := func(trigger string) string {
		return r.config(t, "testdata/base.tf") + r.text(t, "testdata/product.tf", "MATRIX", "{ a = [1, 2], b = [3] }", "TIMEOUT", "60", "GATE", "/nonexistent", "TRIGGER", trigger)
	}
	other := statecheck.CompareValue(compare.ValuesDiffer())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: with("one"), ConfigStateChecks: append(points(address, 2, 2, 0), other.AddStateValue(address, tfjsonpath.New("job_id")))},
			{Config: with("two"), ConfigStateChecks: append(points(address, 2, 2, 0), other.AddStateValue(address, tfjsonpath.New("job_id")))},
		},
	})
}

// TestAPostconditionFailsAnApplyThatDidNotWaitToTheEnd wants the advice of the documentation to hold: the apply fails and
// the job goes on, and the next apply waits for the same one.
func TestAPostconditionFailsAnApplyThatDidNotWaitToTheEnd(t *testing.T) {
	r, file := newRuntime(t), gate(t)
	const condition = `true
  on_timeout          = "warn"
  lifecycle {
    postcondition {
      condition     = self.status == "SUCCEEDED"
      error_message = "The job is ${self.status}."
    }
  }
`
	config := r.config(t, "testdata/base.tf") + r.text(t, "testdata/patient.tf", "GATE", file, "WAIT", condition, "LIMIT", "1s")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config, ExpectError: spaced(`The job is [A-Z]+\.`)},
			{PreConfig: func() { lift(t, file) }, Config: config, ConfigStateChecks: points("batch_job.patient", 1, 1, 0)},
			{
				Config: config,
				Check: func(*terraform.State) error {
					if ids := r.submitted(t); len(ids) != 1 {
						return fmt.Errorf("the jobs %v were submitted, want one", ids)
					}
					return nil
				},
			},
		},
	})
}

// TestDestroyEndsWhatRuns destroys a job that nobody waited for.
func TestDestroyEndsWhatRuns(t *testing.T) {
	r, file := newRuntime(t), gate(t)
	id := ""
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: r.config(t, "testdata/base.tf") + r.text(t, "testdata/patient.tf", "GATE", file, "WAIT", "false", "LIMIT", "60s"),
			Check: func(s *terraform.State) error {
				id = s.RootModule().Resources["batch_job.patient"].Primary.Attributes["job_id"]
				return nil
			},
		}},
	})
	d, err := r.client.Job(context.WithoutCancel(t.Context()), id)
	if err != nil || d.Status != wire.StatusFailed || d.StatusReason != reasonDestroyed {
		t.Errorf("job %s: %s %q %v", id, d.Status, d.StatusReason, err)
	}
}

// TestImportAndData adopts a job that was submitted elsewhere, and reads it.
func TestImportAndData(t *testing.T) {
	r := newRuntime(t)
	const address = "batch_job.patient"
	base := r.config(t, "testdata/base.tf") + r.text(t, "testdata/patient.tf", "GATE", "/nonexistent", "WAIT", "true", "LIMIT", "60s")
	ids := func(s *terraform.State) (string, error) {
		return s.RootModule().Resources[address].Primary.Attributes["job_id"], nil
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: base, ConfigStateChecks: points(address, 1, 1, 0)},
			{
				ImportState: true, ImportStateIdFunc: ids, ResourceName: address, ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "job_id", ImportStateVerifyIgnore: []string{"content_key", "timeouts", "job_queue", "claim", "rerun", "wait_failed"},
			},
			{
				Config: base + `
data "batch_job" "patient" {
  job_id = batch_job.patient.arn
}
`,
				ConfigStateChecks: []statecheck.StateCheck{
					is("data.batch_job.patient", "name", knownvalue.StringExact("patient")),
					is("data.batch_job.patient", "status", knownvalue.StringExact(wire.StatusSucceeded)),
					is("data.batch_job.patient", "results", knownvalue.ListSizeExact(1)),
				},
			},
		},
	})
}

// TestKindsOfJobs runs arrays, single jobs with overrides, dependencies and truncated results.
func TestKindsOfJobs(t *testing.T) {
	r := newRuntime(t)
	with := func(team, limit string) string {
		return r.config(t, "testdata/base.tf") + r.text(t, "testdata/kinds.tf", "TEAM", team, "LIMIT", limit)
	}
	const after, single = "batch_job.after", "batch_job.single"
	sameJob := statecheck.CompareValue(compare.ValuesSame())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: with("a", "80"),
				ConfigStateChecks: append(points(after, 2, 2, 0),
					output("array", "0 1 2"),
					output("single", `{"index":"","word":"mine","empty":"","greeting":"good day"}`),
					output("after", "a:a c:truncated"),
					is(after, "results_truncated", knownvalue.Int64Exact(1)),
					is(single, "exit_code", knownvalue.Int64Exact(0)),
					sameJob.AddStateValue(after, tfjsonpath.New("job_id"))),
			},
			{
				// Another limit and other tags: read and tagged again, nothing is submitted.
				Config:           with("b", "1000"),
				ConfigPlanChecks: planned(after, plancheck.ResourceActionUpdate, plancheck.ExpectResourceAction(single, plancheck.ResourceActionUpdate)),
				ConfigStateChecks: append(points(after, 2, 2, 0), output("after", "a:a c:c"),
					sameJob.AddStateValue(after, tfjsonpath.New("job_id"))),
			},
		},
	})
}
