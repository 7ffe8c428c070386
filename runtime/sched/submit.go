package sched

import (
	"github.com/batchd/terraform-provider-batch/runtime/batch"
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
		return a, batch.Errorf(batch.InvalidRequest, "job definition %s asks for something that no compute environment of this version can give: only containerProperties run, alone or in nodeProperties, with or without an image, and without secrets, devices, EFS or S3 volumes", def.Ref())
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
	if err := m.checkBooks(at, c, a); err != nil {
		return a, err
	}
	a.hopeless, err = m.checkDependencies(c, a.size)
	return a, err
}

// checkBooks refuses what the books of shares and consumable resources could not hold.
func (m *Machine) checkBooks(at batch.Time, c SubmitJob, a admission) error {
	if err := c.CheckNumbers(c.Given.Definition, a.size); err != nil {
		return err
	}
	if err := m.checkShareOf(at, c, a.queue); err != nil {
		return err
	}
	for _, r := range a.spec.Nodes {
		if err := m.checkNeeds(r.Needs); err != nil {
			return err
		}
	}
	return m.checkNeeds(a.spec.Needs)
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
		j.children = newChildren(&j.row)
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
	if j.waiting == 0 && j.Waits() {
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

// admit takes up a submission that is not ended.
func (m *Machine) admit(j *job) {
	m.jobs[j.row.ID] = j
	m.offer(j)
	m.armClaims(j)
	j.class = j.queue.line.Enter(&j.row)
	m.joinShare(j)
	j.queue.jobs++
}

// reuse ends, before they begin, the children (or the single job) whose result is known.
func (m *Machine) reuse(at batch.Time, j *job, reusable map[int32]batch.Job) {
	if len(reusable) == 0 {
		return
	}
	if !j.isArray() {
		if source, ok := reusable[0]; ok {
			m.takeResult(at, j, source)
		}
		return
	}
	for index := range j.row.Size {
		if source, ok := reusable[index]; ok {
			m.takeResult(at, m.born(j, index), source)
		}
	}
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

func (m *Machine) takeResult(at batch.Time, j *job, source batch.Job) {
	j.row.ContentKey, j.row.Result = source.ContentKey, source.Result
	j.row.ReusedFrom = reusedFrom(&source, j.top().row.Sharing)
	j.row.ExitCode, j.row.Reason, j.row.ResultError = source.ExitCode, "", ""
	if source.ExitCode != nil {
		code := *source.ExitCode
		j.row.ExitCode = &code
	}
	if j.array != nil {
		j.array.row.Array.Reused++
	}
	j.row.StoppedAt = at
	m.move(at, j, batch.Succeeded, reasonReused)
}

// reusedFrom is the job that a result is attributed to when it is taken from source: the job that ran, unless bound names queues and that job
// may be in another one, which the caller may not read.
func reusedFrom(source *batch.Job, bound *batch.Sharing) batch.JobID {
	if source.ReusedFrom != "" && (bound == nil || len(bound.Readable) == 0) {
		return source.ReusedFrom
	}
	return source.ID
}

// remember keeps a client token, and forgets the oldest.
func (m *Machine) remember(token string, id batch.JobID) {
	if token == "" {
		return
	}
	m.tokens[token] = id
	m.lastTokens = append(m.lastTokens, token)
	if len(m.lastTokens) > rememberedTokens {
		delete(m.tokens, m.lastTokens[0])
		m.lastTokens = m.lastTokens[1:]
	}
}
