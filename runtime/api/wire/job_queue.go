package wire

// Types of a queue.
const (
	QueueECS     = "ECS"
	QueueFargate = "ECS_FARGATE"
)

// CreateJobQueueRequest makes a queue over environments.
type CreateJobQueueRequest struct {
	JobQueueName             string                    `json:"jobQueueName"`
	Priority                 *int32                    `json:"priority,omitempty"` // required; larger is served first
	State                    *string                   `json:"state,omitempty"`    // absent: ENABLED
	ComputeEnvironmentOrder  []ComputeEnvironmentOrder `json:"computeEnvironmentOrder,omitzero"`
	ServiceEnvironmentOrder  []ServiceEnvironmentOrder `json:"serviceEnvironmentOrder,omitzero"` // refused
	JobQueueType             *string                   `json:"jobQueueType,omitempty"`           // absent: that of its environments
	SchedulingPolicyArn      *string                   `json:"schedulingPolicyArn,omitempty"`
	JobStateTimeLimitActions []JobStateTimeLimitAction `json:"jobStateTimeLimitActions,omitzero"`
	Tags                     map[string]string         `json:"tags,omitzero"`
	Batchd                   *JobQueueExtension        `json:"batchd,omitempty"`
}

// JobQueueExtension is what a queue has that AWS's do not.
type JobQueueExtension struct {
	// Backfill lets jobs start before one ahead of them that does not fit, if they cannot delay it; absent: true.
	// Without it, the first job that does not fit holds back all behind it.
	Backfill *bool `json:"backfill,omitempty"`
}

// JobQueueResponse answers a create or an update.
type JobQueueResponse struct {
	JobQueueName string `json:"jobQueueName"`
	JobQueueArn  string `json:"jobQueueArn"`
}

// UpdateJobQueueRequest changes what it names; lists replace.
type UpdateJobQueueRequest struct {
	JobQueue                 string                    `json:"jobQueue"` // name or ARN
	Priority                 *int32                    `json:"priority,omitempty"`
	State                    *string                   `json:"state,omitempty"`
	ComputeEnvironmentOrder  []ComputeEnvironmentOrder `json:"computeEnvironmentOrder,omitzero"`
	ServiceEnvironmentOrder  []ServiceEnvironmentOrder `json:"serviceEnvironmentOrder,omitzero"` // refused
	SchedulingPolicyArn      *string                   `json:"schedulingPolicyArn,omitempty"`
	JobStateTimeLimitActions []JobStateTimeLimitAction `json:"jobStateTimeLimitActions,omitzero"`
	Batchd                   *JobQueueExtension        `json:"batchd,omitempty"`
}

// DeleteJobQueueRequest ends a disabled queue and its jobs.
type DeleteJobQueueRequest struct {
	JobQueue string `json:"jobQueue"` // name or ARN
}

// DescribeJobQueuesRequest asks for the named queues, or for all.
type DescribeJobQueuesRequest struct {
	JobQueues  []string `json:"jobQueues,omitzero"`   // names or ARNs, at most 100
	MaxResults *int32   `json:"maxResults,omitempty"` // 1..100
	NextToken  string   `json:"nextToken,omitempty"`
}

// DescribeJobQueuesResponse is one page of queues. Unknown names are left out.
type DescribeJobQueuesResponse struct {
	JobQueues []JobQueueDetail `json:"jobQueues"`
	NextToken string           `json:"nextToken,omitempty"`
}

// JobQueueDetail is what is known of a queue.
type JobQueueDetail struct {
	JobQueueName             string                    `json:"jobQueueName"`
	JobQueueArn              string                    `json:"jobQueueArn"`
	State                    string                    `json:"state"`
	Status                   string                    `json:"status,omitempty"`
	StatusReason             string                    `json:"statusReason,omitempty"`
	Priority                 int32                     `json:"priority"`
	ComputeEnvironmentOrder  []ComputeEnvironmentOrder `json:"computeEnvironmentOrder"`
	JobQueueType             string                    `json:"jobQueueType,omitempty"`
	SchedulingPolicyArn      *string                   `json:"schedulingPolicyArn,omitempty"`
	JobStateTimeLimitActions []JobStateTimeLimitAction `json:"jobStateTimeLimitActions,omitzero"`
	Tags                     map[string]string         `json:"tags,omitzero"`
	Batchd                   *JobQueueExtension        `json:"batchd,omitempty"`
}

// ComputeEnvironmentOrder is one environment of a queue; smaller orders are tried first.
type ComputeEnvironmentOrder struct {
	Order              *int32 `json:"order,omitempty"`    // required
	ComputeEnvironment string `json:"computeEnvironment"` // name or ARN in a request, ARN in an answer
}

// ServiceEnvironmentOrder is one service environment of a queue.
type ServiceEnvironmentOrder struct {
	Order              *int32 `json:"order,omitempty"`
	ServiceEnvironment string `json:"serviceEnvironment"`
}

// Reasons of a [JobStateTimeLimitAction]: the statusReason of a job that is blocked begins with one.
const (
	ReasonCapacity    = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY"
	ReasonMaxResource = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
	ReasonRequirement = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"
)

// JobStateTimeLimitAction ends jobs that wait too long for a reason.
type JobStateTimeLimitAction struct {
	Reason         string `json:"reason"`
	State          string `json:"state"`                    // RUNNABLE
	MaxTimeSeconds *int32 `json:"maxTimeSeconds,omitempty"` // required, 600..86400
	Action         string `json:"action"`                   // CANCEL
}
