package storetest

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// tries is how many random stories are told, unless the flag -rapid.checks says otherwise.
const tries = "40"

// The store and [Memory] are told the same random story and must give the same answers.
func testTwin(t *testing.T, open Open) {
	// Every try opens a store of its own, so the usual hundred would take long.
	if checks := flag.Lookup("rapid.checks"); checks != nil && checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set(tries); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) })
	}
	rapid.Check(t, func(r *rapid.T) {
		s, reopen := open(t)
		story := &story{T: r, twin: NewMemory()}
		for range rapid.IntRange(1, 6).Draw(r, "rounds") {
			delta := story.round()
			errTwin := story.twin.Commit(t.Context(), &delta)
			err := s.Commit(t.Context(), &delta)
			if err != nil || errTwin != nil {
				r.Fatalf("commit: %v; the twin's: %v", err, errTwin)
			}
			if rapid.IntRange(0, 9).Draw(r, "restart") == 9 {
				s = reopen()
			}
			story.prune(t, s)
			story.compare(t, s)
		}
		if err := s.Close(); err != nil {
			r.Fatalf("close: %v", err)
		}
	})
}

// story makes up rounds that keep the laws of jobs.
type story struct {
	*rapid.T
	twin  *Memory
	delta batch.Delta
	jobs  map[batch.JobID]*batch.Job // of this round, as they are so far
	order []batch.JobID
	lines int64
	clock batch.Time
}

func (s *story) draw(from, to int, what string) int { return rapid.IntRange(from, to).Draw(s.T, what) }

func (s *story) one(of ...string) string { return rapid.SampledFrom(of).Draw(s.T, "word") }

// round makes a delta of a few random things.
func (s *story) round() batch.Delta {
	s.delta, s.jobs, s.order = batch.Delta{}, map[batch.JobID]*batch.Job{}, nil
	for range s.draw(1, 12, "steps") {
		s.clock += batch.Time(s.draw(0, 3, "ms"))
		switch s.draw(0, 10, "step") {
		case 0:
			s.noun()
		case 10:
			s.access()
		case 1, 2:
			s.submit()
		case 3:
			s.endUnborn()
		case 4:
			s.retry()
		default:
			s.change()
		}
	}
	for _, id := range s.order {
		s.delta.Jobs = append(s.delta.Jobs, *s.jobs[id])
	}
	return s.delta
}

func (s *story) noun() {
	name, uuid := s.one("a", "b", "c"), s.one("1", "2")
	switch s.draw(0, 9, "noun") {
	case 0:
		health := batch.Health(s.one("VALID", "DELETING", "DELETED"))
		s.delta.Environments = append(s.delta.Environments, batch.Environment{Name: name, Health: health, CreatedAt: s.clock})
	case 1:
		// The name follows from the UUID, so that no two live queues have one name.
		health := batch.Health(s.one("VALID", "DELETED"))
		s.delta.Queues = append(s.delta.Queues, batch.Queue{Name: name + uuid, UUID: name + uuid, Health: health, Priority: int32(s.clock)})
	case 2:
		s.delta.Hosts = append(s.delta.Hosts, batch.Host{ID: name, SeenAt: s.clock, Deleted: s.one("", "d") == "d"})
	case 3:
		ref := batch.DefinitionRef{Name: name, Revision: int32(s.draw(1, 4, "revision"))}
		d := batch.Definition{Name: ref.Name, Revision: ref.Revision, Active: s.draw(0, 1, "active") == 1, CreatedAt: s.clock}
		s.delta.Definitions = append(s.delta.Definitions, d)
	case 4:
		tags := batch.Tags{Resource: name}
		if s.draw(0, 2, "tags") > 0 {
			tags.Values = map[string]string{name: uuid}
		}
		s.delta.Tags = append(s.delta.Tags, tags)
	case 5:
		s.delta.Policies = append(s.delta.Policies, batch.Policy{Name: name, CreatedAt: s.clock, Deleted: uuid == "2"})
	case 6:
		s.delta.Consumables = append(s.delta.Consumables, batch.Consumable{Name: name, Total: int64(s.clock), Deleted: uuid == "2"})
		s.delta.LogGroups = append(s.delta.LogGroups, batch.LogGroup{Name: name, CreatedAt: s.clock, Deleted: uuid == "1"})
	case 7:
		s.delta.Shares = append(s.delta.Shares, batch.ShareUsage{QueueID: name + uuid, Share: s.one("x", "y"), Usage: int64(s.clock), Deleted: s.one("", "d") == "d"})
	case 8:
		s.delta.Histories = append(s.delta.Histories, batch.History{Definition: name, Runs: int64(s.clock)})
	case 9:
		s.delta.Audits = append(s.delta.Audits, batch.Audit{At: s.clock, Who: name, Action: uuid, Denied: s.one("", "d") == "d"})
	}
}

