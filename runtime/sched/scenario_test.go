package sched_test

import (
	"fmt"
	"maps"
	"slices"
	"sort"
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
	rows        rows
	definitions map[string][]batch.Definition // by name, ascending revision
	config      sched.Config
	attempts    []batch.Attempt // every one that has ended
	careful     bool            // after every command, compare with the machine that the rows make
}

func newWorld() *world {
	w := &world{now: time.UnixMilli(1_000_000).UTC(), definitions: map[string][]batch.Definition{}}
	w.m = w.load()
	return w
}

func (w *world) load() *sched.Machine { return sched.Load(w.rows.snapshot(), w.config) }

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
		w.config.MaxArraySize = int32(a.number("max-array", 0))
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
	j, known := w.rows.job(id)
	if !known {
		fmt.Fprintf(out, "%s is not known\n", id)
		return
	}
	fmt.Fprintf(out, "%s", describe(j))
	if j.AttemptsBefore > 0 {
		fmt.Fprintf(out, " before=%d", j.AttemptsBefore)
	}
	if j.StoppedAt != 0 {
		fmt.Fprintf(out, " stopped=%d", j.StoppedAt)
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
	if c, ok := ev.(sched.Needy); ok {
		ev = c.With(w.given(c.Needs()))
	}
	reply, err := w.m.Apply(w.now, ev)
	switch r := reply.(type) {
	case nil:
	case sched.SubmitReply:
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
	g := sched.Given{Jobs: map[batch.JobID]batch.Job{}, Definition: w.definition(n.Definition)}
	for _, id := range n.Jobs {
		j, ok := w.rows.job(id)
		if ok {
			g.Jobs[id] = j
		}
		for _, d := range j.DependsOn {
			if on, ok := w.rows.job(d.Job); ok && n.Dependencies {
				g.Jobs[d.Job] = on
				n.Children = append(n.Children, d.Job)
			}
		}
	}
	g.Children = map[batch.JobID][]batch.Job{}
	for _, id := range n.Children {
		g.Children[id] = w.rows.children(id)
	}
	for _, j := range w.rows.jobs {
		if n.Token != "" && j.Token == n.Token {
			g.Existing = &j
		}
	}
	if n.Reuse {
		g.Reusable = map[int32]batch.Job{}
		for _, j := range w.rows.jobs {
			_, index, child := j.Parent()
			if first, known := g.Reusable[index]; child && j.Status == batch.Succeeded && (!known || j.ID < first.ID) {
				g.Reusable[index] = j
			}
		}
	}
	return g
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
		fmt.Fprintf(out, "write env %s %s %s\n", e.Name, e.State, e.Health)
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
	w.rows.keep(r.Delta)
}

func describe(j batch.Job) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", j.ID, j.Status)
	if j.Array != nil {
		fmt.Fprintf(&b, " size=%d unborn=%s", j.Size, j.Array.Unborn.Status)
		for _, s := range batch.Statuses() {
			if n := j.Array.Counts[s]; n > 0 {
				fmt.Fprintf(&b, " %s=%d", strings.ToLower(s.String()), n)
			}
		}
	}
	if j.Attempt > 0 {
		fmt.Fprintf(&b, " #%d", j.Attempt)
	}
	if j.Run != nil {
		fmt.Fprintf(&b, " %s%s", j.Run.Environment, on(j.Run.Host))
		if j.Run.Held {
			b.WriteString(" held")
		}
		if j.Run.Outcome != batch.Submitted {
			fmt.Fprintf(&b, " becomes=%s", j.Run.Outcome)
		}
		if j.Run.Ahead {
			b.WriteString(" ahead")
		}
		if j.Run.Stop != batch.NotStopped {
			b.WriteString(" stopping")
		}
	}
	if j.ReusedFrom != "" {
		fmt.Fprintf(&b, " reused=%s", j.ReusedFrom)
	}
	if j.StatusReason != "" {
		fmt.Fprintf(&b, " %q", j.StatusReason)
	}
	return b.String()
}

// on says which host, unless it is this machine.
func on(host string) string {
	if host == batch.LocalHost {
		return ""
	}
	return "@" + host
}

func describeOrder(o sched.Order) string {
	switch o := o.(type) {
	case sched.StartAttempt:
		ahead := ""
		if o.Ahead {
			ahead = " ahead"
		}
		if o.NodeCount > 0 {
			ahead += fmt.Sprintf(" node of %d, main %d at %q", o.NodeCount, o.MainNode, o.MainAddress)
		}
		return fmt.Sprintf("start %s %s%s%s", o.Attempt, o.Environment, on(o.Host), ahead)
	case sched.StopAttempt:
		if o.Recall {
			return fmt.Sprintf("recall %s", o.Attempt)
		}
		return fmt.Sprintf("stop %s", o.Attempt)
	case sched.ForgetAttempt:
		return fmt.Sprintf("forget %s", o.Attempt)
	}
	return fmt.Sprint(o)
}

