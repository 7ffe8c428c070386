package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) wait() *cobra.Command {
	return &cobra.Command{
		Use:   "wait JOB",
		Short: "Wait for a job to end; the exit code says how it did",
		Args:  exactly(1, "the id of a job"),
		RunE: func(c *cobra.Command, args []string) error {
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			return r.waitFor(c.Context(), runtime, args[0])
		},
	}
}

// waitFor shows how a job goes and returns an error unless it succeeds. Interrupting leaves the job alone.
func (r *root) waitFor(ctx context.Context, runtime *client.Client, id string) error {
	show := r.progress()
	j, err := runtime.Wait(ctx, id, show.update)
	show.end()
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted; the job goes on: 'batchd wait %s' waits again, 'batchd terminate %s' ends it", id, id)
	case err != nil:
		return err
	}
	if r.json() {
		if err := r.printJSON(j); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintln(r.stdout, printable(ended(id, j))); err != nil {
		return err
	}
	if j.Status == wire.StatusSucceeded {
		r.showResultErrors(ctx, runtime, j)
		return nil
	}
	r.showFailures(ctx, runtime, j)
	return quietError{}
}

// progress shows how a job goes: a bar for an array on a terminal, a line for every change elsewhere.
type progress struct {
	r      *root
	bar    *progressbar.ProgressBar
	status string
	at     time.Time // of the last line
}

// lineEvery is how often a line tells how an array goes where there is no terminal to draw on.
const lineEvery = 5 * time.Second

func (r *root) progress() *progress { return &progress{r: r} }

func (p *progress) update(j wire.JobDetail) {
	a := j.ArrayProperties
	if a != nil && a.Size != nil && isTerminal(p.r.stderr) {
		if p.bar == nil {
			p.bar = progressbar.NewOptions(int(*a.Size), progressbar.OptionSetWriter(p.r.stderr), progressbar.OptionSetWidth(30),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("jobs"), progressbar.OptionSetPredictTime(true))
		}
		p.bar.Describe(fmt.Sprintf("%d running, %d failed", a.StatusSummary[wire.StatusRunning]+a.StatusSummary[wire.StatusStarting], a.StatusSummary[wire.StatusFailed]))
		_ = p.bar.Set(int(a.StatusSummary[wire.StatusSucceeded] + a.StatusSummary[wire.StatusFailed])) // it only draws
		return
	}
	if p.r.json() || wire.Terminal(j.Status) || j.Status == p.status && (a == nil || time.Since(p.at) < lineEvery) {
		return
	}
	p.status, p.at = j.Status, time.Now()
	fmt.Fprintf(p.r.stderr, "%s %s\n", j.JobID, strings.TrimSpace(j.Status+"  "+children(a)))
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Exit() // it only draws
		fmt.Fprintln(p.r.stderr)
	}
}
