package provider

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// counted is a workspace with the job of testdata/counted.tf.
type counted struct {
	*workspace
	r         *testRuntime
	log, gate string
}

// newCounted makes one whose job runs until open is called.
func newCounted(t *testing.T, x, more string) *counted {
	t.Helper()
	w, r, file := newWorkspace(t), newRuntime(t), gate(t)
	c := &counted{workspace: w, r: r, gate: file, log: file + ".log"}
	c.configure(c.config(x, more))
	return c
}

// config is that of a job with these values of x, and with more attributes.
func (c *counted) config(x, more string) string {
	c.t.Helper()
	return c.r.config(c.t, "testdata/base.tf") + c.r.text(c.t, "testdata/counted.tf", "X", x, "MORE", more, "LOG", c.log, "GATE", c.gate)
}

// ran wants these points to have begun since the last call.
func (c *counted) ran(want ...string) {
	c.t.Helper()
	text, err := os.ReadFile(c.log)
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	have := strings.Fields(string(text))
	slices.Sort(have)
	if !slices.Equal(have, want) {
		c.t.Errorf("the points %v ran, want %v", have, want)
	}
	if err := os.WriteFile(c.log, nil, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// TestWhatRunsAgain applies everything that Terraform has for running a job once more: each runs every point, and what
// follows is incremental again.
func TestWhatRunsAgain(t *testing.T) {
	const triggered = "lifecycle {\n    replace_triggered_by = [terraform_data.t]\n  }\n}\nvariable \"t\" {\n  default = 1\n}\nresource \"terraform_data\" \"t\" {\n  input = var.t\n"
	for name, again := range map[string]func(*counted) string{
		"-replace": func(c *counted) string { return c.apply("-replace=batch_job.counted") },
		"-replace, saved plan": func(c *counted) string {
			return c.run("plan", "-replace=batch_job.counted", "-out=plan") + c.run("apply", "plan")
		},
		"taint":                func(c *counted) string { c.run("taint", "batch_job.counted"); return c.apply() },
		"replace_triggered_by": func(c *counted) string { return c.apply("-var=t=2") },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounted(t, "[1, 2]", triggered)
			lift(t, c.gate)
			c.apply()
			c.ran("1", "2")
			out := strings.Join(strings.Fields(again(c)), " ")
			c.ran("1", "2")
			// Terraform does not tell the provider at the plan that a resource is tainted, so the plan has to leave it open.
			if strings.Contains(out, "nothing runs") && !strings.Contains(out, "nothing runs, unless the resource is replaced on request") {
				t.Errorf("the plan promises that nothing runs, and every point ran:\n%s", out)
			}
			if c.job("rerun") != true {
				t.Error("the state does not say that every point ran again")
			}
			if name == "replace_triggered_by" {
				return // which the next plan would see change back
			}
			second := fmt.Sprint(c.job("job_id"))
			c.configure(c.config("[1, 2, 3]", triggered))
			c.apply()
			c.ran("3")
			for i, from := range c.results("reused_from")[:2] {
				if !strings.HasPrefix(fmt.Sprint(from), second) {
					t.Errorf("point %d takes the result of job %v, want that of the newest, %s", i, from, second)
				}
			}
		})
	}
}

// TestFailureIsRetried wants the taint that Terraform sets on a job that failed to run only what is missing.
func TestFailureIsRetried(t *testing.T) {
	c := newCounted(t, "[1, 2]", "")
	lift(t, c.gate)
	shut(t, c.gate+".fails")
	c.refused("2 of 2 points failed")
	c.ran("1", "2")
	lift(t, c.gate+".fails")
	c.apply()
	c.ran("1", "2")
	c.apply()
	c.ran()
}

// TestFailureOfARerunTakesNoOlderResult fails while every point is to run again: the retry must not take the results
// that the user did not want.
func TestFailureOfARerunTakesNoOlderResult(t *testing.T) {
	c := newCounted(t, "[1, 2]", "")
	lift(t, c.gate)
	c.apply()
	c.ran("1", "2")
	shut(t, c.gate+".fails")
	out, err := c.try("apply", "-auto-approve", "-replace=batch_job.counted")
	if err == nil {
		t.Fatal(out)
	}
	c.says(out, "The next apply submits the job again. Every point runs")
	c.ran("1", "2")
	lift(t, c.gate+".fails")
	c.apply()
	c.ran("1", "2")
}

// TestARenamedJobTakesTheResultsOfARerun renames a job all of whose points ran again: that is done.
func TestARenamedJobTakesTheResultsOfARerun(t *testing.T) {
	c := newCounted(t, "[1, 2]", "")
	lift(t, c.gate)
	c.apply()
	c.apply("-replace=batch_job.counted")
	c.ran("1", "1", "2", "2")
	renamed := strings.ReplaceAll(c.config("[1, 2]", ""), `name           = "counted"`, `name           = "renamed"`)
	c.configure(renamed)
	c.says(c.apply(), "1 added, 0 changed, 1 destroyed")
	c.ran()
}

// TestCreateBeforeDestroy wants the page to be right: Terraform does not say that the resource is replaced on request, so
// that all is reused, and triggers are the way to run it again.
func TestCreateBeforeDestroy(t *testing.T) {
	const before = "lifecycle {\n    create_before_destroy = true\n  }\n"
	c := newCounted(t, "[1, 2]", before)
	lift(t, c.gate)
	c.apply()
	c.ran("1", "2")
	c.apply("-replace=batch_job.counted")
	c.ran()
	c.configure(c.config("[1, 2]", before+"  triggers = { run = 2 }"))
	c.says(c.apply("-replace=batch_job.counted"), "1 added, 0 changed, 1 destroyed")
	c.ran("1", "2")
}

// TestThePlanSaysWhatIsReused adds a value to a sweep: the plan names the job whose results are taken and when it ended, as
// the state does afterwards.
func TestThePlanSaysWhatIsReused(t *testing.T) {
	c := newCounted(t, "[1, 2]", "")
	lift(t, c.gate)
	c.apply()
	first := c.job("job_id")
	c.configure(c.config("[1, 2, 3]", ""))
	plan := c.run("plan")
	c.says(plan, "2 of 3 points take the results of earlier runs, and the others run")
	applied := c.apply()
	var last time.Time
	for i, from := range c.results("reused_from") {
		at := c.results("reused_at")[i]
		if reused := i < 2; strings.HasPrefix(fmt.Sprint(from), fmt.Sprint(first)) != reused || (at != nil) != reused {
			t.Errorf("point %d takes the result of job %v, which ended at %v, after job %v", i, from, at, first)
		}
		if ended, err := time.Parse(time.RFC3339, fmt.Sprint(at)); err == nil && ended.After(last) {
			last = ended
		}
	}
	said := fmt.Sprintf("2 points of job %v, which ended at %s", first, last.Format(time.RFC3339))
	c.says(plan, said)
	c.says(applied, said)
}

// results returns an attribute of each of the results.
func (c *counted) results(attribute string) []any {
	c.t.Helper()
	results, ok := c.job("results").([]any)
	if !ok {
		c.t.Fatalf("the results are %v", c.job("results"))
	}
	values := make([]any, len(results))
	for i, result := range results {
		members, _ := result.(map[string]any)
		values[i] = members[attribute]
	}
	return values
}
