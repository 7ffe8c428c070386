package wire

// UnitVCPU is the unit in which capacity is counted.
const UnitVCPU = "VCPU"

// GetJobQueueSnapshotRequest asks what a queue will place next and what it uses.
type GetJobQueueSnapshotRequest struct {
	JobQueue string `json:"jobQueue"` // name or ARN
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *GetJobQueueSnapshotRequest) Validate() error {
	c := &check{}
	c.identifier("jobQueue", r.JobQueue)
	return c.err()
}

// GetJobQueueSnapshotResponse is a queue at one moment.
type GetJobQueueSnapshotResponse struct {
	FrontOfQueue     *FrontOfQueue     `json:"frontOfQueue,omitempty"`
	QueueUtilization *QueueUtilization `json:"queueUtilization,omitempty"`
}

// FrontOfQueue is the RUNNABLE jobs that are placed next, at most 100, in order.
type FrontOfQueue struct {
	Jobs          []FrontOfQueueJob `json:"jobs"`
	LastUpdatedAt int64             `json:"lastUpdatedAt"`
}

// FrontOfQueueJob is a job that is placed next.
type FrontOfQueueJob struct {
	JobArn                 string `json:"jobArn"`
	EarliestTimeAtPosition int64  `json:"earliestTimeAtPosition"`
}

// QueueUtilization is what the jobs of a queue hold.
type QueueUtilization struct {
	TotalCapacityUsage   []CapacityUsage       `json:"totalCapacityUsage"`
	FairshareUtilization *FairshareUtilization `json:"fairshareUtilization,omitempty"` // with a fair-share policy
	LastUpdatedAt        int64                 `json:"lastUpdatedAt"`
}

// FairshareUtilization is what the shares of a queue hold.
type FairshareUtilization struct {
	ActiveShareCount       int64              `json:"activeShareCount"`
	TopCapacityUtilization []ShareUtilization `json:"topCapacityUtilization"` // at most 20, the largest first
}

// ShareUtilization is what one share holds.
type ShareUtilization struct {
	ShareIdentifier string          `json:"shareIdentifier"`
	CapacityUsage   []CapacityUsage `json:"capacityUsage"`
}

// CapacityUsage is an amount of capacity.
type CapacityUsage struct {
	CapacityUnit string  `json:"capacityUnit"`
	Quantity     float64 `json:"quantity"`
}
