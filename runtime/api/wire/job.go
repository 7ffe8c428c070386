package wire

// Statuses of a job, in the order in which a job passes them.
const (
	StatusSubmitted = "SUBMITTED"
	StatusPending   = "PENDING"
	StatusRunnable  = "RUNNABLE"
	StatusStarting  = "STARTING"
	StatusRunning   = "RUNNING"
	StatusSucceeded = "SUCCEEDED"
	StatusFailed    = "FAILED"
)

// JobStatuses lists the statuses of a job in order.
func JobStatuses() []string {
	return []string{StatusSubmitted, StatusPending, StatusRunnable, StatusStarting, StatusRunning, StatusSucceeded, StatusFailed}
}

// Terminal reports whether a job in status has ended. It stays so, unless it is retried: because it
// FAILED, or because its result was not taken.
func Terminal(status string) bool { return status == StatusSucceeded || status == StatusFailed }

// SubmitJobRequest submits a job, an array or a sweep.
type SubmitJobRequest struct {
	JobName                              string                        `json:"jobName"`
	JobQueue                             string                        `json:"jobQueue"`      // name or ARN
	JobDefinition                        string                        `json:"jobDefinition"` // name, name:revision or ARN
	ArrayProperties                      *ArrayProperties              `json:"arrayProperties,omitempty"`
	DependsOn                            []JobDependency               `json:"dependsOn,omitzero"`
	Parameters                           map[string]string             `json:"parameters,omitzero"`
	ContainerOverrides                   *ContainerOverrides           `json:"containerOverrides,omitempty"`
	EcsPropertiesOverride                *EcsPropertiesOverride        `json:"ecsPropertiesOverride,omitempty"`
	EksPropertiesOverride                *EksPropertiesOverride        `json:"eksPropertiesOverride,omitempty"`
	NodeOverrides                        *NodeOverrides                `json:"nodeOverrides,omitempty"`
	RetryStrategy                        *RetryStrategy                `json:"retryStrategy,omitempty"`
	Timeout                              *JobTimeout                   `json:"timeout,omitempty"`
	ShareIdentifier                      *string                       `json:"shareIdentifier,omitempty"`
	SchedulingPriorityOverride           *int32                        `json:"schedulingPriorityOverride,omitempty"` // 0..9999
	PropagateTags                        *bool                         `json:"propagateTags,omitempty"`
	Tags                                 map[string]string             `json:"tags,omitzero"`
	ConsumableResourcePropertiesOverride *ConsumableResourceProperties `json:"consumableResourcePropertiesOverride,omitempty"`
	Batchd                               *SubmitJobExtension           `json:"batchd,omitempty"`
}

// SubmitJobExtension is what a submission has that AWS's do not.
type SubmitJobExtension struct {
	// Points makes an array whose child i gets the parameters of point i.
	Points []map[string]string `json:"points,omitzero"`
	// Inputs is what the job reads: name → SHA-256 in lower-case hex. It is part of
	// the identity of results.
	Inputs map[string]string `json:"inputs,omitzero"`
	// Triggers take part in the identity of results, and in nothing else: when one changes, all of the job runs again.
	Triggers map[string]string `json:"triggers,omitzero"`
	// Script replaces the script of the job definition, or gives it one. It begins with "#!" and is at most 256 KiB. It is
	// part of the identity of results.
	Script string `json:"script,omitempty"`
	// Reuse lets a child take the result of one that is the same and succeeded, or of one that runs.
	Reuse bool `json:"reuse,omitempty"`
	// Claim names the submitter as a holder of the job, 1 to 64 letters, digits and hyphens. The claim lapses after 30 s
	// unless ClaimJob renews or keeps it. A job that has claims is ended by ReleaseJob with the last of them.
	Claim string `json:"claim,omitempty"`
	// Adopt adds the claim to a job of the same queue, name and content key that has not ended, if there is one: no other is
	// made. It needs Claim and Reuse.
	Adopt bool `json:"adopt,omitempty"`
	// ClientToken makes a submission idempotent: another one with the same token, to whatever queue, makes no job and answers the
	// first. A key that is bound to other queues than that of the first job is denied. At most 64 bytes.
	ClientToken string `json:"clientToken,omitempty"`
	// MaxConcurrency is how many children of the array may run at once, 1 or more; absent: no bound.
	MaxConcurrency *int32 `json:"maxConcurrency,omitempty"`
	// OnResultError is what becomes of an attempt that ends with exit code 0 and leaves a result that cannot be taken:
	// [OnResultErrorWarn], the default, or [OnResultErrorFail].
	OnResultError string `json:"onResultError,omitempty"`
}

// What becomes of an attempt whose result cannot be taken.
const (
	// OnResultErrorWarn lets it succeed without a result; resultError says why. No other job takes that for a result.
	OnResultErrorWarn = "warn"
	// OnResultErrorFail makes it fail, and be retried as after any other failure.
	OnResultErrorFail = "fail"
)

// SubmitJobResponse names the job.
type SubmitJobResponse struct {
	JobArn  string                      `json:"jobArn"`
	JobName string                      `json:"jobName"`
	JobID   string                      `json:"jobId"`
	Batchd  *SubmitJobResponseExtension `json:"batchd,omitempty"`
}

