package replay

import (
	"cmp"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// Report is how a replay went. It is whole numbers and fixed decimals, and the same for the same input to the byte.
type Report struct {
	Jobs     JobCounts `json:"jobs"`
	Capacity Capacity  `json:"capacity"`
	Backfill string    `json:"backfill"` // on, off or mixed
	// SpanMs is from the first submission to the last; MakespanMs from the first submission to the last end.
	SpanMs     int64 `json:"spanMs"`
	MakespanMs int64 `json:"makespanMs"`
	// Wait is from submission to start. Slowdown is (wait + run time) / run time, with run times below 10 s taken
	// as 10 s, and at least 1.
	Wait        Spread[int64] `json:"waitMs"`
	Slowdown    Spread[Milli] `json:"boundedSlowdown"`
	Utilisation Utilisation   `json:"utilisation"`
	Queues      []Use         `json:"queues"`
	Shares      []Use         `json:"shares,omitempty"`
	NeverPlaced []Reason      `json:"neverPlaced,omitempty"`
	// Rounds is how often the scheduler was asked to place, Starts how many attempts it placed.
	Rounds int64 `json:"rounds"`
	Starts int64 `json:"starts"`
	// Skipped is what the workload held and was not played, Notes what was changed in it.
	Skipped []Count  `json:"skipped,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

// JobCounts says what became of the jobs; every child of an array is one.
type JobCounts struct {
	Submissions int `json:"submissions"`
	Total       int `json:"total"`
	Succeeded   int `json:"succeeded"`
	Killed      int `json:"killed"` // at their time limit
	NeverPlaced int `json:"neverPlaced"`
}

// Capacity is what there was.
type Capacity struct {
	Hosts     int   `json:"hosts"`
	VCPUs     Milli `json:"vcpus"`
	MemoryMiB int64 `json:"memoryMiB"`
	GPUs      int64 `json:"gpus"`
}

// Utilisation is used by available, over the makespan.
type Utilisation struct {
	VCPUs  Fraction `json:"vcpus"`
	Memory Fraction `json:"memory"`
	GPUs   Fraction `json:"gpus"`
}

// Use is what a queue, or a share of a queue, used.
type Use struct {
	Queue       string `json:"queue"`
	Share       string `json:"share,omitempty"`
	Jobs        int    `json:"jobs"`
	VCPUSeconds Milli  `json:"vcpuSeconds"`
	// Fraction is of all vCPU-seconds that were used.
	Fraction Fraction      `json:"fraction"`
	Wait     Spread[int64] `json:"waitMs"`
}

// Codes of reasons that are not the scheduler's own.
const (
	codeRefused = "REFUSED" // the submission was
	codeWaiting = "WAITING" // when nothing more could happen
)

// Reason is why jobs were never placed.
type Reason struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence,omitempty"` // of the first
	Jobs     int    `json:"jobs"`
}

// report sums up.
func (p *player) report(world *World, hosts []batch.Host, environments []batch.Environment) Report {
	last := len(p.load.Jobs) - 1
	r := Report{
		Jobs: JobCounts{Submissions: len(p.load.Jobs), Total: len(p.parts)}, Capacity: capacity(hosts, environments), Backfill: world.backfill(),
		SpanMs: int64(p.submitTime(last) - epoch), Rounds: p.rounds, Starts: p.starts, Skipped: p.load.Skipped, Notes: p.load.Notes,
		NeverPlaced: p.neverPlaced(),
	}
	all, by := &waiting{}, make([]waiting, len(p.tally.uses))
	counts := make([]int, len(p.tally.uses))
	p.eachPart(func(job, _ int, one part) {
		counts[p.tally.of[job]]++
		switch {
		case one.startedAt == 0:
			r.Jobs.NeverPlaced++
			return
		case one.killed:
			r.Jobs.Killed++
		case one.endedAt != 0:
			r.Jobs.Succeeded++
		}
		r.MakespanMs = max(r.MakespanMs, int64(one.endedAt-epoch))
		wait, ran := int64(one.startedAt-p.submitTime(job)), int64(one.endedAt-one.startedAt)
		all.add(wait, ran)
		by[p.tally.of[job]].add(wait, ran)
	})
	r.Wait, r.Slowdown = spread(all.waits), spread(all.slow)
	r.Utilisation = p.utilisation(r.Capacity, r.MakespanMs)
	p.use(&r, by, counts)
	return r
}

// eachPart calls do for every job and child, in order.
func (p *player) eachPart(do func(job, index int, one part)) {
	for job := range p.load.Jobs {
		for index := range p.load.Jobs[job].parts() {
			do(job, index, p.parts[p.first[job]+index])
		}
	}
}

// utilisation is what was used of what there was until the last end.
func (p *player) utilisation(c Capacity, makespan int64) Utilisation {
	there := held(batch.Shape{MilliCPU: int64(c.VCPUs), MemoryMiB: c.MemoryMiB, GPUs: c.GPUs}, makespan)
	var used batch.Shape
	for _, u := range p.tally.uses {
		used = used.Plus(u.amount)
	}
	return Utilisation{
		VCPUs: fraction(used.MilliCPU, there.MilliCPU), Memory: fraction(used.MemoryMiB, there.MemoryMiB), GPUs: fraction(used.GPUs, there.GPUs),
	}
}

// use fills in what queues and shares used, those that used most first.
func (p *player) use(r *Report, by []waiting, counts []int) {
	whole := int64(0)
	for _, u := range p.tally.uses {
		whole += u.amount.MilliCPU
	}
	group := func(key func(use) Use) []Use {
		var all []Use
		waits := map[Use][]int64{}
		for i, u := range p.tally.uses {
			name := key(u)
			at := slices.IndexFunc(all, func(a Use) bool { return a.Queue == name.Queue && a.Share == name.Share })
			if at < 0 {
				at = len(all)
				all = append(all, name)
			}
			all[at].Jobs += counts[i]
			all[at].VCPUSeconds += Milli(u.amount.MilliCPU)
			waits[name] = append(waits[name], by[i].waits...)
		}
		for i := range all {
			u := &all[i]
			u.Fraction, u.Wait = fraction(int64(u.VCPUSeconds), whole), spread(waits[Use{Queue: u.Queue, Share: u.Share}])
		}
		slices.SortFunc(all, func(a, b Use) int {
			return cmp.Or(cmp.Compare(b.VCPUSeconds, a.VCPUSeconds), strings.Compare(a.Queue, b.Queue), strings.Compare(a.Share, b.Share))
		})
		return all
	}
	r.Queues = group(func(u use) Use { return Use{Queue: u.queue} })
	shares := group(func(u use) Use { return Use{Queue: u.queue, Share: u.share} })
	r.Shares = slices.DeleteFunc(shares, func(u Use) bool { return u.Share == "" })
}

// neverPlaced says why, for the jobs that never started.
func (p *player) neverPlaced() []Reason {
	var all []Reason
	p.eachPart(func(job, index int, one part) {
		if one.startedAt != 0 {
			return
		}
		code, sentence := p.why(job, index)
		i := slices.IndexFunc(all, func(r Reason) bool { return r.Code == code })
		if i < 0 {
			i = len(all)
			all = append(all, Reason{Code: code, Sentence: sentence})
		}
		all[i].Jobs++
	})
	return all
}

// why asks the machine why a job has not started; if it cannot say, what it said last is taken.
func (p *player) why(job, index int) (code, sentence string) {
	id := jobID(job)
	if p.load.Jobs[job].isArray() {
		id = id.Child(int32(index))
	}
	if answer, err := p.machine.Answer(p.now.Std(), sched.ExplainJob{ID: id}); err == nil {
		if e, ok := answer.(sched.Explanation); ok && e.Code != "" {
			return string(e.Code), e.Sentence
		}
	}
	if refusal, ok := p.refused[job]; ok {
		return codeRefused, refusal
	}
	code, sentence, _ = strings.Cut(p.reasons[job], " - ")
	return cmp.Or(code, codeWaiting), sentence
}

// capacity is what the hosts have, but no more vCPUs than their environments may hold. On a LOCAL host the environments alone bound them.
func capacity(hosts []batch.Host, environments []batch.Environment) Capacity {
	c := Capacity{Hosts: len(hosts)}
	var there, allowed, local int64
	for _, h := range hosts {
		c.MemoryMiB += h.Capacity.MemoryMiB
		c.GPUs += h.Capacity.GPUs
		if h.Kind != batch.Local {
			there += h.Capacity.MilliCPU
		}
	}
	for _, e := range environments {
		if e.Kind == batch.Local {
			local += e.Max.MilliCPU
		} else {
			allowed += e.Max.MilliCPU
		}
	}
	c.VCPUs = Milli(min(there, allowed) + local)
	return c
}

// backfill says whether the queues of w backfill.
func (w *World) backfill() string {
	on := 0
	for _, q := range w.Queues {
		if q.Backfill == nil || *q.Backfill {
			on++
		}
	}
	switch on {
	case 0:
		return "off"
	case len(w.Queues):
		return "on"
	default:
		return "mixed"
	}
}
