package aws

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake"
)

const (
	installation = "installation-1"
	profileName  = "ecsInstanceRole"
	nightlyUUID  = "0a1b2c3d-0000-4000-8000-000000000001"
)

// bed is an account, a driver for it, and rows as the scheduler would have them: what is reported changes them, and a restart hands them in again. It
// lives in a bubble, so that its waits take no time.
type bed struct {
	t      *testing.T
	world  *awsfake.World
	state  string
	driver *Driver
	done   chan struct{}
	hears  sync.WaitGroup
	groups int
	kill   chan struct{} // holds one when batchd is to be killed

	mu           sync.Mutex
	environments map[string]*batch.Environment // by UUID; nil once it is retired
	hosts        map[string]*batch.Host
	refusals     map[string]batch.HostRefused
	closings     map[string]batch.HostClosing
	failures     []batch.EnvironmentFailed
	readies      []batch.EnvironmentReady
}

func newBed(t *testing.T, options awsfake.Options) *bed {
	t.Helper()
	b := &bed{
		t: t, world: awsfake.New(options), state: t.TempDir(), environments: map[string]*batch.Environment{}, hosts: map[string]*batch.Host{},
		refusals: map[string]batch.HostRefused{}, closings: map[string]batch.HostClosing{},
	}
	if _, err := iam.NewFromConfig(b.world.Config()).CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String(profileName)}); err != nil {
		t.Fatal(err)
	}
	b.open()
	return b
}