// SubmitJobResponseExtension is what the answer to a submission says that AWS's does not.
type SubmitJobResponseExtension struct {
	// Adopted reports that the job was there and the claim was added to it.
	Adopted bool `json:"adopted,omitempty"`
}

// ArrayProperties makes a job an array.
type ArrayProperties struct {
	Size *int32 `json:"size,omitempty"` // 2..10000; the runtime may allow more
}

// Kinds of dependency. Without one, the whole of the other job must succeed first.
const (
	// DependNToN, of an array on an array of the same size: child i waits for child i of the other.
	DependNToN = "N_TO_N"
	// DependSequential, of an array, without a job id: child i waits for child i-1.
	DependSequential = "SEQUENTIAL"
	// DependAfterAny waits until the other job has ended, whatever the outcome. AWS Batch has no such kind.
	DependAfterAny = "AFTER_ANY"
	// DependAfterFailed waits until the other job has failed. AWS Batch has no such kind.
	DependAfterFailed = "AFTER_FAILED"
)

// JobDependency is a job that must end first.
type JobDependency struct {
	JobID *string `json:"jobId,omitempty"` // required unless Type is SEQUENTIAL
	Type  *string `json:"type,omitempty"`
}

// CancelJobRequest cancels a job that has not started.
type CancelJobRequest struct {
	JobID  string `json:"jobId"`
	Reason string `json:"reason"` // at most 1024 characters
}

// TerminateJobRequest ends a job in any status.
type TerminateJobRequest struct {
	JobID  string `json:"jobId"`
	Reason string `json:"reason"` // at most 1024 characters
}

// ListJobsRequest asks for the jobs of a queue, the children of an array or the nodes of a multi-node job.
type ListJobsRequest struct {
	JobQueue       string          `json:"jobQueue,omitempty"`
	ArrayJobID     string          `json:"arrayJobId,omitempty"`
	MultiNodeJobID string          `json:"multiNodeJobId,omitempty"`
	JobStatus      string          `json:"jobStatus,omitempty"` // absent: RUNNING
	Filters        []KeyValuesPair `json:"filters,omitzero"`    // at most one
	MaxResults     *int32          `json:"maxResults,omitempty"`
	NextToken      string          `json:"nextToken,omitempty"`
}

// Names of the filters of ListJobs.
const (
	FilterJobName         = "JOB_NAME"
	FilterJobDefinition   = "JOB_DEFINITION"
	FilterBeforeCreatedAt = "BEFORE_CREATED_AT"
	FilterAfterCreatedAt  = "AFTER_CREATED_AT"
	FilterShareIdentifier = "SHARE_IDENTIFIER"
)

// KeyValuesPair is a filter.
type KeyValuesPair struct {
	Name   string   `json:"name"`
	Values []string `json:"values,omitzero"`
}

// ListJobsResponse is one page of jobs.
type ListJobsResponse struct {
	JobSummaryList []JobSummary `json:"jobSummaryList"`
	NextToken      string       `json:"nextToken,omitempty"`
}

// JobSummary is what ListJobs says of a job.
type JobSummary struct {
	JobArn          string                 `json:"jobArn,omitempty"`
	JobID           string                 `json:"jobId"`
	JobName         string                 `json:"jobName"`
	JobDefinition   string                 `json:"jobDefinition,omitempty"` // ARN
	Status          string                 `json:"status,omitempty"`
	StatusReason    string                 `json:"statusReason,omitempty"`
	CreatedAt       int64                  `json:"createdAt,omitempty"`
	ScheduledAt     int64                  `json:"scheduledAt,omitempty"`
	StartedAt       int64                  `json:"startedAt,omitempty"`
	StoppedAt       int64                  `json:"stoppedAt,omitempty"`
	ShareIdentifier string                 `json:"shareIdentifier,omitempty"`
	Container       *ContainerSummary      `json:"container,omitempty"`
	ArrayProperties *ArrayPropertiesDetail `json:"arrayProperties,omitempty"`
	NodeProperties  *NodePropertiesSummary `json:"nodeProperties,omitempty"`
	CapacityUsage   []CapacityUsage        `json:"capacityUsage,omitzero"` // what it is to have
	IsCancelled     bool                   `json:"isCancelled,omitempty"`
	IsTerminated    bool                   `json:"isTerminated,omitempty"`
	Batchd          *JobSummaryExtension   `json:"batchd,omitempty"`
}

// JobSummaryExtension is what a job in a list has that AWS's do not.
type JobSummaryExtension struct {
	// ResultError is why the result that the last attempt left was not taken; empty if it was, or none was left.
	ResultError string `json:"resultError,omitempty"`
	// ResultErrors is how many children of the array succeeded with such a result.
	ResultErrors int32 `json:"resultErrors,omitempty"`
}

// NodePropertiesSummary is the size of a multi-node job, or which of its nodes a node is.
type NodePropertiesSummary struct {
	IsMainNode *bool  `json:"isMainNode,omitempty"`
	NumNodes   *int32 `json:"numNodes,omitempty"`
	NodeIndex  *int32 `json:"nodeIndex,omitempty"`
}

// ContainerSummary is how the last attempt of a job ended.
type ContainerSummary struct {
	ExitCode *int32 `json:"exitCode,omitempty"`
	Reason   string `json:"reason,omitempty"`
}
