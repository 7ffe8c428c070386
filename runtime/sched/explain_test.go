package sched_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/why"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// scene is a machine driven by commands, for questions.
type scene struct {
	t    *testing.T
	m    *sched.Machine
	now  time.Time
	rows batch.Rows // of environments and queues

	launched string // the host that was ordered last
}

func newScene(t *testing.T) *scene {
	s := &scene{t: t, m: sched.Load(batch.Snapshot{}, sched.Config{}), now: time.UnixMilli(1_000_000).UTC()}
	s.do(sched.Reported{Report: batch.HostReady{Host: batch.Host{
		ID: batch.LocalHost, Kind: batch.Local, Name: "here", Capacity: batch.Shape{MilliCPU: 4000, MemoryMiB: 1000},
	}}})
	s.do(sched.CreateEnvironment{Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.Local, Max: batch.Shape{MilliCPU: 2000}}})
	s.queue("q", 1, "")
	return s
}

func (s *scene) queue(name string, priority int32, policy string) {
	s.do(sched.CreateQueue{Queue: batch.Queue{
		Name: name, UUID: name, Priority: priority, Policy: policy, Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}},
	}})
}

// cloud makes a queue elsewhere, over an environment whose hosts are launched: small ones and large ones.
func (s *scene) cloud() {
	s.do(sched.CreateEnvironment{Environment: batch.Environment{
		Name: "cloud", UUID: "cloud", Kind: batch.EC2, Max: batch.Shape{MilliCPU: 8000}, Offers: []batch.Offer{
			{Pool: batch.Pool{Type: "small"}, Shape: batch.Shape{MilliCPU: 2000, MemoryMiB: 1000}},
			{Pool: batch.Pool{Type: "large"}, Shape: batch.Shape{MilliCPU: 2000, MemoryMiB: 2000}},
		},
	}})
	s.do(sched.CreateQueue{Queue: batch.Queue{
		Name: "elsewhere", UUID: "elsewhere", Priority: 1, Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "cloud"}},
	}})
}

func (s *scene) do(ev sched.Event) {
	s.t.Helper()
	if _, err := s.m.Apply(s.now, ev); err != nil {
		s.t.Fatalf("%T: %v", ev, err)
	}
	s.m.Dispatch(s.now)
	s.take()
	if err := s.m.Check(); err != nil {
		s.t.Fatalf("%T: %v", ev, err)
	}
}

// take takes the round and keeps the rows that an update is made from.
func (s *scene) take() sched.Round {
	r := s.m.Take()
	for _, o := range r.Orders {
		if o, ok := o.(sched.LaunchHosts); ok {
			s.launched = o.Hosts[len(o.Hosts)-1]
		}
	}
	s.rows.Fold(&batch.Delta{Environments: r.Delta.Environments, Queues: r.Delta.Queues})
	return r
}

// updated is an update of environment e by change.
func (s *scene) updated(change func(*batch.Environment)) sched.Event {
	return updateEnvironment(&s.rows, "e", change)
}

// job is a submission of one vCPU that takes a minute, changed by with.
func job(id, queue string, with ...func(*sched.SubmitJob)) sched.SubmitJob {
	timeout := time.Minute
	c := sched.SubmitJob{
		Request: submit.Request{ID: batch.JobID(id), Name: id, Queue: queue, Definition: batch.DefinitionRef{Name: "d"}, Timeout: &timeout},
		Given: sched.Given{
			Definition: &batch.Definition{Name: "d", Revision: 1, Active: true, Runs: true, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}},
			Jobs:       map[batch.JobID]batch.Job{},
		},
	}
	for _, change := range with {
		change(&c)
	}
	return c
}

func vcpus(n int64) func(*sched.SubmitJob) {
	return func(c *sched.SubmitJob) { milli := n * 1000; c.Overrides.MilliCPU = &milli }
}

func memory(mib int64) func(*sched.SubmitJob) {
	return func(c *sched.SubmitJob) { c.Overrides.MemoryMiB = &mib }
}

func size(n int32) func(*sched.SubmitJob) { return func(c *sched.SubmitJob) { c.Size = n } }

