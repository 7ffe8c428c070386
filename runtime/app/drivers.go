package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws"
)

// namedDriver is a driver of a runtime, and what it is called in errors.
type namedDriver struct {
	Driver
	name   string
	opened bool
}

// drivers returns the drivers of a runtime: that of this machine, and that of AWS accounts if they are to be used.
func (o *Options) drivers(m machine, stateDir, installation string) []namedDriver {
	drivers := []namedDriver{{Driver: m.driver, name: "this machine"}}
	if o.AWS {
		drivers = append(drivers, namedDriver{name: "AWS accounts", Driver: aws.New(aws.Options{
			Logger: o.Logger, Installation: installation, StateDir: stateDir, Config: o.AWSConfig,
		})})
	}
	return drivers
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
