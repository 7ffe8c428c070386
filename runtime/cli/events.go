package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// events prints what happens to jobs.
func (r *root) events() *cobra.Command {
	q := client.EventsRequest{}
	var after int64
	command := &cobra.Command{
		Use:   "events",
		Short: "Print what happens to jobs, one event a line",
		Long: `Print what happens to jobs, one event a line: first those that are kept, from the oldest or after a number, and
with --follow what happens next, until interrupted. With --output json each line is an event in the shape of
EventBridge's "Batch Job State Change"; its batchd.sequence is what --after takes.`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := q.Validate(); err != nil {
				return usageError{err}
			}
			if !q.Follow || c.Flags().Changed("after") {
				q.After = &after
			}
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			if q.Job != "" {
				if _, err := runtime.Job(c.Context(), q.Job); err != nil {
					return err
				}
			}
			err = runtime.Events(c.Context(), q, r.printEvent, func(g wire.EventGap) {
				fmt.Fprintf(r.stderr, "batchd: %d lines after number %d are not kept any more\n", g.Lost, g.After)
			})
			if c.Context().Err() != nil {
				return nil //nolint:nilerr // that is how following ends
			}
			return err
		},
	}
	flags := command.Flags()
	flags.Int64Var(&after, "after", 0, "number of the last event that was seen; 0 for all that are kept")
	flags.BoolVarP(&q.Follow, "follow", "f", false, "wait for what happens next; without --after, begin with that")
	flags.StringSliceVar(&q.Queues, "queue", nil, "job queues, or prefixes that end in '*'")
	flags.StringVar(&q.Job, "job", "", "id of a job; of an array, its children too")
	flags.StringSliceVar(&q.Statuses, "status", nil, "statuses that events report, for example FAILED")
	flags.BoolVar(&q.Children, "children", false, "tell of the children of an array one by one when all come into a status at once, up to 1000")
	return command
}

func (r *root) printEvent(e *wire.Event) error {
	if r.json() {
		text, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("printing JSON: %w", err)
		}
		_, err = fmt.Fprintln(r.stdout, wire.PrintableJSON(string(text)))
		return err
	}
	status, name := e.Detail.Status, e.Detail.JobName
	var sequence int64
	at := e.Time
	if b := e.Batchd; b != nil {
		sequence, at = b.Sequence, time.UnixMilli(b.Time).Format("2006-01-02 15:04:05.000")
		if b.Children != "" {
			status, name = b.Children, name+" (its children)"
		}
	}
	if e.DetailType == wire.EventQueueBlocked {
		status = "BLOCKED"
	}
	_, err := fmt.Fprintf(r.stdout, "%d\t%s\t%s\t%s\t%s\t%s\n", sequence, at, status, e.Detail.JobID, name, dash(printable(e.Detail.Ending().Because())))
	return err
}
