//go:build linux || darwin

package app

import (
	"context"
	"log/slog"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/docker"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// thisMachine returns the machine that the runtime is on: processes through the holder, and containers
// through Docker if that can be named.
func thisMachine(o *Options, stateDir, installation string, command []string) (machine, error) {
	as, err := o.confined(stateDir)
	if err != nil {
		return machine{}, err
	}
	logs := local.LogsDir(stateDir)
	m := machine{logs: joblog.Readers{batch.LogSegments: joblog.OpenDir(logs)}, logsDir: logs, limits: process.MemoryLimits, leftovers: process.Leftovers}
	options := local.Options{StateDir: stateDir, HolderCommand: command, Logger: o.Logger, RunAs: as}
	runner, err := docker.New(docker.Options{InstallationID: installation, StateDir: stateDir, LogsDir: logs, Logger: o.Logger})
	if err != nil {
		o.Logger.Warn("no containers can run here", "error", err)
		m.containers = func(context.Context) (string, error) { return "", err }
	} else {
		options.Containers, m.containers = runner, runner.Version
	}
	process.ReserveThreads(spareThreads)
	m.driver = local.New(options)
	return m, nil
}

// RunHolder is the holder of a state directory: it starts and keeps the processes of jobs, and outlives the
// runtime. It returns when it was told to end, ctx ends or nobody needs it any more. It must have its process
// for itself.
func RunHolder(ctx context.Context, stateDir string, logger *slog.Logger) error {
	return holder.Run(ctx, holder.Options{StateDir: stateDir, Logger: logger})
}
