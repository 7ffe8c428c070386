package wire

import "encoding/json"

// DescribeJobsRequest asks for jobs, arrays or children by id.
type DescribeJobsRequest struct {
	Jobs []string `json:"jobs"` // at most 100
}

// DescribeJobsResponse holds the jobs that are known.
type DescribeJobsResponse struct {
	Jobs []JobDetail `json:"jobs"`
}

// JobDetail is what is known of a job.
type JobDetail struct {
	JobArn                       string                        `json:"jobArn,omitempty"`
	JobID                        string                        `json:"jobId"`
	JobName                      string                        `json:"jobName"`
	JobQueue                     string                        `json:"jobQueue"`      // ARN
	JobDefinition                string                        `json:"jobDefinition"` // ARN
	Status                       string                        `json:"status"`
	StatusReason                 string                        `json:"statusReason,omitempty"`
	CreatedAt                    int64                         `json:"createdAt,omitempty"`
	StartedAt                    int64                         `json:"startedAt,omitempty"`
	StoppedAt                    int64                         `json:"stoppedAt,omitempty"` // set on every job that ended
	Attempts                     []AttemptDetail               `json:"attempts,omitzero"`   // that ended, oldest first
	Container                    *ContainerDetail              `json:"container,omitempty"`
	DependsOn                    []JobDependency               `json:"dependsOn,omitzero"`
	Parameters                   map[string]string             `json:"parameters,omitzero"` // the definition's and the submission's
	RetryStrategy                *RetryStrategy                `json:"retryStrategy,omitempty"`
	Timeout                      *JobTimeout                   `json:"timeout,omitempty"`
	ArrayProperties              *ArrayPropertiesDetail        `json:"arrayProperties,omitempty"`
	NodeProperties               *NodeProperties               `json:"nodeProperties,omitempty"`
	NodeDetails                  *NodeDetails                  `json:"nodeDetails,omitempty"` // of a node
	ShareIdentifier              *string                       `json:"shareIdentifier,omitempty"`
	SchedulingPriority           *int32                        `json:"schedulingPriority,omitempty"`
	ConsumableResourceProperties *ConsumableResourceProperties `json:"consumableResourceProperties,omitempty"`
	PlatformCapabilities         []string                      `json:"platformCapabilities,omitzero"`
	PropagateTags                bool                          `json:"propagateTags"`
	IsCancelled                  bool                          `json:"isCancelled"`
	IsTerminated                 bool                          `json:"isTerminated"`
	Tags                         map[string]string             `json:"tags,omitzero"`
	Batchd                       *JobDetailExtension           `json:"batchd,omitempty"`
}

// NodeDetails is which node of a multi-node job a job is.
type NodeDetails struct {
	NodeIndex  int32 `json:"nodeIndex"`
	IsMainNode bool  `json:"isMainNode"`
}

// JobDetailExtension is what a job has that AWS's do not.
type JobDetailExtension struct {
	// Parameters are those of the child's point.
	Parameters map[string]string `json:"parameters,omitzero"`
	// WithoutVariable are the parameters that no variable BATCH_PARAM_… carries, because another one would be in it too:
	// their names differ only in case or in characters that variables do not have.
	WithoutVariable []string `json:"withoutVariable,omitempty"`
	// Inputs are those of the submission.
	Inputs map[string]string `json:"inputs,omitzero"`
	// Result is the JSON that the last attempt left.
	Result json.RawMessage `json:"result,omitempty"`
	// ResultError is why what the last attempt left was not taken as its result; empty if it was, or none was left.
	ResultError string `json:"resultError,omitempty"`
	// ReusedFrom is the job whose result this is; empty if the job ran itself. ReusedAt is when that job ended.
	ReusedFrom string `json:"reusedFrom,omitempty"`
	ReusedAt   int64  `json:"reusedAt,omitempty"`
	// Joined is the job that runs the same and whose result this one waits for; empty if it waits for none.
	Joined string `json:"joined,omitempty"`
	// ContentKey is the hash of what determines the results of a submission, in 32 hex digits; of a child that succeeded it is
	// the hash of what determined its result.
	ContentKey string `json:"contentKey,omitempty"`
	// Triggers are those of the submission.
	Triggers map[string]string `json:"triggers,omitzero"`
	// Claims are the claims that are held of the job.
	Claims []Claim `json:"claims,omitzero"`
	// Usage is that of the last attempt.
	Usage *Usage `json:"usage,omitempty"`
	// Host is where the current or last attempt ran.
	Host string `json:"host,omitempty"`
	// MaxConcurrency is how many children of the array may run at once; absent: no bound.
	MaxConcurrency *int32 `json:"maxConcurrency,omitempty"`
	// Counts says more of an array's children than statusSummary does, for example
	// how many were REUSED.
	Counts map[string]int32 `json:"counts,omitzero"`
}

