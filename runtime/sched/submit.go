package sched

import (
	"cmp"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched/array"
	"github.com/batchd/terraform-provider-batch/runtime/sched/depend"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// SubmitJob submits a single job, an array or a multi-node job. It needs the definition, and whatever it depends on that has ended.
type SubmitJob struct {
	replies[SubmitReply]
	batch.Caller
	submit.Request
	Given Given
}

// SubmitReply names the job: the new one, the one that the same token made before, or one that was adopted.
type SubmitReply struct {
	ID      batch.JobID
	Name    string
	Adopted bool
}

// Needs implements [Needy].
func (c SubmitJob) Needs() Needs {
	n := Needs{Definition: c.Definition, Token: c.Token, Submission: &c}
	for _, d := range c.DependsOn {
		if d.Kind != batch.DependSequential {
			n.Jobs = append(n.Jobs, d.Job)
		}
		if d.Kind == batch.DependNToN {
			n.Children = append(n.Children, d.Job)
		}
	}
	return n
}

// With implements [Needy].
func (c SubmitJob) With(g Given) Command { c.Given = g; return c }

// apply accepts a submission whole or refuses it.
func (c SubmitJob) apply(m *Machine, at batch.Time) (any, error) {
	if reply, done := m.repeated(c); done {
		return c.reply(reply)
	}
	a, err := m.examine(at, c)
	if err != nil {
		return nil, err
	}
	if reply, done := m.adopt(at, c); done {
		return c.reply(reply)
	}
	m.accept(at, c, a)
	m.audit(at, c.Caller, "SubmitJob", string(c.ID))
	return c.reply(SubmitReply{ID: c.ID, Name: c.Name})
}

// repeated recognises a submission that was accepted before, by its id or its token.
func (m *Machine) repeated(c SubmitJob) (SubmitReply, bool) {
	if j, live := m.jobs[c.ID]; live {
		return SubmitReply{ID: j.row.ID, Name: j.row.Name}, true
	}
	if c.Token == "" {
		return SubmitReply{}, false
	}
	if old := c.Given.Existing; old != nil {
		return SubmitReply{ID: old.ID, Name: old.Name}, true
	}
	if id, known := m.tokens[c.Token]; known {
		return SubmitReply{ID: id, Name: c.Name}, true
	}
	return SubmitReply{}, false
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

// admission is what a submission that is in order comes to.
type admission struct {
	queue    *queue
	spec     batch.Spec
	size     int32 // of the array; 0 of a single or multi-node job
	hopeless hopeless
}

// examine refuses a submission that breaks a rule, and changes nothing.
func (m *Machine) examine(at batch.Time, c SubmitJob) (admission, error) {
	var a admission
	var err error
	if a.queue, err = m.acceptingQueue(c.Queue); err != nil {
		return a, err
	}
	def := c.Given.Definition
	if def == nil || !def.Active {
		return a, batch.Errorf(batch.NotFound, "job definition %s does not exist or is not ACTIVE; register it first", c.Definition)
	}
	if !def.Runs {
		return a, batch.Errorf(batch.InvalidRequest, "job definition %s asks for something that no compute environment of this version can give: only containerProperties run, alone or in nodeProperties, with or without an image", def.Ref())
	}
	if a.size, err = c.ArraySize(m.config.MaxArraySize); err != nil {
		return a, err
	}
	if a.spec, err = c.Resolve(def, c.Given.Upstream); err != nil {
		return a, err
	}
	if err := submit.CheckReach(c.Reach, &a.spec); err != nil {
		return a, err
	}
	if err := m.checkPlace(a.queue, &a.spec); err != nil {
		return a, err
	}
	if err := m.checkBooks(at, c, a); err != nil {
		return a, err
	}
	a.hopeless, err = m.checkDependencies(&c.Request, a.size, c.Given)
	return a, err
}

// checkBooks refuses what the books of shares and consumable resources could not hold.
func (m *Machine) checkBooks(at batch.Time, c SubmitJob, a admission) error {
	if err := c.CheckNumbers(c.Given.Definition, a.size); err != nil {
		return err
	}
	if err := m.checkShareOf(at, c.Share, a.queue); err != nil {
		return err
	}
	for _, r := range a.spec.Nodes {
		if err := m.checkNeeds(r.Needs); err != nil {
			return err
		}
	}
	return m.checkNeeds(a.spec.Needs)
}

// checkPlace refuses what this machine cannot give in a queue that may place it here: it is never run as something else.
func (m *Machine) checkPlace(q *queue, s *batch.Spec) error {
	asks := s.Container.OnlyECS()
	for i := range s.Nodes {
		asks = cmp.Or(asks, s.Nodes[i].Container.OnlyECS())
	}
	if asks == "" {
		return nil
	}
	for _, o := range q.row.Environments {
		if e := m.fleet.Environments[o.Environment]; e != nil && e.Row.Kind == batch.Local {
			return batch.Errorf(batch.InvalidRequest, "job definition %s asks for %s, which a LOCAL compute environment cannot give, and job queue %s orders %s; use a queue whose compute environments are all in an AWS account",
				s.Definition, asks, q.row.Name, o.Environment)
		}
	}
	return nil
}

func (m *Machine) acceptingQueue(name string) (*queue, error) {
	q, ok := m.queues[name]
	switch {
	case !ok:
		return nil, batch.Errorf(batch.NotFound, "job queue %s does not exist; create it first", name)
	case q.row.Health != batch.Valid:
		return nil, batch.Errorf(batch.InvalidRequest, "job queue %s is %s and takes no jobs", name, q.row.Health)
	case q.row.State != batch.Enabled:
		return nil, batch.Errorf(batch.InvalidRequest, "job queue %s is DISABLED and takes no jobs; enable it first", name)
	default:
		return q, nil
	}
}

// accept makes the rows of a submission that was found to be in order.
func (m *Machine) accept(at batch.Time, c SubmitJob, a admission) {
	m.lastSeq++
	j := &job{queue: a.queue, entry: -1, row: m.rowOf(at, c, a)}
	if a.size > 0 {
		j.children = array.Of[*job](&j.row)
	}
	m.admit(j)
	m.touch(j)
	m.round.delta.Specs = append(m.round.delta.Specs, a.spec)
	m.round.delta.Points = append(m.round.delta.Points, c.PointRows()...)
	if len(c.Given.PointKeys) > 0 {
		m.round.delta.PointKeys = append(m.round.delta.PointKeys, batch.PointKeys{Job: c.ID, Keys: c.Given.PointKeys})
	}
	if len(c.Tags) > 0 {
		m.setResourceTags(batch.ResourceJob+"/"+string(c.ID), c.Tags)
	}
	m.remember(c.Token, c.ID)

	m.reuse(at, j, m.reusable(j, c.Given))
	if _, live := m.jobs[c.ID]; !live {
		return // everything was reused
	}
	m.joinFlights(j, c.Given.PointKeys)
	m.moveAll(at, j, batch.Pending, "")
	if a.hopeless.reason != "" {
		m.end(at, j, causeDependency, a.hopeless.reason)
		return
	}
	m.link(j)
	if a.hopeless.children != nil {
		m.failWaiting(at, j, a.hopeless.children, depend.Failed)
	}
	if j.awaits == 0 && j.Waits() {
		m.release(at, j)
	}
}

// rowOf is the row that a submission begins with.
func (m *Machine) rowOf(at batch.Time, c SubmitJob, a admission) batch.Job {
	row := c.Row(at, &a.spec, c.Given.Definition, a.size)
	row.Seq, row.QueueID, row.QueueName, row.Key = m.lastSeq, a.queue.row.UUID, a.queue.row.Name, c.Given.Key
	if a.spec.Reuse {
		row.Sharing = c.sharing()
	}
	return row
}

// sharing bounds which results c may take; nil: any.
func (c *SubmitJob) sharing() *batch.Sharing {
	if c.Given.ImageDigest == "" && len(c.Readable) == 0 {
		return nil
	}
	return &batch.Sharing{ImageDigest: c.Given.ImageDigest, Readable: c.Readable}
}

// reusable adds to the results that were found for a submission those that came after it had been read.
func (m *Machine) reusable(j *job, g Given) map[int32]batch.Job {
	found := g.Reusable
	for index := range int32(len(g.PointKeys) / batch.PointKeySize) {
		source, ok := m.recent.Find(g.pointKey(index), j.row.Sharing)
		if _, known := found[index]; known || !ok {
			continue
		}
		if found == nil {
			found = map[int32]batch.Job{}
		}
		found[index] = source
	}
	return found
}

// full reports whether j has no room for that claim.
func (j *job) full(claim string) bool {
	return j.row.Claims != nil && len(j.row.Claims.Held) >= batch.MaxClaims && !j.row.Claims.Has(claim)
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
