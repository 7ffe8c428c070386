package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// What an option is when it is not given.
const (
	DefaultListen    = "127.0.0.1:0"
	DefaultRegion    = "us-east-1"
	DefaultAccountID = "000000000000"
)

// Values of Options.Auth.
const (
	AuthSigV4 = "sigv4"
	AuthOff   = "off"
)

// Driver is a driver with its life cycle.
type Driver interface {
	compute.Driver
	compute.Lifecycle
}

// Options are what a runtime is made of. Only StateDir is required.
type Options struct {
	// StateDir is where everything is kept. It is made if it does not exist.
	StateDir string
	// Listen is the address to serve at, host:port. Port 0 is the one it had the last time.
	Listen string
	// Hosts are further names under which the service is called, beside those of Listen and loopback.
	Hosts []string
	// TLSCert and TLSKey name the files of the certificate to serve with and of its key, in PEM; they are read
	// again when they change. Empty: no TLS.
	TLSCert, TLSKey string
	// InsecureHTTP allows to serve without TLS where other machines can reach it.
	InsecureHTTP bool
	// MasterKeyFile names the file of the key that the secrets of access keys are sealed under; empty: in the
	// state directory. It is made if it does not exist.
	MasterKeyFile string
	// ForgetKeys revokes the access keys that the master key does not open, for when that was lost.
	ForgetKeys bool
	// MetricsTokenFile names the file of the token that asking for /metrics takes; empty: none where only this
	// machine can ask, else one in the state directory, made if it does not exist.
	MetricsTokenFile string
	// ConfigFile names the file of a [Config]; empty: config.json in the state directory, if it is there.
	ConfigFile string
	// RunAs is as whom process jobs run, see [local.ParseRunAs]; empty: as the user of the runtime. It needs root.
	RunAs string
	// TrustJobs lets every key that may submit jobs run what reaches the machine: process jobs (without RunAs), privileged
	// containers, and those with paths of the host in them. Otherwise only an administrator's key does.
	TrustJobs bool
	// Auth is AuthSigV4, or AuthOff for loopback addresses only.
	Auth string
	// Region and AccountID are part of every ARN.
	Region    string
	AccountID string
	// ReadyFile receives a JSON object with endpoint, pid and version once requests are served.
	ReadyFile string
	// IdleTimeout ends Run so long after the last lease and the last unfinished job; 0: never.
	IdleTimeout time.Duration
	// MaxArraySize is the largest array accepted, 2..1,000,000; 0: 10,000.
	MaxArraySize int32
	// HolderCommand is the argv that calls [RunHolder] with StateDir in a process of its own; nil: this
	// executable with "holder --state-dir <StateDir>".
	HolderCommand []string
	Logger        *slog.Logger
	// Driver runs the jobs of LOCAL environments and Logs reads their output, by its kind; nil: this machine.
	Driver Driver
	Logs   joblog.Readers
	// Listener returns what listens at an address, for the service and for the metadata of attempts; nil: TCP. Tests in virtual time give one
	// that uses no socket.
	Listener rendezvous.ListenFunc
	// AWS lets environments of the types EC2, SPOT, FARGATE and FARGATE_SPOT and those that are UNMANAGED run jobs in an AWS account. Without it
	// they are stored and described only, whatever credentials there are: nobody pays for instances that they did not ask for.
	AWS bool
	// AWSConfig returns the configuration of the AWS SDK for a profile and a region, either of which may be empty; nil: what the SDK finds.
	AWSConfig func(ctx context.Context, profile, region string) (sdk.Config, error)
}

var (
	regionPattern  = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`)
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
)

// complete fills what is not given and refuses what cannot be.
func (o *Options) complete() error {
	given(&o.Listen, DefaultListen)
	given(&o.Auth, AuthSigV4)
	given(&o.Region, DefaultRegion)
	given(&o.AccountID, DefaultAccountID)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := o.checkNames(); err != nil {
		return err
	}
	switch {
	case o.StateDir == "":
		return errors.New("no state directory is given")
	case !regionPattern.MatchString(o.Region):
		return fmt.Errorf("region %q is not of the form us-east-1", o.Region)
	case !accountPattern.MatchString(o.AccountID):
		return fmt.Errorf("account id %q is not twelve digits", o.AccountID)
	case o.MaxArraySize != 0 && (o.MaxArraySize < batch.MinArraySize || o.MaxArraySize > batch.MaxMaxArraySize):
		return fmt.Errorf("max array size %d: %d to %d are allowed", o.MaxArraySize, batch.MinArraySize, batch.MaxMaxArraySize)
	case o.IdleTimeout < 0:
		return fmt.Errorf("idle timeout %s: give 0 for never, or a positive duration", o.IdleTimeout)
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return errors.New("only one of the TLS certificate and its key is given; give both --tls-cert and --tls-key, or neither")
	case (o.Driver == nil) != (o.Logs == nil):
		return errors.New("a driver and the reader of its logs are given together or not at all")
	}
	switch o.Auth {
	case AuthSigV4:
		return o.checkPrivacy()
	case AuthOff:
		return auth.RequireLoopback(o.Listen)
	default:
		return fmt.Errorf("auth %q: %s or %s are allowed", o.Auth, AuthSigV4, AuthOff)
	}
}

// checkPrivacy refuses to serve others without TLS unless that is asked for by name.
func (o *Options) checkPrivacy() error {
	if o.TLSCert != "" || o.InsecureHTTP || auth.IsLoopback(o.Listen) {
		return nil
	}
	return fmt.Errorf("listen address %q without TLS: anybody on the network path can read parameters, results and logs; give --tls-cert and --tls-key, "+
		"listen on 127.0.0.1, or say --insecure-http where something else encrypts the connection", o.Listen)
}

func given(value *string, otherwise string) {
	if *value == "" {
		*value = otherwise
	}
}

// holderCommand returns the argv of the holder of a state directory.
func (o *Options) holderCommand(stateDir string) ([]string, error) {
	if o.HolderCommand != nil {
		return o.HolderCommand, nil
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the executable of the holder: %w", err)
	}
	return []string{executable, "holder", "--state-dir", stateDir}, nil
}
