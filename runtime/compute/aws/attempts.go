package aws

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// errNoAttempts refuses attempts as long as the driver cannot run any.
var errNoAttempts = &compute.Refusal{Why: batch.Unsupported, Text: "tasks are not started yet"}

// Start implements [compute.Driver].
func (d *Driver) Start(context.Context, []compute.Start) error { return errNoAttempts }

// Stop implements [compute.Driver].
func (d *Driver) Stop(context.Context, []compute.Stop) error { return nil }

// Forget implements [compute.Driver].
func (d *Driver) Forget(context.Context, []batch.AttemptID) error { return nil }

// attemptsCensus adds the attempts to a census. The mutex is held.
func (d *Driver) attemptsCensus(*compute.Census) {}

// heldOn is what the attempts on a host hold. The mutex is held.
func (d *Driver) heldOn(*host) batch.Shape { return batch.Shape{} }

// removeDefinitions removes the task definitions that were made for an environment that goes, and reports whether there were any.
func (d *Driver) removeDefinitions(context.Context, *environment) (bool, error) { return false, nil }
