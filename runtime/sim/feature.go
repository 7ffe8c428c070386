package sim

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// What a seed has beyond queues and jobs: hosts elsewhere, policies, consumable resources, multi-node jobs. Each is
// there in some seeds only, so that a story stays short.

// shares are the share identifiers that users know.
var shares = []string{"a", "b1", "b2", "c"}

// haveFeatures decides what there is.
func (p *plan) haveFeatures() {
	if p.dice.chance(500, "clouds", "") {
		for i := range p.dice.between(1, 3, "how many clouds", "") {
			id := fmt.Sprintf("c%d.1", i)
			row := batch.Host{ID: id, Kind: batch.EC2, Name: id, Ready: true, Address: "10.0.0." + id, Capacity: p.cloudShape(id)}
			if p.dice.chance(250, "host names an environment", id) {
				row.Environments = []string{fmt.Sprintf("e%d", p.dice.between(1, 2, "which environment it names", id))}
			}
			p.clouds = append(p.clouds, row)
		}
	}
	if p.dice.chance(450, "policies", "") {
		for i := range p.dice.between(1, 2, "how many policies", "") {
			p.policies = append(p.policies, fmt.Sprintf("p%d", i))
		}
	}
	if p.dice.chance(450, "consumables", "") {
		for i := range p.dice.between(1, 2, "how many consumables", "") {
			p.consumables = append(p.consumables, fmt.Sprintf("r%d", i))
		}
	}
	p.classes = classes
	if p.dice.chance(450, "gangs", "") {
		p.classes = append(p.classes[:len(p.classes):len(p.classes)], gangClass, gangClass)
	}
}

// cloudShape is what a host elsewhere has.
func (p *plan) cloudShape(id string) batch.Shape {
	return batch.Shape{
		MilliCPU:  p.dice.between(2, 12, "cloud cpus", id) * 500,
		MemoryMiB: p.dice.between(2, 8, "cloud memory", id) * 1024,
		GPUs:      p.dice.between(0, 1, "cloud gpus", id),
	}
}

// policyOf is the policy of a queue; it stays so when the queue is made again.
func (p *plan) policyOf(queue string) string {
	if len(p.policies) == 0 || !p.dice.chance(600, "fair", queue) {
		return ""
	}
	return p.policies[p.dice.between(0, int64(len(p.policies))-1, "policy", queue)]
}

func (p *plan) fairShare(key string) *batch.FairShare {
	f := &batch.FairShare{
		Decay:              time.Duration(p.dice.between(1, 60, "decay", key)) * time.Second,
		ReservationPercent: []int32{0, 0, 20, 50}[p.dice.between(0, 3, "reservation", key)],
	}
	for _, name := range []string{"a", "b*", "c"} {
		if p.dice.chance(600, "weight", key+name) {
			f.Weights = append(f.Weights, batch.ShareWeight{Identifier: name, Weight: p.dice.between(1, 40, "weight of", key+name) * 2500})
		}
	}
	return f
}

func (p *plan) createPolicy(name string) step {
	f := p.fairShare(name)
	return step{label: "create " + name, setup: true, text: fmt.Sprintf("create policy %s %s", name, fairText(f)), command: func(*user, batch.JobID) sched.Command {
		return sched.CreatePolicy{Policy: batch.Policy{Name: name, FairShare: f, Body: []byte(`{}`)}}
	}}
}

func fairText(f *batch.FairShare) string {
	return fmt.Sprintf("decay=%s reservation=%d%% weights=%v", f.Decay, f.ReservationPercent, f.Weights)
}

func (p *plan) updatePolicy(key string) step {
	name := p.policies[p.dice.between(0, int64(len(p.policies))-1, "which policy", key)]
	f := p.fairShare(key)
	return updatePolicy(key, fmt.Sprintf("update policy %s %s", name, fairText(f)), name, f)
}

// updatePolicy is an update of a policy as it is stored.
func updatePolicy(key, text, name string, f *batch.FairShare) step {
	return step{label: key, text: text, update: func(s *store) sched.Command {
		p := s.Policies[name]
		p.Name, p.FairShare = name, f
		return sched.UpdatePolicy{Policy: p}
	}}
}

