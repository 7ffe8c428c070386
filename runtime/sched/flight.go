package sched

import (
	"cmp"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched/flight"
)

// Points of live submissions that may share work (batchd.reuse) and have one base key are one flight. Whichever of them is
// placed first runs, under the priority, retries, timeout and resources of its own submission. Those that come up for a place
// while its attempt is live wait for it outside their queues: they have joined it. When an attempt succeeds, all that wait
// for anything take its result. When it ends in any other way, those that joined it go back to their queues, with their own
// retries. So a point that does not run is always in the queue of each submission that wants it, and a failure is that of one submission alone.
//
// Which points a submission has never changes, so flights follow from the rows of the live submissions, and [Load] makes the
// same ones.

// joinFlights makes the points of a submission members of flights. keys is nil for one that shares no work.
func (m *Machine) joinFlights(j *job, keys []byte) {
	if len(keys) == int(max(j.row.Size, 1))*batch.PointKeySize {
		j.points = m.flights.Enter(j, keys)
	}
}

// flightOf is that of a single job or child; nil if it shares no work.
func (m *Machine) flightOf(j *job) *flight.Flight[*job] {
	if j.isArray() {
		return nil
	}
	return m.flights.At(j.top().points, j.index)
}

// lead notes that the attempt of j, which has just been placed or loaded, is live.
func (m *Machine) lead(j *job) {
	if f := m.flightOf(j); f != nil {
		f.Lead(j)
		if j.top().released() && j.row.Run.GoesOn() {
			m.spared[j] = true
		}
	}
}

// land notes that the attempt of j has ended.
func (m *Machine) land(j *job) {
	delete(m.spared, j)
	m.flightOf(j).Land(j)
}

// mayTake reports whether a point of submission j may take what an attempt of from leaves.
func (j *job) mayTake(from *job) bool {
	digest := ""
	if other := from.top().row.Sharing; other != nil {
		digest = other.ImageDigest
	}
	return j.row.Sharing.MayTake(from.row.QueueName, digest)
}

// leader is the point that runs what the one at index of submission j is; nil if none does that it may take the result of.
func (m *Machine) leader(j *job, index int32) *job {
	if !j.points.Shared() {
		return nil
	}
	for _, leader := range m.flights.At(j.points, index).Live() {
		if j.mayTake(leader) {
			return leader
		}
	}
	return nil
}

// disband puts back into their queues those that had joined the attempt of j, which has ended without a result that they
// could take.
func (m *Machine) disband(j *job) {
	f := m.flightOf(j)
	if f == nil {
		return
	}
	for _, other := range sorted(f.Joined()) {
		if other.row.Joined == j.row.ID {
			m.unfollow(other)
			m.setReason(other, "")
			m.enqueue(other)
		}
	}
}

// shareResult gives the result of j, which has succeeded as x says, to all points of live submissions that are the same and
// wait for anything. A single job or child that shares no work is a source too.
func (m *Machine) shareResult(at batch.Time, j *job, x batch.Exit) {
	sharing := j.top().points != nil // its flight may have ended with it
	if j.row.ContentKey == "" || !sharing && m.flights.Empty() {
		return
	}
	key := batch.PointKeyOf(x.BaseKey)
	f := m.flights.Find(key)
	if sharing || f != nil {
		m.recent.Put(key, flight.Result{Job: j.row, Digest: x.ImageDigest})
	}
	source := j.row
	for _, other := range slices.SortedFunc(slices.Values(f.Members()), compareMembers) {
		if m.waitsStill(other) && other.Owner().row.Sharing.MayTake(source.QueueName, x.ImageDigest) {
			m.takeShared(at, other, source)
		}
	}
}

// takeRecent gives j, which has to run again, a result that came from an identical job while its own attempt was live.
func (m *Machine) takeRecent(at batch.Time, j *job) {
	top := j.top()
	if top.points == nil || j.row.Status != batch.Runnable || j.row.Joined != "" {
		return
	}
	if source, ok := m.recent.Find(top.points.Key(j.index), top.row.Sharing); ok {
		m.takeResult(at, j, source)
	}
}

// member is a point of a live submission.
type member = flight.Member[*job]

func compareMembers(a, b member) int {
	return cmp.Or(cmp.Compare(a.Owner().row.Seq, b.Owner().row.Seq), cmp.Compare(a.Index, b.Index))
}

// waitsStill reports whether a member waits for what it depends on or for a place.
func (m *Machine) waitsStill(o member) bool {
	top := o.Owner()
	status := top.row.Status
	if top.isArray() && !status.Terminal() {
		status = top.children.Status(o.Index)
	}
	return status == batch.Pending || status == batch.Runnable
}

