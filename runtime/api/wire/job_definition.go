package wire

// Values of a definition's type and status.
const (
	TypeContainer = "container"
	TypeMultinode = "multinode"

	Active   = "ACTIVE"
	Inactive = "INACTIVE"
)

// RegisterJobDefinitionRequest makes a new revision.
type RegisterJobDefinitionRequest struct {
	JobDefinitionName            string                        `json:"jobDefinitionName"`
	Type                         string                        `json:"type"`
	Parameters                   map[string]string             `json:"parameters,omitzero"`
	ContainerProperties          *ContainerProperties          `json:"containerProperties,omitempty"`
	EcsProperties                *EcsProperties                `json:"ecsProperties,omitempty"`
	EksProperties                *EksProperties                `json:"eksProperties,omitempty"`
	NodeProperties               *NodeProperties               `json:"nodeProperties,omitempty"`
	PlatformCapabilities         []string                      `json:"platformCapabilities,omitzero"`
	PropagateTags                *bool                         `json:"propagateTags,omitempty"`
	RetryStrategy                *RetryStrategy                `json:"retryStrategy,omitempty"`
	Timeout                      *JobTimeout                   `json:"timeout,omitempty"`
	SchedulingPriority           *int32                        `json:"schedulingPriority,omitempty"` // 0..9999
	ConsumableResourceProperties *ConsumableResourceProperties `json:"consumableResourceProperties,omitempty"`
	Tags                         map[string]string             `json:"tags,omitzero"`
	Batchd                       *JobDefinitionExtension       `json:"batchd,omitempty"`
}

// JobDefinitionExtension is what a definition has that AWS's do not.
type JobDefinitionExtension struct {
	// Script is the text of a script, beginning with "#!", that is the job; the
	// command is its arguments.
	Script string `json:"script,omitempty"`
	// WorkingDirectory is where a process starts; absent: a fresh directory each.
	WorkingDirectory string `json:"workingDirectory,omitempty"`
	// Results says that attempts may leave a result on Amazon ECS, too. There the command is run by /bin/sh of the image, in the place
	// of the image's entry point, as a script is. Elsewhere every attempt may leave one.
	Results bool `json:"results,omitempty"`
}

// RegisterJobDefinitionResponse names the new revision.
type RegisterJobDefinitionResponse struct {
	JobDefinitionName string `json:"jobDefinitionName"`
	JobDefinitionArn  string `json:"jobDefinitionArn"`
	Revision          int32  `json:"revision"`
}

// DeregisterJobDefinitionRequest makes a revision INACTIVE.
type DeregisterJobDefinitionRequest struct {
	JobDefinition string `json:"jobDefinition"` // name:revision or ARN
}

// DescribeJobDefinitionsRequest asks for revisions by reference, or by name and status.
type DescribeJobDefinitionsRequest struct {
	JobDefinitions    []string `json:"jobDefinitions,omitzero"` // name:revision or ARN, at most 100
	JobDefinitionName string   `json:"jobDefinitionName,omitempty"`
	Status            string   `json:"status,omitempty"`     // ACTIVE or INACTIVE
	MaxResults        *int32   `json:"maxResults,omitempty"` // 1..100
	NextToken         string   `json:"nextToken,omitempty"`
}

// DescribeJobDefinitionsResponse is one page of revisions.
type DescribeJobDefinitionsResponse struct {
	JobDefinitions []JobDefinition `json:"jobDefinitions"`
	NextToken      string          `json:"nextToken,omitempty"`
}

// JobDefinition is one revision.
type JobDefinition struct {
	JobDefinitionName            string                        `json:"jobDefinitionName"`
	JobDefinitionArn             string                        `json:"jobDefinitionArn"`
	Revision                     int32                         `json:"revision"`
	Status                       string                        `json:"status,omitempty"`
	Type                         string                        `json:"type"`
	ContainerOrchestrationType   string                        `json:"containerOrchestrationType,omitempty"`
	Parameters                   map[string]string             `json:"parameters,omitzero"`
	ContainerProperties          *ContainerProperties          `json:"containerProperties,omitempty"`
	EcsProperties                *EcsProperties                `json:"ecsProperties,omitempty"`
	EksProperties                *EksProperties                `json:"eksProperties,omitempty"`
	NodeProperties               *NodeProperties               `json:"nodeProperties,omitempty"`
	PlatformCapabilities         []string                      `json:"platformCapabilities,omitzero"`
	PropagateTags                *bool                         `json:"propagateTags,omitempty"`
	RetryStrategy                *RetryStrategy                `json:"retryStrategy,omitempty"`
	Timeout                      *JobTimeout                   `json:"timeout,omitempty"`
	SchedulingPriority           *int32                        `json:"schedulingPriority,omitempty"`
	ConsumableResourceProperties *ConsumableResourceProperties `json:"consumableResourceProperties,omitempty"`
	Tags                         map[string]string             `json:"tags,omitzero"`
	Batchd                       *JobDefinitionExtension       `json:"batchd,omitempty"`
}

// RetryStrategy is how often, and on what, a job is run again.
type RetryStrategy struct {
	Attempts       *int32           `json:"attempts,omitempty"` // all runs, 1..10; absent: 1
	EvaluateOnExit []EvaluateOnExit `json:"evaluateOnExit,omitzero"`
}

// Actions of a rule, as AWS answers them; requests may have them in any case.
const (
	ActionRetry = "retry"
	ActionExit  = "exit"
)

// EvaluateOnExit is one rule of a retry strategy. Patterns may end in "*".
type EvaluateOnExit struct {
	Action         string  `json:"action"` // retry or exit, in any case
	OnExitCode     *string `json:"onExitCode,omitempty"`
	OnReason       *string `json:"onReason,omitempty"`
	OnStatusReason *string `json:"onStatusReason,omitempty"`
}

// JobTimeout ends attempts that run too long.
type JobTimeout struct {
	AttemptDurationSeconds *int32 `json:"attemptDurationSeconds,omitempty"` // at least 60
}
