package wire

// CancelJobsRequest cancels those of some jobs that have not started.
type CancelJobsRequest struct {
	Jobs   []string `json:"jobs"`   // ids, 1..50
	Reason string   `json:"reason"` // at most 1024 characters
}

// TerminateJobsRequest ends some jobs, whatever their status.
type TerminateJobsRequest struct {
	Jobs   []string `json:"jobs"`   // ids, 1..50
	Reason string   `json:"reason"` // at most 1024 characters
}

// EndJobsResponse says for each job what became of the call. A job that is unknown or has ended is a success.
type EndJobsResponse struct {
	Successful []string      `json:"successful"`
	Errors     []EndJobError `json:"errors"`
}

// EndJobError is why one job of a call was left as it is.
type EndJobError struct {
	Job     string `json:"job"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Codes of an [EndJobError], beside [CodeClient] and [CodeServer].
const (
	CodeValidation    = "ValidationException"
	CodeThrottling    = "ThrottlingException"
	CodeJobNotAllowed = "AccessDenied"
)

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *CancelJobsRequest) Validate() error { return endJobs(r.Jobs, r.Reason) }

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *TerminateJobsRequest) Validate() error { return endJobs(r.Jobs, r.Reason) }

func endJobs(ids []string, reason string) error {
	c := &check{}
	c.count("jobs", len(ids), 1, MaxEndJobs)
	c.reason(reason)
	return c.err()
}

// CheckJobID applies the rules of one id in a request for many; the error is a [*FieldError].
func CheckJobID(id string) error { return oneJob(id) }
