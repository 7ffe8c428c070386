package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// shownResultErrors is how many children wait names whose result was not taken.
const shownResultErrors = 10

// ended is the line that says how a job ended.
func ended(id string, j wire.JobDetail) string {
	reason := j.Ending().Because()
	if j.Status == wire.StatusFailed {
		reason = j.Ending().String()
	}
	line := strings.TrimSpace(fmt.Sprintf("%s %s  %s", id, j.Status, outcome(j.ArrayProperties, reason)))
	if n := reusedCount(j); isArray(j) && n > 0 {
		line += fmt.Sprintf("; %d of them reused", n)
	}
	return line
}

// isArray reports whether j is an array, not a child of one.
func isArray(j wire.JobDetail) bool { return j.ArrayProperties != nil && j.ArrayProperties.Size != nil }

// showResultErrors names the first points that succeeded without their result being taken. Of a single job the last line has said
// it.
func (r *root) showResultErrors(ctx context.Context, runtime *client.Client, j wire.JobDetail) {
	if !isArray(j) {
		if j.Status == wire.StatusSucceeded && j.Batchd != nil && j.Batchd.ResultError != "" {
			fmt.Fprintf(r.stderr, "batchd: the job has no result; 'batchd retry %s' runs it again\n", j.JobID)
		}
		return
	}
	if j.Batchd == nil || j.Batchd.Counts[wire.CountResultErrors] == 0 {
		return
	}
	count := j.Batchd.Counts[wire.CountResultErrors]
	fmt.Fprintf(r.stderr, "batchd: %s\n", resultsNotTaken(count))
	shown := 0
	for q := (wire.ResultsRequest{JobID: j.JobID}); shown < shownResultErrors; {
		page, err := runtime.Results(ctx, &q)
		if err != nil {
			return
		}
		for _, x := range page.Results {
			if x.ResultError != "" && x.Status == wire.StatusSucceeded && shown < shownResultErrors {
				shown++
				fmt.Fprintf(r.stderr, "batchd: the result of child %s was not taken: %s\n", childName(x.JobID, x.Parameters), printable(x.ResultError))
			}
		}
		if q.NextToken = page.NextToken; q.NextToken == "" {
			break
		}
	}
	r.sayMore(int(count)-shown, fmt.Sprintf("'batchd describe --results %s' lists all", j.JobID))
	them := "them"
	if count == 1 {
		them = "it"
	}
	fmt.Fprintf(r.stderr, "batchd: 'batchd retry %s' runs %s again\n", j.JobID, them)
}

// sayMore says how many others there are, if any, and how to see them.
func (r *root) sayMore(n int, how string) {
	if n > 0 {
		fmt.Fprintf(r.stderr, "batchd: and %d more; %s\n", n, how)
	}
}

// childName names a child by its id and the parameters of its point.
func childName(id string, point map[string]string) string {
	if len(point) == 0 {
		return id
	}
	return fmt.Sprintf("%s (%s)", id, printable(parameters(point)))
}

// pointOf returns the parameters of a child's point; nil if it has none of its own.
func pointOf(j wire.JobDetail) map[string]string {
	if j.Batchd == nil {
		return nil
	}
	return j.Batchd.Parameters
}

// wrote reports whether the last attempt of a job left output. Of what a runtime does not say, it may have.
func wrote(j wire.JobDetail) bool {
	if len(j.Attempts) == 0 {
		return false
	}
	x := j.Attempts[len(j.Attempts)-1].Batchd
	return x != nil && x.Output != nil && x.Output.Bytes > 0
}
