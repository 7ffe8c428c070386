package awsfake

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECSOptions say how ECS behaves. With the zero options tasks start at once and Fargate has room for all.
type ECSOptions struct {
	// Script says what containers do, see [Play]. With nil all of them run for a while and succeed.
	Script Script
	// Engine runs the containers in place of the script.
	Engine Engine
	// Pull is how long an image takes to come.
	Pull Span
	// Provision and Deprovision are how long Fargate takes for what is around a task, before and after it.
	Provision, Deprovision Span
	// Fargate and FargateSpot are how many tasks there is room for: 0 for any number, -1 for none.
	Fargate, FargateSpot int
	// FargateSpotLoss is the share of Spot tasks, from 0 to 1, that are taken back within an hour if they run for so long.
	FargateSpotLoss float64
	// Agents says what becomes of the agents of instances.
	Agents AgentOptions
}

func realisticECS() ECSOptions {
	return ECSOptions{
		Pull:        Span{time.Second, 20 * time.Second},
		Provision:   Span{10 * time.Second, 40 * time.Second},
		Deprovision: Span{2 * time.Second, 10 * time.Second},
		Agents:      realisticAgents(),
	}
}

type ecsState struct {
	w        *World
	options  ECSOptions
	engine   Engine
	clusters map[string]*cluster
	families map[string]*family
	settings map[types.SettingName]string
	machines map[string]*machine // the EC2 instances that run, by id
	fargate  map[bool]int        // tasks that hold a place on Fargate, by whether they are Spot
}

// The buckets of ECS. Source: "Request throttling for the Amazon ECS API".
var (
	clusterModify    = rate{name: "cluster modify", burst: 20, perSecond: 1}
	clusterRead      = rate{name: "cluster read", burst: 50, perSecond: 20}
	definitionModify = rate{name: "task definition modify", burst: 20, perSecond: 1}
	definitionRead   = rate{name: "task definition read", burst: 50, perSecond: 20}
	resourceModify   = rate{name: "cluster resource modify", burst: 100, perSecond: 40}
	resourceRead     = rate{name: "cluster resource read", burst: 100, perSecond: 20}
	agentModify      = rate{name: "agent modify", burst: 200, perSecond: 120}
	tagModify        = rate{name: "tag modify", burst: 20, perSecond: 10}
	settingModify    = rate{name: "setting modify", burst: 20, perSecond: 1}
	settingRead      = rate{name: "setting read", burst: 50, perSecond: 20}
)

func (w *World) openECS() *service {
	e := &ecsState{
		w: w, options: w.options.ECS, engine: w.options.ECS.Engine, clusters: map[string]*cluster{}, families: map[string]*family{},
		settings: map[types.SettingName]string{}, machines: map[string]*machine{}, fargate: map[bool]int{},
	}
	w.ecs = e
	e.followInstances()
	s := jsonService("ecs", "1.1")
	s.leftovers = e.leftovers
	register(s, e.createCluster, clusterModify)
	register(s, e.deleteCluster, clusterModify)
	register(s, e.putProviders, clusterModify)
	register(s, e.describeClusters, clusterRead)
	register(s, e.listClusters, clusterRead)
	register(s, e.describeProviders, clusterRead)
	register(s, e.registerDefinition, definitionModify)
	register(s, e.deregisterDefinition, definitionModify)
	register(s, e.deleteDefinitions, definitionModify)
	register(s, e.describeDefinition, definitionRead)
	register(s, e.listDefinitions, definitionRead)
	register(s, e.runTask, resourceModify, fargateCalls, fargateUsual, fargateSpot)
	register(s, e.stopTask, resourceModify)
	register(s, e.deregisterInstance, resourceModify)
	register(s, e.updateInstances, resourceModify)
	register(s, e.putAttributes, resourceModify)
	register(s, e.describeTasks, resourceRead)
	register(s, e.listTasks, resourceRead)
	register(s, e.describeInstances, resourceRead)
	register(s, e.listInstances, resourceRead)
	register(s, e.registerInstance, agentModify)
	register(s, e.tagResource, tagModify)
	register(s, e.untagResource, tagModify)
	register(s, e.putSetting, settingModify)
	register(s, e.listSettings, settingRead)
	return s
}

// run lets the engine run a container.
func (e *ecsState) run(c Container, p *taskContainer) Running {
	var watch Watch = p
	if p.task.on != nil {
		watch = remote{p.task.on, p}
	}
	if e.engine != nil {
		return e.engine.Run(c, locked{e.w, watch})
	}
	return scriptEngine{e, e.options.Script}.Run(c, watch)
}

// after implements timers.
func (e *ecsState) after(d time.Duration, f func()) (cancel func()) { return e.w.after(d, f) }

// pull implements timers.
func (e *ecsState) pull(task string) time.Duration { return e.w.draw(e.options.Pull, "pull", task) }

// locked is the watch of an engine that is not part of the world.
type locked struct {
	w     *World
	watch Watch
}

func (l locked) do(f func()) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	if !l.w.closed {
		l.w.happen()
		f()
	}
}

func (l locked) Pulled()                        { l.do(l.watch.Pulled) }
func (l locked) Started()                       { l.do(l.watch.Started) }
func (l locked) Line(at time.Time, text string) { l.do(func() { l.watch.Line(at, text) }) }
func (l locked) Ended(e Ending)                 { l.do(func() { l.watch.Ended(e) }) }

// leftovers lists clusters that are there, and the instances, tasks and task definitions that are ACTIVE.
func (e *ecsState) leftovers(installation string) (lines []string) {
	for _, name := range sorted(e.clusters) {
		c := e.clusters[name]
		if c.active && c.tags.of(installation) {
			lines = append(lines, "ecs cluster "+name)
		}
		for _, host := range sorted(c.hosts) {
			if c.hosts[host].tags.of(installation) || c.tags.of(installation) {
				lines = append(lines, "ecs container instance "+name+"/"+host)
			}
		}
		for _, entry := range c.taskOrder.entries {
			if t := entry.value; !entry.gone && !t.stopped() && (t.tags.of(installation) || c.tags.of(installation)) {
				lines = append(lines, "ecs task "+name+"/"+t.id)
			}
		}
	}
	for _, name := range sorted(e.families) {
		for _, d := range e.families[name].revisions {
			if d.Status == types.TaskDefinitionStatusActive && d.tags.of(installation) {
				lines = append(lines, "ecs task definition "+d.name())
			}
		}
	}
	return lines
}
