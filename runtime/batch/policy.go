package batch

import "time"

// Policy is a scheduling policy.
type Policy struct {
	Name string
	// FairShare is nil for a policy that is stored and described only.
	FairShare *FairShare
	CreatedAt Time
	Deleted   bool // in a delta: the row goes
	// Revision is 1 when it is made, and each update raises it: see [Environment].Revision.
	Revision int64 `json:",omitempty"`
	// Body is the document of clients, from which FairShare is made: package document.
	Body []byte
}

// Revise gives p what clients say of it in next, and raises its revision. What the service says of it stays.
func (p *Policy) Revise(next *Policy) {
	p.FairShare, p.Body = next.FairShare, next.Body
	p.Revision++
}

// Record implements [Recorded].
func (p *Policy) Record() Record {
	return Record{Kind: "policy", Name: p.Name, Gone: p.Deleted, Body: &p.Body}
}

// FairShare divides a queue's capacity among share identifiers (AWS Batch user guide, "Fair-share scheduling").
type FairShare struct {
	// Decay is the window in which past use counts, 0..7 days; 0 stands for DefaultShareDecay.
	Decay time.Duration `json:"decay,omitempty"`
	// ReservationPercent, 0..99: with n active shares, that percentage to the power of n of the capacity is kept
	// free for shares that are not active yet.
	ReservationPercent int32         `json:"reservationPercent,omitempty"`
	Weights            []ShareWeight `json:"weights,omitempty"`
}

// DefaultShareDecay is the window of a policy that gives none (AWS: 600 s).
const DefaultShareDecay = 600 * time.Second

// ShareWeight is one entry of shareDistribution. Less weight is more capacity: use converges to 1/weight.
type ShareWeight struct {
	// Identifier is a share identifier, or a prefix of some if it ends in "*". No two entries of a policy overlap.
	Identifier string `json:"identifier"`
	// Weight is weightFactor in ten-thousandths, MinWeight..MaxWeight.
	Weight int64 `json:"weight"`
}

// Weights in ten-thousandths (AWS: weightFactor 0.0001..999.9999, 1.0 if not given).
const (
	MinWeight     = 1
	DefaultWeight = 10_000
	MaxWeight     = 9_999_999
)

// ShareUsage is what a share of a queue has used.
type ShareUsage struct {
	QueueID string
	Share   string
	// Usage is the decayed use at AsOf, in thousandths of a vCPU times milliseconds.
	Usage   int64
	AsOf    Time
	Deleted bool `json:",omitempty"` // in a delta: the row goes
}

// Consumable is a consumable resource: a counted pool that attempts take from, such as licences.
type Consumable struct {
	Name string
	// Total is what there is, in use or not. Starting an attempt lowers it if the resource is not Replenishable.
	Total         int64
	Replenishable bool // what an attempt took comes back when it ends
	CreatedAt     Time
	// Token is the client token of the last update, and TokenAt when it came: an update repeated within 8 hours changes nothing.
	Token   string
	TokenAt Time
	Deleted bool // in a delta: the row goes
}

// Record implements [Recorded].
func (c *Consumable) Record() Record {
	return Record{Kind: "consumable", Name: c.Name, Gone: c.Deleted}
}

// History is how long attempts of a job definition have run: moving averages over its attempts that succeeded,
// whatever their revision.
type History struct {
	Definition string // its name
	Runs       int64  // attempts that have been counted
	MeanMillis int64
	// DeviationMillis is the mean absolute difference from the mean.
	DeviationMillis int64
}

// Record implements [Recorded].
func (h *History) Record() Record {
	return Record{Kind: "history", Name: h.Definition}
}
