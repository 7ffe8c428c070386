package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/events"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// observed reads metrics from what the engine and the outbox say of themselves. It implements [prometheus.Collector].
type observed struct {
	engine *engine.Engine
	outbox *events.Outbox
}

// description makes the description of a metric.
func description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("batchd_"+name, help, labels, nil)
}

var (
	descWorking     = description("scheduler_working", "1 if commands are accepted, else 0.")
	descSubmissions = description("submissions_unfinished", "Submissions that have not ended; an array is one.")
	descAttempts    = description("attempts_live", "Attempts that run or are being started.")
	descJobs        = description("jobs", "Single jobs, multi-node jobs and children of arrays in a status that is not terminal.", "queue", "status")
	descEnded       = description("jobs_ended_total", "Single jobs, multi-node jobs and children of arrays that came into a terminal status.", "queue", "status")

	descUsed      = description("environment_vcpus_used", "vCPUs that attempts hold.", "environment")
	descMax       = description("environment_vcpus_max", "vCPUs that attempts may hold.", "environment")
	descGPUs      = description("environment_gpus_used", "GPUs that attempts hold.", "environment")
	descMemory    = description("environment_memory_used_bytes", "Memory that attempts hold.", "environment")
	descMemoryMax = description("environment_memory_max_bytes", "Memory that attempts may hold; absent if the host alone bounds it.", "environment")

	descRunnerUp    = description("runner_up", "0 if a host cannot start processes, or containers; else 1.", "host", "runner")
	descRunnerLive  = description("runner_attempts_live", "Processes, or containers, of attempts that hold a place on a host.", "host", "runner")
	descRunnerLimit = description("runner_attempts_limit", "How many a host takes at once; absent without a bound.", "host", "runner")

	descSinkLag       = description("event_sink_lag_lines", "Lines of the log of all transitions that a sink is behind.", "sink")
	descSinkUp        = description("event_sink_up", "0 if the last delivery to a sink failed, else 1.", "sink")
	descSinkDelivered = description("event_sink_delivered_total", "Events that a sink took over.", "sink")
	descSinkFailures  = description("event_sink_failures_total", "Deliveries to a sink that failed.", "sink")
	descSinkLost      = description("event_sink_lost_lines_total", "Lines of the log that were gone before a sink had read them, and events that it refuses as too large.", "sink")
)

// Describe implements [prometheus.Collector].
func (o *observed) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descWorking, descSubmissions, descAttempts, descJobs, descEnded, descUsed, descMax, descGPUs, descMemory, descMemoryMax,
		descRunnerUp, descRunnerLive, descRunnerLimit,
		descSinkLag, descSinkUp, descSinkDelivered, descSinkFailures, descSinkLost,
	} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (o *observed) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	counter := func(d *prometheus.Desc, value int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
	}
	view := o.engine.View()
	gauge(descWorking, truth(o.engine.Health().State == engine.Working))
	gauge(descSubmissions, float64(view.Unfinished))
	gauge(descAttempts, float64(view.Attempts))
	for i := range view.Queues {
		q := &view.Queues[i]
		for _, status := range batch.Statuses() {
			switch {
			case status.Terminal():
				counter(descEnded, q.Ended[status], q.Name, status.String())
			case status != batch.Submitted:
				gauge(descJobs, float64(q.Counts[status]), q.Name, status.String())
			}
		}
	}
	for i := range view.Environments {
		capacity(gauge, &view.Environments[i])
	}
	for _, h := range view.Hosts {
		for _, r := range h.Runners {
			gauge(descRunnerUp, truth(r.Fault == ""), h.ID, string(r.Runner))
			gauge(descRunnerLive, float64(r.Live), h.ID, string(r.Runner))
			if r.Limit > 0 {
				gauge(descRunnerLimit, float64(r.Limit), h.ID, string(r.Runner))
			}
		}
	}
	for _, s := range o.outbox.Stats() {
		gauge(descSinkLag, float64(s.Lag), s.Name)
		gauge(descSinkUp, truth(!s.Down), s.Name)
		counter(descSinkDelivered, s.Delivered, s.Name)
		counter(descSinkFailures, s.Failures, s.Name)
		counter(descSinkLost, s.Lost, s.Name)
	}
}

func capacity(gauge func(*prometheus.Desc, float64, ...string), e *sched.EnvironmentView) {
	const milli, mebi = 1000, 1 << 20
	gauge(descUsed, float64(e.Used.MilliCPU)/milli, e.Name)
	gauge(descMax, float64(e.Max.MilliCPU)/milli, e.Name)
	gauge(descGPUs, float64(e.Used.GPUs), e.Name)
	gauge(descMemory, float64(e.Used.MemoryMiB)*mebi, e.Name)
	if e.Max.MemoryMiB > 0 {
		gauge(descMemoryMax, float64(e.Max.MemoryMiB)*mebi, e.Name)
	}
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
