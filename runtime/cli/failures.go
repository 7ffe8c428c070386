package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

const (
	// shownReasons is how many of the reasons for which children of an array failed, or left no result, wait says.
	shownReasons = 5
	// maxLookedAt is about how many of those children wait looks at: to read the reasons of a million takes too long.
	maxLookedAt = 10_000
)

// showFailures says why children failed, each reason once with the first children that it holds for, and what to do next.
// What cannot be read is left out: that the job failed has been said.
func (r *root) showFailures(ctx context.Context, runtime *client.Client, j wire.JobDetail) {
	if !isArray(j) {
		if wrote(j) {
			fmt.Fprintf(r.stderr, "batchd: 'batchd logs %s' shows what it wrote\n", j.JobID)
		}
		return
	}
	failed, err := firstFailed(ctx, runtime, j.JobID)
	if err != nil || len(failed) == 0 {
		return
	}
	groups := wire.GroupAlike(failed, func(child wire.JobSummary) string { return child.Ending().String() })
	shown := groups[:min(len(groups), shownReasons)]
	details, err := detailsOfNamed(ctx, runtime, shown)
	if err != nil {
		return
	}
	count := max(len(failed), int(j.ArrayProperties.StatusSummary[wire.StatusFailed]))
	rest := restOf{more: count, unnamed: count}
	for _, group := range shown {
		fmt.Fprintf(r.stderr, "batchd: %s\n", failureLine(group, details))
		rest.said(len(group.Points), len(group.Named()))
	}
	r.sayRest(rest, fmt.Sprintf("'batchd jobs --array %s --status FAILED' lists all", j.JobID))
}

// firstFailed lists the failed children of an array in their order, about [maxLookedAt] at most.
func firstFailed(ctx context.Context, runtime *client.Client, id string) ([]wire.JobSummary, error) {
	var failed []wire.JobSummary
	for q := (wire.ListJobsRequest{ArrayJobID: id, JobStatus: wire.StatusFailed}); len(failed) < maxLookedAt; {
		page, err := runtime.ListJobs(ctx, &q)
		if err != nil {
			return nil, err
		}
		failed = append(failed, page.JobSummaryList...)
		if q.NextToken = page.NextToken; q.NextToken == "" {
			break
		}
	}
	return failed, nil
}

// detailsOfNamed describes the children that the groups name, by id.
func detailsOfNamed(ctx context.Context, runtime *client.Client, groups []wire.Alike[wire.JobSummary]) (map[string]wire.JobDetail, error) {
	var ids []string
	for _, group := range groups {
		for _, child := range group.Named() {
			ids = append(ids, child.JobID)
		}
	}
	described, err := runtime.DescribeJobs(ctx, &wire.DescribeJobsRequest{Jobs: ids})
	if err != nil {
		return nil, err
	}
	details := make(map[string]wire.JobDetail, len(ids))
	for _, child := range described.Jobs {
		details[child.JobID] = child
	}
	return details, nil
}

// failureLine says why the children of a group failed, which they are, and where the output of the first one is.
func failureLine(group wire.Alike[wire.JobSummary], details map[string]wire.JobDetail) string {
	reason := printable(group.Reason)
	first := details[group.Points[0].JobID]
	hint := ""
	if wrote(first) {
		hint = fmt.Sprintf("; 'batchd logs %s' shows what it wrote", first.JobID)
	}
	if len(group.Points) == 1 {
		return fmt.Sprintf("child %s failed: %s%s", childName(group.Points[0].JobID, pointOf(first)), reason, hint)
	}
	if hint != "" {
		hint = fmt.Sprintf("; 'batchd logs %s' shows what the first wrote", first.JobID)
	}
	points := group.Names(func(child wire.JobSummary) string {
		return childName(indexOf(child), pointOf(details[child.JobID]))
	})
	return fmt.Sprintf("%d children failed: %s; %s%s", len(group.Points), reason, points, hint)
}

// indexOf is the number of a child in its array.
func indexOf(child wire.JobSummary) string {
	if child.ArrayProperties == nil || child.ArrayProperties.Index == nil {
		return child.JobID
	}
	return strconv.Itoa(int(*child.ArrayProperties.Index))
}
