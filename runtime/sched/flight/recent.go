package flight

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// remembered is how many results are remembered.
const remembered = 1024

// Result is a job that succeeded, and the digest of the image that ran.
type Result struct {
	Job    batch.Job
	Digest string
}

// Recent remembers the results that came last, by base key: who reads the store before one is there and is applied after it takes
// it all the same. It is a hint, lost in a restart, after which everybody reads anew. The zero Recent is empty.
type Recent struct {
	results map[batch.PointKey]Result
	keys    []batch.PointKey // in order of arrival
}

// Put remembers a result, and forgets the oldest.
func (r *Recent) Put(key batch.PointKey, came Result) {
	if r.results == nil {
		r.results = map[batch.PointKey]Result{}
	}
	if _, known := r.results[key]; !known {
		r.keys = append(r.keys, key)
	}
	r.results[key] = came
	if len(r.keys) > remembered {
		delete(r.results, r.keys[0])
		r.keys = r.keys[1:]
	}
}

// Find returns the result of that key, if it came not long ago and bound lets it be taken again.
func (r *Recent) Find(key batch.PointKey, bound *batch.Sharing) (batch.Job, bool) {
	came, ok := r.results[key]
	if !ok || !bound.MayReuse(came.Job.QueueName, came.Digest) {
		return batch.Job{}, false
	}
	return came.Job, true
}
