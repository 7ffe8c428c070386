package sched

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
)

// Points of live submissions that may share work (batchd.reuse) and have one base key are one flight. Whichever of them is
// placed first runs, under the priority, retries, timeout and resources of its own submission. Those that come up for a place
// while its attempt is live wait for it outside their queues: they have joined it. When an attempt succeeds, all that wait
// for anything take its result. When it ends in any other way, those that joined it go back to their queues, with their own
// retries. So a point that does not run is always in the queue of each submission that wants it, and a failure is that of one submission alone.
//
// Which points a submission has never changes, so flights follow from the rows of the live submissions, and [Load] makes the
// same ones.

// flight is what is known of one base key.
type flight struct {
	members []member      // points of live submissions
	live    []*job        // those with a live attempt
	joined  map[*job]bool // those that wait for one of live; see [batch.Job.Joined]
}

// wait notes that j waits for an attempt of f.
func (f *flight) wait(j *job) {
	if f.joined == nil {
		f.joined = map[*job]bool{}
	}
	f.joined[j] = true
}

// member is a point: the child of an array at index, or a single job (0).
type member struct {
	top   *job
	index int32
}

// id is that of the child or single job. It need not have a row.
func (o member) id() batch.JobID {
	if o.top.isArray() {
		return o.top.row.ID.Child(o.index)
	}
	return o.top.row.ID
}

// memberships is what a submission that may share work has beside the others.
type memberships struct {
	keys   []byte // of its points, one behind the other
	shared int    // how many of its points other members have too
}

func (b *memberships) points() int32 {
	if b == nil {
		return 0
	}
	return int32(len(b.keys) / batch.PointKeySize)
}

// sharesPoints reports whether any point of submission j has other members in its flight.
func (j *job) sharesPoints() bool { return j.memberships != nil && j.memberships.shared > 0 }

// joinFlights makes the points of a submission members of flights. keys is nil for one that shares no work.
func (m *Machine) joinFlights(j *job, keys []byte) {
	if len(keys) != int(max(j.row.Size, 1))*batch.PointKeySize {
		return
	}
	j.memberships = &memberships{keys: keys}
	for index := range max(j.row.Size, 1) {
		key := j.keyAt(index)
		f := m.flights[key]
		if f == nil {
			f = &flight{}
			m.flights[key] = f
		}
		f.members = append(f.members, member{j, index})
		switch n := len(f.members); {
		case n == 2:
			f.members[0].top.memberships.shared++
			j.memberships.shared++
		case n > 2:
			j.memberships.shared++
		}
	}
}

// leaveFlights takes the points of an ended submission from their flights.
func (m *Machine) leaveFlights(j *job) {
	left := map[*flight]bool{} // those that j has left to others, as j may have many points that are the same
	for index := range j.memberships.points() {
		key := j.keyAt(index)
		f := m.flights[key]
		if f == nil || left[f] {
			continue // a point of its own that is the same was taken before
		}
		was := len(f.members)
		f.members = slices.DeleteFunc(f.members, func(other member) bool { return other.top == j })
		switch {
		case len(f.members) == 0:
			delete(m.flights, key)
		case len(f.members) == 1 && was > 1:
			f.members[0].top.memberships.shared--
		case len(f.members) > 1:
			left[f] = true
		}
	}
}

// keyAt is the key of the point at index of submission j.
func (j *job) keyAt(index int32) batch.PointKey {
	return batch.PointKey(j.memberships.keys[index*batch.PointKeySize:])
}

// flightOf is that of a single job or child; nil if it shares no work.
func (m *Machine) flightOf(j *job) *flight {
	if top := j.top(); top.memberships != nil && !j.isArray() {
		return m.flights[top.keyAt(j.index)]
	}
	return nil
}

// lead notes that the attempt of j, which has just been placed or loaded, is live.
func (m *Machine) lead(j *job) {
	if f := m.flightOf(j); f != nil {
		f.live = append(f.live, j)
		if j.top().released() && j.row.Run.GoesOn() {
			m.spared[j] = true
		}
	}
}

// land notes that the attempt of j has ended.
func (m *Machine) land(j *job) {
	delete(m.spared, j)
	if f := m.flightOf(j); f != nil {
		f.live = slices.DeleteFunc(f.live, func(other *job) bool { return other == j })
	}
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
	if !j.sharesPoints() {
		return nil
	}
	for _, leader := range m.flights[j.keyAt(index)].live {
		if j.mayTake(leader) {
			return leader
		}
	}
	return nil
}

// joins has the first work of c join an attempt that runs the same, if there is one.
func (m *Machine) joins(p *pass, c *class) bool {
	j := c.Head()
	index := j.index
	if j.isArray() {
		index = j.children.Next()
	}
	leader := m.leader(j.top(), index)
	if leader == nil {
		return false
	}
	if j.row.BlockedAt != 0 {
		m.unblock(j)
	}
	if j.isArray() {
		array := j
		j = m.born(array, index)
		m.requeueArray(array)
	} else {
		m.dequeue(j)
	}
	m.follow(j, leader)
	if j.array != nil {
		m.unpark(j.array)
	}
	p.budget--
	return true
}

// follow makes j, which is RUNNABLE and in no queue, wait for the attempt of leader.
func (m *Machine) follow(j, leader *job) {
	f := m.flightOf(j)
	f.wait(j)
	j.row.Joined = leader.row.ID
	m.setReason(j, why.Joined.StatusReason())
	m.touch(j)
}

