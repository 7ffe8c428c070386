package aws

import (
	"context"
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// Launch implements [compute.Launcher]. It only notes what is wanted: a goroutine for each group asks EC2, so that a call that takes long does not hold up
// other orders.
func (d *Driver) Launch(_ context.Context, launches []compute.Launch) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range launches {
		e := d.named(l.Environment)
		if e == nil || e.site == nil || !e.launches() {
			return fmt.Errorf("environment %q is not provisioned yet", l.Environment)
		}
		g := d.groupOf(e, l.Group)
		if !g.answered {
			g.order = l
		}
		for _, id := range l.Hosts {
			if d.hosts[id] != nil {
				continue
			}
			h := &host{id: id, environment: e, group: g, stage: batch.Launching}
			d.add(h)
			d.say(h.coming())
		}
		d.ask(g)
	}
	return nil
}

// askAll asks for the hosts of e that the rows had and that no instance is known of: whether they were asked for before is not known,
// and asking again is harmless. The mutex is held.
func (d *Driver) askAll(e *environment) {
	for _, g := range d.groups {
		if g.environment == e {
			d.ask(g)
		}
	}
}

// ask has the instances of g asked for, unless that is under way or was answered. The mutex is held.
func (d *Driver) ask(g *group) {
	if g.asking || g.answered || len(g.waiting()) == 0 {
		return
	}
	g.asking, g.askedAt = true, time.Now()
	d.begin(func(ctx context.Context) { d.askFor(ctx, g) })
}

// askFor asks EC2 for the instances of g until it has answered, and then looks for those whose answer was lost.
func (d *Driver) askFor(ctx context.Context, g *group) {
	for failures := 0; ; {
		d.mu.Lock()
		call := d.callFor(g)
		d.mu.Unlock()
		if call == nil {
			break
		}
		found, err := call(ctx)
		if ctx.Err() != nil {
			return // the next driver asks again
		}
		failures++
		if isCode(err, noTemplate...) && failures <= templateTries {
			d.makeTemplates(ctx, g.environment)
		} else {
			d.mu.Lock()
			done := d.answered(g, found, err)
			d.mu.Unlock()
			if done {
				break
			}
		}
		if !pause(ctx, backoff.After(failures)) {
			return
		}
	}
	d.lookFor(ctx, g)
}

// noTemplate are the errors of a call that does not find the launch template: it was made a moment ago and is not visible yet, or somebody has removed
// it.
var noTemplate = []string{"InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound"}

// makeTemplates makes the launch templates of e that do not exist.
func (d *Driver) makeTemplates(ctx context.Context, e *environment) {
	d.mu.Lock()
	a, s, row := e.account, e.site, e.row
	d.mu.Unlock()
	b := &builder{d, a, &row, resourcesOf(&row)}
	again := *s
	if err := b.launchTemplates(ctx, &again); err != nil && ctx.Err() == nil {
		d.log.Warn("launch templates are not made again", "environment", row.Name, "error", err)
	}
}

// callFor returns the call that asks for the instances of g; nil if it must not be made: nobody waits for them, or what they were to be launched as is
// not known any longer. The mutex is held.
func (d *Driver) callFor(g *group) func(context.Context) (*fleet, error) {
	e := g.environment
	if len(g.waiting()) == 0 || e.retired || e.site == nil || g.order.Spec != e.site.spec || len(configsOf(e.site, g.order.Offers)) == 0 {
		return nil
	}
	a, input := e.account, d.fleetOf(g)
	return func(ctx context.Context) (*fleet, error) { return createFleet(ctx, a, input) }
}

// answered notes what EC2 has answered, and reports whether it has. The mutex is held.
func (d *Driver) answered(g *group, f *fleet, err error) bool {
	if err != nil {
		failure := failureOf(err)
		if failure.passes {
			d.log.Info("instances are asked for again", "group", g.id, "error", err)
			return false
		}
		d.log.Warn("instances are not launched", "group", g.id, "error", err)
		if !isCode(err, "IdempotentParameterMismatch") { // something was launched by an earlier call
			d.refuse(g, refusal{failure: failure})
		}
		return true
	}
	g.answered = true
	d.assign(g, f.instances)
	if f.refusal.reason != "" {
		d.refuse(g, f.refusal)
	}
	return true
}

// refusal is why there are fewer instances than were asked for.
type refusal struct {
	failure
	pools []batch.Pool // none: all of them
}

// refuse says that the hosts of g that have no instance will not get one. The mutex is held.
func (d *Driver) refuse(g *group, r refusal) {
	for _, h := range g.waiting() {
		h.stage, h.goneAt = batch.Gone, time.Now()
		d.say(batch.HostRefused{ID: h.id, Why: r.cause, Text: r.reason, Pools: r.pools, Until: batch.At(time.Now().Add(r.again))})
	}
}

// lookFor waits until the sweeps have found the instances of g, or for as long as they may be late. Hosts that have none then are refused: an answer was lost and nothing was launched, or
// it was launched and has ended already.
func (d *Driver) lookFor(ctx context.Context, g *group) {
	for began := time.Now(); ; {
		d.mu.Lock()
		late := time.Since(began) >= lookFor
		if late {
			d.refuse(g, refusal{failure: failure{cause: batch.NoCapacity, reason: "no instance was found for it in time", again: soon}})
		}
		if done := late || len(g.waiting()) == 0; done {
			g.asking, g.answered = false, true
			d.mu.Unlock()
			return
		}
		d.mu.Unlock()
		if !pause(ctx, comingEvery) {
			return
		}
	}
}
