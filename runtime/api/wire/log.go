package wire

// LogsRequest asks for the output of one attempt.
type LogsRequest struct {
	JobID     string `json:"jobId"`
	Attempt   *int32 `json:"attempt,omitempty"` // from 1; absent: the latest
	NextToken string `json:"nextToken,omitempty"`
	Limit     *int32 `json:"limit,omitempty"` // events, 1..10000
	Tail      bool   `json:"tail,omitempty"`  // begin with the last events
	Raw       bool   `json:"raw,omitempty"`   // answer the bytes as they were written, in data, and no message
}

// LogsResponse is one page of output. NextToken is always there, and continues where
// this page ends, also after all that there is so far.
type LogsResponse struct {
	Events    []LogEvent `json:"events"`
	NextToken string     `json:"nextToken,omitempty"`
	Ended     bool       `json:"ended"` // nothing follows this page, now or later
	// Unfinished is what an attempt that runs has written of the line that follows this page. It does not belong to the page: the
	// line will be an event when it is finished.
	Unfinished *LogEvent `json:"unfinished,omitempty"`
	// Dropped is how many bytes of the output of an attempt that ended are missing, as they could not be written down.
	Dropped int64 `json:"dropped,omitempty"`
}

// LogEvent is one line.
type LogEvent struct {
	Timestamp int64  `json:"timestamp"`      // ms
	Message   string `json:"message"`        // what is not UTF-8 is U+FFFD in it
	Data      []byte `json:"data,omitempty"` // of a request for raw output: the line as it was written
	// Continues reports that the line does not end here: it is longer than 256 KiB and the next event goes on with it, or, of raw
	// output, it is the last and was not ended.
	Continues bool `json:"continues,omitempty"`
}
