package wire

import "math"

// ListHostsRequest asks for the hosts that are there or on their way.
type ListHostsRequest struct {
	ComputeEnvironment string `json:"computeEnvironment,omitempty"` // name or ARN; absent: hosts of all environments
	MaxJobs            *int32 `json:"maxJobs,omitempty"`            // how many jobs of a host are named; absent: 10
}

// ListHostsResponse lists hosts by environment and id.
type ListHostsResponse struct {
	Hosts []HostDetail `json:"hosts"`
}

// HostDetail is a machine that jobs run on, or one that is on its way.
type HostDetail struct {
	ID                  string   `json:"id"`
	Name                string   `json:"name,omitempty"`                // what people call it: a host name, or the id of an instance
	ComputeEnvironments []string `json:"computeEnvironments,omitempty"` // absent: every environment of its type
	Type                string   `json:"type"`                          // as the type of its environments
	// Stage is SERVING if it takes jobs, CLOSING if it takes no more, or ORDERED, LAUNCHING, JOINING or RELEASING.
	Stage string `json:"stage"`
	Since int64  `json:"since,omitempty"` // ms: when it came into its stage
	// Reason is why it closes.
	Reason           string `json:"reason,omitempty"`
	InstanceType     string `json:"instanceType,omitempty"`
	AvailabilityZone string `json:"availabilityZone,omitempty"`
	Market           string `json:"market,omitempty"` // ON_DEMAND or SPOT
	// MicroUSDPerHour is its price in millionths of a US dollar an hour, as it was when it was launched; absent: not known, or none.
	MicroUSDPerHour int64     `json:"microUsdPerHour,omitempty"`
	Capacity        Resources `json:"capacity"` // of one on its way: what it is expected to have
	Used            Resources `json:"used"`
	Live            int       `json:"live"` // how many attempts it has
	Jobs            []string  `json:"jobs"` // of these, those that were ordered first
}

// Resources are amounts of what jobs ask for.
type Resources struct {
	VCPUs     float64 `json:"vcpus"`
	MemoryMiB int64   `json:"memoryMiB"`
	GPUs      int64   `json:"gpus,omitempty"`
}

// Validate applies the rules of the members; the error is a [*FieldError].
func (r *ListHostsRequest) Validate() error {
	c := &check{}
	if r.ComputeEnvironment != "" {
		c.identifier("computeEnvironment", r.ComputeEnvironment)
	}
	integer(c, "maxJobs", r.MaxJobs, 0, math.MaxInt16)
	return c.err()
}