func (s *story) access() {
	name, queue := s.one("a", "b", "c"), s.one("q", "r")
	switch s.draw(0, 2, "access") {
	case 0:
		role := rapid.SampledFrom(batch.Roles()).Draw(s.T, "role")
		s.delta.Keys = append(s.delta.Keys, batch.AccessKey{ID: name, Role: role, Sealed: []byte(queue), CreatedAt: s.clock % 3})
	case 1:
		s.delta.QuotaShares = append(s.delta.QuotaShares, batch.QuotaShare{Queue: queue, Name: name, CreatedAt: s.clock, Deleted: s.one("", "d") == "d"})
	case 2:
		seq := int64(s.draw(0, int(s.lines), "cursor"))
		s.delta.Cursors = append(s.delta.Cursors, batch.Cursor{Name: name, Seq: seq, At: s.clock, Deleted: s.one("", "d") == "d"})
	}
}

// prune has both stores forget the same lines.
func (s *story) prune(t *testing.T, got store.Store) {
	if s.draw(0, 3, "prune") > 0 {
		return
	}
	r := store.Retention{
		Age: time.Duration(s.draw(0, 4, "age")) * time.Millisecond, Lines: int64(s.draw(0, 5, "lines")),
		AuditAge: time.Duration(s.draw(0, 4, "age of audits")) * time.Millisecond,
	}
	same(s.T, "pruned audits", must(got.PruneAudits(t.Context(), r))(t), must(s.twin.PruneAudits(t.Context(), r))(t))
	same(s.T, "pruned", must(got.PruneTransitions(t.Context(), r))(t), must(s.twin.PruneTransitions(t.Context(), r))(t))
}

func (s *story) submit() {
	seq := int64(1)
	for _, j := range s.all() {
		seq = max(seq, j.Seq+int64(s.draw(1, 2, "seq")))
	}
	form, size := s.one("single", "array", "nodes"), int32(0)
	if form == "array" {
		size = int32(s.draw(2, 9, "size"))
	}
	j := runnable(batch.JobID(fmt.Sprintf("%s-%d", s.one("x", "y"), seq)), seq, size)
	j.Name, j.QueueID, j.Token = s.one("Name", "name", "other"), s.one("q", "r"), s.one("", "", "t", "u")
	j.Definition = batch.DefinitionRef{Name: s.one("d", "dd"), Revision: int32(s.draw(1, 2, "revision"))}
	j.CreatedAt, j.Share = s.clock, s.one("", "red", "reddish")
	if resource := s.one("", "", "licence", "seat"); resource != "" {
		j.Needs = []batch.Need{{Resource: resource, Quantity: 1}}
	}
	if size == 0 {
		j.Array, j.Status = nil, batch.Runnable
	}
	if form == "nodes" {
		j.Nodes = multiNode("", 0, int32(s.draw(2, 4, "nodes"))).Nodes
	}
	if size > 0 && s.draw(0, 1, "points") == 1 {
		j.Array.Points = true
		p := batch.Points{Job: j.ID}
		for i := range size {
			p.Values = append(p.Values, map[string]string{s.one("p", "q"): fmt.Sprint(i)})
		}
		s.delta.Points = append(s.delta.Points, p)
	}
	s.write(j)
	s.delta.Specs = append(s.delta.Specs, batch.Spec{Job: j.ID, Reuse: s.draw(0, 1, "reuse") == 1, Body: []byte("{}")})
}

// all lists the submissions there are, with those of this round.
func (s *story) all() []batch.Job {
	var all []batch.Job
	for _, id := range s.twin.rows.Submissions {
		all = append(all, *s.get(id))
	}
	for _, id := range s.order {
		if _, _, isPart := id.Part(); !isPart && s.twin.rows.Jobs[id] == nil {
			all = append(all, *s.jobs[id])
		}
	}
	return all
}

// get returns a job as it is now.
func (s *story) get(id batch.JobID) *batch.Job {
	if j, ok := s.jobs[id]; ok {
		return j
	}
	if j, ok := s.twin.rows.Jobs[id]; ok {
		return clone(j)
	}
	root, index, _ := id.Part()
	part := s.get(root).SynthesiseNode
	if s.get(root).Array != nil {
		part = s.get(root).Synthesise
	}
	j := part(index)
	return &j
}

// hasRow reports whether a job has a row.
func (s *story) hasRow(id batch.JobID) bool {
	_, now := s.jobs[id]
	_, before := s.twin.rows.Jobs[id]
	return now || before
}

// born lists the parts of root that have a row.
func (s *story) born(root *batch.Job) (parts []batch.Job) {
	for i := range root.Size {
		if id := root.ID.Child(i); s.hasRow(id) {
			parts = append(parts, clone(*s.get(id)))
		}
	}
	if root.Nodes != nil {
		for i := range root.Nodes.Count {
			if id := root.ID.Node(i); s.hasRow(id) {
				parts = append(parts, clone(*s.get(id)))
			}
		}
	}
	return parts
}

func (s *story) write(j batch.Job) {
	if _, ok := s.jobs[j.ID]; !ok {
		s.order = append(s.order, j.ID)
	}
	s.jobs[j.ID] = &j
}

