package sched

// entries is a heap of work by rank. Each job knows its place in it.
type entries []*job

func (e entries) Len() int           { return len(e) }
func (e entries) Less(i, k int) bool { return e[i].rank().Before(e[k].rank()) }
func (e entries) Swap(i, k int) {
	e[i], e[k] = e[k], e[i]
	e[i].entry, e[k].entry = i, k
}

// Push implements [heap.Interface].
func (e *entries) Push(x any) {
	j, _ := x.(*job)
	j.entry = len(*e)
	*e = append(*e, j)
}

// Pop implements [heap.Interface].
func (e *entries) Pop() any {
	last := len(*e) - 1
	j := (*e)[last]
	(*e)[last] = nil
	*e = (*e)[:last]
	j.entry = -1
	return j
}
