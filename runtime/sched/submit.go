package sched

import (
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// ErrStale is returned by a command whose [Given] is out of date: something it depends on ended
// between reading and applying. Nothing has changed; read again and apply again.
var ErrStale = errors.New("what the command was given is out of date")

// submit accepts a submission whole or refuses it.
func (m *Machine) submit(at batch.Time, c SubmitJob) (any, error) {
	if reply, done := m.repeated(c); done {
		return reply, nil
	}
	q, err := m.acceptingQueue(c.Queue)
	if err != nil {
		return nil, err
	}
	def := c.Given.Definition
	if def == nil || !def.Active {
		return nil, batch.Errorf(batch.NotFound, "job definition %s does not exist or is not ACTIVE; register it first", c.Definition)
	}
	if !def.Runs {
		return nil, batch.Errorf(batch.InvalidRequest, "job definition %s asks for something that no compute environment of this version can give: only containerProperties run, with or without an image, and without secrets, devices, EFS or S3 volumes and consumable resources", def.Ref())
	}
	size, err := m.checkSize(c)
	if err != nil {
		return nil, err
	}
	spec, err := Resolve(c, def)
	if err != nil {
		return nil, err
	}
	hopeless, err := m.checkDependencies(c, size)
	if err != nil {
		return nil, err
	}
	m.accept(at, c, q, spec, size, hopeless)
	m.audit(at, c, "SubmitJob", string(c.ID))
	return SubmitReply{ID: c.ID, Name: c.Name}, nil
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

// checkSize returns the size of the array; 0 for a single job.
func (m *Machine) checkSize(c SubmitJob) (int32, error) {
	limit := m.config.MaxArraySize
	if n := len(c.Points); n > 0 {
		if n > int(limit) {
			return 0, batch.Errorf(batch.InvalidRequest, "batchd.points has %d points; 1 to %d are allowed", n, limit)
		}
		if c.Size != 0 && int(c.Size) != n {
			return 0, batch.Errorf(batch.InvalidRequest, "arrayProperties.size is %d but batchd.points has %d points; leave the size out", c.Size, n)
		}
		return int32(n), nil
	}
	if c.Size != 0 && (c.Size < batch.MinArraySize || c.Size > limit) {
		return 0, batch.Errorf(batch.InvalidRequest, "arrayProperties.size is %d; %d to %d are allowed", c.Size, batch.MinArraySize, limit)
	}
	return c.Size, nil
}

func indexOf(id batch.JobID) int32 {
	_, index, _ := id.Split()
	return index
}

// accept makes the rows of a submission that was found to be in order.
func (m *Machine) accept(at batch.Time, c SubmitJob, q *queue, spec batch.Spec, size int32, hopeless hopeless) {
	m.lastSeq++
	j := &job{queue: q, entry: -1, row: batch.Job{
		ID: c.ID, Seq: m.lastSeq, Name: c.Name, QueueID: q.row.UUID, QueueName: q.row.Name, Definition: spec.Definition,
		Size: size, Status: batch.Submitted, CreatedAt: at, Shape: spec.Container.Shape, Retry: spec.Retry,
		Timeout: spec.Timeout, InContainer: spec.Container.Image != "", DependsOn: c.DependsOn, Token: c.Token,
	}}
	if size > 0 {
		j.row.Array = &batch.Array{Points: len(c.Points) > 0, Unborn: batch.Unborn{Status: batch.Submitted, At: at}}
		j.row.Array.Counts[batch.Submitted] = size
		j.children = newChildren()
	}
	m.admit(j)
	m.touch(j)
	m.round.delta.Specs = append(m.round.delta.Specs, spec)
	m.savePoints(c)
	if len(c.Tags) > 0 {
		m.setResourceTags(batch.ResourceJob+"/"+string(c.ID), c.Tags)
	}
	m.remember(c.Token, c.ID)

	m.reuse(at, j, c.Given.Reusable)
	if _, live := m.jobs[c.ID]; !live {
		return // everything was reused
	}
	m.moveAll(at, j, batch.Pending, "")
	if hopeless.reason != "" {
		m.end(at, j, EndDependency, hopeless.reason)
		return
	}
	m.link(j)
	if hopeless.children != nil {
		m.failWaiting(at, j, hopeless.children, reasonDependency)
	}
	if j.waiting == 0 && j.waits() {
		m.release(at, j)
	}
}

// admit takes up a submission that is not ended.
func (m *Machine) admit(j *job) {
	m.jobs[j.row.ID] = j
	j.queue.jobs++
}

// savePoints writes the parameters of an array's children in rows of bounded size.
func (m *Machine) savePoints(c SubmitJob) {
	for from := 0; from < len(c.Points); from += batch.PointsPerRow {
		to := min(from+batch.PointsPerRow, len(c.Points))
		m.round.delta.Points = append(m.round.delta.Points, batch.Points{Job: c.ID, From: int32(from), Values: c.Points[from:to]})
	}
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

func (m *Machine) takeResult(at batch.Time, j *job, source batch.Job) {
	j.row.ContentKey, j.row.Result = source.ContentKey, source.Result
	j.row.ReusedFrom = source.ID
	if source.ReusedFrom != "" {
		j.row.ReusedFrom = source.ReusedFrom
	}
	if source.ExitCode != nil {
		code := *source.ExitCode
		j.row.ExitCode = &code
	}
	j.row.StoppedAt = at
	m.move(at, j, batch.Succeeded, reasonReused)
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
