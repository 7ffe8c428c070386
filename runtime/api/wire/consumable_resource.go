package wire

// Types of a consumable resource.
const (
	Replenishable    = "REPLENISHABLE"     // what a job took comes back when it ends
	NonReplenishable = "NON_REPLENISHABLE" // what a job took is gone
)

// Operations of an update of a consumable resource.
const (
	OperationSet    = "SET"
	OperationAdd    = "ADD"
	OperationRemove = "REMOVE"
)

// Names of the filters of consumable resources and of the jobs that need one. The latter also take
// [FilterJobName].
const (
	FilterConsumableResourceName = "CONSUMABLE_RESOURCE_NAME"
	FilterJobStatus              = "JOB_STATUS"
)

// CreateConsumableResourceRequest makes a counted pool that jobs take from.
type CreateConsumableResourceRequest struct {
	ConsumableResourceName string            `json:"consumableResourceName"`
	TotalQuantity          *int64            `json:"totalQuantity,omitempty"` // 0 or more; absent: 0
	ResourceType           *string           `json:"resourceType,omitempty"`  // absent: REPLENISHABLE
	Tags                   map[string]string `json:"tags,omitzero"`
}

// CreateConsumableResourceResponse names the pool.
type CreateConsumableResourceResponse struct {
	ConsumableResourceName string `json:"consumableResourceName"`
	ConsumableResourceArn  string `json:"consumableResourceArn"`
}

// DescribeConsumableResourceRequest asks for one pool.
type DescribeConsumableResourceRequest struct {
	ConsumableResource string `json:"consumableResource"` // name or ARN
}

// DescribeConsumableResourceResponse is what is known of a pool.
type DescribeConsumableResourceResponse struct {
	ConsumableResourceName string            `json:"consumableResourceName"`
	ConsumableResourceArn  string            `json:"consumableResourceArn"`
	TotalQuantity          int64             `json:"totalQuantity"`
	InUseQuantity          int64             `json:"inUseQuantity"` // what jobs that run hold
	AvailableQuantity      int64             `json:"availableQuantity"`
	ResourceType           string            `json:"resourceType"`
	CreatedAt              int64             `json:"createdAt"`
	Tags                   map[string]string `json:"tags,omitzero"`
}

// ListConsumableResourcesRequest asks for a page of pools.
type ListConsumableResourcesRequest struct {
	Filters    []KeyValuesPair `json:"filters,omitzero"`     // at most one
	MaxResults *int32          `json:"maxResults,omitempty"` // 1..100
	NextToken  string          `json:"nextToken,omitempty"`
}

// ListConsumableResourcesResponse is one page of pools.
type ListConsumableResourcesResponse struct {
	ConsumableResources []ConsumableResourceSummary `json:"consumableResources"`
	NextToken           string                      `json:"nextToken,omitempty"`
}

// ConsumableResourceSummary is a pool in a list.
type ConsumableResourceSummary struct {
	ConsumableResourceName string `json:"consumableResourceName"`
	ConsumableResourceArn  string `json:"consumableResourceArn"`
	TotalQuantity          int64  `json:"totalQuantity"`
	InUseQuantity          int64  `json:"inUseQuantity"`
	ResourceType           string `json:"resourceType"`
}

// UpdateConsumableResourceRequest changes how much there is. A total never falls below 0.
type UpdateConsumableResourceRequest struct {
	ConsumableResource string  `json:"consumableResource"`    // name or ARN
	Operation          *string `json:"operation,omitempty"`   // absent: SET
	Quantity           *int64  `json:"quantity,omitempty"`    // required, 0 or more
	ClientToken        *string `json:"clientToken,omitempty"` // makes updating twice updating once; at most 64 bytes
}

// UpdateConsumableResourceResponse says how much there is now.
type UpdateConsumableResourceResponse struct {
	ConsumableResourceName string `json:"consumableResourceName"`
	ConsumableResourceArn  string `json:"consumableResourceArn"`
	TotalQuantity          int64  `json:"totalQuantity"`
}

// DeleteConsumableResourceRequest ends a pool that no unfinished job needs.
type DeleteConsumableResourceRequest struct {
	ConsumableResource string `json:"consumableResource"` // name or ARN
}

// ListJobsByConsumableResourceRequest asks for the jobs that need a pool.
type ListJobsByConsumableResourceRequest struct {
	ConsumableResource string          `json:"consumableResource"`   // name or ARN
	Filters            []KeyValuesPair `json:"filters,omitzero"`     // at most one
	MaxResults         *int32          `json:"maxResults,omitempty"` // 1..100
	NextToken          string          `json:"nextToken,omitempty"`
}

// ListJobsByConsumableResourceResponse is one page of jobs, the newest first.
type ListJobsByConsumableResourceResponse struct {
	Jobs      []ConsumableResourceJob `json:"jobs"`
	NextToken string                  `json:"nextToken,omitempty"`
}

// ConsumableResourceJob is a job that needs a pool.
type ConsumableResourceJob struct {
	JobArn                       string                       `json:"jobArn"`
	JobQueueArn                  string                       `json:"jobQueueArn"`
	JobName                      string                       `json:"jobName"`
	JobDefinitionArn             string                       `json:"jobDefinitionArn,omitempty"`
	ShareIdentifier              string                       `json:"shareIdentifier,omitempty"`
	JobStatus                    string                       `json:"jobStatus"`
	Quantity                     int64                        `json:"quantity"` // of that pool
	StatusReason                 string                       `json:"statusReason,omitempty"`
	StartedAt                    int64                        `json:"startedAt,omitempty"`
	CreatedAt                    int64                        `json:"createdAt"`
	ConsumableResourceProperties ConsumableResourceProperties `json:"consumableResourceProperties"`
}

// ConsumableResourceProperties is what a job takes from counted pools.
type ConsumableResourceProperties struct {
	ConsumableResourceList []ConsumableResourceRequirement `json:"consumableResourceList,omitzero"`
}

// ConsumableResourceRequirement is what a job takes from one pool.
type ConsumableResourceRequirement struct {
	ConsumableResource *string `json:"consumableResource,omitempty"` // name or ARN; required
	Quantity           *int64  `json:"quantity,omitempty"`           // required, 1 or more
}
