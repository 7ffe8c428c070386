package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// runnable is an array none of whose children has a row.
func runnable(id batch.JobID, seq int64, size int32) batch.Job {
	j := batch.Job{
		ID: id, Seq: seq, Name: string(id), QueueID: "q", QueueName: "queue", Size: size, Status: batch.Pending, CreatedAt: 5,
		Array: &batch.Array{Unborn: batch.Unborn{Status: batch.Runnable, At: 6}},
	}
	j.Array.Counts[batch.Runnable] = size
	return j
}

// born is a child of array with a row.
func born(array *batch.Job, index int32, status batch.Status) batch.Job {
	child := array.Synthesise(index)
	child.Status = status
	array.Array.Counts[array.Array.Unborn.Status]--
	array.Array.Counts[status]++
	return child
}

func testLoadsWhatIsLive(t *testing.T, open Open) {
	s, reopen := open(t)
	array, ended := runnable("array", 2, 5), runnable("ended", 3, 2)
	child1, child3, child4 := born(&array, 1, batch.Running), born(&array, 3, batch.Failed), born(&array, 4, batch.Succeeded)
	ended.Status = batch.Failed
	ended.Array.Unborn.Status = batch.Failed
	ended.Array.Counts = [batch.StatusCount]int32{batch.Failed: 2}
	endedChild := ended.Synthesise(1)
	single := batch.Job{ID: "single", Seq: 1, QueueID: "q", Status: batch.Starting}
	last := batch.Job{ID: "last", Seq: 4, QueueID: "q", Status: batch.Succeeded}
	commit(t, s, batch.Delta{Jobs: []batch.Job{child4, child3, last, endedChild, ended, array, child1, single}})
	twice(s, reopen, func(s store.Store) {
		snapshot := must(s.Load(t.Context()))(t)
		same(t, "jobs", snapshot.Jobs, []batch.Job{single, array, child1})
		same(t, "ended", snapshot.Ended, []batch.EndedChild{
			{Array: "array", Index: 3, Status: batch.Failed}, {Array: "array", Index: 4, Status: batch.Succeeded},
		})
		same(t, "LastSeq", snapshot.LastSeq, 4)
		same(t, "Counts", must(s.Counts(t.Context()))(t), [batch.StatusCount]int64{
			batch.Runnable: 2, batch.Starting: 1, batch.Running: 1, batch.Succeeded: 2, batch.Failed: 3,
		})
	})
}

func testQueuePages(t *testing.T, open Open) {
	s, _ := open(t)
	var d batch.Delta
	var all []batch.JobID
	for seq := range int64(40) {
		j := batch.Job{ID: batch.JobID(fmt.Sprintf("job%02d", seq)), Seq: seq + 1, QueueID: "q", Status: batch.Status(seq % 7)}
		if seq%10 == 3 {
			j = runnable(j.ID, j.Seq, 3)
			d.Jobs = append(d.Jobs, born(&j, 1, batch.Running))
		}
		d.Jobs, all = append(d.Jobs, j), append(all, j.ID)
	}
	d.Jobs = append(d.Jobs, batch.Job{ID: "elsewhere", Seq: 41, QueueID: "r"})
	commit(t, s, d)
	for _, descending := range []bool{false, true} {
		want := slices.Clone(all)
		if descending {
			slices.Reverse(want)
		}
		for _, size := range []int{0, 1, 7, 40, 100} {
			q := store.JobQuery{Queue: "q", Descending: descending, Limit: size}
			var got []batch.JobID
			for len(got) <= len(all) {
				page := must(s.ListJobs(t.Context(), q))(t)
				if len(page) == 0 {
					break
				}
				if size > 0 && len(page) > size {
					t.Fatalf("a page has %d jobs, want at most %d", len(page), size)
				}
				got = append(got, ids(page)...)
				q.AfterSeq = page[len(page)-1].Seq
			}
			same(t, fmt.Sprintf("pages of %d, descending %t", size, descending), got, want)
		}
	}
	two := must(s.ListJobs(t.Context(), store.JobQuery{Queue: "q", Statuses: []batch.Status{batch.Running, batch.Submitted}, Limit: 4}))(t)
	same(t, "two statuses", ids(two), []batch.JobID{"job00", "job04", "job07", "job11"})
}

