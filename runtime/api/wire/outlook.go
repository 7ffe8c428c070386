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

// PlanJobResponse says what would become of a submission, which is the request. One that would be refused
// is answered with that error.
type PlanJobResponse struct {
	// Placeable reports whether it could ever run as things are. Code, Sentence and Remedy say why not, or
	// why it would wait; they are absent if it would start at once.
	Placeable bool   `json:"placeable"`
	Code      string `json:"code,omitempty"`
	Sentence  string `json:"sentence,omitempty"`
	Remedy    string `json:"remedy,omitempty"`
	Runs      int32  `json:"runs"`   // jobs or children that would run
	Reused    int32  `json:"reused"` // those that would take a result that is there
	Joins     int32  `json:"joins"`  // of Runs, those that another submission has or runs too, so that they run once
	Waits     int32  `json:"waits"`  // of Runs, those that would not start at once
	Position  int64  `json:"position,omitempty"`
	// ExpectedStart of the first, ExpectedEnd of the last, in ms; absent if nothing can be said.
	ExpectedStart int64 `json:"expectedStart,omitempty"`
	ExpectedEnd   int64 `json:"expectedEnd,omitempty"`
	// DurationSeconds is how long one attempt is expected to run.
	DurationSeconds int64  `json:"durationSeconds,omitempty"`
	Basis           string `json:"basis,omitempty"`
	// ContentKey is the hash of what determines the results, as DescribeJobs would say it; absent if the content of an image
	// that the submission depends on is not known.
	ContentKey string `json:"contentKey,omitempty"`
	// Adopts is the job that the submission would adopt instead of making one.
	Adopts string `json:"adopts,omitempty"`
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
