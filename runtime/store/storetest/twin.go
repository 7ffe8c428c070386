package storetest

import (
	"flag"
	"fmt"
	"testing"

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
		switch s.draw(0, 9, "step") {
		case 0:
			s.noun()
		case 1, 2:
			s.submit()
		case 3:
			s.endUnborn()
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
	switch s.draw(0, 5, "noun") {
	case 0:
		health := batch.Health(s.one("VALID", "DELETING", "DELETED"))
		s.delta.Environments = append(s.delta.Environments, batch.Environment{Name: name, Health: health, CreatedAt: s.clock})
	case 1:
		// The name follows from the UUID, so that no two live queues have one name.
		health := batch.Health(s.one("VALID", "DELETED"))
		s.delta.Queues = append(s.delta.Queues, batch.Queue{Name: name + uuid, UUID: name + uuid, Health: health, Priority: int32(s.clock)})
	case 2:
		s.delta.Hosts = append(s.delta.Hosts, batch.Host{ID: name, SeenAt: s.clock})
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
		s.delta.Audits = append(s.delta.Audits, batch.Audit{At: s.clock, Who: name, Action: uuid})
	}
}

func (s *story) submit() {
	seq := int64(1)
	for _, j := range s.all() {
		seq = max(seq, j.Seq+int64(s.draw(1, 2, "seq")))
	}
	size := int32(0)
	if s.draw(0, 1, "array") == 1 {
		size = int32(s.draw(2, 9, "size"))
	}
	j := runnable(batch.JobID(fmt.Sprintf("%s-%d", s.one("x", "y"), seq)), seq, size)
	j.Name, j.QueueID, j.Token = s.one("Name", "name", "other"), s.one("q", "r"), s.one("", "", "t", "u")
	j.Definition = batch.DefinitionRef{Name: s.one("d", "dd"), Revision: int32(s.draw(1, 2, "revision"))}
	j.CreatedAt = s.clock
	if size == 0 {
		j.Array, j.Status = nil, batch.Runnable
	} else if s.draw(0, 1, "points") == 1 {
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
	for _, j := range s.twin.rows.ordered() {
		if _, _, isChild := j.Parent(); !isChild {
			all = append(all, *s.get(j.ID))
		}
	}
	for _, id := range s.order {
		if _, _, isChild := id.Split(); !isChild && s.twin.rows.jobs[id].ID == "" {
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
	if j, ok := s.twin.rows.jobs[id]; ok {
		j = clone(j)
		return &j
	}
	parent, index, _ := id.Split()
	child := s.get(parent).Synthesise(index)
	return &child
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
	for i := range array.Size {
		id := array.ID.Child(i)
		_, now := s.jobs[id]
		_, before := s.twin.rows.jobs[id]
		if (now || before) && s.get(id).Status == status {
			n++
		}
	}
	return n
}

// settle writes an array, which is terminal if all its children are.
func (s *story) settle(array batch.Job) {
	if array.Array.Counts[batch.Succeeded]+array.Array.Counts[batch.Failed] == array.Size {
		array.Status, array.StoppedAt = batch.Succeeded, s.clock
	}
	s.write(array)
}

// change moves a single job or a child to another status.
func (s *story) change() {
	submission, ok := s.live(false)
	if !ok {
		return
	}
	j := submission
	if submission.Array != nil {
		j = clone(*s.get(submission.ID.Child(int32(s.draw(0, int(submission.Size)-1, "index")))))
	}
	if j.Status.Terminal() {
		return
	}
	from := j.Status
	j.Status = batch.Status(s.draw(int(batch.Runnable), int(batch.Failed), "status"))
	s.run(&j)
	s.write(j)
	s.lines++
	s.delta.Transitions = append(s.delta.Transitions, batch.Transition{Seq: s.lines, Job: j.ID, From: from, To: j.Status, At: s.clock})
	if submission.Array != nil {
		submission.Array.Counts[from]--
		submission.Array.Counts[j.Status]++
		s.settle(submission)
	}
}

// run gives j what a job in its status has.
func (s *story) run(j *batch.Job) {
	j.Run = nil
	j.StatusReason = s.one("", "because")
	if j.Status.Live() {
		j.Attempt++
		j.Run = &batch.Run{Environment: "e", OrderedAt: s.clock}
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

// compare asks both stores everything.
func (s *story) compare(t *testing.T, got store.Store) {
	ctx, want := t.Context(), s.twin
	both := []store.Store{got, want}
	answers := make([]map[string]any, 2)
	var all []batch.JobID
	var attempts []batch.AttemptID
	for _, j := range s.all() {
		all = append(all, j.ID, j.ID.Child(0), j.ID.Child(3))
		for i := range j.Size {
			all = append(all, j.ID.Child(i))
		}
	}
	for _, id := range all {
		attempts = append(attempts, batch.AttemptID{Job: id, Number: 1}, batch.AttemptID{Job: id, Number: 2})
	}
	queue, array := s.queueQuery(), s.arrayQuery(all)
	for i, x := range both {
		a := map[string]any{}
		a["load"] = must(x.Load(ctx))(t)
		a["environments"] = must(x.Environments(ctx, store.NameQuery{}))(t)
		a["queues"] = must(x.Queues(ctx, store.NameQuery{Limit: 3}))(t)
		a["definitions"] = must(x.Definitions(ctx, store.DefinitionQuery{}))(t)
		a["newest definitions"] = must(x.Definitions(ctx, exactly(batch.DefinitionRef{Name: "a"}, batch.DefinitionRef{Name: "b"})))(t)
		a["jobs"] = must(x.Jobs(ctx, all))(t)
		a["queue"] = must(x.ListJobs(ctx, queue))(t)
		a["array"] = must(x.ListJobs(ctx, array))(t)
		a["specs"] = must(x.Specs(ctx, all))(t)
		a["points"] = must(x.Points(ctx, array.Array, max(array.AfterIndex, 0), 4))(t)
		a["attempts"] = must(x.Attempts(ctx, all))(t)
		a["results"] = must(x.Results(ctx, attempts))(t)
		a["tags"] = must(x.Tags(ctx, []string{"a", "b"}))(t)
		a["succeeded"] = must(x.Succeeded(ctx, []string{"00aa", "00ab", "no hex"}))(t)
		a["counts"] = must(x.Counts(ctx))(t)
		a["transitions"] = must(x.Transitions(ctx, s.lines/2, 5))(t)
		a["audits"] = must(x.Audits(ctx, 3))(t)
		id, found, err := x.JobByToken(ctx, "t")
		a["token"] = fmt.Sprint(id, found, err)
		answers[i] = a
	}
	for what := range answers[0] {
		same(s.T, what, &[]any{answers[0][what]}, &[]any{answers[1][what]})
	}
}

func (s *story) statuses() []batch.Status {
	return rapid.SliceOfN(rapid.SampledFrom(batch.Statuses()), 0, 3).Draw(s.T, "statuses")
}

func (s *story) queueQuery() store.JobQuery {
	return store.JobQuery{
		Queue: s.one("q", "r"), Statuses: s.statuses(), Name: s.one("", "", "NAME", "na*"), Definition: s.one("", "", "d", "d:1", "d*"),
		CreatedAfter: batch.Time(s.draw(0, 5, "after")), CreatedBefore: batch.Time(s.draw(0, 1, "before") * 20),
		Descending: s.draw(0, 1, "descending") == 1, AfterSeq: int64(s.draw(0, 6, "seq")), Limit: s.draw(0, 4, "limit"),
	}
}

func (s *story) arrayQuery(all []batch.JobID) store.JobQuery {
	q := store.JobQuery{Array: "none", Statuses: s.statuses(), AfterIndex: int32(s.draw(-1, 6, "index")), Limit: s.draw(0, 4, "limit")}
	if len(all) > 0 {
		q.Array = rapid.SampledFrom(all).Draw(s.T, "array").Root()
	}
	q.Name, q.Definition = s.one("", "", "NAME", "na*"), s.one("", "", "d", "d:1", "d*")
	return q
}
