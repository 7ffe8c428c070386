package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

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

// showResultErrors says which children succeeded without their result being taken, and why. Of a single job the last line has
// said it.
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
	r.showNotTaken(ctx, runtime, j.JobID, int(count))
	them := "them"
	if count == 1 {
		them = "it"
	}
	fmt.Fprintf(r.stderr, "batchd: 'batchd retry %s' runs %s again\n", j.JobID, them)
}

// showNotTaken says why results of count children were not taken, each reason once with the first children that it holds for.
func (r *root) showNotTaken(ctx context.Context, runtime *client.Client, id string, count int) {
	children, err := firstNotTaken(ctx, runtime, id, count)
	if err != nil {
		return
	}
	groups := wire.GroupAlike(children, func(x wire.Result) string { return x.ResultError })
	rest := restOf{more: count, unnamed: count}
	for _, group := range groups[:min(len(groups), shownReasons)] {
		fmt.Fprintf(r.stderr, "batchd: %s\n", notTakenLine(group))
		rest.said(len(group.Points), len(group.Named()))
	}
	r.sayRest(rest, fmt.Sprintf("'batchd describe --results %s' lists all", id))
}

// firstNotTaken lists the children, count in all, that succeeded with a result that was not taken, in their order and about
// [maxLookedAt] at most.
func firstNotTaken(ctx context.Context, runtime *client.Client, id string, count int) ([]wire.Result, error) {
	var children []wire.Result
	for q := (wire.ResultsRequest{JobID: id}); len(children) < min(count, maxLookedAt); {
		page, err := runtime.Results(ctx, &q)
		if err != nil {
			return nil, err
		}
		for _, x := range page.Results {
			if x.ResultError != "" && x.Status == wire.StatusSucceeded {
				children = append(children, x)
			}
		}
		if q.NextToken = page.NextToken; q.NextToken == "" {
			break
		}
	}
	return children, nil
}

// notTakenLine says why the results of a group were not taken, and which children they are of.
func notTakenLine(group wire.Alike[wire.Result]) string {
	reason := printable(group.Reason)
	if first := group.Points[0]; len(group.Points) == 1 {
		return fmt.Sprintf("the result of child %s was not taken: %s", childName(first.JobID, first.Parameters), reason)
	}
	points := group.Names(func(x wire.Result) string { return childName(strconv.Itoa(int(x.Index)), x.Parameters) })
	return fmt.Sprintf("the results of %d children were not taken: %s; %s", len(group.Points), reason, points)
}

// restOf counts the children that lines leave out.
type restOf struct {
	more    int // whose reason no line says
	unnamed int // that no line names
}

// said notes a line that says the reason of so many children and names some of them.
func (n *restOf) said(children, named int) {
	n.more, n.unnamed = n.more-children, n.unnamed-named
}

// sayRest says how many children the lines leave out, if they leave out any, and how to see all.
func (r *root) sayRest(n restOf, how string) {
	if n.more == 0 && n.unnamed > 0 {
		fmt.Fprintf(r.stderr, "batchd: %s\n", how)
	}
	r.sayMore(n.more, how)
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
	last := j.Attempts[len(j.Attempts)-1]
	if last.Batchd != nil && last.Batchd.Output != nil {
		return last.Batchd.Output.Bytes > 0
	}
	return last.Container != nil && last.Container.LogStreamName != ""
}
