package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) submit() *cobra.Command {
	s := &submission{}
	var wait bool
	command := &cobra.Command{
		Use:   "submit [flags] [--] [command...]",
		Short: "Submit a job, an array or a sweep",
		Long: `Submit a job, an array (--array) or a sweep (--matrix). The command replaces the definition's. It begins with the
first word that is not a flag; everything after that word belongs to the command, flags included. Without --queue and
--definition, a queue and a definition named "default" are used, and created if they do not exist.

A job leaves its result in the file that $BATCH_RESULT_FILE names: one JSON value in UTF-8 of at most 64 KiB, nested at
most 128 deep, without NaN or Infinity. Anything else is not taken: the job succeeds without a result, and 'batchd wait'
and 'batchd describe' give the reason. With --on-result-error fail, the job fails.

  batchd submit -- echo hello
  batchd submit --matrix rate=0.1,0.2 --matrix seed=1,2,3 -- sh -c 'echo $BATCH_PARAM_RATE'`,
		RunE: func(c *cobra.Command, args []string) error {
			return r.runSubmit(c, s, args, wait)
		},
	}
	s.declare(command)
	command.Flags().BoolVar(&wait, "wait", false, "wait for the job to end, as 'batchd wait' does")
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
	if looksLikeShell(args) {
		fmt.Fprintf(r.stderr, "batchd: the command is one word, %s, and no shell reads it; put 'sh -c' before it to have it read by a shell\n", printable(strconv.Quote(args[0])))
	}
	if word := relativeFile(args); word != "" {
		fmt.Fprintf(r.stderr, "batchd: %s is a file in this directory, and a job runs in a directory of its own unless its definition names one: give the absolute path, or send the file with --script\n", printable(word))
	}
	told := r.warnIfStuck(ctx, runtime, request)
	answer, err := runtime.SubmitJob(ctx, request)
	if err != nil {
		return err
	}
	switch {
	case r.json() && !wait: // the job as it is in the end is the one document
		err = r.printJSON(answer)
	case !r.json():
		_, err = fmt.Fprintln(r.stdout, answer.JobID)
	}
	if err != nil || !wait {
		return err
	}
	return r.waitFor(ctx, runtime, answer.JobID, told)
}

// looksLikeShell reports whether a command is one word that only a shell would take apart.
func looksLikeShell(command []string) bool {
	if len(command) != 1 || !strings.ContainsAny(command[0], " \t\n|&;<>$`") {
		return false
	}
	_, err := os.Stat(command[0])
	return err != nil
}

// relativeFile returns the first word of a command that is the relative path of a file; empty if there is none.
func relativeFile(command []string) string {
	for _, word := range command {
		if info, err := os.Stat(word); err == nil && info.Mode().IsRegular() && !filepath.IsAbs(word) {
			return word
		}
	}
	return ""
}

// warnIfStuck says if a submission can never run as things are. It is accepted all the same: things may change. A runtime
// that does not answer, or may not be asked, is not waited for: the submission itself will say so. told reports whether it
// printed a remedy.
func (r *root) warnIfStuck(ctx context.Context, runtime *client.Client, request *wire.SubmitJobRequest) (told bool) {
	p, err := runtime.PlanJob(ctx, request)
	if err != nil || p.Placeable || p.Runs == 0 {
		return false
	}
	fmt.Fprintf(r.stderr, "batchd: the job can never run as things are (%s): %s\n", p.Code, printable(p.Sentence))
	if p.Remedy != "" {
		fmt.Fprintf(r.stderr, "batchd: what would help: %s\n", printable(p.Remedy))
	}
	return p.Remedy != ""
}
