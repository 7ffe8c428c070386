package sched_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// bookEvents reads the commands of a scenario about policies, consumable resources and definitions; ok is false for others.
func (w *world) bookEvents(a arguments) (events []sched.Event, ok bool) {
	switch a.d.Cmd {
	case "policy":
		p := batch.Policy{Name: a.name(), FairShare: a.fairShare()}
		if a.text("kind", "") == "quota" {
			p.FairShare = nil
		}
		return []sched.Event{sched.CreatePolicy{Policy: p}}, true
	case "update-policy":
		return []sched.Event{updatePolicy(&w.rows, a.name(), func(p *batch.Policy) { p.FairShare = a.fairShare() })}, true
	case "delete-policy":
		return []sched.Event{sched.DeletePolicy{Name: a.name()}}, true
	case "consumable":
		return []sched.Event{sched.CreateConsumable{Consumable: batch.Consumable{
			Name: a.name(), Total: a.number("total", 0), Replenishable: a.text("replenishable", "yes") == "yes",
		}}}, true
	case "update-consumable":
		return []sched.Event{sched.UpdateConsumable{
			Name: a.name(), Operation: sched.ConsumableOperation(a.text("op", "SET")), Quantity: a.number("quantity", 0), Token: a.text("token", ""),
		}}, true
	case "delete-consumable":
		return []sched.Event{sched.DeleteConsumable{Name: a.name()}}, true
	case "deregister":
		return []sched.Event{sched.DeregisterDefinition{Ref: batch.ParseDefinitionRef(a.name())}}, true
	default:
		return nil, false
	}
}

// fairShare reads decay=600 (seconds), reservation=50 (percent) and weights=(a:0.5,b*:2).
func (a arguments) fairShare() *batch.FairShare {
	f := &batch.FairShare{
		Decay: time.Duration(a.number("decay", 0)) * time.Second, ReservationPercent: int32(a.number("reservation", 0)),
	}
	for _, text := range a.list("weights") {
		identifier, weight, _ := strings.Cut(text, ":")
		factor, err := strconv.ParseFloat(weight, 64)
		if err != nil {
			a.d.Fatalf(a.t, "weight %q: %v", text, err)
		}
		f.Weights = append(f.Weights, batch.ShareWeight{Identifier: identifier, Weight: int64(factor*batch.DefaultWeight + 0.5)})
	}
	return f
}

// needs reads needs=(licence:2,token:1); nil if it is not given.
func (a arguments) needs() []batch.Need {
	var needs []batch.Need
	for _, text := range a.list("needs") {
		needs = append(needs, a.need(text))
	}
	return needs
}

func (a arguments) need(text string) batch.Need {
	resource, quantity, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(quantity, 10, 64)
	if err != nil {
		a.d.Fatalf(a.t, "need %q: %v", text, err)
	}
	return batch.Need{Resource: resource, Quantity: n}
}

// priority reads priority=; nil if it is not given.
func (a arguments) priority() *int32 {
	if a.text("priority", "") == "" {
		return nil
	}
	p := int32(a.number("priority", 0))
	return &p
}

// environments reads envs=(a,b), or nil if it is not given; orders=(2,1) gives other places than 1, 2 and so on.
func (a arguments) environments() []batch.EnvironmentOrder {
	var order []batch.EnvironmentOrder
	for i, e := range a.list("envs") {
		place := i + 1
		if places := a.list("orders"); i < len(places) {
			place, _ = strconv.Atoi(places[i])
		}
		order = append(order, batch.EnvironmentOrder{Order: int32(place), Environment: e})
	}
	return order
}

// limits reads limits=(CODE:600): what is blocked for that reason is cancelled after so many seconds.
func (a arguments) limits() []batch.TimeLimit {
	var limits []batch.TimeLimit
	for _, text := range a.list("limits") {
		at := strings.LastIndexByte(text, ':')
		seconds, err := strconv.Atoi(text[at+1:])
		if err != nil {
			a.d.Fatalf(a.t, "limit %q: %v", text, err)
		}
		limits = append(limits, batch.TimeLimit{Reason: text[:at], After: time.Duration(seconds) * time.Second})
	}
	return limits
}

