package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) retry() *cobra.Command {
	var wait bool
	command := &cobra.Command{
		Use:   "retry JOB",
		Short: "Retry a failed job",
		Long:  `Run a job again, under its id, that failed or whose result was not taken. Of an array, only such children run again.`,
		Args:  exactly(1, "the id of a job"),
		RunE: func(c *cobra.Command, args []string) error {
			return r.runRetry(c, args[0], wait)
		},
	}
	command.Flags().BoolVar(&wait, "wait", false, "wait for the job to end, as 'batchd wait' does")
	return command
}

func (r *root) runRetry(c *cobra.Command, id string, wait bool) error {
	runtime, err := r.connect(c.Context())
	if err != nil {
		return err
	}
	answer, err := runtime.RetryJob(c.Context(), &wire.RetryJobRequest{JobID: id})
	if err != nil {
		return err
	}
	switch {
	case r.json() && !wait: // the job as it is in the end is the one document
		err = r.printJSON(answer)
	case !r.json():
		_, err = fmt.Fprintf(r.stdout, "%s  %d to run again\n", id, answer.Retried)
	}
	if err != nil || !wait {
		return err
	}
	return r.waitFor(c.Context(), runtime, id, false)
}
