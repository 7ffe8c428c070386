package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) jobs() *cobra.Command {
	var queue, array, status string
	command := &cobra.Command{
		Use:   "jobs",
		Short: "List jobs",
		Long: `List the jobs of a queue, or the children of an array. On a narrow terminal, reasons are cut,
columns are left out (CREATED, then EXIT, RAN and REASON), and long names are cut. Ids are never cut. 'batchd describe JOB' shows a job in full.`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			statuses := wire.JobStatuses()
			if status != "" {
				statuses = []string{strings.ToUpper(status)}
				if all := wire.JobStatuses(); !slices.Contains(all, statuses[0]) {
					return usageError{fmt.Errorf("--status is %q; %s are allowed", status, strings.Join(all, ", "))}
				}
			}
			return r.listJobs(c, queue, array, statuses)
		},
	}
	command.Flags().StringVar(&queue, "queue", defaultName, "name or ARN of the queue")
	command.Flags().StringVar(&array, "array", "", "list the children of the array with this id")
	command.Flags().StringVar(&status, "status", "", "list jobs in this status only (default: all)")
	return command
}

func (r *root) listJobs(c *cobra.Command, queue, array string, statuses []string) error {
	runtime, err := r.connect(c.Context())
	if err != nil {
		return err
	}
	if array != "" {
		queue = ""
		if err := wantArray(c.Context(), runtime, array); err != nil {
			return err
		}
	}
	all := []wire.JobSummary{}
	for _, status := range statuses {
		found, err := runtime.AllJobs(c.Context(), wire.ListJobsRequest{JobQueue: queue, ArrayJobID: array, JobStatus: status})
		if err != nil {
			if missing := requireDefaults(c.Context(), runtime, &submission{queue: queue}); missing != nil {
				return missing
			}
			return err
		}
		all = append(all, found...)
	}
	if r.json() {
		return r.printJSON(all)
	}
	rows := [][]string{{"JOB", "NAME", "STATUS", "CREATED", "RAN", "EXIT", "REASON"}}
	for _, j := range all {
		exit := "-"
		if j.Container != nil {
			exit = code(j.Container.ExitCode)
		}
		rows = append(rows, []string{j.JobID, j.JobName, j.Status, moment(j.CreatedAt), ran(j.Status, j.StartedAt, j.StoppedAt), exit, dash(outcome(j.ArrayProperties, reasonOf(j)))})
	}
	return table(r.stdout, fitted(rows, terminalWidth(r.stdout), "CREATED", "EXIT", "RAN", "REASON"))
}

// wantArray refuses a job that has no children: the list of them would be empty, as that of an array none of which matches.
func wantArray(ctx context.Context, runtime *client.Client, id string) error {
	j, err := runtime.Job(ctx, id)
	if err == nil && !isArray(j) {
		err = fmt.Errorf("job %s is not an array; 'batchd describe %s' shows it", id, id)
	}
	return err
}

// reasonOf says why a job is in its status. The exit code has a column of its own.
func reasonOf(j wire.JobSummary) string {
	reason := j.Ending().Because()
	if j.Batchd != nil && j.Batchd.ResultErrors > 0 {
		reason = strings.TrimPrefix(reason+"; "+resultsNotTaken(j.Batchd.ResultErrors), "; ")
	}
	return reason
}

func resultsNotTaken(n int32) string {
	if n == 1 {
		return "1 result was not taken"
	}
	return fmt.Sprintf("%d results were not taken", n)
}

// children says how many of an array's children are in which status.
func children(a *wire.ArrayPropertiesDetail) string {
	if a == nil || a.Size == nil {
		return ""
	}
	var parts []string
	for _, status := range wire.JobStatuses() {
		if n := a.StatusSummary[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(status)))
		}
	}
	noun := "children"
	if *a.Size == 1 {
		noun = "child"
	}
	return fmt.Sprintf("%d %s: %s", *a.Size, noun, strings.Join(parts, ", "))
}

// outcome says how an array's children are, if it is one, and the reason of its status, if there is one.
func outcome(a *wire.ArrayPropertiesDetail, reason string) string {
	parts := slices.DeleteFunc([]string{children(a), reason}, func(text string) bool { return text == "" })
	return strings.Join(parts, "; ")
}

func (r *root) cancel() *cobra.Command {
	return r.end("cancel", "Cancel jobs that have not started", func(c *cobra.Command, id, reason string) error {
		runtime, err := r.connect(c.Context())
		if err != nil {
			return err
		}
		if err := runtime.CancelJob(c.Context(), &wire.CancelJobRequest{JobID: id, Reason: reason}); err != nil {
			return err
		}
		return r.sayIfLeft(c.Context(), runtime, id, reason)
	})
}

func (r *root) terminate() *cobra.Command {
	return r.end("terminate", "Terminate jobs", func(c *cobra.Command, id, reason string) error {
		runtime, err := r.connect(c.Context())
		if err != nil {
			return err
		}
		j, err := runtime.Job(c.Context(), id)
		if err != nil {
			return err
		}
		if wire.Terminal(j.Status) {
			fmt.Fprintf(r.stderr, "batchd: job %s has ended already: it is %s\n", id, j.Status)
			return nil
		}
		return runtime.TerminateJob(c.Context(), &wire.TerminateJobRequest{JobID: id, Reason: reason})
	})
}

// sayIfLeft says what cancelling has not ended of a job: it had ended, or it runs. It looks after the cancelling, so that
// nothing starts in between.
func (r *root) sayIfLeft(ctx context.Context, runtime *client.Client, id, reason string) error {
	j, err := runtime.Job(ctx, id)
	if err != nil {
		return err
	}
	running := 0
	if isArray(j) {
		running = int(j.ArrayProperties.StatusSummary[wire.StatusRunning] + j.ArrayProperties.StatusSummary[wire.StatusStarting])
	}
	switch {
	case running > 0:
		fmt.Fprintf(r.stderr, "batchd: children of job %s run and go on: %d; 'batchd terminate %s' ends them\n", id, running, id)
	case j.Status == wire.StatusRunning || j.Status == wire.StatusStarting:
		fmt.Fprintf(r.stderr, "batchd: job %s is %s and goes on; 'batchd terminate %s' ends it\n", id, j.Status, id)
	case wire.Terminal(j.Status) && !(j.IsCancelled && j.StatusReason == reason):
		fmt.Fprintf(r.stderr, "batchd: job %s has ended already: it is %s\n", id, j.Status)
	}
	return nil
}

func (r *root) end(verb, short string, end func(c *cobra.Command, id, reason string) error) *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use:   verb + " JOB...",
		Short: short,
		RunE: func(c *cobra.Command, ids []string) error {
			if len(ids) == 0 {
				return usageError{fmt.Errorf("batchd %s takes the ids of jobs", verb)}
			}
			for _, id := range ids {
				if err := end(c, id, reason); err != nil {
					return fmt.Errorf("job %s: %w", id, err)
				}
			}
			return nil
		},
	}
	command.Flags().StringVar(&reason, "reason", "ended by batchd "+verb, "text for the job's status reason")
	return command
}
