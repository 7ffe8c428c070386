package line_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/place/fair"
	"github.com/batchd/terraform-provider-batch/runtime/place/line"
)

const epoch = batch.Time(1_700_000_000_000)

// work is a job of one attempt.
type work struct {
	row   batch.Job
	class *line.Class[*work]
	index int
}

// Rank implements [line.Work].
func (w *work) Rank() place.Rank { return place.Rank{Within: w.row.Priority, Seq: w.row.Seq} }

// Before implements [heap.Item].
func (w *work) Before(other *work) bool { return w.Rank().Before(other.Rank()) }

// Moved implements [heap.Item].
func (w *work) Moved(to int) { w.index = to }

// Index implements [line.Work].
func (w *work) Index() int { return w.index }

// Places implements [line.Work].
func (w *work) Places() int { return 1 }

// queue is a line and a list of what waits in it.
type queue struct {
	*line.Line[*work]
	waiting []*work
	seq     int64
}

func newQueue() *queue { return &queue{Line: line.New[*work]()} }

func (q *queue) submit(share string, milli int64, priority int32) *work {
	q.seq++
	w := &work{row: batch.Job{Seq: q.seq, Share: share, Priority: priority, Shape: batch.Shape{MilliCPU: milli}}, index: -1}
	w.class = q.Enter(&w.row)
	w.class.Push(w)
	q.waiting = append(q.waiting, w)
	return w
}

func (q *queue) take(w *work) {
	w.class.Remove(w)
	w.class.Leave()
	q.waiting = slices.DeleteFunc(q.waiting, func(other *work) bool { return other == w })
}

// TestFirstIsTheLowestRankOfTheShareThatHasHadLeast holds a line against a list that is searched each time.
func TestFirstIsTheLowestRankOfTheShareThatHasHadLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue()
		policy := line.NewPolicy(batch.FairShare{Weights: []batch.ShareWeight{{Identifier: "heavy", Weight: 5000}}})
		shares := []string{"heavy", "light"}
		for _, name := range shares {
			q.Shares[name] = fair.New(name, policy.Decay, epoch)
			q.Shares[name].Jobs = 1
		}
		t.Repeat(map[string]func(*rapid.T){
			"submit": func(t *rapid.T) {
				q.submit(rapid.SampledFrom(shares).Draw(t, "share"), rapid.Int64Range(1, 3).Draw(t, "vCPUs")*1000, rapid.Int32Range(0, 2).Draw(t, "priority"))
			},
			"place": func(t *rapid.T) {
				if c := q.First(); c != nil {
					w := c.Head()
					q.take(w)
					q.Shares[w.row.Share].Hold(epoch, w.row.Shape.MilliCPU)
				}
			},
			"leave": func(t *rapid.T) {
				if len(q.waiting) == 0 {
					t.Skip("nothing waits")
				}
				q.take(q.waiting[rapid.IntRange(0, len(q.waiting)-1).Draw(t, "which")])
			},
			"": func(t *rapid.T) {
				q.Check(func(problem string) { t.Fatal(problem) })
				q.Rank(epoch, policy, func() int64 { return 0 })
				var want *work
				for _, w := range q.waiting {
					if want == nil || q.before(w, want) {
						want = w
					}
				}
				switch c := q.First(); {
				case (c == nil) != (want == nil):
					t.Fatalf("something is first: %t, something waits: %t", c != nil, want != nil)
				case c != nil && c.Head() != want:
					t.Fatalf("first is %+v, want %+v", c.Head().row, want.row)
				}
			},
		})
	})
}

func (q *queue) before(a, b *work) bool {
	if a.row.Share != b.row.Share {
		if by := q.Shares[a.row.Share].Key(epoch).Compare(q.Shares[b.row.Share].Key(epoch)); by != 0 {
			return by < 0
		}
		return a.row.Share < b.row.Share
	}
	return a.Before(b)
}

