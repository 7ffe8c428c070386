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
		Short: "List job events",
		Long: `List job events, one per line: the stored events from the oldest one on, or those after the number that --after gives. With
--follow, go on with new events until interrupted. With --output json each line is an event in the shape of EventBridge's
"Batch Job State Change"; --after takes the value of its batchd.sequence.`,
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
				return interruptedError{} // as following ends
			}
			return err
		},
	}
	flags := command.Flags()
	flags.Int64Var(&after, "after", 0, "list events after the one with this number; 0 for all stored events")
	flags.BoolVarP(&q.Follow, "follow", "f", false, "wait for new events; without --after, leave out the stored ones")
	flags.StringSliceVar(&q.Queues, "queue", nil, "list events of these job queues only; a name may be a prefix that ends in '*'")
	flags.StringVar(&q.Job, "job", "", "list events of the job with this id only, and of its children if it is an array")
	flags.StringSliceVar(&q.Statuses, "status", nil, "list events with these statuses only, for example FAILED")
	flags.BoolVar(&q.Children, "children", false, "when all children of an array change their status at once, list an event for each, up to 1000")
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
