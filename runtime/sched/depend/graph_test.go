package depend_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched/depend"
)

// job is the seq-th submission. A retry makes another one of the same number.
type job struct {
	seq   int
	waits bool
}

func (j *job) Waits() bool { return j.waits }

func compare(a, b *job) int { return cmp.Compare(a.seq, b.seq) }

// pair says that a job waits for, or follows, what has that id.
type pair struct {
	id  batch.JobID
	job *job
}

// TestGraphIsASetOfPairs holds a graph against sets of pairs that are searched each time.
func TestGraphIsASetOfPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := depend.New(compare)
		awaits, pairs, follows := map[pair]bool{}, map[pair]bool{}, map[pair]bool{}
		var jobs []*job
		ids := []batch.JobID{"a", "b", "b:1"}
		id := func() batch.JobID { return rapid.SampledFrom(ids).Draw(t, "id") }
		someone := func() *job { return rapid.SampledFrom(jobs).Draw(t, "job") }
		retry := func(set map[pair]bool, id batch.JobID, w *job) {
			for p := range set {
				if p.id == id && p.job != w && p.job.seq == w.seq {
					delete(set, p)
				}
			}
			set[pair{id, w}] = true
		}
		jobs = append(jobs, &job{0, true})
		t.Repeat(map[string]func(*rapid.T){
			"submit": func(*rapid.T) { jobs = append(jobs, &job{len(jobs), true}) },
			"retry": func(*rapid.T) {
				w := someone()
				w.waits = false
				jobs[w.seq] = &job{w.seq, true}
			},
			"stop waiting": func(*rapid.T) { someone().waits = false },
			"await": func(t *rapid.T) {
				id, w := id(), someone()
				if w.waits {
					there := awaits[pair{id, w}]
					if added, _ := g.Await(id, w); added == there {
						t.Fatalf("job %d is added: %t, was there: %t", w.seq, added, there)
					}
					retry(awaits, id, w)
				}
			},
			"pair": func(*rapid.T) {
				if id, w := id(), someone(); w.waits {
					g.Pair(id, w)
					retry(pairs, id, w)
				}
			},
			"follow": func(*rapid.T) {
				id, w := id(), someone()
				g.Follow(id, w)
				follows[pair{id, w}] = true
			},
			"unfollow": func(*rapid.T) {
				id, w := id(), someone()
				g.Unfollow(w, []batch.Dependency{{Job: id}, {Kind: batch.DependSequential}})
				delete(follows, pair{id.Root(), w})
			},
			"end": func(t *rapid.T) {
				id := id()
				same(t, "awaited "+string(id), g.TakeAwaiting(id), of(awaits, id))
				g.Unpair(id)
				maps.DeleteFunc(pairs, func(p pair, _ bool) bool { return p.id == id })
				maps.DeleteFunc(awaits, func(p pair, _ bool) bool { return p.id == id })
			},
			"": func(t *rapid.T) {
				awaited, paired := map[batch.JobID][]*job{}, map[batch.JobID][]*job{}
				for id, list := range g.EachAwaited {
					awaited[id] = list
				}
				for id, list := range g.EachPaired {
					paired[id] = list
				}
				for _, id := range ids {
					same(t, "awaits "+string(id), awaited[id], of(awaits, id))
					same(t, "is paired with "+string(id), paired[id], of(pairs, id))
					same(t, "is paired, by id, with "+string(id), g.Paired(id), of(pairs, id))
					all := slices.SortedFunc(g.Followers(id), func(a, b *job) int {
						return cmp.Or(compare(a, b), cmp.Compare(fmt.Sprintf("%p", a), fmt.Sprintf("%p", b)))
					})
					if n := count(follows, id); len(all) != n {
						t.Fatalf("%d follow %s, want %d", len(all), id, n)
					}
				}
			},
		})
	})
}

// of are the jobs of the pairs with that id that wait, in order of submission.
func of(set map[pair]bool, id batch.JobID) (jobs []*job) {
	for p := range set {
		if p.id == id && p.job.waits {
			jobs = append(jobs, p.job)
		}
	}
	slices.SortFunc(jobs, compare)
	return jobs
}

func count(set map[pair]bool, id batch.JobID) (n int) {
	for p := range set {
		if p.id == id {
			n++
		}
	}
	return n
}

// same compares lists, without those who do not wait.
func same(t *rapid.T, what string, got, want []*job) {
	t.Helper()
	got = slices.DeleteFunc(slices.Clone(got), func(j *job) bool { return !j.waits })
	if !slices.Equal(got, want) {
		t.Fatalf("%v %s, want %v", got, what, want)
	}
}

// TestThoseWhoStopWaitingAreDropped: a list does not grow with jobs that have come and gone.
func TestThoseWhoStopWaitingAreDropped(t *testing.T) {
	g := depend.New(compare)
	for i := range 10_000 {
		j := &job{i, true}
		if _, first := g.Await("a", j); first != (i == 0) {
			t.Fatalf("job %d is the first: %t", i, first)
		}
		j.waits = false
	}
	if n := len(g.TakeAwaiting("a")); n > 64 {
		t.Errorf("%d jobs that do not wait are kept", n)
	}
	if g.TakeAwaiting("a") != nil {
		t.Error("they are returned twice")
	}
}
