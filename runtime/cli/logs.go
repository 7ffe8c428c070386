package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) logs() *cobra.Command {
	var follow, timestamps, raw bool
	var attempt, lines int32
	command := &cobra.Command{
		Use:   "logs JOB",
		Short: "Print the logs of a job",
		Long: `Print what a job has written to its standard output and standard error, a last unfinished line included. Bytes that are not
UTF-8 are printed as U+FFFD. With --raw, the bytes are printed as they were written and nothing is added.`,
		Args: exactly(1, "the id of a job"),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("attempt") && attempt < 1 {
				return usageError{fmt.Errorf("--attempt is %d; give a number from 1, or leave it out for the latest", attempt)}
			}
			if c.Flags().Changed("lines") && lines < 1 {
				return usageError{fmt.Errorf("--lines is %d; give a number from 1, or leave it out for all lines", lines)}
			}
			if raw && (timestamps || r.json()) {
				return usageError{fmt.Errorf("--raw goes neither with --timestamps nor with --output json: it prints what was written and nothing else")}
			}
			q := wire.LogsRequest{JobID: args[0], Raw: raw}
			if attempt > 0 {
				q.Attempt = &attempt
			}
			if lines > 0 {
				q.Limit, q.Tail = &lines, true
			}
			show := &logPrinter{w: r.stdout, raw: raw, timestamps: timestamps}
			if r.json() {
				show.events = json.NewEncoder(r.stdout)
			}
			return r.printLogs(c, q, follow, show)
		},
	}
	command.Flags().BoolVarP(&follow, "follow", "f", false, "print new output until the job ends")
	command.Flags().BoolVar(&timestamps, "timestamps", false, "begin each line with its time")
	command.Flags().BoolVar(&raw, "raw", false, "print the bytes as they were written")
	command.Flags().Int32Var(&attempt, "attempt", 0, "number of the attempt, from 1 (default: the latest)")
	command.Flags().Int32VarP(&lines, "lines", "n", 0, "number of lines from the end to begin with, at least 1 (default: all lines)")
	return command
}

func (r *root) printLogs(c *cobra.Command, q wire.LogsRequest, follow bool, show *logPrinter) error {
	runtime, err := r.connect(c.Context())
	if err != nil {
		return err
	}
	var dropped int64
	each := func(page *wire.LogsResponse) error {
		dropped = page.Dropped
		return show.page(page)
	}
	if follow {
		err = runtime.FollowLogs(c.Context(), q, each)
	} else {
		err = everyPage(q, func(q *wire.LogsRequest) (*wire.LogsResponse, error) { return runtime.Logs(c.Context(), q) }, each)
	}
	ended := show.end()
	switch {
	case follow && c.Context().Err() != nil:
		return interruptedError{} // as following often ends
	case err != nil:
		return err
	case dropped > 0:
		fmt.Fprintf(r.stderr, "batchd: %d bytes of this output are missing: they could not be written to the log\n", dropped)
	}
	return ended
}

// everyPage shows what there is now.
func everyPage(q wire.LogsRequest, read func(*wire.LogsRequest) (*wire.LogsResponse, error), show func(*wire.LogsResponse) error) error {
	for {
		page, err := read(&q)
		if err != nil {
			return err
		}
		if err := show(page); err != nil {
			return err
		}
		if page.Ended || len(page.Events) == 0 || q.Tail {
			return nil
		}
		q.NextToken = page.NextToken
	}
}

// logPrinter prints the lines of a log. It joins the events of a long line, and prints what there is of an unfinished one as it
// grows.
type logPrinter struct {
	w          io.Writer
	events     *json.Encoder // prints events instead of lines; nil: lines
	raw        bool
	timestamps bool

	within bool // a line has begun and not ended
	shown  int  // bytes of the next event that were printed, when it was unfinished
}

func (p *logPrinter) page(page *wire.LogsResponse) error {
	for i := range page.Events {
		if err := p.event(&page.Events[i]); err != nil {
			return err
		}
	}
	if page.Unfinished == nil || p.events != nil { // who reads events waits until they are whole
		return nil
	}
	n, err := p.print(page.Unfinished)
	p.shown += n
	return err
}

func (p *logPrinter) event(e *wire.LogEvent) error {
	if p.events != nil {
		return p.events.Encode(e)
	}
	if _, err := p.print(e); err != nil {
		return err
	}
	p.shown = 0
	if e.Continues {
		return nil
	}
	p.within = false
	_, err := io.WriteString(p.w, "\n")
	return err
}

// print writes what of an event has not been printed yet, and returns how many bytes that were.
func (p *logPrinter) print(e *wire.LogEvent) (int, error) {
	text := []byte(e.Message)
	if p.raw {
		text = e.Data
	}
	text = text[min(p.shown, len(text)):]
	if p.timestamps && !p.within {
		if _, err := io.WriteString(p.w, moment(e.Timestamp)+" "); err != nil {
			return 0, err
		}
	}
	p.within = true
	return p.w.Write(text)
}

// end ends a line that has no end, for what is printed next; raw output stays as it was.
func (p *logPrinter) end() error {
	if !p.within || p.raw {
		return nil
	}
	p.within = false
	_, err := io.WriteString(p.w, "\n")
	return err
}
