package awsfake

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// taskContainer is a container of a task. It is the [Watch] of what the engine runs for it, with the world locked.
type taskContainer struct {
	task       *task
	definition *types.ContainerDefinition
	override   *types.ContainerOverride
	limits     limits
	shown      types.Container
	log        *logWriter // nil: its output goes nowhere

	running Running // what the engine runs; nil if it was not asked to
	told    bool    // to stop
	pulled  bool
	started bool
	healthy bool
	ended   bool
	ending  Ending
}

func newTaskContainer(t *task, d *types.ContainerDefinition, o *types.ContainerOverride) *taskContainer {
	p := &taskContainer{task: t, definition: d, override: o, limits: limitsOf(d, o)}
	p.shown = types.Container{
		ContainerArn: aws.String(t.e.w.arn("ecs", "container/"+t.cluster.name+"/"+t.id+"/"+t.e.w.uuid("container"))), TaskArn: t.TaskArn,
		Name: d.Name, Image: d.Image, LastStatus: aws.String(statusPending), HealthStatus: types.HealthStatusUnknown,
		Cpu: aws.String(strconv.FormatInt(p.limits.cpu, 10)),
	}
	if p.limits.memory > 0 {
		p.shown.Memory = aws.String(strconv.FormatInt(p.limits.memory, 10))
	}
	if p.limits.reserved > 0 {
		p.shown.MemoryReservation = aws.String(strconv.FormatInt(p.limits.reserved, 10))
	}
	return p
}

// ask lets the engine run the container, if its log can be written and its secrets can be read.
func (p *taskContainer) ask() {
	var err error
	if p.log, err = p.task.e.w.logs.writer(p); err != nil {
		p.fail(p.task.logFailure(err))
		return
	}
	c := p.container()
	if err := p.addSecrets(&c); err != nil {
		p.fail(p.task.secretFailure(err))
		return
	}
	p.running = p.task.e.run(c, p)
}

// fail lets the container end without having started.
func (p *taskContainer) fail(reason string) {
	p.running = neverRun{}
	p.task.e.w.after(0, func() { p.Ended(Ending{Reason: reason}) })
}

// neverRun is a container that no engine runs.
type neverRun struct{}

func (neverRun) Stop() {}
func (neverRun) Kill() {}

// Pulled implements [Watch].
func (p *taskContainer) Pulled() {
	p.pulled = true
	p.task.update()
}

// Started implements [Watch].
func (p *taskContainer) Started() {
	if p.ended {
		return
	}
	p.started = true
	p.shown.LastStatus, p.shown.RuntimeId = aws.String(statusRunning), aws.String(p.task.e.w.hex("runtime", runtimeIDDigits))
	if check := p.definition.HealthCheck; check != nil {
		interval := time.Duration(max(aws.ToInt32(check.Interval), minHealthInterval)) * time.Second
		p.task.e.w.after(interval, p.checked)
	}
	p.task.update()
}

// checked notes that the first health check succeeded.
func (p *taskContainer) checked() {
	if !p.ended {
		p.healthy, p.shown.HealthStatus = true, types.HealthStatusHealthy
		p.task.update()
	}
}

// Line implements [Watch].
func (p *taskContainer) Line(at time.Time, text string) {
	if p.log != nil {
		p.log.write(at, text)
	}
}

// Ended implements [Watch].
func (p *taskContainer) Ended(ending Ending) {
	if p.ended {
		return
	}
	p.close(ending)
	p.task.update()
}

// close notes how the container ended.
func (p *taskContainer) close(ending Ending) {
	p.ended, p.ending = true, ending
	p.shown.LastStatus = aws.String(statusStopped)
	if ending.Started {
		p.shown.ExitCode = aws.Int32(ending.ExitCode)
	}
	if ending.Reason != "" {
		p.shown.Reason = aws.String(ending.Reason)
	}
}

func (p *taskContainer) essential() bool { return aws.ToBool(p.definition.Essential) }

// over reports whether the container has started or will not.
func (p *taskContainer) over() bool { return p.started || p.ended }
