package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) describe() *cobra.Command {
	var results bool
	command := &cobra.Command{
		Use:   "describe JOB",
		Short: "Show a job",
		Long: `Show the details of a job, an array, a child or a node: its status and reason, attempts, resources and dependencies. With --results,
show the result of the job, or the results of the children of an array.`,
		Args: exactly(1, "the id of a job"),
		RunE: func(c *cobra.Command, args []string) error {
			if results {
				return r.describeResults(c, args[0])
			}
			return r.describeJob(c, args[0])
		},
	}
	command.Flags().BoolVar(&results, "results", false, "show the result of the job, or the results of an array's children in order")
	return command
}

func (r *root) describeJob(c *cobra.Command, id string) error {
	runtime, err := r.connect(c.Context())
	if err != nil {
		return err
	}
	j, err := runtime.Job(c.Context(), id)
	if err != nil {
		return err
	}
	if r.json() {
		return r.printJSON(j)
	}
	rows := [][]string{
		{"Job", j.JobID},
		{"Name", j.JobName},
		{"Queue", tail(j.JobQueue)},
		{"Definition", tail(j.JobDefinition)},
		{"Status", strings.TrimSpace(j.Status + "  " + j.StatusReason)}, // the other reasons have lines of their own
		{"Created", moment(j.CreatedAt)},
		{"Started", moment(j.StartedAt)},
		{"Stopped", moment(j.StoppedAt)},
		{"Ran", ran(j.Status, j.StartedAt, j.StoppedAt)},
	}
	if s := children(j.ArrayProperties); s != "" {
		rows = append(rows, []string{"Array", s})
	}
	if j.Container != nil {
		rows = append(rows, []string{"Command", strings.Join(j.Container.Command, " ")}, []string{"Exit code", code(j.Container.ExitCode)}, []string{"Reason", dash(j.Container.Reason)})
	}
	if len(j.Parameters) > 0 {
		rows = append(rows, []string{"Parameters", parameters(j.Parameters)})
	}
	rows = append(rows, extensionRows(j)...)
	for i, a := range j.Attempts {
		rows = append(rows, []string{fmt.Sprintf("Attempt %d", i+1), attempted(a)})
	}
	return table(r.stdout, rows)
}

// extensionRows is what describe shows of a job that AWS does not have.
func extensionRows(j wire.JobDetail) (rows [][]string) {
	x := j.Batchd
	if x == nil {
		return nil
	}
	if len(x.WithoutVariable) > 0 {
		rows = append(rows, []string{"No variable", strings.Join(x.WithoutVariable, ", ") + ": their names would be the same as BATCH_PARAM_…; use Ref::name"})
	}
	if x.Usage != nil {
		rows = append(rows, []string{"Used", fmt.Sprintf("%d ms of CPU, %d KiB of memory at the peak", x.Usage.CPUMillis, x.Usage.MaxRSSKiB)})
	}
	if x.ReusedFrom != "" {
		rows = append(rows, []string{"Reused from", reusedFrom(x.ReusedFrom, x.ReusedAt)})
	}
	if n := x.Counts[wire.CountReused]; n > 0 {
		rows = append(rows, []string{"Reused", fmt.Sprintf("%d of %d results; 'batchd describe --results %s' says from which jobs", n, *j.ArrayProperties.Size, j.JobID)})
	}
	if x.Joined != "" {
		rows = append(rows, []string{"Joined", x.Joined + ", which is identical and runs"})
	}
	if x.ContentKey != "" {
		rows = append(rows, []string{"Content key", x.ContentKey})
	}
	if len(x.Result) > 0 {
		rows = append(rows, []string{"Result", compact(x.Result)})
	}
	if x.ResultError != "" {
		rows = append(rows, []string{"Result", "not taken: " + x.ResultError})
	}
	if n := x.Counts[wire.CountResultErrors]; n > 0 {
		rows = append(rows, []string{"Results", fmt.Sprintf("%d not taken; 'batchd describe --results %s' says why", n, j.JobID)})
	}
	return rows
}

func (r *root) describeResults(c *cobra.Command, id string) error {
	runtime, err := r.connect(c.Context())
	if err != nil {
		return err
	}
	all, err := runtime.AllResults(c.Context(), id)
	if err != nil {
		return err
	}
	if r.json() {
		return r.printJSON(all)
	}
	rows := [][]string{{"INDEX", "STATUS", "EXIT", "ATTEMPTS", "REUSED FROM", "PARAMETERS", "RESULT"}}
	for _, x := range all {
		rows = append(rows, []string{fmt.Sprint(x.Index), x.Status, code(x.ExitCode), fmt.Sprint(x.Attempts), reusedFrom(x.ReusedFrom, x.ReusedAt), dash(parameters(x.Parameters)), dash(resultOrProblem(x))})
	}
	return table(r.stdout, rows)
}

// reusedFrom names the job whose result another has, and when it ended, if that is known.
func reusedFrom(job string, at int64) string {
	if job == "" || at == 0 {
		return dash(job)
	}
	return job + " " + moment(at)
}

// resultOrProblem prints what a job left, or why that is not its result.
func resultOrProblem(x wire.Result) string {
	if x.ResultError != "" {
		return "not taken: " + x.ResultError
	}
	return compact(x.Result)
}

// attempted says how an attempt ended, and how long it ran.
func attempted(a wire.AttemptDetail) string {
	text := fmt.Sprintf("%s, ran %s", a.Ending(), span(a.StartedAt, a.StoppedAt))
	if lost := dropped(a); lost != "" {
		text += "; " + lost
	}
	return text
}

// dropped says how much of an attempt's output is missing; empty if nothing is.
func dropped(a wire.AttemptDetail) string {
	if a.Batchd == nil || a.Batchd.Output == nil || a.Batchd.Output.Dropped == 0 {
		return ""
	}
	o := a.Batchd.Output
	return fmt.Sprintf("%d of %d bytes of its output are missing: they could not be written to the log", o.Dropped, o.Bytes+o.Dropped)
}

// parameters prints a point in the order of its names.
func parameters(point map[string]string) string {
	words := make([]string, 0, len(point))
	for name, value := range point {
		words = append(words, name+"="+value)
	}
	sort.Strings(words)
	return strings.Join(words, " ")
}

// compact prints JSON on one line, with the numbers and names as they were written.
func compact(text json.RawMessage) string {
	var short bytes.Buffer
	if json.Compact(&short, text) != nil {
		return string(text)
	}
	return short.String()
}

// tail is the name in an ARN.
func tail(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
