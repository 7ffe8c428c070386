package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) plan() *cobra.Command {
	s := &submission{}
	command := &cobra.Command{
		Use:   "plan [flags] [--] [command...]",
		Short: "Plan a submission",
		Long: `Show what a submission would do, without submitting it: whether it would be accepted and could be placed, how many children
would run, reuse a result or wait, which jobs results would come from and when these ended, which live jobs would be
joined, and when the job is expected to start and end. The flags and arguments are those of 'batchd submit'. The exit
code is 1 if the submission could never run with the present configuration.

  batchd plan --queue work --definition fit --matrix seed=1,2,3`,
		RunE: func(c *cobra.Command, args []string) error {
			return r.runPlan(c, s, args)
		},
	}
	s.declare(command)
	return command
}

func (r *root) runPlan(c *cobra.Command, s *submission, args []string) error {
	ctx := c.Context()
	request, err := s.request(args)
	if err != nil {
		return usageError{err}
	}
	runtime, err := r.connect(ctx)
	if err != nil {
		return err
	}
	if err := requireDefaults(ctx, runtime, s); err != nil {
		return err
	}
	p, err := runtime.PlanJob(ctx, request)
	if err != nil {
		return err
	}
	if r.json() {
		err = r.printJSON(p)
	} else {
		err = table(r.stdout, planned(p, time.Now()))
	}
	if err == nil && !p.Placeable {
		err = quietError{}
	}
	return err
}

// planned is the rows of an answer; what is not known has none.
func planned(p *wire.PlanJobResponse, now time.Time) [][]string {
	verdict := "would start at once"
	switch {
	case !p.Placeable:
		verdict = "can never run as things are"
	case p.Runs == 0:
		verdict = "nothing would run"
	case p.Code != "":
		verdict = "would wait"
	}
	rows := [][]string{{"Plan", verdict}, {"Jobs", counted(p)}}
	rows = append(rows, plannedJobs("Reuses", p.ReusedFrom, p.MoreReusedFrom)...)
	rows = append(rows, plannedJobs("Joins", p.JoinsTo, p.MoreJoinsTo)...)
	if p.Code != "" {
		rows = append(rows, []string{"Code", p.Code})
	}
	rows = append(rows, outlook(p.Sentence, p.Remedy, p.Position)...)
	if p.ExpectedStart != 0 {
		rows = append(rows, []string{"Starts", expected(p.ExpectedStart, now)})
	}
	if p.ExpectedEnd != 0 {
		rows = append(rows, []string{"Ends", expected(p.ExpectedEnd, now)})
	}
	if p.DurationSeconds > 0 {
		rows = append(rows, []string{"Takes", (time.Duration(p.DurationSeconds) * time.Second).String() + " for one attempt"})
	}
	if p.Basis != "" {
		rows = append(rows, []string{"Basis", p.Basis})
	}
	if p.ContentKey != "" {
		rows = append(rows, []string{"Content key", p.ContentKey})
	}
	return rows
}

// plannedJobs is a row for each other job that a plan names, and one that says how many it does not name.
func plannedJobs[T fmt.Stringer](label string, jobs []T, more int32) (rows [][]string) {
	for _, job := range jobs {
		rows = append(rows, []string{label, job.String()})
		label = ""
	}
	switch {
	case more == 1:
		rows = append(rows, []string{"", "and points of 1 more job"})
	case more > 1:
		rows = append(rows, []string{"", fmt.Sprintf("and points of %d more jobs", more)})
	}
	return rows
}

// counted says how many jobs would run, and what becomes of them.
func counted(p *wire.PlanJobResponse) string {
	parts := []string{fmt.Sprintf("%d would run", p.Runs)}
	switch {
	case !p.Placeable:
		parts[0] = fmt.Sprintf("%d would wait", p.Runs)
	case p.Waits > 0:
		parts[0] += fmt.Sprintf(" (%d of them later)", p.Waits)
	}
	if p.Joins > 0 {
		parts = append(parts, fmt.Sprintf("%d of them once with identical jobs of other submissions", p.Joins))
	}
	if p.Reused > 0 {
		parts = append(parts, fmt.Sprintf("%d would take an earlier result", p.Reused))
	}
	return strings.Join(parts, ", ")
}