// open begins as batchd does: the rows are handed in.
func (b *bed) open() {
	b.t.Helper()
	b.driver = New(Options{Installation: installation, StateDir: b.state, Logger: slog.New(slog.NewTextHandler(b.t.Output(), nil)), Config: func(context.Context, string, string) (aws.Config, error) {
		return b.world.Config(), nil
	}})
	if err := b.driver.Open(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.done = make(chan struct{})
	driver, done := b.driver, b.done
	b.hears.Go(func() {
		for {
			select {
			case <-done:
				return
			case said := <-driver.Reports():
				b.hear(said)
			}
		}
	})
	for _, uuid := range slices.Sorted(maps.Keys(b.environments)) {
		switch e := b.environments[uuid]; {
		case e == nil:
		case e.Health == batch.Deleting:
			b.retireAgain(*e)
		default:
			b.provision(uuid)
		}
	}
}

func (b *bed) retireAgain(row batch.Environment) {
	b.t.Helper()
	if err := b.driver.Retire(b.t.Context(), []compute.Retirement{{Environment: row}}); err != nil {
		b.t.Fatal("retiring: ", err)
	}
}

// stop ends the driver as kill -9 would: nothing is waited for but its goroutines.
func (b *bed) stop() {
	b.t.Helper()
	if err := b.driver.Close(b.t.Context()); err != nil {
		b.t.Error(err)
	}
	close(b.done)
	b.hears.Wait()
}

func (b *bed) close() {
	b.t.Helper()
	b.stop()
	b.world.Close()
}

// hear does to the rows what the scheduler does.
func (b *bed) hear(said []batch.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range said {
		switch r := r.(type) {
		case batch.EnvironmentReady:
			b.readies = append(b.readies, r)
			if e := b.environments[r.UUID]; e != nil && e.Revision == r.Revision {
				e.Health, e.Spec, e.Cluster, e.Offers = batch.Valid, r.Spec, r.Cluster, r.Offers
				e.Provisioning = batch.Provisioning{Revision: r.Revision, At: batch.At(time.Now())}
			}
		case batch.EnvironmentFailed:
			b.failures = append(b.failures, r)
			if e := b.environments[r.UUID]; e != nil {
				e.Health, e.StatusReason = batch.Invalid, r.Reason
				e.Provisioning.RetryAt = r.Until
			}
		case batch.EnvironmentRetired:
			b.environments[r.UUID] = nil
		case batch.HostComing:
			b.update(r.ID, r.Stage, r.Name, r.Offer)
		case batch.HostReady:
			if h := b.hosts[r.Host.ID]; h != nil && r.Host.Launch != nil {
				h.Capacity, h.Ready, h.Address = r.Host.Capacity, true, r.Host.Address
				b.update(r.Host.ID, batch.Serving, r.Host.Name, r.Host.Launch.Offer)
			} else {
				b.hosts[r.Host.ID] = &r.Host
			}
		case batch.HostClosing:
			b.closings[r.ID] = r
		case batch.HostFault, batch.AttemptStarted, batch.AttemptExited: // these tests start no attempts
		case batch.HostRefused:
			b.refusals[r.ID] = r
			b.update(r.ID, batch.Gone, "", batch.Offer{})
		case batch.HostGone:
			b.update(r.ID, batch.Gone, "", batch.Offer{})
		}
	}
}

func (b *bed) update(id string, stage batch.Stage, name string, offer batch.Offer) {
	h := b.hosts[id]
	if h == nil {
		return
	}
	if h.Launch == nil {
		if stage == batch.Gone {
			delete(b.hosts, id)
		}
		return
	}
	l := *h.Launch
	if l.Stage != batch.Gone && (l.Stage != batch.Releasing || stage == batch.Gone) {
		l.Stage = stage
	}
	l.Became(offer)
	h.Launch = &l
	if name != "" {
		h.Name = name
	}
}

// environment adds the row of an environment and has it provisioned.
func (b *bed) environment(kind batch.Kind, change ...func(*batch.Resources)) string {
	b.t.Helper()
	r := &batch.Resources{Strategy: batch.BestFitProgressive, InstanceTypes: []string{"c7i.large"}, Subnets: b.world.Network().Subnets, SecurityGroups: []string{b.world.Network().SecurityGroup}, InstanceRole: profileName}
	if kind == batch.Spot {
		r.Strategy, r.BidPercent = batch.SpotPriceCapacityOptimized, 100
	}
	for _, c := range change {
		c(r)
	}
	e := &batch.Environment{Name: "nightly", UUID: nightlyUUID, Kind: kind, State: batch.Enabled, Health: batch.Creating, Revision: 1, Max: batch.Shape{MilliCPU: 256_000}, Resources: r}
	b.mu.Lock()
	b.environments[e.UUID] = e
	b.mu.Unlock()
	b.provision(e.UUID)
	return e.UUID
}

func (b *bed) provision(uuid string) {
	b.t.Helper()
	b.mu.Lock()
	p := compute.Provision{Environment: *b.environments[uuid]}
	for _, id := range slices.Sorted(maps.Keys(b.hosts)) {
		if h := b.hosts[id]; h.Launch != nil && h.Launch.Stage != batch.Gone {
			p.Hosts = append(p.Hosts, *h)
		}
	}
	b.mu.Unlock()
	if err := b.driver.Provision(b.t.Context(), []compute.Provision{p}); err != nil {
		b.t.Fatal("provisioning: ", err)
	}
}

// update changes what an environment asks for.
func (b *bed) change(uuid string, change func(*batch.Resources)) {
	b.t.Helper()
	b.mu.Lock()
	e := b.environments[uuid]
	next := *e.Resources
	change(&next)
	e.Resources, e.Health = &next, batch.Updating
	e.Revision++
	b.mu.Unlock()
	b.provision(uuid)
}

// ready waits until an environment is provisioned, and returns its row.
func (b *bed) ready(uuid string) batch.Environment {
	b.t.Helper()
	var row batch.Environment
	b.await("environment to be VALID", func() bool {
		row = *b.environments[uuid]
		return row.Health == batch.Valid
	})
	return row
}

// failed waits until an environment cannot be provisioned, and returns why.
func (b *bed) failed(uuid string) string {
	b.t.Helper()
	var row batch.Environment
	b.await("environment to be INVALID", func() bool {
		row = *b.environments[uuid]
		return row.Health == batch.Invalid
	})
	return row.StatusReason
}

// refusal is what was reported of a host that was refused.
func (b *bed) refusal(host string) batch.HostRefused {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refusals[host]
}

// closing is what was reported of a host that closes.
func (b *bed) closing(host string) batch.HostClosing {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closings[host]
}

// launch orders a group of hosts of the environment's offers, and returns their ids.
func (b *bed) launch(uuid string, count int, change ...func(*compute.Launch)) []string {
	b.t.Helper()
	row := b.ready(uuid)
	b.groups++
	l := compute.Launch{Group: fmt.Sprintf("%s-%d", uuid, b.groups), Environment: row.Name, Offers: row.Offers, Count: count, Spec: row.Spec}
	for n := range count {
		l.Hosts = append(l.Hosts, fmt.Sprintf("host-%d-%d", b.groups, n))
	}
	for _, c := range change {
		c(&l)
	}
	b.mu.Lock()
	for _, id := range l.Hosts {
		b.hosts[id] = &batch.Host{ID: id, Kind: row.Kind, Environments: []string{row.Name}, Launch: &batch.Launch{
			Group: l.Group, Count: int32(l.Count), Together: l.Together, Offers: l.Offers, Offer: l.Offers[0], Spec: l.Spec, Stage: batch.Ordered,
		}}
	}
	b.mu.Unlock()
	b.order(l)
	return l.Hosts
}

func (b *bed) order(l compute.Launch) {
	b.t.Helper()
	var err error
	b.await("launch order to be taken", func() bool {
		err = b.driver.Launch(b.t.Context(), []compute.Launch{l}) // after a restart not before the environment is provisioned
		return err == nil
	})
}

func (b *bed) release(ids ...string) {
	b.t.Helper()
	b.mu.Lock()
	for _, id := range ids {
		if h := b.hosts[id]; h != nil && h.Launch.Stage != batch.Gone {
			l := *h.Launch
			l.Stage = batch.Releasing
			h.Launch, h.Ready = &l, false
		}
	}
	b.mu.Unlock()
	if err := b.driver.Release(b.t.Context(), ids); err != nil {
		b.t.Fatal("releasing: ", err)
	}
}

func (b *bed) retire(uuid string) {
	b.t.Helper()
	b.mu.Lock()
	row := *b.environments[uuid]
	b.environments[uuid].Health = batch.Deleting
	b.mu.Unlock()
	b.retireAgain(row)
	b.await("environment to be retired", func() bool { return b.environments[uuid] == nil })
}

// host returns the row of a host.
func (b *bed) host(id string) batch.Host {
	b.mu.Lock()
	defer b.mu.Unlock()
	return *b.hosts[id]
}

// becomes waits until hosts have come to a stage.
func (b *bed) becomes(stage batch.Stage, ids ...string) {
	b.t.Helper()
	b.await("hosts to be "+string(stage), func() bool {
		for _, id := range ids {
			if b.hosts[id] == nil || b.hosts[id].Launch.Stage != stage {
				return false
			}
		}
		return true
	})
}

// patience is how long, in the time of the bubble, anything may take.
const patience = 30 * time.Minute

// await waits until ok holds, which is called with the rows locked.
func (b *bed) await(what string, ok func() bool) {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); ; <-tick.C {
		select {
		case <-b.kill:
			b.stop()
			b.open()
		default:
		}
		b.tryAgain()
		b.mu.Lock()
		done := ok()
		b.mu.Unlock()
		if done {
			return
		}
		if time.Since(began) > patience {
			b.t.Fatalf("waiting for %s: not within %v; hosts %v, failures %+v", what, patience, b.stages(), b.failures[max(0, len(b.failures)-1):])
		}
	}
}

