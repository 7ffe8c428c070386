package wire

// ClaimJobRequest keeps or renews a claim of a job, an array or a multi-node job as a whole. A claim that has lapsed is made
// again.
type ClaimJobRequest struct {
	JobID string `json:"jobId"`
	Claim string `json:"claim"` // 1 to 64 letters, digits and hyphens
	// Seconds is how long the claim lasts from now, 1 to 86400; 0: until ReleaseJob gives it up.
	Seconds int32 `json:"seconds,omitempty"`
}

// ClaimJobResponse says whether the claim is held. It is not when the job has ended.
type ClaimJobResponse struct {
	JobID string `json:"jobId"`
	Held  bool   `json:"held"`
}

// ReleaseJobRequest gives up a claim of a job. One that is not held is given up already.
type ReleaseJobRequest struct {
	JobID string `json:"jobId"`
	Claim string `json:"claim"`
	// End has the job ended, as TerminateJob would, once nobody holds a claim of it; otherwise it goes on. Attempts whose
	// results other jobs wait for go on all the same.
	End    bool   `json:"end,omitempty"`
	Reason string `json:"reason,omitempty"` // of the end, at most 1024 characters; required with End
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ClaimJobRequest) Validate() error {
	c := &check{}
	c.identifier("jobId", r.JobID)
	c.claim("claim", r.Claim)
	integer(c, "seconds", &r.Seconds, 0, maxClaimSeconds)
	return c.err()
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ReleaseJobRequest) Validate() error {
	c := &check{}
	c.identifier("jobId", r.JobID)
	c.claim("claim", r.Claim)
	if r.End || r.Reason != "" {
		c.reason(r.Reason)
	}
	return c.err()
}