// shared makes submissions share the work of one point.
func shared(c *sched.SubmitJob) {
	base := strings.Repeat("5a", 32)
	c.Reuse, c.Given.Key, c.Given.PointKeys = true, batch.KeyOfAll([]string{base}), batch.PackPointKeys([]string{base})
}

func share(name string) func(*sched.SubmitJob) { return func(c *sched.SubmitJob) { c.Share = name } }

func after(id string, kind batch.DependencyKind) func(*sched.SubmitJob) {
	return func(c *sched.SubmitJob) {
		c.DependsOn = append(c.DependsOn, batch.Dependency{Job: batch.JobID(id), Kind: kind})
	}
}

func gang(n int32) func(*sched.SubmitJob) {
	return func(c *sched.SubmitJob) {
		c.Given.Definition.Nodes = &batch.DefinitionNodes{Count: n, Open: 0, Ranges: []batch.NodeContainer{
			{From: 0, To: n - 1, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}},
		}}
	}
}

func (s *scene) submit(all ...sched.SubmitJob) {
	for _, c := range all {
		s.do(c)
	}
}

func (s *scene) started(id string) {
	s.do(sched.Reported{Report: batch.AttemptStarted{Attempt: batch.AttemptID{Job: batch.JobID(id), Number: 1}, At: batch.At(s.now)}})
}

func (s *scene) exited(id string, ran time.Duration) {
	at, code := batch.At(s.now), int32(0)
	s.do(sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
		Attempt: batch.AttemptID{Job: batch.JobID(id), Number: 1}, Kind: batch.Exited, StartedAt: at.Add(-ran), StoppedAt: at, Code: &code,
	}}})
}

// fair makes a queue f with a fair-share policy.
func (s *scene) fair(reservation int32) {
	s.do(sched.CreatePolicy{Policy: batch.Policy{Name: "p", FairShare: &batch.FairShare{ReservationPercent: reservation}}})
	s.queue("f", 1, "p")
}

