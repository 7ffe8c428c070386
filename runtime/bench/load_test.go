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
	loadFor  = 3 * time.Second
	loadJobs = 1000
	// loadPage is how many jobs ListJobs answers.
	loadPage = 10
	// submitEvery calls one is a submit.
	submitEvery = 5
	// clockTicks is how many units of /proc's CPU times a second has.
	clockTicks = 100
)

// benchLoad measures signed calls: reads, submits, and a mix of which four of five read. The references are the same clients:
// instead of a read they ask for the description of no jobs, whose signature is verified and whose body is decoded, and whose
// answer is a constant; instead of a submit they ask for that and then wait for a bare group commit. The bare group commit
// alone, without clients, is printed too.
func benchLoad(t *testing.T) {
	for _, connections := range []int{8, 64} {
		s := serve(t, t.TempDir())
		s.setUp(1, wire.Disabled, "/bin/true")
		s.fill(loadJobs)
		l := newLoad(s, connections)
		runs := map[string]*loaded{}
		run := func(name string, call func(context.Context, int) error) {
			r := l.run(connections, loadFor, call)
			if before := runs[name]; before != nil {
				r = before.and(r)
			}
			runs[name] = r
		}
		bare := syncLoop(t, connections, loadFor)
		for range 2 { // what is compared takes turns
			run("constant", l.constant)
			run("reads", l.read)
			run("reference-mix", mix(l.constant, l.durable))
			run("mix", mix(l.read, l.submit))
			run("reference-submits", l.durable)
			run("submits", l.submit)
		}
		slow := dribble(s)
		run("beside", mix(l.read, l.submit))
		slow.stop()
		s.stop()

		name := func(what string) string { return fmt.Sprintf("load-%d-%s", connections, what) }
		report(name("reads"), runs["reads"].rate(), "1/s", runs["reads"].rate()/runs["constant"].rate())
		report(name("submits"), runs["submits"].rate(), "1/s", runs["submits"].rate()/runs["reference-submits"].rate())
		report(name("mix"), runs["mix"].rate(), "1/s", runs["mix"].rate()/runs["reference-mix"].rate())
		report(name("mix-p99"), percentile(runs["mix"].took, 99), "ms", 0)
		report(name("mix-beside-slow-clients"), runs["beside"].rate(), "1/s", runs["beside"].rate()/runs["mix"].rate())
		report(name("mix-beside-slow-clients-p99"), percentile(runs["beside"].took, 99), "ms", percentile(runs["beside"].took, 99)/percentile(runs["mix"].took, 99))
		var failed int64
		for _, r := range runs {
			failed += r.failed
		}
		report(name("errors"), float64(failed), "calls", 0)
		report("  reference-constant", runs["constant"].rate(), "1/s", 1)
		report("  reference-submits", runs["reference-submits"].rate(), "1/s", 1)
		report("  reference-mix", runs["reference-mix"].rate(), "1/s", 1)
		report("  group-commit-without-clients", bare, "1/s", 1)
		for _, of := range []string{"constant", "reads", "submits", "mix"} {
			report("  "+of+"-client-cpu", runs[of].client, "us/call", runs[of].client/(runs[of].client+runs[of].server))
			report("  "+of+"-server-cpu", runs[of].server, "us/call", runs[of].server/(runs[of].client+runs[of].server))
		}
	}
}

// load is who calls.
type load struct {
	s *service
	*client.Client
	jobs  []string // that are there
	group *groupCommit
}

// newLoad returns a caller that repeats nothing, so that every failure is seen.
func newLoad(s *service, connections int) *load {
	s.t.Helper()
	page, err := s.ListJobs(s.t.Context(), &wire.ListJobsRequest{JobQueue: "q", JobStatus: wire.StatusRunnable})
	s.must(err)
	l := &load{s: s, group: newGroupCommit(s.t, connections)}
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

// durable asks for what always has the same answer, and waits for a bare group commit.
func (l *load) durable(ctx context.Context, n int) error {
	if err := l.constant(ctx, n); err != nil {
		return err
	}
	l.group.commit(make(chan struct{}, 1))
	return nil
}

// submit submits a job.
func (l *load) submit(ctx context.Context, _ int) error {
	_, err := l.SubmitJob(ctx, &wire.SubmitJobRequest{JobName: "bench", JobQueue: "q", JobDefinition: "d"})
	return err
}

// mix returns what makes four of five calls read.
func mix(read, submit func(context.Context, int) error) func(context.Context, int) error {
	return func(ctx context.Context, n int) error {
		if n%submitEvery != 0 {
			return read(ctx, n)
		}
		return submit(ctx, n)
	}
}

// loaded is what a run was like.
type loaded struct {
	took           []time.Duration
	failed         int64
	during         time.Duration
	client, server float64 // CPU time of each call, in microseconds
}

func (l *loaded) rate() float64 { return float64(len(l.took)) / l.during.Seconds() }

// and returns both runs as one.
func (l *loaded) and(o *loaded) *loaded {
	n, m := float64(len(l.took)), float64(len(o.took))
	return &loaded{
		took: append(l.took, o.took...), failed: l.failed + o.failed, during: l.during + o.during,
		client: (n*l.client + m*o.client) / (n + m), server: (n*l.server + m*o.server) / (n + m),
	}
}

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
