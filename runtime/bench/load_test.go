package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

const (
	loadFor  = 5 * time.Second
	loadJobs = 1000
	// loadPage is how many jobs ListJobs answers.
	loadPage = 10
	// submitEvery calls one is a submit.
	submitEvery = 5
	// clockTicks is how many units of /proc's CPU times a second has.
	clockTicks = 100
)

// benchLoad measures signed, mixed calls: four of five read. The reference of the reads is the same client asking for the
// description of no jobs, whose signature is verified and whose body is decoded, and whose answer is a constant; that of the
// submits is the bare sync loop. The ratio of all calls is to a client that alternates between the two references.
func benchLoad(t *testing.T) {
	for _, connections := range []int{8, 64} {
		s := serve(t, t.TempDir())
		s.setUp(1, wire.Disabled, "/bin/true")
		s.fill(loadJobs)
		l := newLoad(s)
		constant := l.run(connections, loadFor/2, l.constant)
		durable := syncLoop(t, connections, loadFor/2)
		reads := l.run(connections, loadFor, l.read)
		mixed := l.run(connections, loadFor, l.mixed)
		slow := dribble(s)
		beside := l.run(connections, loadFor, l.mixed)
		slow.stop()
		again := l.run(connections, loadFor/2, l.constant)
		s.stop()

		limit := (constant.rate() + again.rate()) / 2
		name := func(what string) string { return fmt.Sprintf("load-%d-%s", connections, what) }
		report(name("reads-alone"), reads.rate(), "1/s", reads.rate()/limit)
		report(name("reads-mixed"), mixed.readRate(), "1/s", mixed.readRate()/limit)
		report(name("submits-mixed"), mixed.submitRate(), "1/s", mixed.submitRate()/durable)
		ideal := 1 / ((1-1./submitEvery)/limit + 1./submitEvery/durable)
		report(name("calls-mixed"), mixed.rate(), "1/s", mixed.rate()/ideal)
		report(name("p99"), percentile(mixed.took, 99), "ms", 0)
		report(name("slow-clients-calls"), beside.rate(), "1/s", beside.rate()/mixed.rate())
		report(name("slow-clients-p99"), percentile(beside.took, 99), "ms", percentile(beside.took, 99)/percentile(mixed.took, 99))
		report(name("errors"), float64(reads.failed+mixed.failed+beside.failed+constant.failed+again.failed), "calls", 0)
		report("  reference-constant", limit, "1/s", 1)
		report("  reference-sync-loop", durable, "1/s", 1)
		report("  constant-client-cpu", constant.client, "us/call", constant.client/(constant.client+constant.server))
		report("  constant-server-cpu", constant.server, "us/call", constant.server/(constant.client+constant.server))
		report("  reads-client-cpu", reads.client, "us/call", reads.client/(reads.client+reads.server))
		report("  reads-server-cpu", reads.server, "us/call", reads.server/(reads.client+reads.server))
	}
}

// load is who calls.
type load struct {
	s *service
	*client.Client
	jobs []string // that are there
}

// newLoad returns a caller that repeats nothing, so that every failure is seen.
func newLoad(s *service) *load {
	s.t.Helper()
	page, err := s.ListJobs(s.t.Context(), &wire.ListJobsRequest{JobQueue: "q", JobStatus: wire.StatusRunnable})
	s.must(err)
	l := &load{s: s}
	for _, j := range page.JobSummaryList {
		l.jobs = append(l.jobs, j.JobID)
	}
	if len(l.jobs) == 0 {
		s.t.Fatal("no jobs are queued")
	}
	k := s.target.Credentials
	l.Client, err = client.New(client.Config{
		Endpoint: s.target.Endpoint, Region: s.target.Runtime.Region, RetryFor: -1,
		Credentials: credentials.NewStaticCredentialsProvider(k.AccessKeyID, k.SecretAccessKey, ""),
	})
	s.must(err)
	return l
}

// constant asks for what always has the same answer: that no jobs cannot be described.
func (l *load) constant(ctx context.Context, _ int) error {
	_, err := l.DescribeJobs(ctx, &wire.DescribeJobsRequest{Jobs: []string{}})
	var refusal *wire.Error
	if errors.As(err, &refusal) && refusal.StatusCode == http.StatusBadRequest && refusal.Code == wire.CodeClient {
		return nil
	}
	return fmt.Errorf("a request to describe no jobs is answered %w", err)
}

// read is the n-th read: of a job, of a page of jobs, of the queues.
func (l *load) read(ctx context.Context, n int) error {
	var err error
	switch n % 3 {
	case 0:
		_, err = l.DescribeJobs(ctx, &wire.DescribeJobsRequest{Jobs: []string{l.jobs[n%len(l.jobs)]}})
	case 1:
		most := int32(loadPage)
		_, err = l.ListJobs(ctx, &wire.ListJobsRequest{JobQueue: "q", JobStatus: wire.StatusRunnable, MaxResults: &most})
	default:
		_, err = l.DescribeJobQueues(ctx, &wire.DescribeJobQueuesRequest{})
	}
	return err
}

// mixed is the n-th call of a mix.
func (l *load) mixed(ctx context.Context, n int) error {
	if n%submitEvery != 0 {
		return l.read(ctx, n)
	}
	_, err := l.SubmitJob(ctx, &wire.SubmitJobRequest{JobName: "bench", JobQueue: "q", JobDefinition: "d"})
	return err
}

// loaded is what a run was like.
type loaded struct {
	took           []time.Duration
	failed         int64
	during         time.Duration
	client, server float64 // CPU time of each call, in microseconds
}

func (l *loaded) rate() float64       { return float64(len(l.took)) / l.during.Seconds() }
func (l *loaded) submitRate() float64 { return l.rate() / submitEvery }
func (l *loaded) readRate() float64   { return l.rate() - l.submitRate() }

// run makes calls over connections at once, each with numbers of its own.
func (l *load) run(connections int, during time.Duration, call func(context.Context, int) error) *loaded {
	var mu sync.Mutex
	var all sync.WaitGroup
	var failed atomic.Int64
	r := &loaded{}
	here, there := os.Getpid(), l.s.process.Process.Pid
	client, server := l.s.cpu(here), l.s.cpu(there)
	begin := time.Now()
	for first := range connections {
		all.Go(func() {
			var took []time.Duration
			for n := first; time.Since(begin) < during; n++ {
				at := time.Now()
				if err := call(l.s.t.Context(), n); err != nil {
					if failed.Add(1) == 1 {
						l.s.t.Error(err)
					}
					continue
				}
				took = append(took, time.Since(at))
			}
			mu.Lock()
			defer mu.Unlock()
			r.took = append(r.took, took...)
		})
	}
	all.Wait()
	r.during, r.failed = time.Since(begin), failed.Load()
	if len(r.took) == 0 {
		l.s.t.Fatal("no call was answered")
	}
	r.client = float64((l.s.cpu(here) - client).Microseconds()) / float64(len(r.took))
	r.server = float64((l.s.cpu(there) - server).Microseconds()) / float64(len(r.took))
	return r
}

// cpu is how much CPU time a process has used; 0 where that cannot be seen.
func (s *service) cpu(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name, which may have spaces
	fields := strings.Fields(rest)
	const user, system = 11, 12
	if len(fields) <= system {
		return 0
	}
	var ticks int64
	for _, field := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseInt(field, 10, 64)
		s.must(err)
		ticks += n
	}
	return time.Duration(ticks) * time.Second / clockTicks
}
