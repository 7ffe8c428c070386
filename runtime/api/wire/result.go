package wire

import "encoding/json"

// ResultsRequest asks for the results of a job, or of an array's children in order.
type ResultsRequest struct {
	JobID      string `json:"jobId"`
	NextToken  string `json:"nextToken,omitempty"`
	MaxResults *int32 `json:"maxResults,omitempty"` // 1..1000
}

// ResultsResponse is one page of results, in the order of the points.
type ResultsResponse struct {
	Results   []Result `json:"results"`
	NextToken string   `json:"nextToken,omitempty"`
}

// Result is what became of one job.
type Result struct {
	Index        int32             `json:"index"` // of the child; 0 for a single job
	JobID        string            `json:"jobId"`
	Status       string            `json:"status"`
	StatusReason string            `json:"statusReason,omitempty"`
	ExitCode     *int32            `json:"exitCode,omitempty"`
	Attempts     int32             `json:"attempts"`
	Parameters   map[string]string `json:"parameters,omitzero"` // of the point
	Reason       string            `json:"reason,omitempty"`    // of the container of the last attempt
	Result       json.RawMessage   `json:"result,omitempty"`
	ResultError  string            `json:"resultError,omitempty"` // why what the last attempt left was not taken
	ReusedFrom   string            `json:"reusedFrom,omitempty"`
	ReusedAt     int64             `json:"reusedAt,omitempty"` // when that job ended, in ms
	Joined       string            `json:"joined,omitempty"`   // the job that runs the same and whose result is awaited
}
