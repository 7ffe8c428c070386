package sim

import "container/heap"

// agenda is what will happen, by time; what was planned first comes first at the same time.
type agenda struct {
	entries []happening
	planned int64
}

type happening struct {
	at    micros
	order int64
	do    func()
}

func (a *agenda) plan(at micros, do func()) {
	a.planned++
	heap.Push(a, happening{at: at, order: a.planned, do: do})
}

func (a *agenda) next() (happening, bool) {
	if len(a.entries) == 0 {
		return happening{}, false
	}
	h, ok := heap.Pop(a).(happening)
	return h, ok
}

func (a *agenda) Len() int { return len(a.entries) }

func (a *agenda) Less(i, k int) bool {
	x, y := a.entries[i], a.entries[k]
	return x.at < y.at || x.at == y.at && x.order < y.order
}

func (a *agenda) Swap(i, k int) { a.entries[i], a.entries[k] = a.entries[k], a.entries[i] }

// Push implements [heap.Interface].
func (a *agenda) Push(x any) {
	h, _ := x.(happening)
	a.entries = append(a.entries, h)
}

// Pop implements [heap.Interface].
func (a *agenda) Pop() any {
	last := len(a.entries) - 1
	h := a.entries[last]
	a.entries[last] = happening{}
	a.entries = a.entries[:last]
	return h
}
