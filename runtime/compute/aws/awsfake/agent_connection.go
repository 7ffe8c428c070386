package awsfake

import "time"

// connect notes that the agent has its connection to ECS or has lost it. With it come the news that were held back.
func (i *containerInstance) connect(connected bool) {
	if i.connected == connected || i.status == statusInactive {
		return
	}
	i.connected = connected
	i.changed()
	if !connected {
		return
	}
	backlog := i.backlog
	i.backlog = nil
	for _, news := range backlog {
		news()
	}
}

// pass brings news from the agent to ECS, or an order from ECS to the agent: at once, or when the agent is connected again. What is passed for an
// instance that has died is lost.
func (i *containerInstance) pass(news func()) {
	switch {
	case i.dead:
	case i.connected:
		news()
	default:
		i.backlog = append(i.backlog, news)
	}
}

// silence ends everything that runs on the instance, which says nothing any more.
func (i *containerInstance) silence() {
	i.connect(false)
	i.dead, i.backlog = true, nil
	for _, t := range i.tasks {
		for _, p := range t.containers {
			if p.running != nil && !p.ended {
				p.running.Kill()
			}
		}
	}
}

// remote is the [Watch] of a container on an instance: what it says reaches ECS through the agent. Its output does not need the agent.
type remote struct {
	on *containerInstance
	p  *taskContainer
}

func (r remote) Pulled()                        { r.on.pass(r.p.Pulled) }
func (r remote) Started()                       { r.on.pass(r.p.Started) }
func (r remote) Line(at time.Time, text string) { r.p.Line(at, text) }
func (r remote) Ended(e Ending)                 { r.on.pass(func() { r.p.Ended(e) }) }
