package sched

import "github.com/batchd/terraform-provider-batch/runtime/heap"

// entries is work by rank. Each job knows its place in it.
type entries = heap.Heap[*job]

// Before implements [heap.Item].
func (j *job) Before(other *job) bool { return j.rank().Before(other.rank()) }

// Moved implements [heap.Item].
func (j *job) Moved(to int) { j.entry = to }
