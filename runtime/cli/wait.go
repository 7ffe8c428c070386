package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
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
		Short: "Wait for a job to end",
		Long: `Wait for a job to end, and show its progress. The exit code is 0 if the job succeeds and 1 if it fails. Interrupting the command
does not end the job.`,
		Args: exactly(1, "the id of a job"),
		RunE: func(c *cobra.Command, args []string) error {
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			return r.waitFor(c.Context(), runtime, args[0], false)
		},
	}
}

// waitFor shows the progress of a job and returns an error unless it succeeds. Interrupting it does not end the job. told reports
// whether the remedy for a job that cannot run has been printed already.
func (r *root) waitFor(ctx context.Context, runtime *client.Client, id string, told bool) error {
	show := r.progress(told, func(id string) string {
		x, err := runtime.ExplainJob(ctx, &wire.ExplainJobRequest{JobID: id})
		if err != nil {
			return ""
		}
		return x.Remedy
	})
	j, err := runtime.Wait(ctx, id, show.update)
	show.end()
	switch {
	case errors.Is(err, context.Canceled):
		return interruptedError{fmt.Errorf("interrupted; the job goes on: 'batchd wait %s' waits again, 'batchd terminate %s' ends it", id, id)}
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
	r.showReused(ctx, runtime, j)
	if j.Status == wire.StatusFailed {
		r.showFailures(ctx, runtime, j)
	}
	r.showResultErrors(ctx, runtime, j)
	if j.Status == wire.StatusFailed {
		return quietError{}
	}
	return nil
}

// progress shows how a job goes: a bar for an array on a terminal, a line for every change elsewhere, and everywhere a line
// for every change of the reason why it waits.
type progress struct {
	r      *root
	bar    *progressbar.ProgressBar
	status string
	reason string
	at     time.Time // of the last line
	pace   pace
	// remedy asks what would help a job that waits, in words; it is asked once.
	remedy   func(id string) string
	remedied bool
}

// lineEvery is how often a line tells how an array goes where there is no terminal to draw on.
const lineEvery = 5 * time.Second

func (r *root) progress(told bool, remedy func(id string) string) *progress {
	return &progress{r: r, remedied: told, remedy: remedy}
}

func (p *progress) update(j wire.JobDetail) {
	if wire.Terminal(j.Status) && p.bar == nil {
		return
	}
	waits := j.StatusReason != "" && !wire.Terminal(j.Status)
	if p.r.drawsBar(j) {
		if p.bar == nil {
			p.bar = newBar(p.r.stderr, *j.ArrayProperties.Size)
		}
		if waits && j.StatusReason != p.reason {
			_ = p.bar.Clear() // it only draws
			p.line(j)
		}
		draw(p.bar, j.ArrayProperties.StatusSummary, p.pace.left(j, time.Now()))
		return
	}
	due := j.Status != p.status || j.ArrayProperties != nil && time.Since(p.at) >= lineEvery
	if waits && j.StatusReason != p.reason || due && !p.r.json() {
		p.line(j)
	}
}

// line says what the status of a job is, and why. With the first reason why it waits it says what would help.
func (p *progress) line(j wire.JobDetail) {
	p.status, p.reason, p.at = j.Status, j.StatusReason, time.Now()
	text := strings.TrimSpace(fmt.Sprintf("%s %s  %s", j.JobID, j.Status, outcome(j.ArrayProperties, j.StatusReason)))
	fmt.Fprintln(p.r.stderr, printable(text+p.pace.left(j, p.at)))
	joined := j.Batchd != nil && j.Batchd.Joined != "" // it gets on without help
	if p.remedied || joined || j.StatusReason == "" || j.Status != wire.StatusRunnable && j.Status != wire.StatusPending {
		return
	}
	if remedy := p.remedy(j.JobID); remedy != "" {
		p.remedied = true
		fmt.Fprintf(p.r.stderr, "batchd: what would help: %s\n", printable(remedy))
	}
}

// drawsBar reports whether j is an array and there is a terminal to draw a bar on.
func (r *root) drawsBar(j wire.JobDetail) bool { return isArray(j) && isTerminal(r.stderr) }

func newBar(w io.Writer, size int32) *progressbar.ProgressBar {
	return progressbar.NewOptions(int(size), progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(false))
}

func draw(bar *progressbar.ProgressBar, counts map[string]int32, left string) {
	bar.Describe(fmt.Sprintf("%d running, %d failed%s", counts[wire.StatusRunning]+counts[wire.StatusStarting], counts[wire.StatusFailed], left))
	_ = bar.Set(int(counts[wire.StatusSucceeded] + counts[wire.StatusFailed])) // it only draws
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Exit() // it only draws
		fmt.Fprintln(p.r.stderr)
	}
}