func (p *plan) swapPolicy(key, queue string) step {
	name := p.policies[p.dice.between(0, int64(len(p.policies))-1, "which policy", key)]
	return updateQueue(key, fmt.Sprintf("update queue %s policy=%s", queue, name), queue, func(q *batch.Queue) { q.Policy = name })
}

func (p *plan) createConsumable(name, key string) step {
	c := batch.Consumable{Name: name, Replenishable: p.dice.chance(600, "replenishable", key), Total: p.dice.between(1, 6, "total", key)}
	if !c.Replenishable {
		c.Total *= 6
	}
	text := fmt.Sprintf("create consumable %s total=%d replenishable=%t", name, c.Total, c.Replenishable)
	return step{label: "create " + key, setup: name == key, text: text, command: func(*user, batch.JobID) sched.Command {
		return sched.CreateConsumable{Consumable: c}
	}}
}

// consume changes a consumable resource, or makes it anew.
func (p *plan) consume(key string) []step {
	name := p.consumables[p.dice.between(0, int64(len(p.consumables))-1, "which consumable", key)]
	if !p.kind && p.dice.chance(250, "anew", key) {
		remove := step{label: key + "x", text: "delete consumable " + name, command: func(*user, batch.JobID) sched.Command {
			return sched.DeleteConsumable{Name: name}
		}}
		return []step{remove, p.createConsumable(name, name+" again "+key)}
	}
	c := sched.UpdateConsumable{Name: name, Quantity: p.dice.between(0, 8, "quantity", key), Token: "token-" + key}
	c.Operation = []sched.ConsumableOperation{sched.SetTotal, sched.AddTotal, sched.RemoveTotal}[p.dice.between(0, 2, "operation", key)]
	return []step{{label: key, text: fmt.Sprintf("update consumable %s %s %d", name, c.Operation, c.Quantity), command: func(*user, batch.JobID) sched.Command { return c }}}
}

// needs is what attempts take of consumable resources; nil if there are none.
func (p *plan) needs(key string) []batch.Need {
	var needs []batch.Need
	for _, name := range p.consumables {
		if p.dice.chance(600, "needs", key+name) {
			needs = append(needs, batch.Need{Resource: name, Quantity: p.dice.between(1, 3, "needs of", key+name)})
		}
	}
	return needs
}

// gangClass is the class of multi-node jobs.
var gangClass = class{"gang", 20 * millisecond, 1500 * millisecond, 150}

// nodes makes the definition d one of multi-node jobs.
func (p *plan) nodes(d *batch.Definition, label string) {
	count := int32(p.dice.between(2, 5, "nodes", label))
	n := &batch.DefinitionNodes{Count: count, Main: int32(p.dice.between(0, int64(count)-1, "main", label)), Open: -1}
	from := int32(0)
	for from < count {
		to := int32(p.dice.between(int64(from), int64(count)-1, "range", fmt.Sprint(label, from)))
		key := fmt.Sprint(label, from)
		r := batch.NodeContainer{From: from, To: to, Container: d.Container}
		r.Container.Shape = batch.Shape{
			MilliCPU:  p.dice.between(1, 6, "node cpus", key) * 250,
			MemoryMiB: []int64{0, 128, 512}[p.dice.between(0, 2, "node memory", key)],
		}
		if p.dice.chance(300, "node needs", key) {
			r.Needs = p.needs(key)
		}
		n.Ranges = append(n.Ranges, r)
		from = to + 1
	}
	if p.dice.chance(500, "open", label) {
		n.Open = int32(len(n.Ranges) - 1)
	}
	d.Nodes, d.Container = n, batch.Container{}
}

// overrideNodes changes the nodes of a submission.
func (p *plan) overrideNodes(c *sched.SubmitJob, key string) {
	if p.dice.chance(250, "own node count", key) {
		count := int32(p.dice.between(2, 6, "own nodes", key))
		c.Nodes.Count = &count
	}
	if p.dice.chance(250, "own node shape", key) {
		cpus := p.dice.between(1, 6, "own node cpus", key) * 250
		c.Nodes.Ranges = append(c.Nodes.Ranges, submit.NodeOverride{To: 1, Overrides: submit.Overrides{MilliCPU: &cpus}})
	}
	if len(p.consumables) > 0 && p.dice.chance(250, "own node needs", key) {
		c.Nodes.Ranges = append(c.Nodes.Ranges, submit.NodeOverride{From: 1, To: -1, Consumables: p.needs(key)})
	}
}
