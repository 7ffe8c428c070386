package sched_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// TestScenarios plays the files in testdata: a command, "----", and everything the machine said. Run
// with -rewrite to write the answers anew, and read the difference.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		w := newWorld()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			return w.run(t, d)
		})
	})
}

// world is a machine, the rows it has written, a clock, and a driver that does nothing.
type world struct {
	m           *sched.Machine
	now         time.Time
	rows        batch.Rows
	definitions map[string][]batch.Definition // by name, ascending revision
	config      sched.Config
	attempts    []batch.Attempt        // every one that has ended
	careful     bool                   // after every command, compare with the machine that the rows make
	digest      string                 // what images stand for
	baseKeys    map[batch.JobID]string // of jobs and children that have points
}

func newWorld() *world {
	w := &world{now: time.UnixMilli(1_000_000).UTC(), definitions: map[string][]batch.Definition{}, baseKeys: map[batch.JobID]string{}}
	w.m = w.load()
	return w
}

func (w *world) load() *sched.Machine { return sched.Load(w.rows.Snapshot(), w.config) }

func (w *world) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	var out strings.Builder
	switch d.Cmd {
	case "advance":
		pause, err := time.ParseDuration(d.CmdArgs[0].Key)
		if err != nil {
			d.Fatalf(t, "advance: %v", err)
		}
		w.now = w.now.Add(pause)
		w.apply(&out, sched.Tick{})
	case "restart":
		w.compare(t, d)
		w.m = w.load()
	case "config":
		a := arguments{t, d}
		w.careful = a.text("careful", "") != ""
		w.digest = a.text("digest", w.digest)
		w.config.MaxArraySize = int32(a.number("max-array", 0))
		w.config.Provisioned = nil
		for _, kind := range a.list("provisioned") {
			w.config.Provisioned = append(w.config.Provisioned, batch.Kind(kind))
		}
		w.m = w.load()
	case "show":
		for _, arg := range d.CmdArgs {
			w.show(&out, batch.JobID(arg.Key))
		}
	case "health":
		a := arguments{t, d}
		w.invalidate(a.name(), batch.Health(a.text("is", "INVALID")))
	case "attempts":
		w.attemptsOf(&out, batch.JobID(d.CmdArgs[0].Key))
	case "front":
		a := arguments{t, d}
		w.front(&out, a.name(), int(a.number("limit", 10)))
	case "use":
		w.uses(&out, arguments{t, d}.names())
	case "explain":
		w.explain(&out, batch.JobID(d.CmdArgs[0].Key))
	case "plan":
		w.plan(&out, arguments{t, d}.submissions())
	case "hosts":
		w.inventory(&out, d)
	case "view":
		v := w.m.View()
		for _, q := range v.Queues {
			fmt.Fprintf(&out, "queue %s runnable=%d head=%s\n", q.Name, q.Runnable, q.Head)
		}
		for _, e := range v.Environments {
			fmt.Fprintf(&out, "env %s used=%d/%d\n", e.Name, e.Used.MilliCPU, e.Max.MilliCPU)
		}
	default:
		for _, ev := range w.events(t, d) {
			w.apply(&out, ev)
		}
	}
	w.m.Dispatch(w.now)
	w.settle(&out)
	if err := w.m.Check(); err != nil {
		d.Fatalf(t, "laws broken: %v\n%s", err, out.String())
	}
	if w.careful {
		w.compare(t, d)
	}
	return out.String()
}

// compare holds the machine against the one that its rows make.
func (w *world) compare(t *testing.T, d *datadriven.TestData) {
	t.Helper()
	live, loaded := strings.Split(w.m.Dump(), "\n"), strings.Split(w.load().Dump(), "\n")
	for i := range min(len(live), len(loaded)) {
		if live[i] != loaded[i] {
			d.Fatalf(t, "the machine is not the one its rows make\nlive:   %s\nloaded: %s", live[i], loaded[i])
		}
	}
	if len(live) != len(loaded) {
		d.Fatalf(t, "the machine is described in %d lines, the one its rows make in %d", len(live), len(loaded))
	}
}

// show prints what of a job rounds do not show.
func (w *world) show(out *strings.Builder, id batch.JobID) {
	j := w.rows.Job(id)
	if j == nil {
		fmt.Fprintf(out, "%s is not known\n", id)
		return
	}
	fmt.Fprintf(out, "%s", describe(*j))
	if j.AttemptsBefore > 0 {
		fmt.Fprintf(out, " before=%d", j.AttemptsBefore)
	}
	if j.StoppedAt != 0 {
		fmt.Fprintf(out, " stopped=%d", j.StoppedAt)
	}
	if j.Refusals != (batch.Refusals{}) {
		fmt.Fprintf(out, " back=%d blamed=%d", j.Refusals.Back, j.Refusals.Blamed)
	}
	if j.Cancelled {
		out.WriteString(" cancelled")
	}
	if j.Terminated {
		out.WriteString(" terminated")
	}
	out.WriteByte('\n')
}

