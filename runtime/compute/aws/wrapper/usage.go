package wrapper

import (
	"encoding/json"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// stats is what is read of the statistics of a container, as Docker and the task metadata endpoint (version 4, path /stats) give them.
type stats struct {
	CPU struct {
		Usage struct {
			Total int64 `json:"total_usage"` // nanoseconds
		} `json:"cpu_usage"`
	} `json:"cpu_stats"`
	Memory struct {
		Usage int64 `json:"usage"`     // bytes
		Max   int64 `json:"max_usage"` // bytes; with version 1 of cgroups only
	} `json:"memory_stats"`
}

// Usage returns what the attempt used, or why that is not known. The memory is its peak where the endpoint says it, else what was in
// use at the end.
func (d *Decoder) Usage() (used batch.Usage, problem string) {
	text, problem := d.usage.content()
	switch {
	case !d.usage.begun():
		return used, "the log of the attempt ends before its usage: the attempt was killed, or its log is incomplete"
	case problem != "":
		return used, problem
	case len(text) == 0:
		return used, "the task metadata endpoint was not asked: the image has neither wget nor curl, or there is no endpoint"
	}
	var s stats
	if err := json.Unmarshal(text, &s); err != nil {
		return used, "the answer of the task metadata endpoint cannot be read: " + err.Error()
	}
	if s.CPU.Usage.Total == 0 {
		return used, "the task metadata endpoint had no statistics yet: it takes them once in a second or less often"
	}
	used.CPUMillis, used.MaxRSSKiB = s.CPU.Usage.Total/1e6, max(s.Memory.Max, s.Memory.Usage)/1024
	return used, ""
}
