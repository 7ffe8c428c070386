package sched_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/submit"
)

// Stories of the model test.
const (
	modelStories = 100
	modelSteps   = 60
)

// TestDependenciesModel plays random stories of jobs and arrays that depend on each other in every way, end, are cancelled and
// retried. After every step each row must be explained by the rows it depends on, looked up one by one, and the machine
// must be the one that its rows make.
func TestDependenciesModel(t *testing.T) {
	for seed := range uint64(long.Sample(modelStories)) {
		s := &story{world: newWorld(), dice: rand.New(rand.NewPCG(seed, 1)), was: map[batch.JobID]batch.Status{}}
		s.begin()
		for range modelSteps {
			if problem := s.step(); problem != "" {
				t.Fatalf("seed %d: %s\n%s", seed, problem, s.told.String())
			}
		}
	}
}

// story is a world that is told random things.
type story struct {
	*world
	dice *rand.Rand
	told strings.Builder
	ids  []batch.JobID // submissions
	was  map[batch.JobID]batch.Status
}

func (s *story) begin() {
	host := batch.Host{ID: batch.LocalHost, Kind: batch.Local, Capacity: batch.Shape{MilliCPU: 64000, MemoryMiB: 64000}}
	for _, ev := range []sched.Event{
		sched.Reported{Report: batch.HostReady{Host: host}},
		sched.CreateEnvironment{Environment: batch.Environment{Name: "e", UUID: "e", Kind: batch.Local, Max: batch.Shape{MilliCPU: 6000}}},
		sched.CreateQueue{Queue: batch.Queue{Name: "q", UUID: "q", Environments: []batch.EnvironmentOrder{{Order: 1, Environment: "e"}}}},
		sched.RegisterDefinition{Definition: batch.Definition{Name: "d", Runs: true, Container: batch.Container{Shape: batch.Shape{MilliCPU: 1000}}}},
	} {
		s.tell(ev)
	}
}

// tell plays one round.
func (s *story) tell(ev sched.Event) {
	fmt.Fprintf(&s.told, "> %T ", ev)
	switch c := ev.(type) {
	case sched.SubmitJob:
		fmt.Fprintf(&s.told, "%s size %d after %v", c.ID, c.Size, c.DependsOn)
	case sched.CancelJob:
		fmt.Fprint(&s.told, c.ID)
	case sched.TerminateJob:
		fmt.Fprint(&s.told, c.ID)
	case sched.RetryJob:
		fmt.Fprint(&s.told, c.ID)
	case sched.Reported:
		if x, ok := c.Report.(batch.AttemptExited); ok {
			fmt.Fprintf(&s.told, "%s code %d", x.Exit.Attempt, *x.Exit.Code)
		}
	default:
	}
	s.told.WriteByte('\n')
	s.apply(&s.told, ev)
	s.m.Dispatch(s.now)
	s.settle(&s.told)
}

// step tells something and returns what is wrong then.
func (s *story) step() string {
	s.now = s.now.Add(1e6)
	s.tell(s.event())
	if err := s.m.Check(); err != nil {
		return err.Error()
	}
	loaded := s.load()
	if live, made := s.m.Dump(), loaded.Dump(); live != made {
		return "the machine is not the one its rows make\nlive\n" + live + "loaded\n" + made
	}
	if s.dice.IntN(5) == 0 {
		s.m = loaded
	}
	for _, id := range s.ids {
		if problem := s.look(id); problem != "" {
			return problem
		}
	}
	return ""
}

func (s *story) event() sched.Event {
	n := s.dice.IntN(20)
	live := s.live()
	switch {
	case n < 6 || len(s.ids) == 0:
		return s.submission()
	case n < 16 && len(live) > 0:
		code := int32(s.dice.IntN(3) / 2)
		return sched.Reported{Report: batch.AttemptExited{Exit: batch.Exit{
			Attempt: live[s.dice.IntN(len(live))], Kind: batch.Exited, StartedAt: batch.At(s.now), StoppedAt: batch.At(s.now), Code: &code,
		}}}
	case n == 16:
		return sched.CancelJob{ID: s.pick(), Reason: "unwanted"}
	case n == 17:
		return sched.TerminateJob{ID: s.pick(), Reason: "enough"}
	default:
		return sched.RetryJob{ID: s.ids[s.dice.IntN(len(s.ids))]}
	}
}

// live returns the attempts there are, in order of submission.
func (s *story) live() []batch.AttemptID {
	var all []batch.AttemptID
	for _, row := range s.rows.WithParts(s.ids) {
		if row.Run != nil {
			all = append(all, row.AttemptID())
		}
	}
	return all
}

