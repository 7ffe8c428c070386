package replay

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// definitionKey tells jobs apart that need job definitions of their own.
type definitionKey struct {
	name  string
	shape batch.Shape
}

// image makes the jobs of a replay containers: processes of short jobs are handed out ahead of their place, which hides a commit, and there
// is none here.
const image = "replay"

// shape is what each part asks for.
func (j *Job) shape() batch.Shape {
	return batch.Shape{MilliCPU: int64(j.VCPUs), MemoryMiB: j.MemoryMiB, GPUs: j.GPUs}
}

// jobID names job i to the machine, and partOf is its inverse.
func jobID(i int) batch.JobID { return batch.JobID(strconv.Itoa(i)) }

// partOf finds the job, and the index of the part, that the machine calls id.
func (p *player) partOf(id batch.JobID) (job, index int, err error) {
	root, child, _ := id.Part()
	job, err = strconv.Atoi(string(root))
	if err != nil || job < 0 || job >= len(p.load.Jobs) || int(child) >= p.load.Jobs[job].parts() {
		return 0, 0, fmt.Errorf("the scheduler names a job %q, which is not there", id)
	}
	return job, int(child), nil
}

// definition returns the job definition of j, made when it is first needed.
func (p *player) definition(j *Job) *batch.Definition {
	key := definitionKey{j.Definition, j.shape()}
	if d, ok := p.definitions[key]; ok {
		return d
	}
	name := j.Definition
	if name == "" {
		name = fmt.Sprintf("job-%d-%d-%d", key.shape.MilliCPU, key.shape.MemoryMiB, key.shape.GPUs)
	}
	d := &batch.Definition{
		Name: name, Revision: 1, Active: true, Runs: true, CreatedAt: epoch,
		Container: batch.Container{Image: image, Shape: key.shape}, Retry: batch.Retry{Attempts: 1},
	}
	p.definitions[key] = d
	return d
}

// submitDue submits what comes at this moment. What the machine refuses is counted, and never placed.
func (p *player) submitDue() error {
	for p.submitted < len(p.load.Jobs) && p.submitTime(p.submitted) <= p.now {
		i := p.submitted
		p.submitted++
		j := &p.load.Jobs[i]
		to := p.router.of(j)
		p.tally.goes(i, to)
		d := p.definition(j)
		c := sched.SubmitJob{
			Request: submit.Request{ID: jobID(i), Name: j.Name, Queue: to.queue, Definition: d.Ref(), Share: to.share}, Given: sched.Given{Definition: d},
		}
		if j.isArray() {
			c.Size = int32(j.parts())
		}
		if to.priority != 0 && to.share != "" {
			c.Priority = &to.priority
		}
		if limit := p.timeout(i); limit > 0 {
			c.Timeout = &limit
		}
		if _, err := p.machine.Apply(p.now.Std(), c); err != nil {
			var refusal *batch.Error
			if !errors.As(err, &refusal) {
				return fmt.Errorf("job %d of the workload: %w", i+1, err)
			}
			p.refused[i] = refusal.Error()
		}
	}
	return nil
}

// timeout is what job i may take at most, which is all that the scheduler knows of its run time; 0: nothing. Children share it, so exact
// is that of the longest.
func (p *player) timeout(i int) time.Duration {
	j := &p.load.Jobs[i]
	if !p.options.Exact {
		return time.Duration(j.ExpectedMs) * time.Millisecond
	}
	longest := int64(0)
	for index := range j.parts() {
		longest = max(longest, p.duration(i, index))
	}
	return time.Duration(longest) * time.Millisecond
}

// duration is how long part index of job i runs in this replay, in milliseconds.
func (p *player) duration(i, index int) int64 {
	d := p.load.Jobs[i].duration(index)
	percent := int64(p.options.JitterPercent)
	if percent == 0 {
		return d
	}
	const steps = 1000 // of the jitter in either direction
	dice := mix(mix(mix(uint64(p.options.Seed))^uint64(i))^uint64(index))%(2*steps+1) - steps
	return max(1, d+scale(d, percent, 100)*int64(dice)/steps)
}

// mix is a throw of dice that belongs to x alone (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