// takeShared ends a member that waits with the result of source.
func (m *Machine) takeShared(at batch.Time, o member, source batch.Job) {
	top := o.Owner()
	j := top
	if top.isArray() {
		if j = top.children.Live(o.Index); j == nil {
			j = m.born(top, o.Index)
			m.requeueArray(top)
		}
	}
	m.takeResult(at, j, source)
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

// released reports whether submission j was ended because its last claim was given up.
func (j *job) released() bool { return j.row.Terminated && j.row.Claims.Over() }

// wanted reports whether a point of another submission, or another one of the same, waits for what the attempt of j leaves.
func (m *Machine) wanted(j *job) bool {
	return slices.ContainsFunc(m.flightOf(j).Members(), func(o member) bool {
		return (o.Owner() != j.top() || o.Index != j.index) && m.waitsStill(o) && o.Owner().mayTake(j)
	})
}

// spare lets the attempt of j, whose submission is released, go on. If it is taken back before it has started, j fails.
func (m *Machine) spare(j *job, reason string) {
	run := j.row.Run
	if !run.GoesOn() {
		return // it was told to stop before
	}
	m.spared[j] = true
	if run.Stop == batch.StopRecalled && run.StopReason == "" {
		run.StopReason = clip(reason)
	}
}

// stopUnwanted stops the attempts of released submissions for whose results no other point waits any longer.
func (m *Machine) stopUnwanted(at batch.Time) {
	if len(m.spared) == 0 {
		return
	}
	for _, j := range sorted(maps.Keys(m.spared)) {
		if !m.wanted(j) {
			m.stop(at, j, batch.StopTerminated, j.top().row.Claims.Reason)
		}
	}
}

// joinable are the points of others that are the same as points of a submission, which is not there yet: one for each of its
// points that another submission has or runs too.
func (m *Machine) joinable(g *Given, j *job) (points []JoinedPoint) {
	for index := range int32(len(g.PointKeys) / batch.PointKeySize) {
		f := m.flights.Find(g.pointKey(index))
		if _, known := g.Reusable[index]; known {
			continue
		}
		if i := slices.IndexFunc(f.Live(), j.mayTake); i >= 0 {
			points = append(points, JoinedPoint{Job: f.Live()[i].row.ID, Runs: true})
		} else if i := slices.IndexFunc(f.Members(), func(o member) bool { return m.waitsStill(o) && j.mayTake(o.Owner()) }); i >= 0 {
			points = append(points, JoinedPoint{Job: idOf(f.Members()[i])})
		}
	}
	return points
}

// idOf is that of the child or single job that a member is. It need not have a row.
func idOf(o member) batch.JobID {
	if top := o.Owner(); top.isArray() {
		return top.row.ID.Child(o.Index)
	}
	return o.Owner().row.ID
}

// checkFlights holds the flights against what follows from the submissions.
func (m *Machine) checkFlights(fail func(string, ...any)) {
	members := 0
	for _, j := range m.jobs {
		members += int(j.points.Len())
	}
	for key, f := range m.flights.Each {
		members -= len(f.Members())
		for _, o := range f.Members() {
			if top := o.Owner(); m.jobs[top.row.ID] != top || top.points.Key(o.Index) != key {
				fail("point %d of job %s is in a flight of another key, or has ended", o.Index, top.row.ID)
			}
		}
		m.checkFlight(f, fail)
	}
	if members != 0 {
		fail("the submissions have %d points more than the flights have members", members)
	}
}

func (m *Machine) checkFlight(f *flight.Flight[*job], fail func(string, ...any)) {
	for i, j := range f.Live() {
		if !j.row.Status.Live() {
			fail("job %s is %s and leads a flight", j.row.ID, j.row.Status)
		}
		for _, earlier := range f.Live()[:i] {
			if j.top().mayTake(earlier) && earlier.row.Run.Order < j.row.Run.Order {
				fail("job %s runs what job %s does, whose result it may take", j.row.ID, earlier.row.ID)
			}
		}
	}
	for j := range f.Joined() {
		if j.row.Status != batch.Runnable || !slices.ContainsFunc(f.Live(), func(l *job) bool { return l.row.ID == j.row.Joined }) {
			fail("job %s is %s and has joined job %s, which does not run", j.row.ID, j.row.Status, j.row.Joined)
		}
	}
}

// dumpFlights writes the flights in which something happens, and how many points of a submission others have too.
func (m *Machine) dumpFlights(line func(string, ...any)) {
	for key, f := range m.flights.Each {
		if f.Busy() {
			line("flight %x members=%d live=%s joined=%s", key, len(f.Members()), ids(sorted(slices.Values(f.Live()))), ids(sorted(f.Joined())))
		}
	}
	line("spared %s", ids(sorted(maps.Keys(m.spared))))
}