// TestInServiceGivesSharesTheirTurns: of two shares of equal weight each gets every second turn, whatever each has waiting.
func TestInServiceGivesSharesTheirTurns(t *testing.T) {
	q := newQueue()
	policy := line.NewPolicy(batch.FairShare{})
	for _, name := range []string{"a", "b"} {
		q.Shares[name] = fair.New(name, policy.Decay, epoch)
	}
	for range 4 {
		q.submit("a", 1000, 0)
	}
	q.submit("b", 1000, 0)
	q.submit("b", 1000, 0)
	q.Rank(epoch, policy, func() int64 { return 0 })
	order := ""
	q.InService(epoch.Add(time.Second), func(w *work) int64 { return w.row.Shape.MilliCPU }, func(w *work) bool {
		order += w.row.Share
		return true
	})
	if order != "ababaa" {
		t.Errorf("shares are served in the order %s", order)
	}
	if first, _ := q.Lineups()[0].First(); first.row.Seq != 1 || len(q.waiting) != 6 {
		t.Error("the question has changed the line")
	}
}

// TestPositionCountsWhatIsPlacedBefore counts over the classes of a lineup, up to a limit.
func TestPositionCountsWhatIsPlacedBefore(t *testing.T) {
	q := newQueue()
	var last *work
	for i := range 10 {
		last = q.submit("", int64(1+i%3)*1000, 0)
	}
	if at, known := last.class.Lineup.Position(last, last.Rank(), 0, 100); at != 10 || !known {
		t.Errorf("the last is at %d, known: %t", at, known)
	}
	if _, known := last.class.Lineup.Position(last, last.Rank(), 0, 5); known {
		t.Error("more entries were counted than the limit allows")
	}
}

// TestReservationIsKeptFree: with a reservation of half, one active share leaves half of the capacity.
func TestReservationIsKeptFree(t *testing.T) {
	q := newQueue()
	policy := line.NewPolicy(batch.FairShare{ReservationPercent: 50})
	q.Shares["a"] = fair.New("a", policy.Decay, epoch)
	q.Shares["a"].Hold(epoch, 1000)
	q.Rank(epoch, policy, func() int64 { return 8000 })
	if q.Allowance != 3000 || q.Allowed(2000) != 1 {
		t.Errorf("%d may be held more, %d attempts of two vCPUs", q.Allowance, q.Allowed(2000))
	}
	restore := q.Saved()
	q.Rank(epoch, nil, nil)
	if restore(); q.Allowance != 3000 {
		t.Errorf("after a question %d may be held more", q.Allowance)
	}
}

// TestKindsTellWorkApart: work is of one kind if all that decides about its place is the same.
func TestKindsTellWorkApart(t *testing.T) {
	same := batch.Job{Shape: batch.Shape{MilliCPU: 1000}, Definition: batch.DefinitionRef{Name: "d"}}
	kinds := map[line.Kind]string{}
	for name, change := range map[string]func(*batch.Job){
		"as it is":     func(*batch.Job) {},
		"larger":       func(j *batch.Job) { j.Shape.MilliCPU = 2000 },
		"in an image":  func(j *batch.Job) { j.InContainer = true },
		"with timeout": func(j *batch.Job) { j.Timeout = time.Minute },
		"other runs":   func(j *batch.Job) { j.Definition.Name = "e" },
		"with needs":   func(j *batch.Job) { j.Needs = []batch.Need{{Resource: "licence", Quantity: 1}} },
		"of nodes":     func(j *batch.Job) { j.Nodes = &batch.Nodes{Count: 2} },
	} {
		row := same
		change(&row)
		k := line.KindOf(&row)
		if other, there := kinds[k]; there {
			t.Errorf("%s and %s are of one kind", name, other)
		}
		kinds[k] = name
		if plain := row.Needs == nil && row.Nodes == nil; k.Plain() != plain {
			t.Errorf("%s is plain: %t", name, k.Plain())
		}
	}
	if k := line.KindOf(&same); k != line.KindOf(&same) || fmt.Sprint(k) == "" {
		t.Error("a kind is not equal to itself")
	}
}