// killAfter has batchd killed after so many calls of this account, and started again.
func (b *bed) killAfter(calls int) {
	b.kill = make(chan struct{}, 1)
	b.world.Observe(func(awsfake.Call) {
		if calls--; calls == 0 {
			b.kill <- struct{}{}
		}
	})
}

// tryAgain orders again what the scheduler does: environments that could not be provisioned, when it is time.
func (b *bed) tryAgain() {
	b.t.Helper()
	b.mu.Lock()
	var due []string
	for uuid, e := range b.environments {
		if e != nil && e.Provisioning.RetryAt != 0 && e.Provisioning.RetryAt <= batch.At(time.Now()) {
			e.Provisioning.RetryAt = 0
			due = append(due, uuid)
		}
	}
	b.mu.Unlock()
	for _, uuid := range due {
		b.provision(uuid)
	}
}

// pass lets time go by.
func (b *bed) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}

func (b *bed) stages() map[string]batch.Stage {
	b.mu.Lock()
	defer b.mu.Unlock()
	stages := map[string]batch.Stage{}
	for id, h := range b.hosts {
		if h.Launch != nil {
			stages[id] = h.Launch.Stage
		} else {
			stages[id] = batch.Serving
		}
	}
	return stages
}

// instances lists the instances of the account that have not ended, as they are and not as a read may see them.
func (b *bed) instances() (alive []ec2types.Instance) {
	b.t.Helper()
	out, err := ec2.NewFromConfig(b.world.Config()).DescribeInstances(b.t.Context(), &ec2.DescribeInstancesInput{
		Filters: []ec2types.Filter{where("instance-state-name", "pending", "running", "stopping", "stopped")},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range out.Reservations {
		alive = append(alive, r.Instances...)
	}
	return alive
}

// empty checks that nothing of the installation is left in the account.
func (b *bed) empty() {
	b.t.Helper()
	if left := b.world.Leftovers(installation); len(left) > 0 {
		b.t.Errorf("in the account there is still:\n%s", strings.Join(left, "\n"))
	}
}
