package app

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/events"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// metrics is what a runtime tells Prometheus. It implements [engine.Observer]. What is asked of it at a scrape is a copy
// that the scheduler publishes after each round, so that a scrape costs the same however many jobs there are. All gauges and
// counts of jobs are of one such copy. What is counted as it happens may be a round ahead of it.
type metrics struct {
	registry *prometheus.Registry

	waits          *prometheus.HistogramVec
	roundSeconds   prometheus.Histogram
	roundEvents    prometheus.Histogram
	commitSeconds  prometheus.Histogram
	commitErrors   prometheus.Counter
	transitions    prometheus.Counter
	started        prometheus.Counter
	exited         *prometheus.CounterVec
	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
}

// Buckets of histograms: of what takes microseconds to seconds, of how long jobs wait, and of counts.
var (
	quickBuckets = []float64{.0001, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}
	waitBuckets  = []float64{.01, .1, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600}
	countBuckets = []float64{1, 4, 16, 64, 256, 1024}
)

func newMetrics() *metrics {
	histogram := func(name, help string, buckets []float64) prometheus.HistogramOpts {
		return prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}
	}
	counter := func(name, help string) prometheus.CounterOpts { return prometheus.CounterOpts{Name: name, Help: help} }
	m := &metrics{
		registry: prometheus.NewRegistry(),
		waits: prometheus.NewHistogramVec(histogram("batchd_job_wait_seconds",
			"How long jobs and children were RUNNABLE before they were STARTING.", waitBuckets), []string{"queue"}),
		roundSeconds: prometheus.NewHistogram(histogram("batchd_round_duration_seconds",
			"How long the scheduler took to decide a round.", quickBuckets)),
		roundEvents: prometheus.NewHistogram(histogram("batchd_round_events",
			"How many commands and reports a round dealt with.", countBuckets)),
		commitSeconds: prometheus.NewHistogram(histogram("batchd_commit_duration_seconds",
			"How long it took to make a round durable.", quickBuckets)),
		commitErrors: prometheus.NewCounter(counter("batchd_commit_errors_total", "Commits that failed.")),
		transitions:  prometheus.NewCounter(counter("batchd_transitions_total", "Lines written to the log of all transitions.")),
		started:      prometheus.NewCounter(counter("batchd_attempts_started_total", "Attempts that came into RUNNING.")),
		exited: prometheus.NewCounterVec(counter("batchd_attempts_ended_total",
			"Attempts that ended: succeeded, failed, or not_started."), []string{"environment", "outcome"}),
		requests: prometheus.NewCounterVec(counter("batchd_api_requests_total",
			"Requests that were answered, by operation and HTTP status."), []string{"operation", "code"}),
		requestSeconds: prometheus.NewHistogramVec(histogram("batchd_api_request_duration_seconds",
			"How long requests took, but for those that last until the caller goes.", quickBuckets), []string{"operation"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "batchd_build_info", Help: "1, with the version of this build.", ConstLabels: prometheus.Labels{"version": Version},
	})
	build.Set(1)
	m.registry.MustRegister(m.waits, m.roundSeconds, m.roundEvents, m.commitSeconds, m.commitErrors, m.transitions, m.started, m.exited,
		m.requests, m.requestSeconds, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// watch adds what is read of the engine and the sinks at each scrape.
func (m *metrics) watch(e *engine.Engine, outbox *events.Outbox) {
	m.registry.MustRegister(&observed{engine: e, outbox: outbox})
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes})
}

// Decided implements [engine.Observer].
func (m *metrics) Decided(events int, took time.Duration) {
	m.roundSeconds.Observe(took.Seconds())
	m.roundEvents.Observe(float64(events))
}

// Committed implements [engine.Observer].
func (m *metrics) Committed(took time.Duration, err error) {
	m.commitSeconds.Observe(took.Seconds())
	if err != nil {
		m.commitErrors.Inc()
	}
}

// Kept implements [engine.Observer].
func (m *metrics) Kept(delta *batch.Delta, notes []sched.Note) {
	m.transitions.Add(float64(len(delta.Transitions)))
	m.started.Add(float64(started(delta)))
	for i := range delta.Attempts {
		m.exited.WithLabelValues(delta.Attempts[i].Environment, outcome(&delta.Attempts[i])).Inc()
	}
	for i := range notes {
		if n := &notes[i]; n.Kind == sched.NoteWaited {
			m.waits.WithLabelValues(n.Queue).Observe(n.For.Seconds())
		}
	}
	for i := range delta.Queues {
		if q := &delta.Queues[i]; q.Health == batch.Deleted {
			m.waits.DeleteLabelValues(q.Name)
		}
	}
	for i := range delta.Environments {
		if e := &delta.Environments[i]; e.Health == batch.Deleted {
			m.exited.DeletePartialMatch(prometheus.Labels{"environment": e.Name})
		}
	}
}

// started counts the attempts that came into RUNNING. A multi-node job comes there too, but its attempts are its nodes'.
func started(delta *batch.Delta) int {
	gangs := map[batch.JobID]bool{}
	for i := range delta.Jobs {
		if j := &delta.Jobs[i]; j.Nodes != nil {
			gangs[j.ID] = true
		}
	}
	n := 0
	for i := range delta.Transitions {
		if line := &delta.Transitions[i]; line.Kind == batch.OfJob && line.To == batch.Running && !gangs[line.Job] {
			n++
		}
	}
	return n
}

func outcome(a *batch.Attempt) string {
	switch {
	case a.StartedAt == 0:
		return "not_started"
	case a.ExitCode != nil && *a.ExitCode == 0:
		return "succeeded"
	default:
		return "failed"
	}
}

// answered counts a request.
func (m *metrics) answered(operation string, status int, took time.Duration) {
	m.requests.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	if took > 0 {
		m.requestSeconds.WithLabelValues(operation).Observe(took.Seconds())
	}
}