// causes sets up, for every code, a job w that waits for that reason.
var causes = map[why.Code]func(s *scene){
	why.Dependency: func(s *scene) {
		s.submit(job("a", "q"), job("w", "q", after("a", batch.DependAfterAny)))
	},
	why.Sequential: func(s *scene) {
		s.submit(job("w", "q", size(3), after("", batch.DependSequential)))
	},
	why.NToN: func(s *scene) {
		s.submit(job("a", "q", size(3)), job("w", "q", size(3), after("a", batch.DependNToN)))
	},
	why.Joined: func(s *scene) { s.submit(job("a", "q", shared), job("w", "q", shared)) },
	why.MaxConcurrency: func(s *scene) {
		s.submit(job("w", "q", size(3), func(c *sched.SubmitJob) { c.MaxConcurrency = 1 }))
	},
	why.MaxResource: func(s *scene) { s.submit(job("w", "q", vcpus(3))) },
	why.Requirement: func(s *scene) { s.submit(job("w", "q", memory(2000))) },
	why.NeedsImage: func(s *scene) {
		s.m = sched.Load(batch.Snapshot{}, sched.Config{Provisioned: []batch.Kind{batch.EC2}})
		s.do(sched.CreateEnvironment{Environment: batch.Environment{Name: "far", UUID: "far", Kind: batch.EC2, Max: batch.Shape{MilliCPU: 2000}}})
		s.do(sched.Reported{Report: batch.EnvironmentReady{Name: "far", UUID: "far", Revision: 1}})
		s.do(sched.CreateQueue{Queue: batch.Queue{Name: "there", UUID: "there", Priority: 1, Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "far"}}}})
		s.submit(job("w", "there"))
	},
	why.Invalid: func(s *scene) {
		s.do(s.updated(func(e *batch.Environment) { e.State = batch.Disabled }))
		s.submit(job("w", "q"))
	},
	why.NoHost: func(s *scene) {
		s.do(sched.Reported{Report: batch.HostGone{ID: batch.LocalHost}})
		s.submit(job("w", "q"))
	},
	why.Launching: func(s *scene) {
		s.cloud()
		s.submit(job("w", "elsewhere"))
	},
	why.Protected: func(s *scene) {
		s.cloud()
		s.submit(job("a", "elsewhere"))
		for range 10 {
			s.do(sched.Reported{Report: batch.HostRefused{ID: s.launched, Why: batch.NeverCame, Until: batch.At(s.now.Add(time.Second))}})
			s.now = s.now.Add(time.Second)
			s.do(sched.Tick{})
		}
		s.submit(job("w", "elsewhere", memory(1500))) // has no room on the one that is tried for a
	},
	why.HostFault: func(s *scene) {
		s.do(sched.Reported{Report: batch.HostFault{Host: batch.LocalHost, Runner: batch.Processes, Reason: "no descriptor is free"}})
		s.submit(job("w", "q"))
	},
	why.Consumable: func(s *scene) {
		s.do(sched.CreateConsumable{Consumable: batch.Consumable{Name: "licence", Total: 1, Replenishable: true}})
		s.submit(job("w", "q", func(c *sched.SubmitJob) { c.Consumables = []batch.Need{{Resource: "licence", Quantity: 2}} }))
	},
	why.ShareReservation: func(s *scene) {
		s.fair(50)
		s.submit(job("a", "f", share("one")), job("w", "f", share("one")))
	},
	why.QueueOrder: func(s *scene) {
		s.submit(job("a", "q", vcpus(2)), job("b", "q", vcpus(2)), job("w", "q"))
	},
	why.FairShare: func(s *scene) {
		s.fair(0)
		s.submit(job("a", "f", share("one"), vcpus(2)), job("b", "f", share("two")), job("w", "f", share("one")))
	},
	why.Priority: func(s *scene) {
		s.queue("high", 9, "")
		s.submit(job("a", "q"), job("b", "high", vcpus(2)), job("w", "q", func(c *sched.SubmitJob) { hour := time.Hour; c.Timeout = &hour }))
	},
	why.Busy: func(s *scene) { s.submit(job("a", "q"), job("b", "q"), job("w", "q")) },
	why.NextRound: func(s *scene) {
		if _, err := s.m.Apply(s.now, job("w", "q")); err != nil {
			s.t.Fatal(err)
		}
	},
	why.Starting: func(s *scene) { s.submit(job("w", "q")) },
	why.Ahead: func(s *scene) {
		s.submit(job("c", "q", size(20)))
		s.exited("c:0", 10*time.Millisecond)
	},
	why.MainNode: func(s *scene) { s.submit(job("w", "q", gang(2))) },
	why.Running: func(s *scene) {
		s.submit(job("w", "q"))
		s.started("w")
	},
	why.Stopping: func(s *scene) {
		s.submit(job("w", "q"))
		s.started("w")
		s.do(sched.TerminateJob{ID: "w", Reason: "enough"})
	},
	why.Children: func(s *scene) { s.submit(job("w", "q", size(5))) },
}

// waiting names the job that waits, where that is not w itself.
var waiting = map[why.Code]batch.JobID{
	why.Sequential: "w:1", why.NToN: "w:2", why.MaxConcurrency: "w:1", why.MainNode: "w#1", why.Ahead: "c:3",
}

// TestEveryCodeIsExplained asks of each code's job, and asks again after a restart-free pause: the code stays.
func TestEveryCodeIsExplained(t *testing.T) {
	for _, code := range why.Codes() {
		t.Run(string(code), func(t *testing.T) {
			set, known := causes[code]
			if !known {
				t.Fatalf("no job waits for %s in this test", code)
			}
			s := newScene(t)
			set(s)
			id := waiting[code]
			if id == "" {
				id = "w"
			}
			before := s.m.Dump()
			x := s.explain(id)
			if x.Code != code {
				t.Fatalf("job %s waits for %s (%s), want %s", id, x.Code, x.Sentence, code)
			}
			if !strings.HasSuffix(x.Sentence, ".") && code != why.Stopping {
				t.Errorf("%q is not a sentence", x.Sentence)
			}
			t.Logf("%s: %s | %s | position %d, start %d (%s)", x.Code, x.Sentence, x.Remedy, x.Position, x.ExpectedStart, x.Basis)
			if after := s.m.Dump(); after != before {
				t.Errorf("the question changed the machine")
			}
		})
	}
}

