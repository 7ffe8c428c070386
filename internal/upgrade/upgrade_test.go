package upgrade

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// before is the commit that stands for the version before. When a version is released, its commit takes this place.
const before = "c41a517225ab1f228a7cc622768165fe212747c2"

const (
	children = 300
	// quick is how many of them end at once; the others wait for the gate.
	quick = 100
	// atOnce is how many of them run at once.
	atOnce = 20
	// patience is how long anything may take.
	patience = 3 * time.Minute
)

// child is what each child runs: it marks that it ran, and waits for the gate unless it is one of the quick ones.
const child = `echo "child $AWS_BATCH_JOB_ARRAY_INDEX begins"
echo ran >>"$MARKS/$AWS_BATCH_JOB_ARRAY_INDEX"
[ "$AWS_BATCH_JOB_ARRAY_INDEX" -lt "$QUICK" ] || until [ -e "$MARKS/gate" ]; do sleep 0.1; done
echo "child $AWS_BATCH_JOB_ARRAY_INDEX ends"`

// TestAStateDirectoryOfTheVersionBefore kills the runtime of the version before while some children of an array have ended, some run
// and some wait, and serves its state directory with this one: all of them end, each ran once, and all output is there. The version
// before does not open the directory again and says why.
func TestAStateDirectoryOfTheVersionBefore(t *testing.T) {
	long.Only(t, "builds batchd of an earlier commit")
	was, is := buildBefore(t), build(t, "../..")
	dir := scratch(t)
	state, marks := filepath.Join(dir, "state"), filepath.Join(dir, "marks")
	if err := os.Mkdir(marks, 0o700); err != nil {
		t.Fatal(err)
	}

	earlier := serve(t, was, state)
	job := submit(t, was, state, marks)
	await(t, "the quick children to end and others to run", func() bool { return len(ran(t, marks)) >= quick+atOnce/2 })
	earlier.kill()

	serve(t, is, state)
	if got := len(ran(t, marks)); got == children {
		t.Error("no child was left for this version to start")
	}
	if err := os.WriteFile(filepath.Join(marks, "gate"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := connect(t, state)
	await(t, "the array to end", func() bool { return statusOf(t, c, job) != "PENDING" })
	if status := statusOf(t, c, job); status != "SUCCEEDED" {
		t.Errorf("the array is %s", status)
	}
	checkChildren(t, c, job, ran(t, marks))

	must(t, is, "stop", "--state-dir", state)
	if out, err := run(t, was, "serve", "--state-dir", state); err == nil || !strings.Contains(out, "newer version") {
		t.Errorf("the version before serves what this one has served: %v\n%s", err, out)
	}
	serve(t, is, state)
	if status := statusOf(t, connect(t, state), job); status != "SUCCEEDED" {
		t.Errorf("after the version before has looked, the array is %s", status)
	}
	must(t, is, "stop", "--state-dir", state)
}

// submit submits the array with the program of the version before, and returns its id.
func submit(t *testing.T, program, state, marks string) string {
	t.Helper()
	out := must(t, program, "submit", "--state-dir", state, "--output", "json", "--array", strconv.Itoa(children), "--vcpu", "0.05", "--memory", "8",
		"--max-concurrency", strconv.Itoa(atOnce), "--env", "MARKS="+marks, "--env", "QUICK="+strconv.Itoa(quick), "--", "sh", "-c", child)
	_, rest, _ := strings.Cut(out, `"jobId": "`)
	id, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("batchd submit printed %s", out)
	}
	return id
}

// ran returns how often each child has run, by its index.
func ran(t *testing.T, marks string) map[string]int {
	t.Helper()
	files, err := os.ReadDir(marks)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(marks, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "ran\n"); n > 0 {
			times[file.Name()] = n
		}
	}
	return times
}

func statusOf(t *testing.T, c *client.Client, job string) string {
	t.Helper()
	found, err := c.DescribeJobs(t.Context(), &wire.DescribeJobsRequest{Jobs: []string{job}})
	if err != nil || len(found.Jobs) != 1 {
		t.Fatalf("describing %s: %v, %v", job, found, err)
	}
	return found.Jobs[0].Status
}

// checkChildren wants one attempt and the whole output of each child.
func checkChildren(t *testing.T, c *client.Client, job string, ran map[string]int) {
	t.Helper()
	for i := range children {
		index := strconv.Itoa(i)
		if ran[index] != 1 {
			t.Errorf("child %s ran %d times", index, ran[index])
		}
		id := job + ":" + index
		detail, err := c.DescribeJobs(t.Context(), &wire.DescribeJobsRequest{Jobs: []string{id}})
		if err != nil || len(detail.Jobs) != 1 || detail.Jobs[0].Status != "SUCCEEDED" || len(detail.Jobs[0].Attempts) != 1 {
			t.Errorf("child %s: %+v, %v", index, detail, err)
		}
		if got, want := output(t, c, id), []string{fmt.Sprintf("child %d begins", i), fmt.Sprintf("child %d ends", i)}; !slices.Equal(got, want) {
			t.Errorf("child %s wrote %q, want %q", index, got, want)
		}
	}
}

func output(t *testing.T, c *client.Client, id string) (lines []string) {
	t.Helper()
	err := c.FollowLogs(t.Context(), wire.LogsRequest{JobID: id}, func(page *wire.LogsResponse) error {
		for _, e := range page.Events {
			lines = append(lines, e.Message)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return lines
}

// await waits until a condition holds that only looking tells.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited %s for %s", patience, what)
		case <-look.C:
		}
	}
}