func (w *world) apply(out *strings.Builder, ev sched.Event) {
	if c, ok := ev.(sched.Needy[sched.Command]); ok {
		given := w.given(c.Needs())
		if submit, ok := c.(sched.SubmitJob); ok {
			w.identify(&submit, &given)
		}
		ev = c.With(given)
	}
	reply, err := w.m.Apply(w.now, ev)
	switch r := reply.(type) {
	case nil:
	case sched.ClaimReply:
		if err == nil && !r.Held {
			out.WriteString("not held\n")
		}
	case sched.SubmitReply:
		if r.Adopted {
			out.WriteString("adopted: ")
		}
		if err == nil {
			fmt.Fprintf(out, "reply %s\n", r.ID)
		}
	case sched.RetryReply:
		fmt.Fprintf(out, "retried %d\n", r.Retried)
	case sched.RegisterReply:
		fmt.Fprintf(out, "reply %s\n", r.Ref)
	}
	if err != nil {
		fmt.Fprintf(out, "refused: %v\n", err)
	}
}

func (w *world) given(n sched.Needs) sched.Given {
	g, _ := sched.Gather(n, w.lookup()) // which cannot fail
	if n.Submission != nil && n.Submission.Reuse {
		g.Reusable = map[int32]batch.Job{}
		for _, j := range w.rows.Jobs {
			_, index, child := j.Parent()
			if first, known := g.Reusable[index]; child && j.Status == batch.Succeeded && (!known || j.ID < first.ID) {
				g.Reusable[index] = *j
			}
		}
	}
	return g
}

// lookup reads the rows.
func (w *world) lookup() sched.Lookup {
	return sched.Lookup{
		Definition: func(ref batch.DefinitionRef) (*batch.Definition, error) { return w.definition(ref), nil },
		Jobs: func(ids []batch.JobID) (jobs []batch.Job, err error) {
			for _, id := range ids {
				if j := w.rows.Job(id); j != nil {
					jobs = append(jobs, *j)
				}
			}
			return jobs, nil
		},
		Children: func(root batch.JobID) (rows []batch.Job, err error) {
			for _, part := range w.rows.Parts[root] {
				rows = append(rows, part.Copy())
			}
			return rows, nil
		},
		ByToken: func(token string) (batch.JobID, bool, error) {
			for id, j := range w.rows.Jobs {
				if j.Token == token {
					return id, true, nil
				}
			}
			return "", false, nil
		},
		PointKeys: func(root batch.JobID) ([]byte, error) { return w.rows.PointKeys[root].Keys, nil },
		Tags:      func(resource string) (map[string]string, error) { return w.rows.Tags[resource].Values, nil },
	}
}

// settle prints and keeps the round.
func (w *world) settle(out *strings.Builder) {
	r := w.m.Take()
	bookRows(out, &r.Delta)
	w.attempts = append(w.attempts, r.Delta.Attempts...)
	for _, q := range r.Delta.Queues {
		fmt.Fprintf(out, "write queue %s %s %s priority=%d\n", q.Name, q.State, q.Health, q.Priority)
	}
	for _, e := range r.Delta.Environments {
		fmt.Fprintf(out, "write env %s %s %s%s\n", e.Name, e.State, e.Health, aboutEnvironment(e))
	}
	for _, h := range r.Delta.Hosts {
		if l := h.Launch; l != nil {
			fmt.Fprintf(out, "write host %s %s idle=%t%s\n", h.ID, l.Stage, l.IdleSince != 0, aboutHost(h))
		}
		for _, f := range h.Faults {
			fmt.Fprintf(out, "write host %s %s fault=%q allow=%d tries=%d grown=%d\n", h.ID, f.Runner, f.Reason, f.Allow, f.Tries, f.Grown)
		}
	}
	for _, d := range r.Delta.Definitions {
		w.keepDefinition(d)
	}
	for _, j := range r.Delta.Jobs {
		fmt.Fprintf(out, "write %s\n", describe(j))
	}
	for _, a := range r.Delta.Attempts {
		fmt.Fprintf(out, "write attempt %s %q\n", a.ID, a.StatusReason)
	}
	for _, o := range r.Orders {
		fmt.Fprintf(out, "order %s\n", describeOrder(o))
	}
	for _, n := range r.Notes {
		if n.Kind == sched.NoteWaited {
			continue
		}
		fmt.Fprintf(out, "note %s\n", n.Text)
	}
	if !r.WakeAt.IsZero() && r.WakeAt.After(w.now) {
		fmt.Fprintf(out, "wake in %s\n", r.WakeAt.Sub(w.now))
	}
	w.rows.Fold(&r.Delta)
}

// inventory lists the hosts of the environment that is named, or of all.
func (w *world) inventory(out *strings.Builder, d *datadriven.TestData) {
	q := sched.ListHosts{Jobs: 2}
	if len(d.CmdArgs) > 0 {
		q.Environment = d.CmdArgs[0].Key
	}
	answer, err := w.m.Answer(w.now, q)
	found, ok := answer.(sched.Inventory)
	if err != nil || !ok {
		fmt.Fprintf(out, "refused: %v\n", err)
		return
	}
	for _, h := range found.Hosts {
		stage := "there by itself"
		if h.Row.Launch != nil {
			stage = string(h.Row.Launch.Stage)
		}
		fmt.Fprintf(out, "host %s of %v: %s, %d mCPU used, %d live: %v\n", h.Row.ID, h.Row.Environments, stage, h.Used.MilliCPU, h.Live, h.Jobs)
	}
}