// size is how many children a submission has; 0 if it was refused, too.
func (s *story) size(id batch.JobID) int32 {
	if j := s.rows.Jobs[id]; j != nil {
		return j.Size
	}
	return 0
}

// pick returns a submission or a child.
func (s *story) pick() batch.JobID {
	id := s.ids[s.dice.IntN(len(s.ids))]
	if size := s.size(id); size > 0 && s.dice.IntN(2) == 0 {
		return id.Child(s.dice.Int32N(size))
	}
	return id
}

func (s *story) submission() sched.Event {
	c := sched.SubmitJob{Request: submit.Request{ID: batch.JobID(fmt.Sprintf("j%02d", len(s.ids))), Queue: "q", Definition: batch.DefinitionRef{Name: "d"}}}
	if s.dice.IntN(3) > 0 {
		c.Size = 5
		if s.dice.IntN(4) == 0 {
			c.DependsOn = append(c.DependsOn, batch.Dependency{Kind: batch.DependSequential})
		}
	}
	kinds := []batch.DependencyKind{batch.DependOnSuccess, batch.DependAfterAny, batch.DependAfterFailed, batch.DependNToN, batch.DependNToN}
	for range s.dice.IntN(4) {
		if len(s.ids) == 0 {
			break
		}
		d := batch.Dependency{Job: s.pick(), Kind: kinds[s.dice.IntN(len(kinds))]}
		if d.Kind == batch.DependNToN {
			d.Job = d.Job.Root()
			if c.Size == 0 || s.size(d.Job) == 0 {
				continue
			}
		}
		c.DependsOn = append(c.DependsOn, d)
	}
	s.ids = append(s.ids, c.ID)
	return c
}

// look says what is wrong with a submission and its children, if anything.
func (s *story) look(id batch.JobID) string {
	row, known := s.rows.Jobs[id]
	if !known {
		return fmt.Sprintf("job %s was refused", id)
	}
	if row.Array == nil {
		return s.lookAt(row, row, -1)
	}
	var counts [batch.StatusCount]int32
	for index := range row.Size {
		child := s.rows.Job(id.Child(index))
		counts[child.Status]++
		if problem := s.lookAt(row, child, index); problem != "" {
			return problem
		}
	}
	want := batch.Pending
	switch ended := counts[batch.Succeeded] + counts[batch.Failed]; {
	case ended == row.Size && counts[batch.Failed] == 0:
		want = batch.Succeeded
	case ended == row.Size:
		want = batch.Failed
	}
	if counts != row.Array.Counts || row.Status != want {
		return fmt.Sprintf("array %s is %s with %v, its children are %v", id, row.Status, row.Array.Counts, counts)
	}
	return ""
}

// lookAt says whether what a job or a child depends on explains its status.
func (s *story) lookAt(top, row *batch.Job, index int32) string {
	was := s.was[row.ID]
	s.was[row.ID] = row.Status
	if was == batch.Succeeded && row.Status != batch.Succeeded {
		return fmt.Sprintf("job %s had succeeded and is %s", row.ID, row.Status)
	}
	unmet, broken, unproven := 0, 0, 0
	for _, d := range top.DependsOn {
		on, final := d.Job, true
		switch {
		case d.Kind == batch.DependNToN:
			on = d.Job.Child(index)
		case d.Kind == batch.DependSequential && index == 0:
			continue
		case d.Kind == batch.DependSequential:
			on = top.ID.Child(index - 1)
		default:
			final = d.Kind == batch.DependOnSuccess
		}
		other := s.rows.Job(on)
		bad := batch.Failed
		if d.Kind == batch.DependAfterFailed {
			bad = batch.Succeeded
		}
		switch {
		case other.Status == bad && d.Kind != batch.DependAfterAny:
			broken++
		case !other.Status.Terminal():
			unmet++
			if final {
				unproven++
			}
		}
	}
	byDependency := strings.HasPrefix(row.StatusReason, "Dependent Job")
	switch status := row.Status; {
	case status == batch.Pending && broken > 0:
		return fmt.Sprintf("job %s waits for what can never be", row.ID)
	case status == batch.Pending && unmet == 0:
		return fmt.Sprintf("job %s waits for nothing", row.ID)
	case status >= batch.Runnable && status <= batch.Running && (was <= batch.Pending || was == batch.Failed) && (broken > 0 || unproven > 0):
		return fmt.Sprintf("job %s is %s before what it waits for", row.ID, status)
	case status == batch.Failed && byDependency && was != batch.Failed && broken == 0:
		return fmt.Sprintf("job %s has failed with a dependency that has not", row.ID)
	case status == batch.Succeeded && !byDependency && was < batch.Runnable && row.Attempt == 0:
		return fmt.Sprintf("job %s has succeeded and never ran", row.ID)
	}
	return ""
}
