package sched_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// events reads one command of a scenario.
func (w *world) events(t *testing.T, d *datadriven.TestData) []sched.Event {
	t.Helper()
	a := arguments{t, d}
	if events, ok := w.bookEvents(a); ok {
		return events
	}
	if report := w.cloudReport(a); report != nil {
		return []sched.Event{sched.Reported{Report: report}}
	}
	switch d.Cmd {
	case "host":
		return []sched.Event{sched.Reported{Report: batch.HostReady{Host: a.host()}}}
	case "host-gone":
		return []sched.Event{sched.Reported{Report: batch.HostGone{ID: a.host().ID}}}
	case "fault", "well":
		f := batch.HostFault{Host: batch.LocalHost, Runner: batch.Runner(a.name()), Reason: a.text("reason", "")}
		return []sched.Event{sched.Reported{Report: f}}
	case "env":
		kind := batch.Kind(a.text("kind", "LOCAL"))
		return []sched.Event{sched.CreateEnvironment{Environment: batch.Environment{
			Name: a.name(), UUID: "uuid-" + a.name(), Kind: kind,
			Max: batch.Shape{MilliCPU: a.number("vcpus", 1) * 1000, MemoryMiB: a.number("memory", 0)}, MinMilliCPU: a.number("min", 0) * 1000,
			Offers: a.offers(), Resources: a.resources(),
		}}}
	case "update-env":
		return []sched.Event{updateEnvironment(&w.rows, a.name(), func(e *batch.Environment) {
			e.State = batch.State(a.text("state", string(e.State)))
			if n := a.number("vcpus", 0); n > 0 {
				e.Max.MilliCPU = n * 1000
			}
		})}
	case "delete-env":
		return []sched.Event{sched.DeleteEnvironment{Name: a.name()}}
	case "queue":
		q := batch.Queue{Name: a.name(), UUID: a.text("uuid", "uuid-"+a.name()), Priority: int32(a.number("priority", 1)), Strict: a.text("strict", "") == "true"}
		q.Environments, q.Policy, q.State = a.environments(), a.text("policy", ""), batch.State(a.text("state", ""))
		q.TimeLimits = a.limits()
		return []sched.Event{sched.CreateQueue{Queue: q}}
	case "update-queue":
		return []sched.Event{updateQueue(&w.rows, a.name(), func(q *batch.Queue) {
			if order := a.environments(); order != nil {
				q.Environments = order
			}
			if priority := a.priority(); priority != nil {
				q.Priority = *priority
			}
			if limits := a.limits(); limits != nil {
				q.TimeLimits = limits
			}
			q.Policy, q.State = a.text("policy", q.Policy), batch.State(a.text("state", string(q.State)))
			q.Strict = a.text("strict", strconv.FormatBool(q.Strict)) == "true"
		})}
	case "delete-queue":
		return []sched.Event{sched.DeleteQueue{Name: a.name()}}
	case "define":
		return []sched.Event{sched.RegisterDefinition{Definition: batch.Definition{
			Name: a.name(), Runs: true, Nodes: a.nodes(), Timeout: time.Duration(a.number("timeout", 0)) * time.Second,
			Retry:     batch.Retry{Attempts: int32(a.number("attempts", 1)), Rules: a.rules()},
			Container: batch.Container{Image: a.text("image", ""), Command: []string{"true"}, Shape: a.shape()},
			Needs:     a.needs(), Priority: int32(a.number("priority", 0)),
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
	case "retry":
		return []sched.Event{sched.RetryJob{ID: batch.JobID(a.name())}}
	case "claim":
		return []sched.Event{sched.ClaimJob{ID: batch.JobID(a.name()), Claim: a.text("as", "c"), For: time.Duration(a.number("for", 0)) * time.Second}}
	case "release":
		return []sched.Event{sched.ReleaseJob{ID: batch.JobID(a.name()), Claim: a.text("as", "c"), End: a.text("end", "") != "", Reason: a.text("reason", "released")}}
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

func (a arguments) names() []string {
	var names []string
	for _, arg := range a.d.CmdArgs {
		names = append(names, arg.Key)
	}
	return names
}

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

// override reads an amount that is given in units of scale; nil if it is not given.
func (a arguments) override(key string, scale int64) *int64 {
	if a.text(key, "") == "" {
		return nil
	}
	n := a.number(key, 0) * scale
	return &n
}

// host reads this machine, or "h1 kind=EC2 envs=(a,b)".
func (a arguments) host() batch.Host {
	h := batch.Host{ID: batch.LocalHost, Kind: batch.Kind(a.text("kind", "LOCAL")), Name: "here", Environments: a.list("envs"), Capacity: batch.Shape{
		MilliCPU: a.number("vcpus", 4) * 1000, MemoryMiB: a.number("memory", 1000), GPUs: a.number("gpus", 0),
	}}
	if len(a.d.CmdArgs) > 0 && len(a.d.CmdArgs[0].Vals) == 0 {
		h.ID, h.Name = a.name(), ""
	}
	if offer := a.text("launched", ""); offer != "" {
		h.Launch = &batch.Launch{Offer: batch.Offer{Pool: batch.Pool{Type: offer}}}
	}
	if n := a.number("processes", 0); n > 0 {
		h.Limits = []batch.Limit{{Runner: batch.Processes, Attempts: int32(n), Reason: "its limits"}}
	}
	return h
}

// offers reads "offers=(small/2/4096,large/8/16384)": type, vCPUs, memory in MiB.
func (a arguments) offers() (offers []batch.Offer) {
	for _, text := range a.list("offers") {
		var o batch.Offer
		parts := strings.Split(text, "/")
		o.Type, o.Market = parts[0], batch.OnDemand
		for i, part := range []*int64{&o.Shape.MilliCPU, &o.Shape.MemoryMiB} {
			n, err := strconv.ParseInt(parts[i+1], 10, 64)
			if err != nil {
				a.d.Fatalf(a.t, "offer %s: %v", text, err)
			}
			*part = n
		}
		o.Shape.MilliCPU *= 1000
		offers = append(offers, o)
	}
	return offers
}

// rules reads "retry-on-code=3*", "exit-on-reason=*" and "exit-on-both=(1,X*)" style conditions, in order.
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
		case "both":
			rule.OnExitCode, rule.OnReason = arg.Vals[0], arg.Vals[1]
		}
		rules = append(rules, rule)
	}
	return rules
}

func (a arguments) submissions() []sched.Event {
	var all []sched.Event
	for i, id := range a.list("id") {
		c := sched.SubmitJob{
			Request: submit.Request{
				ID: batch.JobID(id), Name: a.text("name", id), Queue: a.text("queue", "q"), Definition: batch.ParseDefinitionRef(a.text("def", "d")),
				Size: int32(a.number("array", 0)), Token: a.text("token", ""), Reuse: a.text("reuse", "") != "",
				FailOnResultError: a.text("on-result-error", "") == "fail",
			},
		}
		c.DependsOn = a.dependencies()
		c.Claim, c.Adopt, c.Readable = a.text("claim", ""), a.text("adopt", "") != "", a.list("readable")
		a.points(&c)
		c.Share, c.Consumables, c.MaxConcurrency = a.text("share", ""), a.needs(), int32(a.number("max-concurrency", 0))
		if list := a.list("priority"); len(list) == 1 {
			c.Priority = a.priority()
		} else if i < len(list) {
			n, err := strconv.ParseInt(list[i], 10, 32)
			if err != nil {
				a.d.Fatalf(a.t, "priority=%s is not a number", list[i])
			}
			priority := int32(n)
			c.Priority = &priority
		}
		if n := a.number("attempts", 0); n > 0 {
			c.Retry = &batch.Retry{Attempts: int32(n)}
		}
		if n := a.number("timeout", 0); n > 0 {
			timeout := time.Duration(n) * time.Second
			c.Timeout = &timeout
		}
		c.Overrides.MilliCPU = a.override("vcpus", 1000)
		c.Overrides.MemoryMiB = a.override("memory", 1)
		c.Overrides.GPUs = a.override("gpus", 1)
		all = append(all, c)
	}
	return all
}

// points reads points=(x,y), the points of an array, or point=x, what a single job is of.
func (a arguments) points(c *sched.SubmitJob) {
	for _, label := range a.list("points") {
		c.Points = append(c.Points, map[string]string{"point": label})
	}
	if label := a.text("point", ""); label != "" {
		c.Parameters = map[string]string{"point": label}
	}
}

// dependencies reads sequential and lists: after=(a,b) n-to-n=c after-any=d after-failed=e type-X=f.
func (a arguments) dependencies() []batch.Dependency {
	var all []batch.Dependency
	kinds := map[string]batch.DependencyKind{
		"after": batch.DependOnSuccess, "n-to-n": batch.DependNToN, "after-any": batch.DependAfterAny,
		"after-failed": batch.DependAfterFailed, "sequential": batch.DependSequential,
	}
	for _, arg := range a.d.CmdArgs {
		kind, known := kinds[arg.Key]
		if name, other := strings.CutPrefix(arg.Key, "type-"); other {
			kind, known = batch.DependencyKind(name), true
		}
		if !known {
			continue
		}
		if len(arg.Vals) == 0 {
			all = append(all, batch.Dependency{Kind: kind})
		}
		for _, id := range arg.Vals {
			all = append(all, batch.Dependency{Job: batch.JobID(id), Kind: kind})
		}
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
	at := batch.At(w.now).Add(-time.Duration(a.number("ago", 0)) * time.Millisecond)
	x := batch.Exit{Attempt: id, Kind: batch.Exited, StartedAt: at.Add(-time.Duration(a.number("ran", 1000)) * time.Millisecond), StoppedAt: at}
	x.Reason, x.StatusReason, x.ResultError = a.text("reason", ""), a.text("status-reason", ""), a.text("result-error", "")
	x.BaseKey, x.ImageDigest = w.baseKeys[id.Job], a.text("digest", "")
	switch a.text("kind", "exited") {
	case "recalled":
		x.Kind, x.StartedAt = batch.Recalled, 0
	case "failed-to-start":
		x.Kind, x.StartedAt = batch.FailedToStart, 0
	case "lost":
		x.Kind = batch.Lost
	case "refused":
		x.Kind, x.StartedAt, x.Doubtful = batch.Refused, 0, a.text("doubtful", "") != ""
	default:
		code := int32(a.number("code", 0))
		x.Code = &code
	}
	return x
}

// census reads how many seconds old it is, and lists: running=(a/1,b/1) waiting=(…) ended=(…); ended ones have code 0.
func (a arguments) census(w *world) sched.Census {
	asOf := batch.At(w.now.Add(-time.Duration(a.number("age", 0)) * time.Second))
	c := sched.Census{AsOf: asOf, Hosts: []batch.Host{a.host()}}
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
	c.Waiting, c.Untaken = ids("waiting"), ids("untaken")
	if kind := a.text("of", ""); kind != "" { // the census of a driver that launches
		c.Kinds, c.Hosts, c.UntakenHosts = []batch.Kind{batch.Kind(kind)}, nil, a.list("untaken-hosts")
		for _, id := range a.list("ready") {
			c.Hosts = append(c.Hosts, batch.Host{ID: id, Kind: batch.Kind(kind), Capacity: a.host().Capacity, Launch: &batch.Launch{}})
		}
		for _, id := range a.list("coming") {
			c.Coming = append(c.Coming, batch.HostComing{ID: id, Stage: batch.Launching})
		}
	}
	for _, runner := range a.list("unlisted") {
		c.Faults = append(c.Faults, batch.HostFault{Host: c.Hosts[0].ID, Runner: batch.Runner(runner), Reason: "nobody answers", Unlisted: true})
	}
	return c
}