func (s *scene) explain(id batch.JobID) sched.Explanation {
	s.t.Helper()
	answer, err := s.m.Answer(s.now, sched.ExplainJob{ID: id})
	if err != nil {
		s.t.Fatalf("explain %s: %v", id, err)
	}
	x, ok := answer.(sched.Explanation)
	if !ok {
		s.t.Fatalf("explain %s was answered with %T", id, answer)
	}
	return x
}

// TestExpectedStarts asks for positions and expected starts along a queue whose durations are known.
func TestExpectedStarts(t *testing.T) {
	s := newScene(t)
	s.submit(job("a", "q"), job("b", "q")) // both run for a minute
	s.submit(job("c", "q", vcpus(2)), job("d", "q", size(4)), job("e", "q"))
	for _, want := range []struct {
		id       batch.JobID
		position int64
		minutes  int
	}{
		{"c", 1, 1}, {"d:0", 2, 2}, {"d:1", 3, 2}, {"d:2", 4, 3}, {"d:3", 5, 3}, {"e", 6, 4},
	} {
		x := s.explain(want.id)
		if start := x.ExpectedStart.Sub(batch.At(s.now)); x.Position != want.position || start != minutes(want.minutes) {
			t.Errorf("job %s has position %d and starts in %s, want %d and %s (%s)", want.id, x.Position, start, want.position, minutes(want.minutes), x.Basis)
		}
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// TestPlan asks what would become of submissions.
func TestPlan(t *testing.T) {
	s := newScene(t)
	s.submit(job("a", "q"))
	before := s.m.Dump()
	for _, c := range []struct {
		name string
		job  sched.SubmitJob
		want string
	}{
		{"it fits beside what runs", job("p", "q"), "placeable=true code= runs=1 waits=0 start=0s end=1m0s"},
		{"as many as fit start at once", job("p", "q", size(5)), "placeable=true code=BUSY runs=5 waits=4 start=0s end=3m0s"},
		{"it waits for what runs", job("p", "q", vcpus(2)), "placeable=true code=BUSY runs=1 waits=1 start=1m0s end=2m0s"},
		{"it is too large", job("p", "q", vcpus(3)), "placeable=false code=MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE runs=1 waits=1 start=- end=-"},
		{"it waits for a job", job("p", "q", after("a", batch.DependOnSuccess)), "placeable=true code=DEPENDENCY runs=1 waits=1 start=- end=-"},
		{"nodes are placed together", job("p", "q", gang(2)), "placeable=true code=BUSY runs=1 waits=1 start=1m0s end=2m0s"},
		{"some results are there", job("p", "q", size(3), func(c *sched.SubmitJob) { c.Given.Reusable = map[int32]batch.Job{0: {}, 2: {}} }), "placeable=true code= runs=1 waits=0 start=0s end=1m0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := s.m.Answer(s.now, sched.PlanJob{Submit: c.job})
			if err != nil {
				t.Fatal(err)
			}
			p, ok := answer.(sched.Plan)
			if !ok {
				t.Fatalf("answered with %T", answer)
			}
			in := func(at batch.Time) string {
				if at == 0 {
					return "-"
				}
				return at.Sub(batch.At(s.now)).String()
			}
			got := fmt.Sprintf("placeable=%t code=%s runs=%d waits=%d start=%s end=%s", p.Placeable, p.Code, p.Runs, p.Waits, in(p.ExpectedStart), in(p.ExpectedEnd))
			if got != c.want {
				t.Errorf("got  %s\nwant %s\n(%s)", got, c.want, p.Sentence)
			}
		})
	}
	if _, err := s.m.Answer(s.now, sched.PlanJob{Submit: job("p", "nowhere")}); err == nil {
		t.Error("a submission to a queue that does not exist can be planned")
	}
	if s.m.Dump() != before {
		t.Error("planning changed the machine")
	}
}

// TestAPlanSaysThatAnInstanceWouldBeLaunched plans a job where no host is, and one for which one is coming.
func TestAPlanSaysThatAnInstanceWouldBeLaunched(t *testing.T) {
	s := newScene(t)
	s.cloud()
	plan := func() sched.Plan {
		answer, err := s.m.Answer(s.now, sched.PlanJob{Submit: job("p", "elsewhere")})
		p, ok := answer.(sched.Plan)
		if err != nil || !ok || p.Waits != 1 || p.Code != why.Launching {
			t.Errorf("planned %+v, %v", answer, err)
		}
		return p
	}
	if p := plan(); p.Sentence != "It waits for an instance of compute environment cloud that is about to be asked for." {
		t.Error(p.Sentence)
	}
	s.submit(job("a", "elsewhere"))
	s.now = s.now.Add(7 * time.Second)
	if p := plan(); p.Sentence != "It waits for instance "+s.launched+" (small) of compute environment cloud, asked for since 7 s." {
		t.Error(p.Sentence)
	}
}

// TestCodesAreDocumented holds the table for people against the codes.
func TestCodesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/guides/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range why.Codes() {
		if !strings.Contains(string(text), "| `"+string(code)+"` |") {
			t.Errorf("docs/guides/explain.md has no row for %s", code)
		}
	}
}

