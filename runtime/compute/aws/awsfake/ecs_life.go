package awsfake

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// begin pulls the images of the task and starts its containers.
func (t *task) begin() {
	t.PullStartedAt = aws.Time(time.Now())
	t.mayBeInterrupted()
	t.advance()
}

// advance asks for the containers whose dependencies are met. One whose dependency can no longer be met ends without having started.
func (t *task) advance() {
	for _, p := range t.containers {
		if p.running != nil || p.ended {
			continue
		}
		switch met, possible := t.dependencies(p); {
		case met:
			p.ask()
		case !possible:
			p.fail(dependencyFailed)
		}
	}
}

// dependencies reports whether the conditions of a container are met, and whether they can be met.
func (t *task) dependencies(p *taskContainer) (met, possible bool) {
	met, possible = true, true
	for _, d := range p.definition.DependsOn {
		on := t.containerNamed(aws.ToString(d.ContainerName))
		var holds bool
		switch d.Condition {
		case types.ContainerConditionComplete:
			holds = on.ended
		case types.ContainerConditionSuccess:
			holds = on.ended && on.ending.Started && on.ending.ExitCode == 0
		case types.ContainerConditionHealthy:
			holds = on.healthy
		default: // START
			holds = on.started
		}
		met = met && holds
		possible = possible && (holds || !on.ended)
	}
	return met, possible
}

// containerNamed is the container of that name, which the rules of task definitions promise to be there.
func (t *task) containerNamed(name string) *taskContainer {
	return t.containers[slices.IndexFunc(t.containers, func(p *taskContainer) bool { return *p.definition.Name == name })]
}

// update draws the conclusions from what became of a container.
func (t *task) update() {
	if t.stopped() {
		return
	}
	all := func(is func(*taskContainer) bool) bool {
		return !slices.ContainsFunc(t.containers, func(p *taskContainer) bool { return !is(p) })
	}
	if t.PullStoppedAt == nil && all(func(p *taskContainer) bool { return p.pulled || p.ended }) {
		t.PullStoppedAt = aws.Time(time.Now())
	}
	if t.stopping() {
		t.halt()
	} else {
		t.conclude()
	}
	switch {
	case t.stopping() && all(func(p *taskContainer) bool { return p.ended }):
		t.finish()
	case !t.stopping() && aws.ToString(t.LastStatus) == statusPending && all((*taskContainer).over):
		t.StartedAt = aws.Time(time.Now())
		t.become(statusRunning)
	default:
		t.changed()
	}
}

// conclude stops the task if a container that it cannot do without has ended; else it starts what may start.
func (t *task) conclude() {
	for _, p := range t.containers {
		switch {
		case !p.ended || !p.essential():
		case !p.ending.Started:
			t.stop(types.TaskStopCodeTaskFailedToStart, t.whyNotStarted(p))
			return
		default:
			t.stop(types.TaskStopCodeEssentialContainerExited, essentialExited)
			return
		}
	}
	t.advance()
}

// stop stops the task: its containers get SIGTERM, and SIGKILL after their stop timeout. The first reason counts.
func (t *task) stop(code types.TaskStopCode, reason string) {
	if t.stopping() {
		return
	}
	t.DesiredStatus, t.StopCode, t.StoppedReason, t.StoppingAt = aws.String(statusStopped), code, aws.String(reason), aws.Time(time.Now())
	for _, p := range t.containers {
		if p.running == nil && !p.ended {
			p.close(Ending{})
		}
	}
	t.changed()
	t.halt()
}

// halt stops containers on which no other that runs depends: a container is stopped before those that it waited for at the start. It is called
// again when one has ended.
func (t *task) halt() {
	running := false
	for _, p := range t.containers {
		running = running || !p.ended
		if !p.ended && !p.told && !t.needed(p) {
			p.told = true
			t.order(p.running.Stop)
		}
	}
	if !running {
		t.e.w.after(0, t.finish)
	}
}

// needed reports whether a container that has not ended depends on p.
func (t *task) needed(p *taskContainer) bool {
	return slices.ContainsFunc(t.containers, func(other *taskContainer) bool {
		return !other.ended && slices.ContainsFunc(other.definition.DependsOn, func(d types.ContainerDependency) bool {
			return aws.ToString(d.ContainerName) == *p.definition.Name
		})
	})
}

// order gives an order to what runs the task's containers: the agent of its instance, which may be away, or Fargate.
func (t *task) order(do func()) {
	if t.on == nil {
		do()
		return
	}
	t.on.pass(do)
}

// stopTimeout is the time from SIGTERM to SIGKILL of containers that do not say it.
func (t *task) stopTimeout() time.Duration {
	if m := t.e.machines[t.host]; m != nil {
		if timeout, err := time.ParseDuration(m.settings["ECS_CONTAINER_STOP_TIMEOUT"]); err == nil {
			return timeout
		}
	}
	return defaultStopTimeout
}

// finish ends a task whose containers have all ended; on Fargate, its network interface is given back first.
func (t *task) finish() {
	if t.ExecutionStoppedAt != nil {
		return
	}
	t.ExecutionStoppedAt = aws.Time(time.Now())
	if t.on != nil {
		t.close()
		return
	}
	t.become(statusDeprovision)
	t.e.w.after(t.e.w.draw(t.e.options.Deprovision, "deprovision", t.id), t.close)
}

// close makes the task STOPPED. It stays visible for an hour.
func (t *task) close() {
	t.StoppedAt = aws.Time(time.Now())
	if t.on != nil {
		delete(t.on.tasks, t.id)
		t.on.free.give(t.holds)
	} else {
		t.e.fargate[t.spot]--
	}
	t.become(statusStopped)
	t.e.w.after(stoppedVisible, func() {
		delete(t.cluster.tasks, t.id)
		t.cluster.taskOrder.remove(t.number)
	})
}

// lose ends all tasks of an instance that is gone, without a word of their containers.
func (e *ecsState) lose(i *containerInstance, code types.TaskStopCode, reason string) {
	tasks := make([]*task, 0, len(i.tasks))
	for _, t := range i.tasks {
		tasks = append(tasks, t)
	}
	slices.SortFunc(tasks, func(a, b *task) int { return a.number - b.number })
	for _, t := range tasks {
		for _, p := range t.containers {
			if p.running != nil && !p.ended {
				p.running.Kill()
			}
			if !p.ended {
				p.close(Ending{})
			}
		}
		if !t.stopping() {
			t.DesiredStatus, t.StopCode, t.StoppedReason, t.StoppingAt = aws.String(statusStopped), code, aws.String(reason), aws.Time(time.Now())
		}
		t.finish()
	}
}
