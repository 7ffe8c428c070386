package provider

import (
	"strings"
	"testing"
)

// TestResultsThatCannotBeTaken wants a warning that counts them, says each reason once and names the first points, and the reasons in the state;
// with on_result_error = "fail" they are failures of which only these run again.
func TestResultsThatCannotBeTaken(t *testing.T) {
	w, r := newWorkspace(t), newRuntime(t)
	with := func(on string) {
		w.configure(r.config(t, "testdata/base.tf") + r.text(t, "testdata/results.tf", "ON", on))
	}
	with("warn")
	out := w.apply()
	w.says(out, "12 of 13 points left a result that could not be taken", "12 points: it is not valid JSON", "; points 1 (x = 1), 2 (x = 2)", "5 (x = 5) and 7 more")
	if n := strings.Count(out, "it is not valid JSON"); n != 1 {
		t.Errorf("the reason is said %d times:\n%s", n, out)
	}
	results, ok := w.jobs()["batch_job.results"]["results"].([]any)
	if !ok || len(results) != 13 {
		t.Fatalf("the results are %v", results)
	}
	for i, result := range results {
		members, _ := result.(map[string]any)
		reason, _ := members["result_error"].(string)
		if (i == 0) != (reason == "") || (i == 0) != (members["result_json"] != nil) {
			t.Errorf("result %d is %v", i, members)
		}
	}
	with("fail")
	w.refused("12 of 13 points failed", "The result was not taken")
	if ran := w.jobs()["batch_job.results"]["points_reused"]; ran != 1.0 {
		t.Errorf("%v points were reused, want the one that left a result", ran)
	}
}

// TestFailureSaysWhy wants the whole reason once, the parameters of the points, and how many more there are.
func TestFailureSaysWhy(t *testing.T) {
	w, r := newWorkspace(t), newRuntime(t)
	w.configure(r.config(t, "testdata/base.tf") + r.text(t, "testdata/failing.tf", "COMMAND", `"no-such-program"`, "POINTS", "28"))
	out := w.refused("28 of 28 points failed", "28 points: Task failed to start", "; points 0 (x = 0), 1 (x = 1),", "4 (x = 4) and 23 more")
	if n := strings.Count(out, "not found in PATH"); n != 1 {
		t.Errorf("the reason is said %d times:\n%s", n, out)
	}
	if strings.Contains(out, "batchd logs") {
		t.Errorf("there is no output to look at:\n%s", out)
	}
}

// TestPointsThatFailAlikeKeepTheirOutput says the reason once, and shows what the first points wrote.
func TestPointsThatFailAlikeKeepTheirOutput(t *testing.T) {
	w, r := newWorkspace(t), newRuntime(t)
	w.configure(r.config(t, "testdata/base.tf") + r.text(t, "testdata/failing.tf", "COMMAND", `"sh", "-c", "echo the input is $0; exit 3"`, "POINTS", "7"))
	out := w.refused("7 points: Essential container in task exited (exit code 3)", "4 (x = 4) and 2 more",
		"Point 0 (x = 0) [job ", "| the input is 0", "| the input is 4")
	if strings.Count(out, "exit code 3") != 1 || strings.Contains(out, "the input is 5") {
		t.Errorf("want the reason once and the output of %d points:\n%s", shownOutputs, out)
	}
}
