package wire

// LogsRequest asks for the output of one attempt.
type LogsRequest struct {
	JobID     string `json:"jobId"`
	Attempt   *int32 `json:"attempt,omitempty"` // from 1; absent: the latest
	NextToken string `json:"nextToken,omitempty"`
	Limit     *int32 `json:"limit,omitempty"` // events, 1..10000
	Tail      bool   `json:"tail,omitempty"`  // begin with the last events
}

// LogsResponse is one page of output. NextToken is always there, and continues where
// this page ends, also after all that there is so far.
type LogsResponse struct {
	Events    []LogEvent `json:"events"`
	NextToken string     `json:"nextToken,omitempty"`
	Ended     bool       `json:"ended"` // nothing follows this page, now or later
}

// LogEvent is one line.
type LogEvent struct {
	Timestamp int64  `json:"timestamp"` // ms
	Message   string `json:"message"`
}