func testQueueFilters(t *testing.T, open Open) {
	s, _ := open(t)
	var d batch.Delta
	for i, name := range []string{"Alpha", "alphabet", "beta", "ALPHA", "al_ha"} {
		d.Jobs = append(d.Jobs, batch.Job{
			ID: batch.JobID(fmt.Sprint(i)), Seq: int64(i) + 1, Name: name, QueueID: "q", CreatedAt: batch.Time(100 + i),
			Definition: batch.DefinitionRef{Name: []string{"price", "prices"}[i%2], Revision: int32(i + 1)},
			Share:      []string{"red", "reddish", "", "Red", "blue"}[i],
		})
	}
	commit(t, s, d)
	for _, c := range []struct {
		q    store.JobQuery
		want string
	}{
		{store.JobQuery{Name: "alpha"}, "[0 3]"},
		{store.JobQuery{Name: "ALPHA*"}, "[0 1 3]"},
		{store.JobQuery{Name: "al_ha"}, "[4]"},
		{store.JobQuery{Name: "*"}, "[0 1 2 3 4]"},
		{store.JobQuery{Name: "%"}, "[]"},
		{store.JobQuery{Definition: "price"}, "[0 2 4]"},
		{store.JobQuery{Definition: "price*"}, "[0 1 2 3 4]"},
		{store.JobQuery{Definition: "price:3"}, "[2]"},
		{store.JobQuery{Definition: "prices:*"}, "[1 3]"},
		{store.JobQuery{CreatedAfter: 101}, "[2 3 4]"},
		{store.JobQuery{CreatedBefore: 102}, "[0 1]"},
		{store.JobQuery{CreatedAfter: 100, CreatedBefore: 104, Name: "al*", Descending: true}, "[3 1]"},
		{store.JobQuery{Statuses: []batch.Status{batch.Failed}}, "[]"},
		{store.JobQuery{Share: "red"}, "[0]"},
		{store.JobQuery{Share: "red*"}, "[0 1]"},
		{store.JobQuery{Share: "*", Limit: 3}, "[0 1 2]"},
		{store.JobQuery{Share: "re_"}, "[]"},
		{store.JobQuery{Share: "red*", Name: "alphabet", Descending: true}, "[1]"},
	} {
		c.q.Queue = "q"
		got := fmt.Sprint(ids(must(s.ListJobs(t.Context(), c.q))(t)))
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
}

func testArrayPages(t *testing.T, open Open) {
	s, _ := open(t)
	array := runnable("array", 1, 20)
	array.Definition, array.Share = batch.DefinitionRef{Name: "d", Revision: 2}, "red"
	jobs := []batch.Job{}
	for _, index := range []int32{0, 3, 4, 11, 19} {
		jobs = append(jobs, born(&array, index, []batch.Status{batch.Running, batch.Failed}[index%2]))
	}
	commit(t, s, batch.Delta{Jobs: append(jobs, array)})
	indices := func(q store.JobQuery) (all []int32) {
		q.Array = "array"
		for _, j := range must(s.ListJobs(t.Context(), q))(t) {
			_, index, _ := j.Parent()
			all = append(all, index)
		}
		return all
	}
	same(t, "all", len(indices(store.JobQuery{AfterIndex: -1})), 20)
	same(t, "a page", indices(store.JobQuery{AfterIndex: 1, Limit: 4}), []int32{2, 3, 4, 5})
	same(t, "the end", indices(store.JobQuery{AfterIndex: 17, Limit: 4}), []int32{18, 19})
	same(t, "past the end", indices(store.JobQuery{AfterIndex: 19}), nil)
	runnableOnly := []batch.Status{batch.Runnable}
	same(t, "unborn", indices(store.JobQuery{AfterIndex: -1, Limit: 4, Statuses: runnableOnly}), []int32{1, 2, 5, 6})
	same(t, "born", indices(store.JobQuery{AfterIndex: 0, Statuses: []batch.Status{batch.Failed, batch.Running}}), []int32{3, 4, 11, 19})
	same(t, "definition", indices(store.JobQuery{AfterIndex: 16, Definition: "d"}), []int32{17, 18, 19})
	same(t, "share", indices(store.JobQuery{AfterIndex: 16, Share: "re*"}), []int32{17, 18, 19})
	same(t, "another share", indices(store.JobQuery{AfterIndex: 16, Share: "re"}), nil)
	same(t, "another definition", indices(store.JobQuery{AfterIndex: 16, Definition: "e"}), nil)
	got := must(s.Jobs(t.Context(), []batch.JobID{"array:3", "array:20", "array:19", "array", "array:2", "none", "array:03", "array:3"}))(t)
	same(t, "Jobs", got, []batch.Job{jobs[1], jobs[4], array, array.Synthesise(2), jobs[1]})
}

// An array costs one row, whatever its size.
func testMillionChildren(t *testing.T, open Open) {
	long.Only(t, "keeps a million children")
	s, reopen := open(t)
	const size = batch.MaxMaxArraySize
	array := runnable("array", 1, size)
	child := born(&array, size-1, batch.Running)
	commit(t, s, batch.Delta{Jobs: []batch.Job{array, child}})
	s = reopen()
	snapshot := must(s.Load(t.Context()))(t)
	same(t, "Load", snapshot.Jobs, []batch.Job{array, child})
	got := must(s.Jobs(t.Context(), []batch.JobID{array.ID.Child(size - 2), child.ID, array.ID.Child(size)}))(t)
	same(t, "Jobs", got, []batch.Job{array.Synthesise(size - 2), child})
	got = must(s.ListJobs(t.Context(), store.JobQuery{Array: "array", AfterIndex: size - 3, Limit: 10}))(t)
	same(t, "ListJobs", got, []batch.Job{array.Synthesise(size - 2), child})
}

func testPoints(t *testing.T, open Open) {
	s, reopen := open(t)
	array := runnable("array", 1, 2300)
	array.Array.Points = true
	d := batch.Delta{Jobs: []batch.Job{array}}
	var all []map[string]string
	for from := int32(0); from < array.Size; from += batch.PointsPerRow {
		p := batch.Points{Job: array.ID, From: from}
		for i := from; i < min(from+batch.PointsPerRow, array.Size); i++ {
			point := map[string]string{"n": fmt.Sprint(i), fmt.Sprintf("k%d", i%3): ""}
			p.Values, all = append(p.Values, point), append(all, point)
		}
		d.Points = append(d.Points, p)
	}
	commit(t, s, d)
	twice(s, reopen, func(s store.Store) {
		for _, from := range []int{0, 1, 63, 64, 999, 1000, 1999, 2299, 2300, 9999} {
			for _, n := range []int{0, 1, 2, 100, 1500, 5000} {
				want := all[min(from, len(all)):min(from+n, len(all))]
				same(t, fmt.Sprintf("%d from %d", n, from), must(s.Points(t.Context(), "array", int32(from), n))(t), want)
			}
		}
	})
}

func testSucceeded(t *testing.T, open Open) {
	s, _ := open(t)
	array := runnable("array", 2, 4)
	under := func(j batch.Job, key string) batch.Job {
		j.ContentKey = key
		return j
	}
	jobs := []batch.Job{
		{ID: "old", Seq: 1, Status: batch.Succeeded, ContentKey: "k1"},
		under(born(&array, 1, batch.Succeeded), "k1"),
		under(born(&array, 2, batch.Succeeded), "k1"),
		under(born(&array, 3, batch.Running), "k2"),
		{ID: "new", Seq: 3, Status: batch.Succeeded, ContentKey: "k3"},
		{ID: "failed", Seq: 4, Status: batch.Failed, ContentKey: "k3"},
		{ID: "keyless", Seq: 5, Status: batch.Succeeded},
	}
	commit(t, s, batch.Delta{Jobs: append(jobs, array)})
	keys := []string{"k1", "k2", "k3", "", "none", "k1"}
	for i := range 2000 {
		keys = append(keys, fmt.Sprint("unknown", i))
	}
	same(t, "Succeeded", must(s.Succeeded(t.Context(), store.SucceededQuery{Keys: keys}))(t), map[string]batch.Job{"k1": jobs[2], "k3": jobs[4]})
}

// testSucceededInQueues: what the caller's queues do not match is not found, however new it is.
func testSucceededInQueues(t *testing.T, open Open) {
	s, _ := open(t)
	array := runnable("array", 3, 2)
	array.QueueName = "low"
	child := born(&array, 1, batch.Succeeded)
	child.ContentKey = "00ab"
	jobs := []batch.Job{
		{ID: "a", Seq: 1, QueueName: "high-1", Status: batch.Succeeded, ContentKey: "00aa"},
		{ID: "b", Seq: 2, QueueName: "low", Status: batch.Succeeded, ContentKey: "00aa"},
		array, child,
	}
	commit(t, s, batch.Delta{Jobs: jobs})
	for _, c := range []struct {
		queues []string
		want   map[string]batch.Job
	}{
		{nil, map[string]batch.Job{"00aa": jobs[1], "00ab": child}},
		{[]string{"high-*"}, map[string]batch.Job{"00aa": jobs[0]}},
		{[]string{"other", "low"}, map[string]batch.Job{"00aa": jobs[1], "00ab": child}},
		{[]string{"lo"}, nil},
	} {
		got := must(s.Succeeded(t.Context(), store.SucceededQuery{Keys: []string{"00aa", "00ab"}, Queues: c.queues}))(t)
		same(t, fmt.Sprint("Succeeded in ", c.queues), got, c.want)
	}
}

// testPointKeys: the keys of points are read by submission, and loaded while it lives.
func testPointKeys(t *testing.T, open Open) {
	s, _ := open(t)
	array := runnable("array", 1, 2)
	ended, without := batch.Job{ID: "ended", Seq: 2, Status: batch.Failed}, batch.Job{ID: "without", Seq: 3}
	of := func(j batch.Job, keys string) batch.PointKeys { return batch.PointKeys{Job: j.ID, Keys: []byte(keys)} }
	all := []batch.PointKeys{of(array, "0123456789abcdef0123456789abcdeg"), of(ended, "0123456789abcdef")}
	commit(t, s, batch.Delta{Jobs: []batch.Job{array, ended, without}, PointKeys: all})
	same(t, "PointKeys", must(s.PointKeys(t.Context(), []batch.JobID{"array", "ended", "without", "none"}))(t),
		map[batch.JobID][]byte{"array": all[0].Keys, "ended": all[1].Keys})
	same(t, "Load", must(s.Load(t.Context()))(t).PointKeys, all[:1])
}

// Queries of many keys answer for each.
func testManyKeys(t *testing.T, open Open) {
	s, _ := open(t)
	array := runnable("array", 1, 3000)
	d := batch.Delta{}
	var wantJobs []batch.Job
	var keys []batch.JobID
	var attempts []batch.AttemptID
	for i := int32(2999); i >= 0; i-- {
		id := array.ID.Child(i)
		child := array.Synthesise(i)
		if i%2 == 0 {
			child = born(&array, i, batch.Succeeded)
			d.Jobs = append(d.Jobs, child)
			a := batch.AttemptID{Job: id, Number: 1}
			d.Attempts = append(d.Attempts, batch.Attempt{ID: a, StoppedAt: batch.Time(i + 1)})
			d.Results = append(d.Results, batch.Result{Attempt: a, Body: []byte(fmt.Sprint(i))})
			attempts = append(attempts, a)
		}
		wantJobs, keys = append(wantJobs, child), append(keys, id)
	}
	d.Jobs = append(d.Jobs, array)
	commit(t, s, d)
	same(t, "Jobs", must(s.Jobs(t.Context(), keys))(t), wantJobs)
	gotAttempts := must(s.Attempts(t.Context(), keys))(t)
	gotResults := must(s.Results(t.Context(), attempts))(t)
	if len(gotAttempts) != 1500 || len(gotResults) != 1500 {
		t.Fatalf("%d attempts and %d results, want 1500 of each", len(gotAttempts), len(gotResults))
	}
	for i, a := range d.Attempts {
		same(t, "attempt", gotAttempts[a.ID.Job], []batch.Attempt{a})
		same(t, "result", gotResults[a.ID], d.Results[i].Body)
	}
}

// Readers see whole commits only, each at once after it, while commits go on.
func testConcurrentReaders(t *testing.T, open Open) {
	s, _ := open(t)
	const rounds, readers = 60, 6
	array := runnable("array", 1, rounds)
	commit(t, s, batch.Delta{Jobs: []batch.Job{array}})
	stop := meanwhile(readers, func() { checkWhole(t, s) })
	for i := range int32(rounds) {
		child := born(&array, i, batch.Succeeded)
		commit(t, s, batch.Delta{
			Jobs:     []batch.Job{array, child},
			Attempts: []batch.Attempt{{ID: batch.AttemptID{Job: child.ID, Number: 1}}},
		})
		same(t, "one's own write", must(s.Jobs(t.Context(), []batch.JobID{child.ID}))(t), []batch.Job{child})
	}
	stop()
}

// meanwhile calls f again and again from several goroutines, until stop.
func meanwhile(goroutines int, f func()) (stop func()) {
	done := make(chan struct{})
	var wait sync.WaitGroup
	for range goroutines {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				f()
			}
		})
	}
	return func() {
		close(done)
		wait.Wait()
	}
}

// checkWhole compares what one answer says in two ways.
func checkWhole(t *testing.T, s store.Store) {
	snapshot, err := s.Load(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	for _, j := range snapshot.Jobs {
		if n := int(j.Array.Counts[batch.Succeeded]); n != len(snapshot.Ended) {
			t.Errorf("an array counts %d children that ended and there are %d", n, len(snapshot.Ended))
		}
	}
	if _, err := s.ListJobs(t.Context(), store.JobQuery{Array: "array", AfterIndex: -1, Limit: 10}); err != nil {
		t.Error(err)
	}
}
