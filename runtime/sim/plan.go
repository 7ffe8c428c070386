package sim

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// plan is what a seed says about a story before it begins.
type plan struct {
	seed     uint64
	dice     dice
	sharing  bool // see sharing.go
	kind     bool // users do nothing whose outcome depends on when it is done
	rates    rates
	host     batch.Host
	clouds   []batch.Host    // elsewhere
	scripts  [][]step        // the first is the administrator's
	dropped  map[string]bool // steps left out, by label
	muted    map[string]bool // faults left out, by name
	envs     []string
	queues   []string
	policies []string
	// consumables are consumable resources, classes what jobs are like here.
	consumables []string
	classes     []class
	settings    int // how many changes the administrator has planned
}

// newPlan makes the plan of a seed.
func newPlan(seed uint64, kind, sharing bool) *plan {
	p := &plan{seed: seed, dice: dice(seed*2 + 1), kind: kind, sharing: sharing}
	p.rates = ratesOf(p.dice)
	p.host = batch.Host{ID: batch.LocalHost, Kind: batch.Local, Name: "here", Ready: true, Capacity: batch.Shape{
		MilliCPU: 4000, MemoryMiB: p.dice.between(4, 16, "host memory", "") * 1024, GPUs: p.dice.between(0, 2, "host gpus", ""),
	}}
	p.haveFeatures()
	p.scripts = append(p.scripts, p.administrator())
	for i := range p.dice.between(1, 3, "users", "") {
		p.scripts = append(p.scripts, p.user(fmt.Sprintf("u%d", i+1)))
	}
	return p
}

// administrator sets up what the others use, then changes it.
func (p *plan) administrator() []step {
	var script []step
	for i := range p.dice.between(1, 3, "environments", "") {
		p.envs = append(p.envs, fmt.Sprintf("e%d", i))
		script = append(script, p.createEnvironment(p.envs[i]))
	}
	for _, name := range p.policies {
		script = append(script, p.createPolicy(name))
	}
	for _, name := range p.consumables {
		script = append(script, p.createConsumable(name, name))
	}
	for i, class := range p.classes {
		if i == 0 || p.classes[i-1].name != class.name {
			script = append(script, p.register(class.name, true))
		}
	}
	for i := range p.dice.between(1, 3, "queues", "") {
		p.queues = append(p.queues, fmt.Sprintf("q%d", i))
		script = append(script, p.createQueue(p.queues[i], true))
	}
	at := micros(0)
	for range p.dice.between(2, 14, "changes", "") {
		p.settings++
		key := fmt.Sprintf("a%d", p.settings)
		at += p.gap(key)
		for _, s := range p.change(key) {
			s.at = at
			script = append(script, s)
			at += p.dice.span(0, 2*second, "pause", s.label)
		}
	}
	return script
}

// gap is the time between two steps: often none, so that rounds hold several commands.
func (p *plan) gap(key string) micros {
	if p.dice.chance(400, "burst", key) {
		return 0
	}
	longest := 250 * millisecond
	if p.dice.chance(400, "long gap", key) {
		longest = 2500 * millisecond
	}
	return p.dice.span(0, longest, "gap", key)
}

func (p *plan) createEnvironment(name string) step {
	e := batch.Environment{Name: name, UUID: "uuid-" + name, Kind: batch.Local, Max: batch.Shape{
		MilliCPU: p.dice.between(1, 5, "cpus", name) * 1000,
	}}
	if p.dice.chance(300, "bounded memory", name) {
		e.Max.MemoryMiB = p.dice.between(2, 8, "memory", name) * 1024
	}
	elsewhere := 150
	if len(p.clouds) > 0 {
		elsewhere = 700
	}
	if name != "e0" && p.dice.chance(elsewhere, "elsewhere", name) {
		e.Kind = batch.EC2
	}
	text := fmt.Sprintf("create environment %s %s max=%v", name, e.Kind, e.Max)
	return step{label: "create " + name, setup: true, text: text, command: func(*user, batch.JobID) sched.Command {
		return sched.CreateEnvironment{Environment: e}
	}}
}

