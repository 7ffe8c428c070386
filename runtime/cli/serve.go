package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// envAWS is the variable that stands for --aws if it is 1.
const envAWS = "BATCHD_AWS"

func (r *root) serve() *cobra.Command {
	o := app.Options{}
	var logFile string
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the AWS Batch API and run jobs on this machine",
		Long: `Serve the AWS Batch API and run jobs on this machine until interrupted. Jobs that are running then go on, and the next
runtime that serves the same state directory takes them up.

The log file is rotated when it reaches 16 MiB: FILE.1 is the previous file and FILE.2 the one before; older files are removed.`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			logger, closeLog, err := r.logger(logFile)
			if err != nil {
				return err
			}
			defer closeLog()
			o.Region, o.Logger = r.region, logger
			return r.runServe(c.Context(), o)
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:0", "address to listen on; port 0 is the port of the last time, or any that is free")
	flags.StringArrayVar(&o.Hosts, "host", nil, "further name or address that clients use for this service; may be repeated (default: that of --listen and those of the certificate)")
	flags.StringVar(&o.TLSCert, "tls-cert", "", "file with the certificate chain in PEM; read again when it changes")
	flags.StringVar(&o.TLSKey, "tls-key", "", "file with the certificate's private key in PEM")
	flags.BoolVar(&o.InsecureHTTP, "insecure-http", false, "serve without TLS on an address that other machines can reach")
	flags.StringVar(&o.MasterKeyFile, "master-key-file", "", "file with the key that encrypts the secrets of access keys; created if it does not exist (default: master.key in the state directory)")
	flags.BoolVar(&o.ForgetKeys, "forget-keys", false, "revoke the access keys that the master key cannot decrypt, and create a new one for the administrator: for use when the master key is lost")
	flags.StringVar(&o.MetricsTokenFile, "metrics-token-file", "", "file with the token that requests for /metrics need; created if it does not exist (default: metrics.token in the state directory, and no token on a loopback address)")
	flags.StringVar(&o.RunAs, "run-as", "", "user that process jobs run as, or a range of user ids, such as 300000-365535, of which each attempt gets one; needs root (default: as the user of the runtime)")
	flags.BoolVar(&o.TrustJobs, "trust-jobs", false, "let every key that may submit run processes as the user of the runtime, privileged containers, and containers with paths of this machine (default: only those of administrators)")
	flags.BoolVar(&o.AWS, "aws", os.Getenv(envAWS) == "1", "run jobs of EC2, SPOT, FARGATE, FARGATE_SPOT and UNMANAGED environments in the AWS account of the SDK's credentials, where instances cost money; also BATCHD_AWS=1 (default: these environments are stored and described only)")
	flags.StringVar(&o.Auth, "auth", app.AuthSigV4, "authentication: sigv4 (requests are signed) or off (everybody on this machine may do everything)")
	flags.StringVar(&o.AccountID, "account-id", app.DefaultAccountID, "account id of ARNs, twelve digits")
	flags.StringVar(&o.ReadyFile, "ready-file", "", "file that receives a JSON object with endpoint, pid and version once requests are served")
	flags.Int32Var(&o.MaxArraySize, "max-array-size", 0, "largest array accepted, up to 1000000 (default 10000)")
	flags.DurationVar(&o.IdleTimeout, "idle-timeout", 0, "stop when there has been no lease and no unfinished job for this long (default: never)")
	flags.StringVar(&o.ConfigFile, "config", "", "configuration file in JSON (default: config.json in the state directory, if it exists)")
	flags.StringVar(&logFile, "log-file", "", "file to append the log to, rotated at 16 MiB to FILE.1 and FILE.2 (default: standard error)")
	return command
}

// runServe serves until it is interrupted, asked to stop or idle.
func (r *root) runServe(ctx context.Context, o app.Options) error {
	var err error
	if o.StateDir, err = rendezvous.StateDir(r.stateDir, os.Getenv); err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this executable: %w", err)
	}
	o.HolderCommand = append(append([]string{executable}, r.door...), "holder", "--state-dir", o.StateDir)
	runtime, err := app.New(ctx, o)
	if err != nil {
		return err
	}
	return runtime.Run(ctx)
}

// logger logs to a file, or to standard error.
func (r *root) logger(path string) (*slog.Logger, func(), error) {
	if path == "" {
		return slog.New(slog.NewTextHandler(r.stderr, nil)), func() {}, nil
	}
	f, err := openLogFile(path, maxLogFile)
	if err != nil {
		return nil, nil, err
	}
	return slog.New(slog.NewTextHandler(f, nil)), func() { _ = f.Close() }, nil
}

