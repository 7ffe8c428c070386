package replay

import (
	"errors"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// Options say how a workload is played.
type Options struct {
	// Exact tells the scheduler how long every job will run, to the millisecond.
	Exact bool
	// JitterPercent, 0..90, makes run times longer or shorter by up to so much, by dice that Seed throws.
	JitterPercent int
	Seed          int64
	// Heads notes which jobs were first in their queue and held back.
	Heads bool
	// Progress is called now and then with how many of all jobs have ended; nil: nobody listens. An error of it ends the run.
	Progress func(ended, total int) error
}

// Outcome is what became of a workload.
type Outcome struct {
	Report Report
	parts  []part // of all jobs, in their order
	heads  []bool // by job; nil unless asked for
	load   *Workload
}

// part is what became of a job or of a child of an array.
type part struct {
	startedAt, endedAt batch.Time // of its last attempt; 0: never
	killed             bool
}

// player plays one workload.
type player struct {
	options     Options
	load        *Workload
	machine     *sched.Machine
	cluster     *cluster
	router      *router
	definitions map[definitionKey]*batch.Definition
	tally       tally

	now       batch.Time
	wake      batch.Time // when the machine wants to be woken; 0: never
	submitted int        // jobs
	ended     int        // parts
	first     []int      // by job: its first part
	parts     []part
	heads     []bool
	reasons   map[int]string // by job that has not started: what the machine says of it
	refused   map[int]string // by job: why its submission was refused
	rounds    int64
	shown     int64 // rounds at the last call of Options.Progress
	starts    int64
}

// Run plays w in world. The same arguments give the same outcome.
func Run(world *World, w *Workload, o Options) (*Outcome, error) {
	if err := world.Check(); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if o.JitterPercent < 0 || o.JitterPercent > maxJitterPercent {
		return nil, fmt.Errorf("jitter is %d %%; 0 to %d are allowed", o.JitterPercent, maxJitterPercent)
	}
	if len(w.Jobs) == 0 {
		return nil, errors.New("the workload is empty; give one with at least one job")
	}
	hosts := world.hosts()
	environments := world.environments(hosts)
	p := &player{
		options: o, load: w, router: newRouter(world), definitions: map[definitionKey]*batch.Definition{},
		machine: sched.Load(batch.Snapshot{}, sched.Config{MaxArraySize: batch.MaxMaxArraySize}),
		cluster: newCluster(hosts, environments), tally: newTally(len(w.Jobs)), reasons: map[int]string{}, refused: map[int]string{}, now: epoch,
		first: make([]int, len(w.Jobs)), parts: make([]part, w.Parts()),
	}
	for i, n := 0, 0; i < len(w.Jobs); i++ {
		p.first[i] = n
		n += w.Jobs[i].parts()
	}
	if o.Heads {
		p.heads = make([]bool, len(w.Jobs))
	}
	if err := p.setUp(world, hosts, environments); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if err := p.play(); err != nil {
		return nil, err
	}
	return &Outcome{Report: p.report(world, hosts, environments), parts: p.parts, heads: p.heads, load: w}, nil
}

// setUp makes the world.
func (p *player) setUp(world *World, hosts []batch.Host, environments []batch.Environment) error {
	commands, err := world.commands(environments)
	if err != nil {
		return err
	}
	for _, c := range commands {
		if _, err := p.machine.Apply(p.now.Std(), c); err != nil {
			return err
		}
	}
	for _, h := range hosts {
		p.tell(batch.HostReady{Host: h})
	}
	return p.round()
}

// play lets everything happen, moment by moment: what ends makes room before what comes asks for it.
func (p *player) play() error {
	idle := 0 // rounds on end in which the machine asked to be woken and started nothing
	for {
		at, woken, ok := p.nextMoment(idle < stepsWithoutEvent)
		if !ok {
			return nil
		}
		p.now = at
		starts := p.starts
		p.endDue()
		if err := p.submitDue(); err != nil {
			return err
		}
		if p.wake != 0 && p.wake <= p.now {
			p.apply(sched.Tick{})
		}
		if err := p.round(); err != nil {
			return err
		}
		idle++
		if !woken || p.starts > starts {
			idle = 0
		}
		if p.options.Progress != nil && p.rounds-p.shown >= progressEvery {
			p.shown = p.rounds
			if err := p.options.Progress(p.ended, len(p.parts)); err != nil {
				return err
			}
		}
	}
}

// nextMoment is when something happens next; woken is set if it is only that the machine asked for it.
func (p *player) nextMoment(mayWake bool) (at batch.Time, woken, ok bool) {
	at = p.cluster.next()
	if p.submitted < len(p.load.Jobs) {
		if due := p.submitTime(p.submitted); at == 0 || due < at {
			at = due
		}
	}
	if wake := max(p.wake, p.now); mayWake && p.wake != 0 && (at == 0 || wake < at) {
		return wake, true, true
	}
	return at, false, at != 0
}

// submitTime is when job i is submitted, in the time of the world.
func (p *player) submitTime(i int) batch.Time {
	return epoch + batch.Time(p.load.Jobs[i].SubmittedAt-p.load.Jobs[0].SubmittedAt)
}

// round lets the machine place, and does what it orders, until it orders nothing more at this moment.
func (p *player) round() error {
	for {
		p.machine.Dispatch(p.now.Std())
		r := p.machine.Take()
		p.rounds++
		p.wake = 0
		if !r.WakeAt.IsZero() {
			p.wake = batch.At(r.WakeAt)
		}
		p.listen(&r.Delta)
		told := false
		for _, o := range r.Orders {
			acted, err := p.obey(o)
			if err != nil {
				return err
			}
			told = told || acted
		}
		if !told {
			break
		}
	}
	if p.heads != nil && (p.wake == 0 || p.wake > p.now) {
		p.noteHeads()
	}
	return nil
}

// obey does what the machine orders and reports back. It says whether there was something to report.
func (p *player) obey(o sched.Order) (told bool, err error) {
	switch o := o.(type) {
	case sched.StartAttempt:
		return true, p.start(o)
	case sched.StopAttempt:
		if o.Recall {
			return false, nil // it has started
		}
		return p.end(o.Attempt, killedCode), nil
	default:
		return false, nil
	}
}

// start begins an attempt on the host it was placed on.
func (p *player) start(o sched.StartAttempt) error {
	job, index, err := p.partOf(o.Attempt.Job)
	if err != nil {
		return err
	}
	if o.Ahead {
		return fmt.Errorf("attempt %s was started ahead of its place, which containers never are", o.Attempt)
	}
	lasts := p.duration(job, index)
	if err := p.cluster.start(p.now, o.Attempt, o.Host, o.Environment, p.load.Jobs[job].shape(), lasts); err != nil {
		return fmt.Errorf("the scheduler is wrong: %w", err)
	}
	p.parts[p.first[job]+index] = part{startedAt: p.now}
	p.starts++
	if !p.load.Jobs[job].isArray() {
		delete(p.reasons, job)
	}
	p.tell(batch.AttemptStarted{Attempt: o.Attempt, At: p.now})
	return nil
}

// endDue ends what ends at this moment by itself.
func (p *player) endDue() {
	for p.cluster.next() == p.now {
		p.end(p.cluster.exits[0].attempt, 0)
	}
}

// end ends an attempt; false if it does not run.
func (p *player) end(id batch.AttemptID, code int32) bool {
	r, ok := p.cluster.end(id)
	if !ok {
		return false
	}
	job, index, _ := p.partOf(id.Job) // it was found when it started
	one := &p.parts[p.first[job]+index]
	one.endedAt, one.killed = p.now, code != 0
	p.ended++
	p.tally.use(job, r.shape, int64(p.now-r.startedAt))
	p.tell(batch.AttemptExited{Exit: batch.Exit{Attempt: id, Kind: batch.Exited, StartedAt: r.startedAt, StoppedAt: p.now, Code: &code}})
	return true
}

func (p *player) tell(r batch.Report) { p.apply(sched.Reported{Report: r}) }

// apply tells the machine a fact, which it cannot refuse.
func (p *player) apply(f sched.Fact) { _, _ = p.machine.Apply(p.now.Std(), f) }

// listen keeps what the machine says of jobs that wait. Rows are dropped otherwise.
func (p *player) listen(d *batch.Delta) {
	for i := range d.Jobs {
		row := &d.Jobs[i]
		reason := row.StatusReason
		if row.Array != nil && reason == "" {
			reason = row.Array.Unborn.StatusReason
		}
		if reason == "" {
			continue
		}
		if job, index, err := p.partOf(row.ID); err == nil && (row.Array != nil || p.parts[p.first[job]+index].startedAt == 0) {
			p.reasons[job] = reason
		}
	}
}

// noteHeads marks the jobs that are first in their queue and were not placed.
func (p *player) noteHeads() {
	for _, q := range p.machine.View().Queues {
		if q.Head == "" {
			continue
		}
		if job, _, err := p.partOf(q.Head); err == nil {
			p.heads[job] = true
		}
	}
}
