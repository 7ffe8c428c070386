package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (r *root) submit() *cobra.Command {
	s := &submission{}
	var wait bool
	command := &cobra.Command{
		Use:   "submit [flags] [-- command...]",
		Short: "Submit a job, an array or a sweep",
		Long: `Submit a job, an array (--array) or a sweep (--matrix). A command after "--" replaces the
definition's. Without --queue and --definition, a queue and a definition named "default" are used, and made
if they are not there.

A job leaves its result in the file that $BATCH_RESULT_FILE names: one JSON value in UTF-8 of at most 64 KiB, nested at
most 128 deep, without NaN or Infinity. Anything else is not taken: the job succeeds without a result, which 'batchd wait'
and 'batchd describe' say, unless --on-result-error is fail.

  batchd submit -- echo hello
  batchd submit --matrix rate=0.1,0.2 --matrix seed=1,2,3 -- sh -c 'echo $BATCH_PARAM_RATE'`,
		RunE: func(c *cobra.Command, args []string) error {
			return r.runSubmit(c, s, args, wait)
		},
	}
	s.declare(command)
	command.Flags().BoolVar(&wait, "wait", false, "wait for the end, as 'batchd wait' does")
	return command
}

func (r *root) runSubmit(c *cobra.Command, s *submission, args []string, wait bool) error {
	ctx := c.Context()
	request, err := s.request(args)
	if err != nil {
		return usageError{err}
	}
	runtime, err := r.connect(ctx)
	if err != nil {
		return err
	}
	if err := r.ensureDefaults(ctx, runtime, s); err != nil {
		return err
	}
	answer, err := runtime.SubmitJob(ctx, request)
	if err != nil {
		return err
	}
	if r.json() {
		if err := r.printJSON(answer); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintln(r.stdout, answer.JobID); err != nil {
		return err
	}
	if !wait {
		return nil
	}
	return r.waitFor(ctx, runtime, answer.JobID)
}
