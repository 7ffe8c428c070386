package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// cluster of n equal hosts.
func hosts(n int, vcpus Milli, memory int64) []HostSpec {
	return []HostSpec{{Count: n, Name: "h", VCPUs: vcpus * 1000, MemoryMiB: memory}}
}

// jobs makes a workload of "submit duration vcpus" in seconds.
func jobs(t *testing.T, lines ...string) *Workload {
	t.Helper()
	w := &Workload{}
	for i, line := range lines {
		var submit, duration int64
		var vcpus Milli
		if _, err := fmt.Sscan(line, &submit, &duration, &vcpus); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		must(t, w.Add(Job{Name: fmt.Sprint(i + 1), SubmittedAt: submit * 1000, DurationMs: duration * 1000, VCPUs: vcpus * 1000, MemoryMiB: 1}))
	}
	must(t, w.Finish())
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func playIn(t *testing.T, world *World, w *Workload, o Options) *Outcome {
	t.Helper()
	outcome, err := Run(world, w, o)
	must(t, err)
	return outcome
}

// startsOf says when each job started, in seconds; "-" for never.
func startsOf(o *Outcome) string {
	var all []string
	for _, s := range o.Starts() {
		if !s.Placed {
			all = append(all, "-")
			continue
		}
		all = append(all, fmt.Sprint(s.AtMs/1000))
	}
	return strings.Join(all, " ")
}

func TestFirstInFirstOut(t *testing.T) {
	w := jobs(t, "0 100 2", "0 10 1", "10 30 4", "20 50 1")
	o := playIn(t, Simple(hosts(1, 4, 100), "").WithBackfill(false), w, Options{})
	if got, want := startsOf(o), "0 0 100 130"; got != want {
		t.Errorf("started at %s, want %s", got, want)
	}
	r := o.Report
	if r.Jobs.Succeeded != 4 || r.MakespanMs != 180_000 || r.SpanMs != 20_000 || r.Starts != 4 {
		t.Errorf("got %+v", r)
	}
	if w := r.Wait; w.Mean != 50_000 || w.P50 != 0 || w.P90 != 110_000 || w.Max != 110_000 {
		t.Errorf("waits are %+v, want a mean of 50 s and a maximum of 110 s", w)
	}
	// 2*100 + 1*10 + 4*30 + 1*50 of 4*180 vCPU-seconds.
	if r.Utilisation.VCPUs != 5277 {
		t.Errorf("used %s of the vCPUs, want 52.77%%", r.Utilisation.VCPUs.Percent())
	}
	// (90 s + 30 s) / 30 s for the third and (110 s + 50 s) / 50 s for the last; 1 for the others.
	if s := r.Slowdown; s.Max != 4000 || s.P50 != 1000 || s.Mean != 2300 {
		t.Errorf("slowdowns are %+v, want at most 4 and 2.3 in the mean", s)
	}
}

func TestBackfillFillsTheHole(t *testing.T) {
	w := jobs(t, "0 100 2", "0 10 1", "10 30 4", "20 50 1", "20 200 1")
	o := playIn(t, Simple(hosts(1, 4, 100), ""), w, Options{Exact: true})
	if got, want := startsOf(o), "0 0 100 20 130"; got != want {
		t.Errorf("started at %s, want %s", got, want)
	}
}

func TestTimeLimits(t *testing.T) {
	w := jobs(t, "0 100 1", "0 100 1", "0 100 1")
	w.Jobs[0].ExpectedMs, w.Jobs[1].ExpectedMs = 100_000, 99_999
	r := playIn(t, Simple(hosts(1, 4, 100), ""), w, Options{}).Report
	if r.Jobs.Killed != 1 || r.Jobs.Succeeded != 2 {
		t.Errorf("got %+v, want only the job killed that runs longer than it may", r.Jobs)
	}
	if r := playIn(t, Simple(hosts(1, 4, 100), ""), w, Options{Exact: true}).Report; r.Jobs.Succeeded != 3 {
		t.Errorf("got %+v with exact limits, want none killed", r.Jobs)
	}
}

func TestNeverPlaced(t *testing.T) {
	r := playIn(t, Simple(hosts(2, 4, 100), ""), jobs(t, "0 10 5", "0 10 4", "0 10 9"), Options{}).Report
	if r.Jobs.NeverPlaced != 2 || r.Jobs.Succeeded != 1 {
		t.Errorf("got %+v, want two jobs that no host can hold", r.Jobs)
	}
	n := 0
	for _, reason := range r.NeverPlaced {
		n += reason.Jobs
		if reason.Code == codeWaiting || reason.Code == codeRefused {
			t.Errorf("the reason is %+v, want one of the scheduler's", reason)
		}
	}
	if n != 2 {
		t.Errorf("there are reasons for %d jobs, want 2: %+v", n, r.NeverPlaced)
	}
}

func TestArrays(t *testing.T) {
	w := &Workload{}
	must(t, w.Add(Job{VCPUs: 1000, DurationsMs: []int64{3000, 1000, 2000}}))
	must(t, w.Add(Job{VCPUs: 1000, DurationMs: 1000, Count: 4}))
	must(t, w.Finish())
	r := playIn(t, Simple(hosts(1, 2, 100), ""), w, Options{}).Report
	// Two at a time, the first array first: 3 | 1 2 | then 1 1 1 1 on both.
	if r.Jobs.Total != 7 || r.Jobs.Succeeded != 7 || r.MakespanMs != 5000 {
		t.Errorf("got %+v and a makespan of %d ms, want 7 jobs in 5 s", r.Jobs, r.MakespanMs)
	}
}

func TestLocalPromisesMoreThanItHas(t *testing.T) {
	world := &World{
		Environments: []EnvironmentSpec{{Name: "here", Kind: "LOCAL", MaxVCPUs: 3000}},
		Hosts:        []HostSpec{{VCPUs: 1000, MemoryMiB: 100}}, Queues: []QueueSpec{{Name: "q"}},
	}
	o := playIn(t, world, jobs(t, "0 10 1", "0 10 1", "0 10 1", "0 10 1"), Options{})
	if got, want := startsOf(o), "0 0 0 10"; got != want {
		t.Errorf("started at %s, want %s: maxvCpus alone bounds the vCPUs of this machine", got, want)
	}
	if c := o.Report.Capacity; c.VCPUs != 3000 {
		t.Errorf("the capacity is %s vCPUs, want 3", c.VCPUs)
	}
}

// TestSameReportTwice also wants the dice of another seed to give another report.
func TestSameReportTwice(t *testing.T) {
	w := generated(1, 400, 16)
	report := func(seed int64) string {
		r := playIn(t, Simple(hosts(2, 16, 1000), ""), w, Options{JitterPercent: 20, Seed: seed}).Report
		text, err := json.Marshal(r)
		must(t, err)
		return string(text)
	}
	first := report(7)
	if again := report(7); again != first {
		t.Errorf("two runs of one seed gave\n%s\nand\n%s", first, again)
	}
	if other := report(8); other == first {
		t.Error("another seed gave the same report")
	}
}

func TestProgressMayStop(t *testing.T) {
	enough := errors.New("enough")
	calls := 0
	_, err := Run(Simple(hosts(1, 1, 100), ""), generated(1, 2000, 1), Options{Progress: func(ended, total int) error {
		if calls++; total != 2000 || ended > total {
			t.Errorf("%d of %d have ended, of 2000", ended, total)
		}
		return enough
	}})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("got %v after %d calls, want the error of the first", err, calls)
	}
}

// TestOverPlacing wants the hosts to notice a scheduler that gives away what is not there.
func TestOverPlacing(t *testing.T) {
	world := Simple(hosts(1, 2, 100), "")
	all := world.hosts()
	c := newCluster(all, world.environments(all))
	big := (&Job{VCPUs: 2000, MemoryMiB: 10}).shape()
	must(t, c.start(epoch, attemptOf("1"), "h", simpleEnvironment, big, 1000))
	if err := c.start(epoch, attemptOf("2"), "h", simpleEnvironment, big, 1000); err == nil {
		t.Error("a host of 2 vCPUs took a second attempt of 2 vCPUs")
	}
	if _, ok := c.end(attemptOf("1")); !ok || c.next() != 0 {
		t.Error("an attempt that was ended still runs")
	}
}
