package sched

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func (m *Machine) expected(j *job) time.Duration {
	if t := j.submission().Timeout; t > 0 {
		return t
	}
	return priorDuration
}

func (m *Machine) returns(j *job) []batch.Need { return nil }

func (m *Machine) available(j *job, given map[string]int64) bool { return true }

func (m *Machine) leftOf(j *job, given map[string]int64) map[string]int64 { return nil }
