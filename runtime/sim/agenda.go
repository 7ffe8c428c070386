package sim

import "github.com/batchd/terraform-provider-batch/runtime/heap"

// agenda is what will happen, by time; what was planned first comes first at the same time.
type agenda struct {
	entries heap.Heap[happening]
	planned int64
}

type happening struct {
	at    micros
	order int64
	do    func()
}

func (a *agenda) plan(at micros, do func()) {
	a.planned++
	a.entries.Push(happening{at: at, order: a.planned, do: do})
}

func (a *agenda) next() (happening, bool) {
	if len(a.entries) == 0 {
		return happening{}, false
	}
	return a.entries.Pop(), true
}

// Before implements [heap.Item].
func (h happening) Before(other happening) bool {
	return h.at < other.at || h.at == other.at && h.order < other.order
}

// Moved implements [heap.Item].
func (happening) Moved(int) {}
