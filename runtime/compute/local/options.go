package local

import (
	"context"
	"log/slog"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// Options is what a [Driver] is made from.
type Options struct {
	// StateDir is the runtime's state directory; it is made if it is missing, readable by its owner only.
	StateDir string
	// HolderCommand is the argv that runs the holder of StateDir, for example
	// {"batchd", "holder", "--state-dir", dir}.
	HolderCommand []string
	// Hostname is what people call this machine; empty means the system's host name.
	Hostname string
	// RunAs says as whom processes run. A start that names another user is refused.
	RunAs process.RunAs
	// Logger receives what goes wrong behind the orders; nil discards it.
	Logger *slog.Logger
	// Containers runs starts that name an image; nil reports them as failed to start.
	Containers ContainerRunner
}

// ContainerRunner runs attempts as containers on this machine. It obeys the contract of
// [compute.Driver] for the attempts it is given, lanes and [compute.Start].Ahead included; it is
// asked to Stop and Forget only attempts that it was told to start or that its census listed.
// Its lanes hold only its own attempts. Log positions are of its own series of segments in
// the logs directory (see joblog.SeriesContainers).
type ContainerRunner interface {
	compute.Lifecycle
	compute.ImageResolver

	Start(ctx context.Context, starts []compute.Start) error
	Stop(ctx context.Context, stops []compute.Stop) error
	Forget(ctx context.Context, attempts []batch.AttemptID) error
	// Census lists every container attempt held. A runner that cannot ask its engine answers an
	// error only if it may hold attempts; otherwise an unreachable engine would hold up processes too.
	Census(ctx context.Context) ([]compute.Presence, error)
	Reports() <-chan []batch.Report
}

// LogsDir returns the directory of the log segments of a state directory.
func LogsDir(stateDir string) string { return stateDir + "/logs" }
