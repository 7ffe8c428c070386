package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // a job failed, or what was asked could not be done
	exitUsage  = 2 // the command line is wrong
	exitAbsent = 3 // no runtime could be reached
	// exitInterrupted is what a shell reports of a command that SIGINT ended.
	exitInterrupted = 128 + 2
)

// usageError is a command line that is wrong.
type usageError struct{ error }

// quietError ends a command that has said already what there is to say.
type quietError struct{}

func (quietError) Error() string { return "failed" }

// interruptedError ends a command that waited or followed and was interrupted; what it waited for goes on.
type interruptedError struct{ error }

// root is what all commands share.
type root struct {
	door     []string // see Main
	endpoint string
	stateDir string
	region   string
	profile  string
	caFile   string
	output   string
	stdout   io.Writer
	stderr   io.Writer
}

// Main runs the command that args, without the program's name, ask for, and returns the exit code. door is
// the arguments with which this executable lets a caller in here, for executables that do other things too.
func Main(args []string, door ...string) int {
	var terminal io.Writer
	if isTerminal(os.Stderr) {
		terminal = os.Stderr
	}
	ctx, end := interruptible(terminal)
	defer end()
	return run(ctx, &root{door: door, stdout: os.Stdout, stderr: os.Stderr}, args)
}

// stopPatience is how long a command may take to end after it was interrupted, before it is said how to end it at once.
const stopPatience = 300 * time.Millisecond

// interruptible returns a context that the first interruption ends. The second ends the process, as one at which
// nothing is done does: whatever it was about to tidy up, nothing that was acknowledged is lost. hint is where that is
// said; nil: nowhere.
func interruptible(hint io.Writer) (ctx context.Context, end func()) {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ended := make(chan struct{})
	context.AfterFunc(ctx, func() {
		restore()
		select {
		case <-time.After(stopPatience):
			if hint != nil {
				fmt.Fprintln(hint, "batchd: stopping; interrupt it again to end it at once")
			}
		case <-ended:
		}
	})
	return ctx, func() {
		close(ended)
		restore()
	}
}

func run(ctx context.Context, r *root, args []string) int {
	stderr := r.stderr
	command := newRoot(r)
	command.SetArgs(args)
	failed, err := command.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var usage usageError
	var quiet quietError
	var interrupted interruptedError
	switch {
	case errors.As(err, &quiet):
		return exitFailed
	case errors.As(err, &interrupted):
		if interrupted.error != nil {
			say(stderr, err)
		}
		return exitInterrupted
	case errors.As(err, &usage):
		say(stderr, err)
		fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", failed.CommandPath())
		return exitUsage
	case errors.Is(err, rendezvous.ErrNotRunning), errors.Is(err, errUnreachable):
		say(stderr, err)
		return exitAbsent
	default:
		say(stderr, err)
		return exitFailed
	}
}

// say says what went wrong. Errors of ours may have several lines; what a service answers quotes others, and has one.
func say(stderr io.Writer, err error) {
	text := wire.PrintableLines(err.Error())
	if answer := (*wire.Error)(nil); errors.As(err, &answer) {
		text = wire.Printable(err.Error())
	}
	fmt.Fprintln(stderr, "batchd: "+text)
}

func newRoot(r *root) *cobra.Command {
	command := &cobra.Command{
		Use:   "batchd",
		Short: "A batch computing service in one binary that speaks the AWS Batch API",
		Long: `batchd runs batch jobs on this machine, as processes or containers. Jobs are submitted over the AWS Batch API.

  batchd serve                       serve the API from the state directory of this user
  batchd submit -- echo hello        submit a job
  eval "$(batchd env)"               set the environment variables for AWS tools

Exit codes:

  0    success
  1    a job failed, or the command could not be carried out
  2    the command line is wrong
  3    the runtime could not be reached
  130  the command was interrupted while it waited or followed; jobs go on`,
		Version:                    Version(),
		SilenceUsage:               true,
		SilenceErrors:              true,
		Args:                       commandOnly,
		RunE:                       func(c *cobra.Command, _ []string) error { return c.Help() },
		SuggestionsMinimumDistance: suggestedEdits,
	}
	command.SetVersionTemplate("batchd {{.Version}}\n")
	command.SetOut(r.stdout)
	command.SetErr(r.stderr)
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	flags := command.PersistentFlags()
	flags.StringVar(&r.endpoint, "endpoint", "", "URL of the runtime (default: the runtime of --state-dir if given, else BATCHD_ENDPOINT, else AWS_ENDPOINT_URL_BATCH, else the runtime of the user's state directory)")
	flags.StringVar(&r.stateDir, "state-dir", "", "state directory (default: BATCHD_STATE_DIR, else batchd in the user's state directory)")
	flags.StringVar(&r.region, "region", "", "AWS region of requests, and of a runtime that is served (default us-east-1)")
	flags.StringVar(&r.profile, "profile", "", "profile of the AWS configuration to sign requests with")
	flags.StringVar(&r.caFile, "ca-file", "", "file with certificate authorities in PEM to trust besides the system's (default: BATCHD_CA_FILE)")
	flags.StringVarP(&r.output, "output", "o", "text", "output format: text or json")
	command.PersistentPreRunE = func(*cobra.Command, []string) error {
		if r.output != "text" && r.output != "json" {
			return usageError{fmt.Errorf("--output is %q; text and json are allowed", r.output)}
		}
		return nil
	}
	command.AddCommand(
		r.serve(), r.holder(), r.submit(), r.plan(), r.simulate(), r.jobs(), r.describe(), r.explain(), r.logs(), r.events(), r.wait(),
		r.cancel(), r.terminate(), r.retry(), r.hosts(), r.key(), r.audit(), r.env(), r.doctor(), r.stop(), r.version(),
	)
	return command
}

// suggestedEdits is by how many edits a word may differ from the name of a command that is suggested for it.
const suggestedEdits = 2

// commandOnly refuses arguments of a command that only has other commands: the first one was meant as the name of one of them.
// The error says which one may be meant.
func commandOnly(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name := args[0]
	text := fmt.Sprintf("unknown command %q for '%s'", name, c.CommandPath())
	if meant := c.SuggestionsFor(name); len(meant) > 0 {
		text += fmt.Sprintf("; did you mean %q?", meant[0])
	} else if c.HasParent() { // it has few
		var names []string
		for _, each := range c.Commands() {
			names = append(names, each.Name())
		}
		text += "; its commands are: " + strings.Join(names, ", ")
	}
	return usageError{errors.New(text)}
}

// exactly is cobra.ExactArgs with an error that says what is expected.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("%s takes %s, was given %d arguments", c.CommandPath(), what, len(args))}
		}
		return nil
	}
}

func (r *root) json() bool { return r.output == "json" }
