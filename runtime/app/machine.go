package app

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// machine is what jobs of LOCAL environments run on.
type machine struct {
	driver  Driver
	logs    joblog.Readers
	logsDir string // empty if its logs are not ours to keep
	// containers says which container engine answers; nil if there is none to ask.
	containers func(context.Context) (string, error)
	// limits says whether the memory of processes is held to what they asked for, and how; nil if that is
	// not known.
	limits func() (held bool, detail string)
	// leftovers says what ends the processes that jobs leave behind, and whether it finds all; nil if that is not known.
	leftovers func() (held bool, detail string)
}

// machine returns the given driver, or this machine.
func (o *Options) machine(dir *rendezvous.Dir, installation string) (machine, error) {
	if o.Driver != nil {
		return machine{driver: o.Driver, logs: o.Logs}, nil
	}
	command, err := o.holderCommand(dir.Path())
	if err != nil {
		return machine{}, err
	}
	return thisMachine(o, dir.Path(), installation, command)
}
