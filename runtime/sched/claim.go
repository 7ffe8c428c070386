package sched

import (
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// adoptKey is what a submission that adopts and the one it adopts have in common.
type adoptKey struct {
	queue *queue
	name  string
	key   string // see [batch.Job.Key]
}

// offer lets a live submission be adopted, if its content has a key.
func (m *Machine) offer(j *job) {
	if j.row.Key == "" {
		return
	}
	key := adoptKey{j.queue, j.row.Name, j.row.Key}
	at, _ := slices.BinarySearchFunc(m.adoptable[key], j, compareJobs)
	m.adoptable[key] = slices.Insert(m.adoptable[key], at, j)
}

// withdraw takes an ended submission from those that may be adopted.
func (m *Machine) withdraw(j *job) {
	j.claimDue = 0
	if j.row.Key == "" {
		return
	}
	key := adoptKey{j.queue, j.row.Name, j.row.Key}
	left := slices.DeleteFunc(m.adoptable[key], func(other *job) bool { return other == j })
	if m.adoptable[key] = left; len(left) == 0 {
		delete(m.adoptable, key)
	}
}

// adopt adds the claim of c, which is in order, to the oldest live submission of the same queue, name and content that
// nobody has told to end. Without one it does nothing.
func (m *Machine) adopt(at batch.Time, c SubmitJob) (SubmitReply, bool) {
	j := m.adopted(c)
	if j == nil {
		return SubmitReply{}, false
	}
	if until := at.Add(batch.ClaimLapse); !j.row.Claims.Lasts(c.Claim, until) {
		m.setClaims(j, j.row.Claims.With(batch.Claim{Name: c.Claim, Until: until}))
	}
	m.remember(c.Token, j.row.ID)
	m.audit(at, c.Caller, "SubmitJob", string(j.row.ID))
	return SubmitReply{ID: j.row.ID, Name: j.row.Name, Adopted: true}, true
}

// adopted is the submission that c adopts; nil: none. One that may take results that c may not is left to others.
func (m *Machine) adopted(c SubmitJob) *job {
	if !c.Adopt || c.Claim == "" || !c.Reuse || c.Given.Key == "" {
		return nil
	}
	bound := c.sharing()
	for _, j := range m.adoptable[adoptKey{m.queues[c.Queue], c.Name, c.Given.Key}] {
		if !j.row.Cancelled && !j.row.Terminated && !j.full(c.Claim) && j.row.Sharing.Within(bound) {
			return j
		}
	}
	return nil
}

// full reports whether j has no room for that claim.
func (j *job) full(claim string) bool {
	return j.row.Claims != nil && len(j.row.Claims.Held) >= batch.MaxClaims && !j.row.Claims.Has(claim)
}

// setClaims changes who holds j.
func (m *Machine) setClaims(j *job, claims *batch.Claims) {
	j.row.Claims = claims
	m.touch(j)
	m.armClaims(j)
}

// armClaims makes sure that the claims of j lapse when they are due.
func (m *Machine) armClaims(j *job) {
	if j.claimDue = j.row.Claims.NextLapse(); j.claimDue != 0 {
		m.deadlines.Push(timer{at: j.claimDue, job: j, kind: ofClaim})
	}
}

// ClaimJob keeps or renews a claim of a submission that has not ended, or makes one.
type ClaimJob struct {
	replies[ClaimReply]
	batch.Caller
	ID    batch.JobID
	Claim string
	For   time.Duration // 0: until it is given up
}

// ClaimReply says whether the claim is held: it is not if the submission has ended.
type ClaimReply struct{ Held bool }

// apply keeps or renews a claim. One that has lapsed is made again.
func (c ClaimJob) apply(m *Machine, at batch.Time) (any, error) {
	if root, _, isPart := c.ID.Part(); isPart {
		return nil, batch.Errorf(batch.InvalidRequest, "job %s is part of job %s; claim the whole job instead", c.ID, root)
	}
	j := m.jobs[c.ID]
	if j == nil || j.row.Cancelled || j.row.Terminated {
		return c.reply(ClaimReply{})
	}
	if j.full(c.Claim) {
		return nil, batch.Errorf(batch.Conflict, "job %s has %d claims, which is the maximum: give one up with ReleaseJob first, or submit the same work as a job of its own, which shares the results", c.ID, batch.MaxClaims)
	}
	claim := batch.Claim{Name: c.Claim}
	if c.For > 0 {
		claim.Until = at.Add(c.For)
	}
	m.setClaims(j, j.row.Claims.With(claim))
	m.audit(at, c.Caller, "ClaimJob", string(c.ID))
	return c.reply(ClaimReply{Held: true})
}

// ReleaseJob gives up a claim. With End, the submission is ended, for Reason, once no claim is left.
type ReleaseJob struct {
	replies[Done]
	batch.Caller
	ID     batch.JobID
	Claim  string
	End    bool
	Reason string
}

// apply gives up a claim. A submission without claims ends if one of those who gave up a claim asked for it. A job that is unknown
// or has ended is left alone.
func (c ReleaseJob) apply(m *Machine, at batch.Time) (any, error) {
	if root, _, isPart := c.ID.Part(); isPart {
		return nil, batch.Errorf(batch.InvalidRequest, "job %s is part of job %s; release the whole job instead", c.ID, root)
	}
	if j := m.jobs[c.ID]; j != nil {
		claims := j.row.Claims.Without(c.Claim)
		if c.End {
			claims.End, claims.Reason = true, clip(c.Reason)
		}
		m.setClaims(j, claims)
		m.endUnclaimed(at, j)
	}
	m.audit(at, c.Caller, "ReleaseJob", string(c.ID))
	return c.reply(Done{})
}

// lapse gives up the claims of j that are due. That ends j only if somebody who gave up a claim wanted it.
func (m *Machine) lapse(at batch.Time, j *job) {
	claims := j.row.Claims.Without("")
	claims.Held = slices.DeleteFunc(claims.Held, func(c batch.Claim) bool { return c.Until != 0 && c.Until <= at })
	m.setClaims(j, claims)
	m.endUnclaimed(at, j)
}

// endUnclaimed ends j if that was asked for and no claim is left. Attempts that another submission waits for go on.
func (m *Machine) endUnclaimed(at batch.Time, j *job) {
	if j.row.Claims.Over() {
		m.end(at, j, causeReleased, j.row.Claims.Reason)
	}
}
