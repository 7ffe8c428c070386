package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// How much a diagnostic shows.
const (
	shownFailures  = 5
	shownResults   = 10
	shownLogLines  = 10
	shownLineBytes = 1000 // of each: a line of a log may have 256 KiB
)

// failureText says which points failed, and why, with the end of the first ones' output. What
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
	for _, r := range failed[:min(len(failed), shownFailures)] {
		b.WriteString("\n" + describeFailure(ctx, c, r, len(results) > 1))
	}
	if more := len(failed) - shownFailures; more > 0 {
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

// describeFailure says what became of one point.
func describeFailure(ctx context.Context, c *client.Client, r wire.Result, inArray bool) string {
	var b strings.Builder
	if inArray {
		b.WriteString(pointName(r, inArray) + ": ")
	}
	b.WriteString(r.Ending().String())
	if r.Attempts > 1 {
		fmt.Fprintf(&b, ", after %d attempts", r.Attempts)
	}
	fmt.Fprintf(&b, " [job %s]\n", r.JobID)
	for _, line := range lastLines(ctx, c, r) {
		b.WriteString("    | " + line + "\n")
	}
	return b.String()
}

// pointName names a point by its parameters.
func pointName(r wire.Result, inArray bool) string {
	switch {
	case !inArray:
		return "The job"
	case len(r.Parameters) == 0:
		return fmt.Sprintf("Point %d", r.Index)
	}
	return fmt.Sprintf("Point %d (%s)", r.Index, renderParameters(r.Parameters))
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