// holder is the command that app starts: the process that attempts belong to.
func (r *root) holder() *cobra.Command {
	return &cobra.Command{
		Use:    "holder",
		Short:  "Run the holder, which starts the processes of a state directory (started by serve)",
		Hidden: true,
		Args:   exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			return app.RunHolder(c.Context(), r.stateDir, slog.New(slog.NewTextHandler(r.stderr, nil)))
		},
	}
}

func (r *root) stop() *cobra.Command {
	return &cobra.Command{
		Use:   "stop",
		Short: "Stop the runtime",
		Long:  `Stop the runtime. Jobs that are running go on, and the next runtime that serves the state directory takes them up.`,
		Args:  exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			status, known := r.statusBeforeStop(c.Context(), runtime)
			switch err := runtime.Stop(c.Context()); {
			case err != nil && !known && status.PID != 0:
				return fmt.Errorf("%w; end it with: kill %d", err, status.PID)
			case err != nil:
				return err
			}
			if err := r.awaitEnd(c.Context(), status.PID); err != nil {
				return err
			}
			switch {
			case r.json() && known:
				return r.printJSON(status)
			case r.json(): // without counts: those of a runtime that could not say them are not 0
				return r.printJSON(map[string]any{"pid": status.PID, "stateDirectory": status.StateDirectory})
			}
			_, err = fmt.Fprintln(r.stdout, r.stopped(status, known))
			return err
		},
	}
}

// statusBeforeStop asks a runtime what it is and what runs in it. A runtime whose store was emptied, for example, cannot answer, and has
// to be stopped all the more: it is known by its state directory then, if it is of this machine, and known is false.
func (r *root) statusBeforeStop(ctx context.Context, runtime *client.Client) (status *wire.StatusResponse, known bool) {
	ctx, cancel := context.WithTimeout(ctx, statusPatience)
	defer cancel()
	status, err := runtime.Status(ctx)
	if err == nil {
		return status, true
	}
	status = &wire.StatusResponse{}
	if target, err := r.target(); err == nil && target.Runtime != nil {
		status.PID, status.StateDirectory = target.Runtime.PID, target.StateDir
	}
	return status, false
}

// stopped says which runtime was stopped, and what becomes of what ran.
func (r *root) stopped(status *wire.StatusResponse, known bool) string {
	which, outlook := "the runtime", r.goingOn(status.Running)
	if status.PID != 0 {
		which = fmt.Sprintf("the runtime of %s (pid %d)", status.StateDirectory, status.PID)
	}
	if !known {
		outlook = "It could not say what was running, and its log says why. What was running goes on."
	}
	return fmt.Sprintf("Stopped %s.\n%s", which, outlook)
}

// goingOn says what becomes of jobs that outlive the runtime, and how to see them again.
func (r *root) goingOn(jobs int64) string {
	subject, object := fmt.Sprintf("%d jobs go", jobs), "them"
	switch jobs {
	case 0:
		return "Nothing was running."
	case 1:
		subject, object = "1 job goes", "it"
	}
	where := ""
	if r.stateDir != "" {
		where = " --state-dir " + r.stateDir
	}
	return fmt.Sprintf("%s on running without the runtime, and what comes of that is kept.\n'batchd serve%s' takes %s up again, and 'batchd jobs%s' lists %s then.",
		subject, where, object, where, object)
}

const (
	// statusPatience is how long stop waits for the runtime to say what runs.
	statusPatience = 3 * time.Second
	// stopTimeout is how long stop waits for the runtime to end, and stopPoll how often it looks.
	stopTimeout = 30 * time.Second
	stopPoll    = 20 * time.Millisecond
)

// awaitEnd waits until the process has given its state directory back, so that the next one can start. A
// runtime that is not of this machine's state directory is not waited for.
func (r *root) awaitEnd(ctx context.Context, pid int) error {
	dir, err := rendezvous.StateDir(r.stateDir, os.Getenv)
	if err != nil {
		return err
	}
	look := time.NewTicker(stopPoll)
	defer look.Stop()
	for deadline := time.Now().Add(stopTimeout); ; {
		holder, alive, err := rendezvous.Alive(dir)
		if err != nil || !alive || holder != pid {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("process %d has not ended after %s; see its log, or end it with: kill %d", pid, stopTimeout, pid)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Version is what this build calls itself.
func Version() string { return app.Version }

func (r *root) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if r.json() {
				return r.printJSON(map[string]string{"version": app.Version})
			}
			_, err := fmt.Fprintf(r.stdout, "batchd %s\n", app.Version)
			return err
		},
	}
}