// TestExplainOfAnEndedChild: children that ended without a row have ended, whatever their array still does.
func TestExplainOfAnEndedChild(t *testing.T) {
	s := newScene(t)
	s.submit(job("array", "q", size(9)))
	s.started("array:0")
	s.do(sched.CancelJob{ID: "array", Reason: "enough"})
	if x := s.explain("array"); x.Status != batch.Pending {
		t.Fatalf("the array is %+v, want one whose children still run", x)
	}
	if x, err := s.m.Answer(s.now, sched.ExplainJob{ID: "array:8"}); err == nil {
		t.Errorf("a child that was cancelled without a row is explained: %+v", x)
	}
}

// TestQuestionsLeaveTheOrderOfShares asks one of two machines that are told the same: the order of shares, which time alone
// changes, stays as the last pass made it, or what is blocked at the head of a queue would depend on who asks.
func TestQuestionsLeaveTheOrderOfShares(t *testing.T) {
	asked, other := newScene(t), newScene(t)
	both := func(do func(*scene)) {
		do(asked)
		do(other)
	}
	both(func(s *scene) {
		s.do(sched.CreatePolicy{Policy: batch.Policy{Name: "fair", FairShare: &batch.FairShare{Decay: time.Minute}}})
		s.queue("shared", 5, "fair")
		s.queue("high", 9, "")
		s.submit(job("a0", "shared", share("a")), job("a1", "shared", share("a")))
		s.started("a0")
		s.started("a1")
		s.now = s.now.Add(50 * time.Second)
		s.submit(job("h", "high"), job("b0", "shared", share("b")), job("b1", "shared", share("b")), job("a2", "shared", share("a")))
		s.exited("a0", 50*time.Second)
		s.exited("a1", 50*time.Second)
		s.started("h")
		s.started("b0")
	})
	for i := range 45 {
		both(func(s *scene) { s.now = s.now.Add(time.Second) })
		for _, q := range []sched.Query{sched.ExplainJob{ID: "a2"}, sched.ExplainJob{ID: "b1"}, sched.QueueFront{Queue: "shared", Limit: 9}} {
			if _, err := asked.m.Answer(asked.now, q); err != nil {
				t.Fatal(err)
			}
		}
		both(func(s *scene) { s.m.Dispatch(s.now) })
		if a, b := asked.m.Take(), other.m.Take(); !a.WakeAt.Equal(b.WakeAt) || len(a.Delta.Jobs) != len(b.Delta.Jobs) {
			t.Fatalf("after %d s the machine that was asked wakes at %s and writes %d rows, the other at %s, %d", i+1, a.WakeAt, len(a.Delta.Jobs), b.WakeAt, len(b.Delta.Jobs))
		}
	}
}
