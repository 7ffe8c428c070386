package computetest

import (
	"context"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// provisionRetry is how long an environment that cannot be provisioned rests.
const provisionRetry = time.Minute

// Provision implements [compute.Provisioner]. The specification of hosts is the document of their environment.
func (f *FakeCloud) Provision(_ context.Context, provisions []compute.Provision) error {
	w := f.world
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range provisions {
		e := p.Environment
		reason := ""
		if w.options.Cloud.Provisions != nil {
			reason = w.options.Cloud.Provisions(p)
		}
		if reason != "" {
			until := batch.At(time.Now().Add(provisionRetry))
			w.tell(batch.EnvironmentFailed{Name: e.Name, UUID: e.UUID, Revision: e.Revision, Reason: reason, Until: until})
			continue
		}
		w.environments[e.Name] = e.UUID
		offers := w.options.Cloud.Offers
		if offers == nil {
			offers = e.Offers
		}
		w.tell(batch.EnvironmentReady{
			Name: e.Name, UUID: e.UUID, Revision: e.Revision, Spec: string(e.Body), Offers: offers, Cluster: "cluster/" + e.Name,
		})
	}
	return nil
}

// Retire implements [compute.Provisioner].
func (f *FakeCloud) Retire(_ context.Context, retirements []compute.Retirement) error {
	w := f.world
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range retirements {
		for _, i := range w.instances() {
			if i.environment == r.Environment.Name {
				w.vanish(i.id)
			}
		}
		delete(w.environments, r.Environment.Name)
		w.tell(batch.EnvironmentRetired{Name: r.Environment.Name, UUID: r.Environment.UUID})
	}
	return nil
}

// Environments lists the environments that something was made for, with their UUIDs, by name.
func (f *FakeCloud) Environments() map[string]string {
	f.world.mu.Lock()
	defer f.world.mu.Unlock()
	made := map[string]string{}
	for name, uuid := range f.world.environments {
		made[name] = uuid
	}
	return made
}
