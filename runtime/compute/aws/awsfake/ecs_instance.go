package awsfake

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/clusterquery"
)

// containerInstance is a container instance of ECS: an EC2 instance whose agent has registered it in a cluster.
type containerInstance struct {
	e          *ecsState
	id, arn    string
	host       string // the id of the EC2 instance
	cluster    *cluster
	number     int // in the cluster's order
	status     string
	connected  bool
	registered time.Time
	attributes map[string]string
	total      capacity
	free       capacity
	tags       tags
	version    int64
	tasks      map[string]*task // those that have not stopped, by id
	dead       bool             // its EC2 instance is gone
	backlog    []func()         // what waits until the agent is connected
	shown      history[types.ContainerInstance]
}

// enlist registers a container instance. One that was registered before from the same EC2 instance is returned, with its agent connected.
func (c *cluster) enlist(e *ecsState, host string, total capacity, attributes map[string]string, labels tags) *containerInstance {
	if i := c.hosts[host]; i != nil {
		i.connected = true
		i.changed()
		return i
	}
	i := &containerInstance{
		e: e, id: e.w.hex("container instance", taskIDDigits), host: host, cluster: c, status: statusActive, connected: true, registered: time.Now(),
		attributes: attributes, total: total, free: total.copy(), tags: labels, tasks: map[string]*task{},
	}
	i.arn = e.w.arn("ecs", "container-instance/"+c.name+"/"+i.id)
	c.instances[i.id], c.hosts[host] = i, i
	i.number = c.order.add(i)
	i.changed()
	return i
}

// changed notes what the instance is like, for reads and in an event.
func (i *containerInstance) changed() {
	i.version++
	described := i.describe()
	i.shown.put(time.Now(), described, historyKept)
	i.e.publish("ECS Container Instance State Change", i.arn, instanceDetail(i, described))
}

// retire makes the instance INACTIVE. Its tasks must have been dealt with. It stays visible for a while.
func (i *containerInstance) retire() {
	i.status, i.connected = statusInactive, false
	delete(i.cluster.hosts, i.host)
	i.changed()
	i.e.w.after(stoppedVisible, func() {
		delete(i.cluster.instances, i.id)
		i.cluster.order.remove(i.number)
	})
}

// subject gives an expression of the cluster query language what it asks for.
func (i *containerInstance) subject(name string) (value string, has bool) {
	switch name {
	case "ec2InstanceId":
		return i.host, true
	case "agentConnected":
		return strconv.FormatBool(i.connected), true
	case "agentVersion":
		return agentVersion, true
	case "registeredAt":
		return i.registered.UTC().Format(time.RFC3339), true
	case "runningTasksCount":
		return strconv.Itoa(i.count(statusRunning)), true
	case "task:group":
		return "", false
	}
	value, has = i.attributes[name[len("attribute:"):]]
	return value, has
}

// member reports whether the instance matches an expression.
func (i *containerInstance) member(q clusterquery.Query) bool { return q.Matches(i.subject) }

func (i *containerInstance) count(statuses ...string) (count int) {
	for _, t := range i.tasks {
		if slices.Contains(statuses, aws.ToString(t.LastStatus)) {
			count++
		}
	}
	return count
}

func (i *containerInstance) describe() types.ContainerInstance {
	described := types.ContainerInstance{
		ContainerInstanceArn: &i.arn, Ec2InstanceId: aws.String(i.host), Status: aws.String(i.status), AgentConnected: i.connected,
		RegisteredAt: aws.Time(i.registered), RegisteredResources: i.total.resources(), RemainingResources: i.free.resources(),
		RunningTasksCount: int32(i.count(statusRunning)), PendingTasksCount: int32(i.count(statusPending, statusProvisioning)),
		Version: i.version, VersionInfo: &types.VersionInfo{AgentVersion: aws.String(agentVersion), DockerVersion: aws.String("DockerVersion: 25.0.8")},
		Tags: listTags(i.tags),
	}
	for _, name := range sorted(i.attributes) {
		attribute := types.Attribute{Name: aws.String(name)}
		if value := i.attributes[name]; value != "" {
			attribute.Value = aws.String(value)
		}
		described.Attributes = append(described.Attributes, attribute)
	}
	return described
}
