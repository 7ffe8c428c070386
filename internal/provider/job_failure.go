package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// How much a diagnostic shows.
const (
	shownReasons   = 5 // of points that failed, or left no result
	shownOutputs   = 5 // of points that failed, shared out among the reasons
	shownLogLines  = 10
	shownLineBytes = 1000 // of each: a line of a log may have 256 KiB
)

// failureText says which points failed, and why, each reason once, with the end of the first ones' output. What
// cannot be read of a log is left out: the failure is what matters. rerun says that every point was to run.
func failureText(ctx context.Context, c *client.Client, d wire.JobDetail, results []wire.Result, rerun bool) string {
	var b strings.Builder
	var failed []wire.Result
	for _, r := range results {
		if r.Status == wire.StatusFailed {
			failed = append(failed, r)
		}
	}
	if len(failed) == 0 {
		fmt.Fprintf(&b, "The job failed: %s.\n", d.Ending())
	} else if len(results) > 1 {
		fmt.Fprintf(&b, "%d of %d points failed.\n", len(failed), len(results))
	}
	groups := wire.GroupAlike(failed, howFailed)
	shown := groups[:min(len(groups), shownReasons)]
	more := len(failed)
	for _, group := range shown {
		b.WriteString("\n" + describeFailures(ctx, c, group, len(results) > 1, shownOutputs/len(shown)))
		more -= len(group.Points)
	}
	if more > 0 {
		fmt.Fprintf(&b, "\nand %d more\n", more)
	}
	b.WriteString("\nThe next apply submits the job again. ")
	if rerun {
		b.WriteString("Every point runs, since the replacement asked for that.")
	} else {
		b.WriteString("With reuse, only what failed runs.")
	}
	return wire.PrintableLines(b.String()) // others wrote much of it
}

// howFailed says why a point failed, and how often it was tried.
func howFailed(r wire.Result) string {
	text := r.Ending().String()
	if r.Attempts > 1 {
		text += fmt.Sprintf(", after %d attempts", r.Attempts)
	}
	return text
}

// describeFailures says why the points of a group failed and which they are, with the end of the output of the first ones.
func describeFailures(ctx context.Context, c *client.Client, group wire.Alike[wire.Result], inArray bool, outputs int) string {
	text := describeAlike(group, inArray)
	if first := group.Points[0]; len(group.Points) == 1 {
		return fmt.Sprintf("%s [job %s]\n", text, first.JobID) + quoted(lastLines(ctx, c, first))
	}
	var b strings.Builder
	b.WriteString(text + "\n")
	for _, r := range group.Points[:min(len(group.Points), outputs)] {
		if output := quoted(lastLines(ctx, c, r)); output != "" {
			fmt.Fprintf(&b, "%s [job %s]:\n%s", pointName(r, inArray), r.JobID, output)
		}
	}
	return b.String()
}

// describeAlike says the reason of a group once, and which points it holds for.
func describeAlike(group wire.Alike[wire.Result], inArray bool) string {
	switch {
	case len(group.Points) > 1:
		return fmt.Sprintf("%d points: %s; %s", len(group.Points), group.Reason, group.Names(pointLabel))
	case inArray:
		return pointName(group.Points[0], inArray) + ": " + group.Reason
	default:
		return group.Reason
	}
}

// quoted marks lines as those of a log.
func quoted(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("    | " + line + "\n")
	}
	return b.String()
}

// pointName names a point by its parameters.
func pointName(r wire.Result, inArray bool) string {
	if !inArray {
		return "The job"
	}
	return "Point " + pointLabel(r)
}

// pointLabel is the number of a point, with its parameters if it has some: "3 (x = 1)".
func pointLabel(r wire.Result) string {
	if len(r.Parameters) == 0 {
		return strconv.Itoa(int(r.Index))
	}
	return fmt.Sprintf("%d (%s)", r.Index, renderParameters(r.Parameters))
}

func lastLines(ctx context.Context, c *client.Client, r wire.Result) []string {
	if r.Attempts == 0 {
		return nil
	}
	limit := int32(shownLogLines)
	page, err := c.Logs(ctx, &wire.LogsRequest{JobID: r.JobID, Tail: true, Limit: &limit})
	if err != nil {
		return nil
	}
	lines := make([]string, 0, len(page.Events))
	for _, event := range page.Events {
		lines = append(lines, shownLine(event.Message))
	}
	return lines
}

// shownLine is the beginning of a line that is too long for a diagnostic, cut between characters.
func shownLine(line string) string {
	if len(line) <= shownLineBytes {
		return line
	}
	return strings.ToValidUTF8(line[:shownLineBytes], "") + fmt.Sprintf("… (%d bytes)", len(line))
}

func renderParameters(parameters map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		parts = append(parts, name+" = "+parameters[name])
	}
	return strings.Join(parts, ", ")
}
