package awsfake

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// publish tells EventBridge of a change of a task or container instance.
func (e *ecsState) publish(detailType, arn string, detail any) {
	e.w.publish(Event{Source: "aws.ecs", DetailType: detailType, Resources: []string{arn}, Detail: detail})
}

// taskEvent is the detail of an event about a task. Its version counts the changes of the task, so that old and repeated ones can be told.
type taskEvent struct {
	ClusterArn           string           `json:"clusterArn"`
	ContainerInstanceArn string           `json:"containerInstanceArn,omitempty"`
	TaskArn              string           `json:"taskArn"`
	TaskDefinitionArn    string           `json:"taskDefinitionArn"`
	Group                string           `json:"group"`
	StartedBy            string           `json:"startedBy,omitempty"`
	LaunchType           string           `json:"launchType"`
	CapacityProviderName string           `json:"capacityProviderName,omitempty"`
	AvailabilityZone     string           `json:"availabilityZone,omitempty"`
	DesiredStatus        string           `json:"desiredStatus"`
	LastStatus           string           `json:"lastStatus"`
	StopCode             string           `json:"stopCode,omitempty"`
	StoppedReason        string           `json:"stoppedReason,omitempty"`
	CreatedAt            *time.Time       `json:"createdAt,omitempty"`
	PullStartedAt        *time.Time       `json:"pullStartedAt,omitempty"`
	PullStoppedAt        *time.Time       `json:"pullStoppedAt,omitempty"`
	StartedAt            *time.Time       `json:"startedAt,omitempty"`
	StoppingAt           *time.Time       `json:"stoppingAt,omitempty"`
	ExecutionStoppedAt   *time.Time       `json:"executionStoppedAt,omitempty"`
	StoppedAt            *time.Time       `json:"stoppedAt,omitempty"`
	UpdatedAt            time.Time        `json:"updatedAt"`
	Version              int64            `json:"version"`
	Containers           []containerEvent `json:"containers"`
}

type containerEvent struct {
	ContainerArn string `json:"containerArn"`
	TaskArn      string `json:"taskArn"`
	Name         string `json:"name"`
	Image        string `json:"image"`
	RuntimeID    string `json:"runtimeId,omitempty"`
	LastStatus   string `json:"lastStatus"`
	ExitCode     *int32 `json:"exitCode,omitempty"`
	Reason       string `json:"reason,omitempty"`
}

func taskDetail(t types.Task) taskEvent {
	detail := taskEvent{
		ClusterArn: aws.ToString(t.ClusterArn), ContainerInstanceArn: aws.ToString(t.ContainerInstanceArn), TaskArn: aws.ToString(t.TaskArn),
		TaskDefinitionArn: aws.ToString(t.TaskDefinitionArn), Group: aws.ToString(t.Group), StartedBy: aws.ToString(t.StartedBy),
		LaunchType: string(t.LaunchType), CapacityProviderName: aws.ToString(t.CapacityProviderName), AvailabilityZone: aws.ToString(t.AvailabilityZone),
		DesiredStatus: aws.ToString(t.DesiredStatus), LastStatus: aws.ToString(t.LastStatus), StopCode: string(t.StopCode),
		StoppedReason: aws.ToString(t.StoppedReason), CreatedAt: t.CreatedAt, PullStartedAt: t.PullStartedAt, PullStoppedAt: t.PullStoppedAt,
		StartedAt: t.StartedAt, StoppingAt: t.StoppingAt, ExecutionStoppedAt: t.ExecutionStoppedAt, StoppedAt: t.StoppedAt,
		UpdatedAt: time.Now(), Version: t.Version,
	}
	for _, c := range t.Containers {
		detail.Containers = append(detail.Containers, containerEvent{
			ContainerArn: aws.ToString(c.ContainerArn), TaskArn: aws.ToString(c.TaskArn), Name: aws.ToString(c.Name), Image: aws.ToString(c.Image),
			RuntimeID: aws.ToString(c.RuntimeId), LastStatus: aws.ToString(c.LastStatus), ExitCode: c.ExitCode, Reason: aws.ToString(c.Reason),
		})
	}
	return detail
}

// instanceEvent is the detail of an event about a container instance.
type instanceEvent struct {
	ClusterArn           string          `json:"clusterArn"`
	ContainerInstanceArn string          `json:"containerInstanceArn"`
	EC2InstanceID        string          `json:"ec2InstanceId"`
	Status               string          `json:"status"`
	AgentConnected       bool            `json:"agentConnected"`
	RegisteredResources  []resourceEvent `json:"registeredResources"`
	RemainingResources   []resourceEvent `json:"remainingResources"`
	UpdatedAt            time.Time       `json:"updatedAt"`
	Version              int64           `json:"version"`
}

type resourceEvent struct {
	Name           string   `json:"name"`
	Type           string   `json:"type"`
	IntegerValue   *int32   `json:"integerValue,omitempty"`
	StringSetValue []string `json:"stringSetValue,omitempty"`
}

func instanceDetail(i *containerInstance, shown types.ContainerInstance) instanceEvent {
	return instanceEvent{
		ClusterArn: i.cluster.arn, ContainerInstanceArn: i.arn, EC2InstanceID: i.host, Status: i.status, AgentConnected: i.connected,
		RegisteredResources: resourceEvents(shown.RegisteredResources), RemainingResources: resourceEvents(shown.RemainingResources),
		UpdatedAt: time.Now(), Version: i.version,
	}
}

func resourceEvents(list []types.Resource) (events []resourceEvent) {
	for _, r := range list {
		event := resourceEvent{Name: aws.ToString(r.Name), Type: aws.ToString(r.Type), StringSetValue: r.StringSetValue}
		if event.Type == "INTEGER" {
			event.IntegerValue = aws.Int32(r.IntegerValue)
		}
		events = append(events, event)
	}
	return events
}
