package sched_test

import (
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// BenchmarkRetry retries jobs that failed, beside 100,000 that wait, a quarter of them for others.
func BenchmarkRetry(b *testing.B) {
	const beside = 100_000
	m := queued(b, beside, 0, nil)
	d := definition()
	for i := range beside / 4 {
		c := sched.SubmitJob{
			Request: submit.Request{
				ID: batch.JobID(uuidOf(beside + i + 1)), Name: "next", Queue: "simulations", Definition: d.Ref(),
				DependsOn: []batch.Dependency{{Job: batch.JobID(uuidOf(i + 1))}},
			},
			Given: sched.Given{Definition: d},
		}
		if _, err := m.Apply(time.UnixMilli(1000), c); err != nil {
			b.Fatal(err)
		}
	}
	m.Take()
	n := 2 * beside
	for b.Loop() {
		n++
		row := batch.Job{ID: batch.JobID(uuidOf(n)), Seq: int64(n), QueueID: uuidOf(0), QueueName: "simulations", Status: batch.Failed}
		retry := sched.RetryJob{ID: row.ID, Given: sched.Given{Jobs: map[batch.JobID]batch.Job{row.ID: row}}}
		if _, err := m.Apply(time.UnixMilli(2000), retry); err != nil {
			b.Fatal(err)
		}
	}
}