// Claim is one holder of a job.
type Claim struct {
	Name  string `json:"name"`
	Until int64  `json:"until,omitempty"` // when it lapses, in ms; absent: never
}

// CountReused is the member of [JobDetailExtension.Counts] that says how many children
// took the result of another job.
const CountReused = "REUSED"

// CountResultErrors is the member of [JobDetailExtension.Counts] that says how many children succeeded with a result
// that was not taken.
const CountResultErrors = "RESULT_ERROR"

// Usage is what an attempt used.
type Usage struct {
	CPUMillis  int64 `json:"cpuMillis"`  // user and system time
	MaxRSSKiB  int64 `json:"maxRSSKiB"`  // peak resident memory
	WallMillis int64 `json:"wallMillis"` // from start to stop
}

// AttemptDetail is an attempt that ended.
type AttemptDetail struct {
	Container    *AttemptContainerDetail `json:"container,omitempty"`
	StartedAt    int64                   `json:"startedAt,omitempty"`
	StoppedAt    int64                   `json:"stoppedAt,omitempty"`
	StatusReason string                  `json:"statusReason,omitempty"`
	Batchd       *AttemptExtension       `json:"batchd,omitempty"`
}

// AttemptExtension is what an attempt has that AWS's do not.
type AttemptExtension struct {
	Usage       *Usage  `json:"usage,omitempty"`
	Host        string  `json:"host,omitempty"`
	ResultError string  `json:"resultError,omitempty"` // why the result it left was not taken
	Output      *Output `json:"output,omitempty"`
}

// Output is how much an attempt wrote to its standard output and error, in bytes.
type Output struct {
	Bytes   int64 `json:"bytes"`             // that are kept
	Dropped int64 `json:"dropped,omitempty"` // that are not kept, as they could not be written down: the disk was full
}

// AttemptContainerDetail is the container of an attempt.
type AttemptContainerDetail struct {
	ContainerInstanceArn string `json:"containerInstanceArn,omitempty"`
	TaskArn              string `json:"taskArn,omitempty"`
	ExitCode             *int32 `json:"exitCode,omitempty"`
	Reason               string `json:"reason,omitempty"`
	LogStreamName        string `json:"logStreamName,omitempty"`
	// NetworkInterfaces is always empty: jobs use the network of their machine.
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces"`
}

// NetworkInterface is an elastic network interface of a job.
type NetworkInterface struct {
	AttachmentID       string `json:"attachmentId,omitempty"`
	Ipv6Address        string `json:"ipv6Address,omitempty"`
	PrivateIpv4Address string `json:"privateIpv4Address,omitempty"`
}

// ContainerDetail is what a job runs, resolved, and how its last attempt went.
type ContainerDetail struct {
	ContainerProperties
	ExitCode             *int32 `json:"exitCode,omitempty"`
	Reason               string `json:"reason,omitempty"`
	ContainerInstanceArn string `json:"containerInstanceArn,omitempty"`
	TaskArn              string `json:"taskArn,omitempty"`
	LogStreamName        string `json:"logStreamName,omitempty"`
	// NetworkInterfaces is always empty: jobs use the network of their machine.
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces"`
}

// ArrayPropertiesDetail is the size and the counts of an array, or the index of a child.
type ArrayPropertiesDetail struct {
	Size                       *int32           `json:"size,omitempty"`
	Index                      *int32           `json:"index,omitempty"`
	StatusSummary              map[string]int32 `json:"statusSummary,omitzero"` // every status is a key
	StatusSummaryLastUpdatedAt int64            `json:"statusSummaryLastUpdatedAt,omitempty"`
}
