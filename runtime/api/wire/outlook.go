package wire

// ExplainJobRequest asks why a job, an array, a child or a node is not running.
type ExplainJobRequest struct {
	JobID string `json:"jobId"`
}

// ExplainJobResponse says why a job is not running, what would help and when it will.
type ExplainJobResponse struct {
	JobID  string `json:"jobId"`
	Status string `json:"status"`
	// Code is stable while the cause stays. A job that has started or ended has its status as code.
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
	Remedy   string `json:"remedy,omitempty"` // absent if only time helps
	// Position is how many attempts of the queue are placed before it, plus one; absent outside the order.
	Position      int64    `json:"position,omitempty"`
	ExpectedStart int64    `json:"expectedStart,omitempty"` // ms; absent if nothing can be said
	Basis         string   `json:"basis,omitempty"`         // what ExpectedStart rests on
	WaitsFor      []string `json:"waitsFor,omitzero"`       // jobs whose end it waits for
}

// RetryJobRequest runs again a job that FAILED or whose result was not taken: of an array, only such children.
type RetryJobRequest struct {
	JobID string `json:"jobId"`
}

// RetryJobResponse says how many jobs or children will run again.
type RetryJobResponse struct {
	JobID   string `json:"jobId"`
	Retried int32  `json:"retried"`
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ExplainJobRequest) Validate() error { return oneJob(r.JobID) }

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *RetryJobRequest) Validate() error { return oneJob(r.JobID) }

func oneJob(id string) error {
	c := &check{}
	c.identifier("jobId", id)
	return c.err()
}