// live picks a submission that is not terminal.
func (s *story) live(arrays bool) (batch.Job, bool) {
	var all []batch.Job
	for _, j := range s.all() {
		if !j.Status.Terminal() && (!arrays || j.Array != nil) {
			all = append(all, j)
		}
	}
	if len(all) == 0 {
		return batch.Job{}, false
	}
	return clone(rapid.SampledFrom(all).Draw(s.T, "job")), true
}

// endUnborn ends all children of an array that have no row.
func (s *story) endUnborn() {
	array, ok := s.live(true)
	if !ok || array.Array.Unborn.Status.Terminal() {
		return
	}
	from := array.Array.Unborn.Status
	array.Array.Unborn = batch.Unborn{Status: batch.Failed, StatusReason: s.one("", "cancelled"), At: s.clock}
	array.Array.Counts[batch.Failed] += array.Array.Counts[from] - s.bornIn(&array, from)
	array.Array.Counts[from] = s.bornIn(&array, from)
	array.Cancelled = s.draw(0, 1, "cancelled") == 1
	s.settle(array)
}

// bornIn counts the children of array with a row that are in status.
func (s *story) bornIn(array *batch.Job, status batch.Status) (n int32) {
	for _, child := range s.born(array) {
		if child.Status == status {
			n++
		}
	}
	return n
}

// retry lets what failed of a submission that ended run again.
func (s *story) retry() {
	var all []batch.Job
	for _, j := range s.all() {
		if j.Status == batch.Failed || j.Array != nil && j.Status.Terminal() && j.Array.Counts[batch.Failed] > 0 {
			all = append(all, j)
		}
	}
	if len(all) == 0 {
		return
	}
	j := clone(rapid.SampledFrom(all).Draw(s.T, "retried"))
	for _, part := range s.born(&j) {
		if part.Status == batch.Failed {
			s.write(retried(part))
		}
	}
	j = retried(j)
	if j.Array != nil {
		j.Status = batch.Pending
		if j.Array.Unborn.Status == batch.Failed {
			j.Array.Unborn = batch.Unborn{Status: batch.Runnable, At: s.clock}
		}
		j.Array.Counts[batch.Runnable], j.Array.Counts[batch.Failed] = j.Array.Counts[batch.Failed], 0
	}
	s.write(j)
}

// settle writes an array, which is terminal if all its children are.
func (s *story) settle(array batch.Job) {
	if array.Array.Counts[batch.Succeeded]+array.Array.Counts[batch.Failed] == array.Size {
		array.Status, array.StoppedAt = batch.Succeeded, s.clock
	}
	s.write(array)
}

// change moves a single job, a multi-node job or a part to another status.
func (s *story) change() {
	submission, ok := s.live(false)
	if !ok {
		return
	}
	j := submission
	if submission.Array != nil {
		j = clone(*s.get(submission.ID.Child(int32(s.draw(0, int(submission.Size)-1, "index")))))
	}
	if submission.Nodes != nil && s.draw(0, 2, "node") > 0 {
		j = clone(*s.get(submission.ID.Node(int32(s.draw(0, int(submission.Nodes.Count)-1, "index")))))
	}
	if j.Status.Terminal() {
		return
	}
	from := j.Status
	j.Status = batch.Status(s.draw(int(batch.Runnable), int(batch.Failed), "status"))
	s.run(&j)
	s.write(j)
	s.lines++
	s.delta.Transitions = append(s.delta.Transitions, batch.Transition{Seq: s.lines, Kind: batch.TransitionKind(s.draw(0, 2, "kind")), Job: j.ID, From: from, To: j.Status, At: s.clock})
	if submission.Array != nil {
		submission.Array.Counts[from]--
		submission.Array.Counts[j.Status]++
		s.settle(submission)
	}
	if j.Nodes != nil && j.Status.Terminal() {
		s.endNodes(&j)
	}
}

// endNodes ends the nodes of a multi-node job that ended.
func (s *story) endNodes(multi *batch.Job) {
	for _, node := range s.born(multi) {
		if !node.Status.Terminal() {
			node.Status, node.Run, node.StoppedAt = batch.Failed, nil, s.clock
			s.write(node)
		}
	}
}

// run gives j what a job in its status has.
func (s *story) run(j *batch.Job) {
	j.Run = nil
	j.StatusReason = s.one("", "because")
	if j.Status.Live() {
		j.Attempt++
		j.Run = &batch.Run{Environment: "e", OrderedAt: s.clock, Held: s.draw(0, 1, "held") == 1}
	}
	if !j.Status.Terminal() {
		return
	}
	code := int32(s.draw(0, 1, "exit code"))
	j.StoppedAt, j.ExitCode = s.clock, &code
	j.Attempt = max(j.Attempt, 1)
	s.delta.Attempts = append(s.delta.Attempts, batch.Attempt{ID: j.AttemptID(), StoppedAt: s.clock, ExitCode: &code})
	if j.Status == batch.Succeeded {
		j.ContentKey = s.one("", "00aa", "00ab", "no hex")
		j.Result = j.AttemptID()
		s.delta.Results = append(s.delta.Results, batch.Result{Attempt: j.Result, Body: []byte(`{"a":1}`)})
	}
}