// rows is the store of the scenario: what was written last.
type rows struct {
	environments map[string]batch.Environment
	queues       map[string]batch.Queue
	hosts        map[string]batch.Host
	jobs         map[batch.JobID]batch.Job
	policies     map[string]batch.Policy
	consumables  map[string]batch.Consumable
	shares       map[[2]string]batch.ShareUsage // by queue and share
	histories    map[string]batch.History
	revisions    map[string]int32
	lastLine     int64
}

func (r *rows) keep(d batch.Delta) {
	if r.jobs == nil {
		*r = rows{
			environments: map[string]batch.Environment{}, queues: map[string]batch.Queue{}, hosts: map[string]batch.Host{},
			jobs: map[batch.JobID]batch.Job{}, policies: map[string]batch.Policy{}, consumables: map[string]batch.Consumable{},
			shares: map[[2]string]batch.ShareUsage{}, histories: map[string]batch.History{}, revisions: map[string]int32{},
		}
	}
	for _, p := range d.Policies {
		r.policies[p.Name] = p
		if p.Deleted {
			delete(r.policies, p.Name)
		}
	}
	for _, c := range d.Consumables {
		r.consumables[c.Name] = c
		if c.Deleted {
			delete(r.consumables, c.Name)
		}
	}
	for _, u := range d.Shares {
		r.shares[[2]string{u.QueueID, u.Share}] = u
	}
	for _, h := range d.Histories {
		r.histories[h.Definition] = h
	}
	for _, e := range d.Environments {
		r.environments[e.Name] = e
		if e.Health == batch.Deleted {
			delete(r.environments, e.Name)
		}
	}
	for _, q := range d.Queues {
		r.queues[q.Name] = q
		if q.Health == batch.Deleted {
			delete(r.queues, q.Name)
		}
	}
	for _, h := range d.Hosts {
		r.hosts[h.ID] = h
	}
	for _, j := range d.Jobs {
		r.jobs[j.ID] = j
	}
	for _, def := range d.Definitions {
		r.revisions[def.Name] = max(r.revisions[def.Name], def.Revision)
	}
	for _, line := range d.Transitions {
		r.lastLine = line.Seq
	}
}

// job returns the row of a job, or what its array says of it.
func (r *rows) job(id batch.JobID) (batch.Job, bool) {
	if j, ok := r.jobs[id]; ok {
		return j, true
	}
	parent, index, child := id.Split()
	if array, ok := r.jobs[parent]; ok && child && array.Array != nil && index < array.Size {
		return array.Synthesise(index), true
	}
	return batch.Job{}, false
}

// children returns the rows of the children of an array, by index.
func (r *rows) children(id batch.JobID) []batch.Job {
	var found []batch.Job
	for _, j := range r.jobs {
		if parent, _, child := j.Parent(); child && parent == id {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b batch.Job) int {
		_, i, _ := a.Parent()
		_, k, _ := b.Parent()
		return int(i - k)
	})
	return found
}

// own returns a row that shares nothing with the store's that a machine changes in place.
func own(j batch.Job) batch.Job {
	if j.Run != nil {
		run := *j.Run
		j.Run = &run
	}
	if j.Array != nil {
		array := *j.Array
		j.Array = &array
	}
	return j
}

func (r *rows) snapshot() batch.Snapshot {
	s := batch.Snapshot{Revisions: r.revisions, LastTransition: r.lastLine}
	s.Policies = slices.Collect(maps.Values(r.policies))
	s.Consumables = slices.Collect(maps.Values(r.consumables))
	s.Shares = slices.Collect(maps.Values(r.shares))
	s.Histories = slices.Collect(maps.Values(r.histories))
	for _, e := range r.environments {
		s.Environments = append(s.Environments, e)
	}
	for _, q := range r.queues {
		s.Queues = append(s.Queues, q)
	}
	for _, h := range r.hosts {
		s.Hosts = append(s.Hosts, h)
	}
	for _, j := range r.jobs {
		s.LastSeq = max(s.LastSeq, j.Seq)
		parent, index, child := j.ID.Part()
		switch {
		case !j.Status.Terminal():
			s.Jobs = append(s.Jobs, own(j))
		case child && !r.jobs[parent].Status.Terminal():
			s.Ended = append(s.Ended, batch.EndedChild{Array: parent, Index: index, Status: j.Status})
		}
	}
	sort.Slice(s.Jobs, func(a, b int) bool {
		if s.Jobs[a].Seq != s.Jobs[b].Seq {
			return s.Jobs[a].Seq < s.Jobs[b].Seq
		}
		return s.Jobs[a].ID < s.Jobs[b].ID
	})
	return s
}
