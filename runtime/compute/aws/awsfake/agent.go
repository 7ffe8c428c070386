package awsfake

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// AgentOptions say what becomes of the agents of instances. With the zero options an agent registers as soon as its instance runs, and stays
// connected.
type AgentOptions struct {
	// Register is how long after the start of its instance an agent registers.
	Register Span
	// Never is the share of agents, from 0 to 1, that never register; Deaf that of agents which register and lose their connection for good.
	Never, Deaf float64
	// Flaps is the time between two losses of connection, and Away how long each lasts. Without Flaps there are none.
	Flaps, Away Span
	// Deregister is how long ECS takes to notice that an instance is gone.
	Deregister Span
	// Boot decides about an agent in place of the shares. It must not call the world.
	Boot func(Boot) BootPlan
}

// Boot is an instance that has started.
type Boot struct {
	Instance, Type, Zone string
	Spot                 bool
	UserData             string // decoded
}

// BootPlan is what becomes of an agent.
type BootPlan struct {
	// Never and Deaf are as in [AgentOptions].
	Never, Deaf bool
	// Register is how long after the start of its instance it registers; 0 means that it is drawn.
	Register time.Duration
}

func realisticAgents() AgentOptions {
	return AgentOptions{
		Register: Span{20 * time.Second, 120 * time.Second}, Flaps: Span{10 * time.Minute, 40 * time.Minute}, Away: Span{time.Second, 40 * time.Second},
		Deregister: Span{5 * time.Second, 60 * time.Second},
	}
}

// machine is an EC2 instance as the software on it sees it. EC2 announces it with World.booted when it runs, and its end with World.ended.
type machine struct {
	id, kind, zone, image string // kind is its type, for example m6i.large
	arch                  string // as ECS calls it: x86_64 or arm64
	vcpus, memory         int64  // memory in MiB, as EC2 says it
	gpus                  int
	spot                  bool
	userData              string // decoded
	// mute says that it has no instance profile, so that its agent has no credentials to register with.
	mute bool

	settings settings
	deaf     bool
	gone     bool
	on       *containerInstance // nil until it is registered
}

// booted lets the agent of an instance begin.
func (w *World) booted(m *machine) {
	e := w.ecs
	e.machines[m.id] = m
	m.settings = readSettings(m.userData)
	options := e.options.Agents
	plan := BootPlan{Never: w.chance(options.Never, "agent never", m.id), Deaf: w.chance(options.Deaf, "agent deaf", m.id)}
	if options.Boot != nil {
		plan = options.Boot(Boot{m.id, m.kind, m.zone, m.spot, m.userData})
	}
	if plan.Register == 0 {
		plan.Register = w.draw(options.Register, "agent", m.id)
	}
	m.deaf = plan.Deaf
	e.watchLease(m)
	if !plan.Never && !m.mute {
		w.after(plan.Register, func() { e.registerAgent(m) })
	}
}

// ended lets everything on an instance die that was terminated or stopped. ECS notices it later.
func (w *World) ended(id, how string) {
	m := w.ecs.machines[id]
	if m == nil || m.gone {
		return
	}
	m.gone = true
	delete(w.ecs.machines, id)
	if m.on == nil || m.on.status == statusInactive {
		return
	}
	m.on.silence()
	w.after(w.draw(w.options.ECS.Agents.Deregister, "deregister", id), func() {
		if m.on.status != statusInactive {
			w.ecs.lose(m.on, types.TaskStopCodeTerminationNotice, "Host EC2 (instance "+id+") "+how+".")
			m.on.retire()
		}
	})
}

// warned tells the agent of an instance that EC2 will take it back in two minutes. If it was told to, it drains it.
func (w *World) warned(id string) {
	m := w.ecs.machines[id]
	if m == nil || m.settings["ECS_ENABLE_SPOT_INSTANCE_DRAINING"] != "true" {
		return
	}
	w.after(noticePoll, func() {
		if !m.gone && m.on != nil && m.on.status == statusActive {
			m.on.status = statusDraining
			m.on.changed()
		}
	})
}

// isSpot reports whether an instance is a Spot instance.
func (w *World) isSpot(id string) bool {
	m := w.ecs.machines[id]
	return m != nil && m.spot
}

// Connect connects the agent of an instance, or disconnects it. What happens on the instance meanwhile is told when it is connected again.
func (w *World) Connect(instance string, connected bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.happen()
	if m := w.ecs.machines[instance]; m != nil && m.on != nil {
		m.on.connect(connected)
	}
}