func (p *plan) createQueue(name string, setup bool) step {
	label := "create " + name
	if !setup {
		label = fmt.Sprintf("create %s again %d", name, p.settings)
	}
	q := batch.Queue{
		Name: name, UUID: "uuid-" + label, Priority: int32(p.dice.between(0, 3, "priority", label)), Environments: p.order(label),
		Strict: p.dice.chance(400, "strict", label), Policy: p.policyOf(name), TimeLimits: p.timeLimits(label),
	}
	text := fmt.Sprintf("create queue %s priority=%d strict=%t policy=%s limits=%v over %v", name, q.Priority, q.Strict, q.Policy, q.TimeLimits, q.Environments)
	return step{label: label, setup: setup, text: text, command: func(*user, batch.JobID) sched.Command {
		return sched.CreateQueue{Queue: q, Tags: map[string]string{"made": "by " + label}}
	}}
}

// order picks the environments of a queue. The first environment, a LOCAL one, is always among them.
func (p *plan) order(key string) []batch.EnvironmentOrder {
	order := []batch.EnvironmentOrder{{Order: 5, Environment: "e0"}}
	for i, e := range p.envs[1:] {
		switch p.dice.between(0, 2, "order", key+e) {
		case 0:
			order = append(order, batch.EnvironmentOrder{Order: int32(i + 6), Environment: e})
		case 1:
			order = append(order, batch.EnvironmentOrder{Order: int32(i + 1), Environment: e})
		}
	}
	return order
}

// register registers a definition of a class, or a new revision of it.
func (p *plan) register(class string, setup bool) step {
	label := "register " + class
	if !setup {
		label = fmt.Sprintf("register %s again %d", class, p.settings)
	}
	d := batch.Definition{Name: class, Runs: true, Parameters: map[string]string{"p": "1"}, Container: batch.Container{
		Command: []string{"run", "Ref::p"},
		Shape: batch.Shape{
			MilliCPU:  []int64{250, 500, 1000, 1000, 2000}[p.dice.between(0, 4, "shape", label)],
			MemoryMiB: []int64{0, 0, 256, 1024}[p.dice.between(0, 3, "shape memory", label)],
		},
	}}
	if class == "boxed" {
		d.Container.Image = "image"
	}
	d.Retry.Attempts = int32(p.dice.between(0, 3, "attempts", label))
	if d.Retry.Attempts > 1 && p.dice.chance(250, "rules", label) {
		d.Retry.Rules = []batch.RetryRule{{OnExitCode: "2"}, {Retry: true, OnStatusReason: "Host EC2*"}}
	}
	if !p.kind && p.dice.chance(200, "timeout", label) {
		d.Timeout = time.Duration(p.dice.between(50, 5000, "timeout length", label)) * time.Millisecond
	}
	if p.dice.chance(300, "job priority", label) {
		d.Priority = int32(p.dice.between(0, 5, "job priority", label))
	}
	if class == gangClass.name {
		p.nodes(&d, label)
	} else if p.dice.chance(200, "needs", label) {
		d.Needs = p.needs(label)
	}
	d.Body = []byte(`{}`)
	text := fmt.Sprintf("register %s shape=%v attempts=%d timeout=%s needs=%v%s", class, d.Container.Shape, d.Retry.Attempts, d.Timeout, d.Needs, nodesText(d.Nodes))
	return step{label: label, setup: setup, text: text, command: func(*user, batch.JobID) sched.Command {
		return sched.RegisterDefinition{Definition: d}
	}}
}

func nodesText(n *batch.DefinitionNodes) string {
	if n == nil {
		return ""
	}
	text := fmt.Sprintf(" main=%d", n.Main)
	for _, r := range n.Ranges {
		text += fmt.Sprintf(" %d-%d=%v%v", r.From, r.To, r.Container.Shape, r.Needs)
	}
	return text
}

// class is what jobs of a definition are like.
type class struct {
	name      string
	low, high micros // how long attempts run
	failing   int    // how many in a thousand end with another code than 0
}

var classes = []class{
	{"tiny", 100, 4 * millisecond, 60},
	{"short", millisecond, 60 * millisecond, 150},
	{"medium", 20 * millisecond, 900 * millisecond, 200},
	{"long", second, 12 * second, 150},
	{"boxed", 80 * millisecond, 2 * second, 150},
}

func classOf(name string) class {
	for _, c := range append(classes, gangClass) {
		if c.name == name {
			return c
		}
	}
	return classes[0]
}
