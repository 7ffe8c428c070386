package sched_test

import (
	"fmt"
	"sort"
	"strconv"
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
	definitions map[string]batch.Definition
}

func newWorld() *world {
	w := &world{now: time.UnixMilli(1_000_000).UTC(), definitions: map[string]batch.Definition{}}
	w.m = sched.Load(w.rows.snapshot(), sched.Config{})
	return w
}

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
		w.m = sched.Load(w.rows.snapshot(), sched.Config{})
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
	return out.String()
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
	case sched.RegisterReply:
		fmt.Fprintf(out, "reply %s\n", r.Ref)
	}
	if err != nil {
		fmt.Fprintf(out, "refused: %v\n", err)
	}
}

func (w *world) given(n sched.Needs) sched.Given {
	g := sched.Given{Jobs: map[batch.JobID]batch.Job{}}
	if d, ok := w.definitions[n.Definition.Name]; ok {
		g.Definition = &d
	}
	for _, id := range n.Jobs {
		if j, ok := w.rows.job(id); ok {
			g.Jobs[id] = j
		}
	}
	for _, j := range w.rows.jobs {
		if n.Token != "" && j.Token == n.Token {
			g.Existing = &j
		}
	}
	if n.Reuse {
		g.Reusable = map[int32]batch.Job{}
		for _, j := range w.rows.jobs {
			if _, index, child := j.Parent(); child && j.Status == batch.Succeeded {
				g.Reusable[index] = j
			}
		}
	}
	return g
}

