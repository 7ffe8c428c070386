package sched

import "github.com/batchd/terraform-provider-batch/runtime/batch"

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
	if a.size, err = m.checkSize(c); err != nil {
		return a, err
	}
	if a.spec, err = Resolve(c, def); err != nil {
		return a, err
	}
	if err := CheckReach(c.Reach, &a.spec); err != nil {
		return a, err
	}
	if err := m.checkBooks(at, c, a); err != nil {
		return a, err
	}
	a.hopeless, err = m.checkDependencies(c, a.size)
	return a, err
}

// CheckReach refuses to run a specification whose attempts could reach more of the machine than most; 0 is no bound.
func CheckReach(most batch.Reach, s *batch.Spec) error {
	switch reach := s.Reach(); {
	case most == 0 || reach <= most:
		return nil
	case reach == batch.ReachProcess:
		return batch.Errorf(batch.Denied, "the job runs as a process, and processes run as the user of the runtime, who can read the administrator's key: "+
			"give the job definition an image, or have the runtime served with --run-as USER, so that processes run as that user, or with --trust-jobs, if everybody who submits is trusted")
	default:
		return batch.Errorf(batch.Denied, "the job's container is privileged or mounts a path of the host, and could read the administrator's key there: "+
			"have an administrator submit it, or have the runtime served with --trust-jobs, if everybody who submits is trusted")
	}
}

// checkBooks refuses what the books of shares and consumable resources could not hold.
func (m *Machine) checkBooks(at batch.Time, c SubmitJob, a admission) error {
	if c.MaxConcurrency != 0 && (a.size == 0 || c.MaxConcurrency < 0) {
		return batch.Errorf(batch.InvalidRequest, "batchd.maxConcurrency is %d; 1 or more is allowed, for array jobs", c.MaxConcurrency)
	}
	if p := priorityOf(c); p < 0 || p > maxPriority {
		return batch.Errorf(batch.InvalidRequest, "schedulingPriorityOverride is %d; 0 to %d are allowed", p, maxPriority)
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

// checkSize returns the size of the array; 0 for a single job.
func (m *Machine) checkSize(c SubmitJob) (int32, error) {
	limit := m.config.MaxArraySize
	if n := len(c.Points); n > 0 {
		if n > int(limit) {
			return 0, batch.Errorf(batch.InvalidRequest, "batchd.points has %d points; 1 to %d are allowed by this runtime: 'batchd serve --max-array-size' sets the maximum", n, limit)
		}
		if c.Size != 0 && int(c.Size) != n {
			return 0, batch.Errorf(batch.InvalidRequest, "arrayProperties.size is %d but batchd.points has %d points; leave the size out", c.Size, n)
		}
		return int32(n), nil
	}
	if c.Size != 0 && (c.Size < batch.MinArraySize || c.Size > limit) {
		return 0, batch.Errorf(batch.InvalidRequest, "arrayProperties.size is %d; %d to %d are allowed by this runtime: 'batchd serve --max-array-size' sets the maximum", c.Size, batch.MinArraySize, limit)
	}
	return c.Size, nil
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
	m.savePoints(c)
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
		m.failWaiting(at, j, a.hopeless.children, reasonDependency)
	}
	if j.waiting == 0 && j.waits() {
		m.release(at, j)
	}
}

// rowOf is the row that a submission begins with.
func (m *Machine) rowOf(at batch.Time, c SubmitJob, a admission) batch.Job {
	spec, q := &a.spec, &a.queue.row
	row := batch.Job{
		ID: c.ID, Seq: m.lastSeq, Name: c.Name, QueueID: q.UUID, QueueName: q.Name, Definition: spec.Definition,
		Size: a.size, Status: batch.Submitted, CreatedAt: at, Shape: spec.Container.Shape, Retry: spec.Retry,
		Timeout: spec.Timeout, InContainer: spec.Container.Image != "", DependsOn: c.DependsOn, Token: c.Token,
		Share: c.Share, Priority: priorityOf(c), MaxConcurrency: c.MaxConcurrency, Needs: spec.Needs,
		Nodes: nodesOf(*spec, c.Given.Definition), FailOnResultError: c.FailOnResultError,
		Key: c.Given.Key,
	}
	if spec.Reuse {
		row.Sharing = c.sharing()
	}
	if c.Claim != "" {
		row.Claims = row.Claims.With(batch.Claim{Name: c.Claim, Until: at.Add(batch.ClaimLapse)})
	}
	if a.size > 0 {
		row.Array = &batch.Array{Points: len(c.Points) > 0, Unborn: batch.Unborn{Status: batch.Submitted, At: at}}
		row.Array.Counts[batch.Submitted] = a.size
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

// priorityOf is the place of a submission among those of its share.
func priorityOf(c SubmitJob) int32 {
	priority := c.Given.Definition.Priority
	override(&priority, c.Priority)
	return priority
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

// reusable adds to the results that were found for a submission those that came after it had been read.
func (m *Machine) reusable(j *job, g Given) map[int32]batch.Job {
	found := g.Reusable
	for index := range int32(len(g.PointKeys) / batch.PointKeySize) {
		came, ok := m.recent.results[batch.PointKey(g.PointKeys[index*batch.PointKeySize:])]
		if _, known := found[index]; known || !ok || !j.row.Sharing.MayReuse(came.job.QueueName, came.digest) {
			continue
		}
		if found == nil {
			found = map[int32]batch.Job{}
		}
		found[index] = came.job
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
