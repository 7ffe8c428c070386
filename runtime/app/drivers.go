package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// namedDriver is a driver of a runtime, and what it is called in errors.
type namedDriver struct {
	Driver
	name   string
	opened bool
}

// drivers returns the drivers of a runtime, and the readers of the output of their attempts: the driver of this machine, and that of AWS
// accounts if they are to be used.
func (o *Options) drivers(m machine, stateDir, installation string) ([]namedDriver, joblog.Readers) {
	drivers := []namedDriver{{Driver: m.driver, name: "this machine"}}
	if !o.AWS {
		return drivers, m.logs
	}
	accounts := aws.New(aws.Options{Logger: o.Logger, Installation: installation, StateDir: stateDir, Config: o.AWSConfig})
	logs := joblog.Readers{aws.LogKind: accounts.Logs()}
	maps.Copy(logs, m.logs)
	return append(drivers, namedDriver{name: "AWS accounts", Driver: accounts}), logs
}

func computeDrivers(named []namedDriver) (drivers []compute.Driver) {
	for _, d := range named {
		drivers = append(drivers, d.Driver)
	}
	return drivers
}

func (a *App) openDrivers(ctx context.Context) error {
	for i := range a.drivers {
		d := &a.drivers[i]
		if err := d.Open(ctx); err != nil {
			return fmt.Errorf("opening the driver of %s: %w", d.name, err)
		}
		d.opened = true
	}
	return nil
}

// closeDrivers lets go of what runs attempts, which go on. Only the first call does anything.
func (a *App) closeDrivers(ctx context.Context) (err error) {
	a.letGo.Do(func() {
		for _, d := range slices.Backward(a.drivers) {
			if !d.opened {
				continue
			}
			if closed := d.Close(ctx); closed != nil {
				err = errors.Join(err, fmt.Errorf("closing the driver of %s: %w", d.name, closed))
			}
		}
	})
	return err
}