// unfollow ends that.
func (m *Machine) unfollow(j *job) {
	if j.row.Joined == "" {
		return
	}
	delete(m.flightOf(j).joined, j)
	j.row.Joined = ""
	m.touch(j)
}

// disband puts back into their queues those that had joined the attempt of j, which has ended without a result that they
// could take.
func (m *Machine) disband(j *job) {
	f := m.flightOf(j)
	if f == nil || len(f.joined) == 0 {
		return
	}
	for _, other := range sorted(maps.Keys(f.joined)) {
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
	sharing := j.top().memberships != nil // its flight may have ended with it
	if j.row.ContentKey == "" || !sharing && len(m.flights) == 0 {
		return
	}
	key := batch.PointKeyOf(x.BaseKey)
	f := m.flights[key]
	if sharing || f != nil {
		m.recent.put(key, result{job: j.row, digest: x.ImageDigest})
	}
	if f == nil {
		return
	}
	source := j.row
	for _, other := range slices.SortedFunc(slices.Values(f.members), compareMembers) {
		if m.waitsStill(other) && other.top.row.Sharing.MayTake(source.QueueName, x.ImageDigest) {
			m.takeShared(at, other, source)
		}
	}
}

func compareMembers(a, b member) int {
	return cmp.Or(cmp.Compare(a.top.row.Seq, b.top.row.Seq), cmp.Compare(a.index, b.index))
}

// memberStatus is the status of a member, which is terminal if its submission has ended.
func (m *Machine) memberStatus(o member) batch.Status {
	if o.top.isArray() && !o.top.row.Status.Terminal() {
		return o.top.children.Status(o.index)
	}
	return o.top.row.Status
}

// waitsStill reports whether a member waits for what it depends on or for a place.
func (m *Machine) waitsStill(o member) bool {
	status := m.memberStatus(o)
	return status == batch.Pending || status == batch.Runnable
}

// takeShared ends a member that waits with the result of source.
func (m *Machine) takeShared(at batch.Time, o member, source batch.Job) {
	j := o.top
	if j.isArray() {
		if j = o.top.children.Live(o.index); j == nil {
			j = m.born(o.top, o.index)
			m.requeueArray(o.top)
		}
	}
	m.takeResult(at, j, source)
}

// released reports whether submission j was ended because its last claim was given up.
func (j *job) released() bool { return j.row.Terminated && j.row.Claims.Over() }

// wanted reports whether a point of another submission, or another one of the same, waits for what the attempt of j leaves.
func (m *Machine) wanted(j *job) bool {
	f := m.flightOf(j)
	return f != nil && slices.ContainsFunc(f.members, func(o member) bool {
		return (o.top != j.top() || o.index != j.index) && m.waitsStill(o) && o.top.mayTake(j)
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
func (m *Machine) joinable(c SubmitJob, j *job) (points []JoinedPoint) {
	for index := range int32(len(c.Given.PointKeys) / batch.PointKeySize) {
		f := m.flights[batch.PointKey(c.Given.PointKeys[index*batch.PointKeySize:])]
		if _, known := c.Given.Reusable[index]; known || f == nil {
			continue
		}
		if i := slices.IndexFunc(f.live, j.mayTake); i >= 0 {
			points = append(points, JoinedPoint{Job: f.live[i].row.ID, Runs: true})
		} else if i := slices.IndexFunc(f.members, func(o member) bool { return m.waitsStill(o) && j.mayTake(o.top) }); i >= 0 {
			points = append(points, JoinedPoint{Job: f.members[i].id()})
		}
	}
	return points
}

// checkFlights holds the flights against what follows from the submissions.
func (m *Machine) checkFlights(fail func(string, ...any)) {
	members := 0
	for _, j := range m.jobs {
		members += int(j.memberships.points())
	}
	for key, f := range m.flights {
		members -= len(f.members)
		for _, o := range f.members {
			if m.jobs[o.top.row.ID] != o.top || o.top.keyAt(o.index) != key {
				fail("point %d of job %s is in a flight of another key, or has ended", o.index, o.top.row.ID)
			}
		}
		for i, j := range f.live {
			if !j.row.Status.Live() {
				fail("job %s is %s and leads a flight", j.row.ID, j.row.Status)
			}
			for _, earlier := range f.live[:i] {
				if j.top().mayTake(earlier) && earlier.row.Run.Order < j.row.Run.Order {
					fail("job %s runs what job %s does, whose result it may take", j.row.ID, earlier.row.ID)
				}
			}
		}
		for j := range f.joined {
			if j.row.Status != batch.Runnable || !slices.ContainsFunc(f.live, func(l *job) bool { return l.row.ID == j.row.Joined }) {
				fail("job %s is %s and has joined job %s, which does not run", j.row.ID, j.row.Status, j.row.Joined)
			}
		}
	}
	if members != 0 {
		fail("the submissions have %d points more than the flights have members", members)
	}
}

// dumpFlights writes the flights in which something happens, and how many points of a submission others have too.
func (m *Machine) dumpFlights(line func(string, ...any)) {
	keys := slices.SortedFunc(maps.Keys(m.flights), func(a, b batch.PointKey) int { return bytes.Compare(a[:], b[:]) })
	for _, key := range keys {
		if f := m.flights[key]; len(f.live)+len(f.joined) > 0 {
			line("flight %x members=%d live=%s joined=%s", key, len(f.members), ids(sorted(slices.Values(f.live))), ids(sorted(maps.Keys(f.joined))))
		}
	}
	line("spared %s", ids(sorted(maps.Keys(m.spared))))
}