// shape reads vcpus=, or milli= thousandths of one, memory= and gpus=.
func (a arguments) shape() batch.Shape {
	return batch.Shape{
		MilliCPU: a.number("milli", a.number("vcpus", 1)*1000), MemoryMiB: a.number("memory", 0), GPUs: a.number("gpus", 0),
	}
}

// bookRows prints the rows about policies, consumable resources and definitions that a round wrote.
func bookRows(out *strings.Builder, d *batch.Delta) {
	for _, p := range d.Policies {
		fmt.Fprintf(out, "write policy %s", p.Name)
		if p.Deleted {
			out.WriteString(" deleted")
		}
		out.WriteByte('\n')
	}
	for _, c := range d.Consumables {
		fmt.Fprintf(out, "write consumable %s total=%d", c.Name, c.Total)
		if c.Deleted {
			out.WriteString(" deleted")
		}
		out.WriteByte('\n')
	}
	for _, def := range d.Definitions {
		if !def.Active {
			fmt.Fprintf(out, "write definition %s INACTIVE\n", def.Ref())
		}
	}
}

// front prints what is placed next in a queue, and what its shares hold.
func (w *world) front(out *strings.Builder, queue string, limit int) {
	answer, err := w.m.Answer(w.now, sched.QueueFront{Queue: queue, Limit: limit})
	if err != nil {
		fmt.Fprintf(out, "refused: %v\n", err)
		return
	}
	f, _ := answer.(sched.Front)
	var ids []string
	for _, j := range f.Jobs {
		ids = append(ids, string(j.Job))
	}
	fmt.Fprintf(out, "next %s\n", strings.Join(ids, " "))
	for _, s := range f.Shares {
		fmt.Fprintf(out, "share %s holds %d\n", s.Share, s.MilliCPU)
	}
	fmt.Fprintf(out, "%d active, %d held\n", f.Active, f.MilliCPU)
}

// attemptsOf prints the rows of the attempts of a job that have ended, the first first.
func (w *world) attemptsOf(out *strings.Builder, id batch.JobID) {
	for _, a := range w.attempts {
		if a.ID.Job != id {
			continue
		}
		fmt.Fprintf(out, "%s %s on %s", a.ID, a.Environment, a.Host)
		if a.StartedAt != 0 {
			fmt.Fprintf(out, " ran %s", a.StoppedAt.Sub(a.StartedAt))
		}
		if a.ExitCode != nil {
			fmt.Fprintf(out, " code=%d", *a.ExitCode)
		}
		fmt.Fprintf(out, " %q", a.StatusReason)
		if a.Reason != "" {
			fmt.Fprintf(out, " reason %q", a.Reason)
		}
		out.WriteByte('\n')
	}
}

// uses prints what live attempts hold of consumable resources.
func (w *world) uses(out *strings.Builder, names []string) {
	answer, err := w.m.Answer(w.now, sched.ConsumableUse{Names: names})
	if err != nil {
		fmt.Fprintf(out, "refused: %v\n", err)
		return
	}
	use, _ := answer.(map[string]sched.ConsumableStock)
	for _, name := range names {
		if use[name].Total != w.rows.Consumables[name].Total {
			fmt.Fprintf(out, "%s has a total of %d in the machine and of %d in its row\n", name, use[name].Total, w.rows.Consumables[name].Total)
		}
		fmt.Fprintf(out, "%s used=%d of %d\n", name, use[name].InUse, use[name].Total)
	}
}

// definition returns what a store would give for that reference: the newest ACTIVE revision if it names none.
func (w *world) definition(ref batch.DefinitionRef) *batch.Definition {
	for _, d := range slices.Backward(w.definitions[ref.Name]) {
		if d.Revision == ref.Revision || ref.Revision == 0 && d.Active {
			return &d
		}
	}
	return nil
}

// keepDefinition keeps a revision that was registered or deregistered.
func (w *world) keepDefinition(d batch.Definition) {
	revisions := w.definitions[d.Name]
	for i := range revisions {
		if revisions[i].Revision == d.Revision {
			revisions[i] = d
			return
		}
	}
	w.definitions[d.Name] = append(revisions, d)
}

// invalidate gives an environment a health that something outside the machine found, and loads the machine again.
func (w *world) invalidate(name string, health batch.Health) {
	e := w.rows.Environments[name]
	e.Health = health
	w.rows.Environments[name] = e
	w.m = w.load()
}
