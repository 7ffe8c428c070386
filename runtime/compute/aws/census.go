package aws

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// errSilence is the error of a census that was asked before the driver was told which environments and hosts there are.
var errSilence = errors.New("the environments have not been handed in yet")

// Census implements [compute.Driver]. It is answered from memory, which sweeps keep true.
func (d *Driver) Census(context.Context) (compute.Census, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.told && time.Since(d.opened) < silence {
		return compute.Census{}, errSilence
	}
	for _, e := range d.environments {
		if e.unknown() {
			return compute.Census{}, fmt.Errorf("the instances of environment %q have not been listed yet", e.name())
		}
	}
	var c compute.Census
	for _, id := range slices.Sorted(maps.Keys(d.hosts)) {
		switch h := d.hosts[id]; {
		case h.serving():
			c.Hosts = append(c.Hosts, h.row())
		case h.group != nil && !h.gone():
			coming := h.coming()
			if h.stage == batch.Releasing {
				coming.Stage = batch.Joining // it is there until its instance has ended
			}
			c.Coming = append(c.Coming, coming)
		}
	}
	d.attemptsCensus(&c)
	return c, nil
}
