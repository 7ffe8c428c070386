package deadline_test

import (
	"cmp"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched/deadline"
)

// task has one deadline; 0: none.
type task struct {
	id  int
	due batch.Time
}

// entry counts while its task is due then.
type entry struct {
	at   batch.Time
	task *task
}

func (e entry) Due() batch.Time { return e.at }
func (e entry) Counts() bool    { return e.task.due == e.at }
func (e entry) Compare(other entry) int {
	return cmp.Or(cmp.Compare(e.at, other.at), cmp.Compare(e.task.id, other.task.id))
}
func (e entry) Before(other entry) bool { return e.Compare(other) < 0 }
func (entry) Moved(int)                 {}

// TestTheEarliestThatCountsIsNext holds a heap against a list of tasks that is searched each time. Tasks get other deadlines, or none,
// so often that the heap runs out of room again and again.
func TestTheEarliestThatCountsIsNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h deadline.Heap[entry]
		tasks := make([]*task, 8)
		for i := range tasks {
			tasks[i] = &task{id: i}
		}
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			some := rapid.SampledFrom(tasks).Draw(t, "task")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				some.due = 0
			case 1:
				at := batch.Time(rapid.Int64Range(1, 50).Draw(t, "at"))
				first := earliest(tasks)
				e, due := h.PopDue(at)
				switch {
				case due != (first != nil && first.due <= at):
					t.Fatalf("at %d something is due: %t, the earliest is %+v", at, due, first)
				case due && (e.task != first || e.at != first.due):
					t.Fatalf("due is task %d at %d, want %+v", e.task.id, e.at, first)
				case due:
					e.task.due = 0
				}
			default:
				some.due = batch.Time(rapid.Int64Range(1, 50).Draw(t, "due"))
				h.Push(entry{some.due, some})
			}
			want := batch.Time(0)
			if first := earliest(tasks); first != nil {
				want = first.due
			}
			if got := h.Next(); got != want {
				t.Fatalf("the next is due at %d, want %d", got, want)
			}
			if n := h.Len(); n > 128 {
				t.Fatalf("%d entries for %d tasks", n, len(tasks))
			}
		}
	})
}

// earliest is the task that is due first, of several the first; nil if none is.
func earliest(tasks []*task) (first *task) {
	for _, each := range tasks {
		if each.due != 0 && (first == nil || each.due < first.due) {
			first = each
		}
	}
	return first
}
