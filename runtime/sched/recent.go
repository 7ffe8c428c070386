package sched

import "github.com/batchd/terraform-provider-batch/runtime/batch"

// recent remembers the results that came last, by base key: who reads the store before one is there and is applied after it
// takes it all the same. It is a hint, lost in a restart, after which everybody reads anew.
type recent struct {
	results map[batch.PointKey]result
	keys    []batch.PointKey // in order of arrival
}

// result is a job that succeeded, and the digest of the image that ran.
type result struct {
	job    batch.Job
	digest string
}

func (r *recent) put(key batch.PointKey, came result) {
	if r.results == nil {
		r.results = map[batch.PointKey]result{}
	}
	if _, known := r.results[key]; !known {
		r.keys = append(r.keys, key)
	}
	r.results[key] = came
	if len(r.keys) > rememberedResults {
		delete(r.results, r.keys[0])
		r.keys = r.keys[1:]
	}
}

// takeRecent gives j, which has to run again, a result that came from an identical job while its own attempt was live.
func (m *Machine) takeRecent(at batch.Time, j *job) {
	top := j.top()
	if top.boarded == nil || j.row.Status != batch.Runnable || j.row.Joined != "" {
		return
	}
	if came, ok := m.recent.results[top.keyAt(j.index)]; ok && top.row.Sharing.MayReuse(came.job.QueueName, came.digest) {
		m.takeResult(at, j, came.job)
	}
}