// settle prints and keeps the round.
func (w *world) settle(out *strings.Builder) {
	r := w.m.Take()
	for _, q := range r.Delta.Queues {
		fmt.Fprintf(out, "write queue %s %s %s priority=%d\n", q.Name, q.State, q.Health, q.Priority)
	}
	for _, e := range r.Delta.Environments {
		fmt.Fprintf(out, "write env %s %s %s\n", e.Name, e.State, e.Health)
	}
	for _, d := range r.Delta.Definitions {
		w.definitions[d.Name] = d
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
		fmt.Fprintf(&b, " %s", j.Run.Environment)
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
		return fmt.Sprintf("start %s %s%s", o.Attempt, o.Environment, ahead)
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
	revisions    map[string]int32
	lastLine     int64
}

func (r *rows) keep(d batch.Delta) {
	if r.jobs == nil {
		*r = rows{map[string]batch.Environment{}, map[string]batch.Queue{}, map[string]batch.Host{}, map[batch.JobID]batch.Job{}, map[string]int32{}, 0}
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

func (r *rows) snapshot() batch.Snapshot {
	s := batch.Snapshot{Revisions: r.revisions, LastTransition: r.lastLine}
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
			s.Jobs = append(s.Jobs, j)
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

// events reads one command of a scenario.
func (w *world) events(t *testing.T, d *datadriven.TestData) []sched.Event {
	t.Helper()
	a := arguments{t, d}
	switch d.Cmd {
	case "host":
		return []sched.Event{sched.Reported{Report: batch.HostReady{Host: a.host()}}}
	case "host-gone":
		return []sched.Event{sched.Reported{Report: batch.HostGone{ID: batch.LocalHost}}}
	case "env":
		kind := batch.Kind(a.text("kind", "LOCAL"))
		return []sched.Event{sched.CreateEnvironment{Environment: batch.Environment{
			Name: a.name(), UUID: "uuid-" + a.name(), Kind: kind,
			Max: batch.Shape{MilliCPU: a.number("vcpus", 1) * 1000, MemoryMiB: a.number("memory", 0)},
		}}}
	case "update-env":
		c := sched.UpdateEnvironment{Name: a.name()}
		if s := a.text("state", ""); s != "" {
			state := batch.State(s)
			c.State = &state
		}
		if n := a.number("vcpus", 0); n > 0 {
			n *= 1000
			c.MilliCPU = &n
		}
		return []sched.Event{c}
	case "delete-env":
		return []sched.Event{sched.DeleteEnvironment{Name: a.name()}}
	case "queue":
		q := batch.Queue{Name: a.name(), UUID: "uuid-" + a.name(), Priority: int32(a.number("priority", 1))}
		for i, e := range a.list("envs") {
			q.Environments = append(q.Environments, batch.EnvironmentOrder{Order: int32(i + 1), Environment: e})
		}
		return []sched.Event{sched.CreateQueue{Queue: q}}
	case "update-queue":
		c := sched.UpdateQueue{Name: a.name()}
		if s := a.text("state", ""); s != "" {
			state := batch.State(s)
			c.State = &state
		}
		return []sched.Event{c}
	case "delete-queue":
		return []sched.Event{sched.DeleteQueue{Name: a.name()}}
	case "define":
		return []sched.Event{sched.RegisterDefinition{Definition: batch.Definition{
			Name: a.name(), Runs: true, Nodes: a.nodes(), Timeout: time.Duration(a.number("timeout", 0)) * time.Second,
			Retry: batch.Retry{Attempts: int32(a.number("attempts", 1)), Rules: a.rules()},
			Container: batch.Container{
				Image: a.text("image", ""), Command: []string{"true"},
				Shape: batch.Shape{MilliCPU: a.number("vcpus", 1) * 1000, MemoryMiB: a.number("memory", 0)},
			},
		}}}
	case "submit":
		return a.submissions()
	case "started":
		var all []sched.Event
		for _, id := range a.attempts() {
			all = append(all, sched.Reported{Report: batch.AttemptStarted{Attempt: id, At: batch.At(w.now)}})
		}
		return all
	case "exit":
		var all []sched.Event
		for _, id := range a.attempts() {
			all = append(all, sched.Reported{Report: batch.AttemptExited{Exit: a.exit(w, id)}})
		}
		return all
	case "census":
		return []sched.Event{a.census(w)}
	case "cancel":
		return []sched.Event{sched.CancelJob{ID: batch.JobID(a.name()), Reason: a.text("reason", "unwanted")}}
	case "terminate":
		return []sched.Event{sched.TerminateJob{ID: batch.JobID(a.name()), Reason: a.text("reason", "enough")}}
	}
	d.Fatalf(t, "unknown command %s", d.Cmd)
	return nil
}

// arguments reads the words of a command.
type arguments struct {
	t *testing.T
	d *datadriven.TestData
}

func (a arguments) name() string { return a.d.CmdArgs[0].Key }

func (a arguments) list(key string) []string {
	for _, arg := range a.d.CmdArgs {
		if arg.Key == key {
			return arg.Vals
		}
	}
	return nil
}

func (a arguments) text(key, otherwise string) string {
	if values := a.list(key); len(values) > 0 {
		return strings.Join(values, " ")
	}
	return otherwise
}

func (a arguments) number(key string, otherwise int64) int64 {
	text := a.text(key, "")
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		a.d.Fatalf(a.t, "%s=%s is not a number", key, text)
	}
	return n
}

func (a arguments) host() batch.Host {
	return batch.Host{ID: batch.LocalHost, Kind: batch.Local, Name: "here", Capacity: batch.Shape{
		MilliCPU: a.number("vcpus", 4) * 1000, MemoryMiB: a.number("memory", 1000), GPUs: a.number("gpus", 0),
	}}
}

// rules reads "retry-on-code=3*" and "exit-on-reason=*" style conditions, in order.
func (a arguments) rules() []batch.RetryRule {
	var rules []batch.RetryRule
	for _, arg := range a.d.CmdArgs {
		action, condition, ok := strings.Cut(arg.Key, "-on-")
		if !ok {
			continue
		}
		rule := batch.RetryRule{Retry: action == "retry"}
		value := strings.Join(arg.Vals, " ")
		switch condition {
		case "code":
			rule.OnExitCode = value
		case "reason":
			rule.OnReason = value
		case "status":
			rule.OnStatusReason = value
		}
		rules = append(rules, rule)
	}
	return rules
}

func (a arguments) submissions() []sched.Event {
	var all []sched.Event
	for _, id := range a.list("id") {
		c := sched.SubmitJob{
			ID: batch.JobID(id), Name: id, Queue: a.text("queue", "q"), Definition: batch.DefinitionRef{Name: a.text("def", "d")},
			Size: int32(a.number("array", 0)), Token: a.text("token", ""), Reuse: a.text("reuse", "") != "",
		}
		for _, dependency := range a.list("after") {
			c.DependsOn = append(c.DependsOn, batch.Dependency{Job: batch.JobID(dependency)})
		}
		if n := a.number("attempts", 0); n > 0 {
			c.Retry = &batch.Retry{Attempts: int32(n)}
		}
		all = append(all, c)
	}
	return all
}

// attempts reads "a:0/1 b/1".
func (a arguments) attempts() []batch.AttemptID {
	var ids []batch.AttemptID
	for _, arg := range a.d.CmdArgs {
		if id, err := batch.ParseAttemptID(arg.Key); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func (a arguments) exit(w *world, id batch.AttemptID) batch.Exit {
	at := batch.At(w.now)
	x := batch.Exit{Attempt: id, Kind: batch.Exited, StartedAt: at.Add(-time.Duration(a.number("ran", 1000)) * time.Millisecond), StoppedAt: at}
	x.Reason = a.text("reason", "")
	switch a.text("kind", "exited") {
	case "recalled":
		x.Kind, x.StartedAt = batch.Recalled, 0
	case "failed-to-start":
		x.Kind, x.StartedAt = batch.FailedToStart, 0
	case "lost":
		x.Kind = batch.Lost
	default:
		code := int32(a.number("code", 0))
		x.Code = &code
	}
	return x
}

// census reads lists: running=(a/1,b/1) waiting=(…) ended=(…); ended ones have code 0.
func (a arguments) census(w *world) sched.Census {
	c := sched.Census{AsOf: batch.At(w.now), Hosts: []batch.Host{a.host()}}
	ids := func(key string) (all []batch.AttemptID) {
		for _, text := range a.list(key) {
			id, err := batch.ParseAttemptID(text)
			if err != nil {
				a.d.Fatalf(a.t, "%v", err)
			}
			all = append(all, id)
		}
		return all
	}
	for _, id := range ids("running") {
		c.Running = append(c.Running, batch.AttemptStarted{Attempt: id, At: batch.At(w.now)})
	}
	for _, id := range ids("ended") {
		c.Ended = append(c.Ended, a.exit(w, id))
	}
	c.Waiting = ids("waiting")
	return c
}
