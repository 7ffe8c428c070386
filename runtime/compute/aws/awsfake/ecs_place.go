package awsfake

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// start places the tasks of a request and starts them. What has no place is answered as a failure; nothing waits for a place.
func (e *ecsState) start(c *cluster, r *run) (*ecs.RunTaskOutput, error) {
	if r.launchType == types.LaunchTypeFargate {
		return e.startOnFargate(c, r), nil
	}
	if len(c.hosts) == 0 {
		return nil, refuse(invalidParameter, "No Container Instances were found in your cluster.")
	}
	out := &ecs.RunTaskOutput{}
	for range r.count {
		on, failures := e.place(c, r)
		if on == nil {
			out.Failures = append(out.Failures, failures...)
			continue
		}
		t := e.newTask(c, r)
		t.LaunchType, t.on, t.host = types.LaunchTypeEc2, on, on.host
		t.ContainerInstanceArn, t.AvailabilityZone = &on.arn, aws.String(on.attributes[attributeZone])
		t.spot = e.w.isSpot(on.host)
		cpu, memory, devices := r.needs()
		t.holds = on.free.take(cpu, memory, devices)
		t.dealDevices()
		on.tasks[t.id] = t
		t.LastStatus = aws.String(statusPending)
		t.changed()
		t.begin()
		out.Tasks = append(out.Tasks, t.Task)
	}
	return out, nil
}

// place finds an instance for one task, or says of each why it is not that.
func (e *ecsState) place(c *cluster, r *run) (*containerInstance, []types.Failure) {
	cpu, memory, devices := r.needs()
	var fitting []*containerInstance
	var failures []types.Failure
	for _, i := range r.candidates(c) {
		reason := r.unsuitable(i)
		if reason == "" {
			reason = i.free.lacks(cpu, memory, devices)
		}
		if reason == "" {
			fitting = append(fitting, i)
		} else if len(failures) < maxFailures {
			failures = append(failures, types.Failure{Arn: &i.arn, Reason: aws.String(reason)})
		}
	}
	if len(fitting) == 0 {
		return nil, failures
	}
	return e.choose(fitting, r), nil
}

// candidates are the instances that may suit: all, unless a constraint names one.
func (r *run) candidates(c *cluster) (candidates []*containerInstance) {
	for _, query := range r.queries {
		if host, pinned := query.Pinned("ec2InstanceId"); pinned && c.hosts[host] != nil {
			return []*containerInstance{c.hosts[host]}
		}
	}
	for _, entry := range c.order.entries {
		if i := entry.value; !entry.gone && i.status != statusInactive {
			candidates = append(candidates, i)
		}
	}
	return candidates
}

// unsuitable is the reason of ECS for which an instance does not take tasks of the request, whatever is free there; empty if it does.
func (r *run) unsuitable(i *containerInstance) string {
	for _, query := range r.queries {
		if !i.member(query) {
			return "MemberOf placement constraint unsatisfied."
		}
	}
	for _, required := range r.definition.RequiresAttributes {
		if _, has := i.attributes[*required.Name]; !has {
			return "ATTRIBUTE"
		}
	}
	switch {
	case i.status != statusActive:
		return "INACTIVE"
	case !i.connected:
		return "AGENT"
	case r.distinct && r.groupRuns(i):
		return "DistinctInstance placement constraint unsatisfied."
	}
	return ""
}

// groupRuns reports whether a task of the request's group is on an instance.
func (r *run) groupRuns(i *containerInstance) bool {
	group := nameOr(r.in.Group, "family:"+*r.definition.Family)
	for _, t := range i.tasks {
		if aws.ToString(t.Group) == group {
			return true
		}
	}
	return false
}

// choose takes one of the instances that suit: the fullest by a binpack strategy, else any.
func (e *ecsState) choose(fitting []*containerInstance, r *run) *containerInstance {
	for _, s := range r.in.PlacementStrategy {
		if s.Type == types.PlacementStrategyTypeBinpack {
			return slices.MinFunc(fitting, func(a, b *containerInstance) int {
				if strings.EqualFold(aws.ToString(s.Field), "cpu") {
					return int(a.free.cpu - b.free.cpu)
				}
				return int(a.free.memory - b.free.memory)
			})
		}
	}
	return fitting[e.w.dice("place", *r.definition.TaskDefinitionArn+e.w.hex("placing", 8)).IntN(len(fitting))]
}

// dealDevices gives the GPUs that the task holds to its containers.
func (t *task) dealDevices() {
	rest := t.holds.gpus
	for _, p := range t.containers {
		p.shown.GpuIds, rest = rest[:p.limits.gpus], rest[p.limits.gpus:]
	}
}
