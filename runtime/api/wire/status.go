package wire

// StatusResponse says what a runtime is and does.
type StatusResponse struct {
	Version        string           `json:"version"`
	PID            int              `json:"pid"`
	StateDirectory string           `json:"stateDirectory"`
	Region         string           `json:"region"`
	AccountID      string           `json:"accountId"`
	StartedAt      int64            `json:"startedAt"` // ms
	Jobs           map[string]int64 `json:"jobs"`      // how many jobs are in each status
	Running        int64            `json:"running"`   // how many of them have a live attempt: those STARTING and RUNNING
	// AWS is whether jobs of environments of an account run there.
	AWS bool `json:"aws,omitempty"`
}

// Outcomes of a check.
const (
	CheckOK   = "ok"
	CheckWarn = "warn"
	CheckFail = "fail"
)

// DoctorResponse holds what a runtime found when it looked at itself and its machine.
type DoctorResponse struct {
	Checks []Check `json:"checks"`
}

// Check is one thing looked at.
type Check struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"`
	Remedy string `json:"remedy,omitempty"` // what to do if Status is not ok
}
