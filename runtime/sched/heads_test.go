package sched_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/long"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const manyHostLogs = 80

// heads notes, for every job that becomes the blocked head of the queue that is served first, when it would start if
// nothing behind it were started from then on: the earliest instant at which some host has room for it.
type heads struct {
	site     site
	queue    string
	promised map[int]batch.Time
}

func (h *heads) look(v *virtual, started []*attempt) {
	head := -1
	for _, q := range v.m.View().Queues {
		if q.Name == h.queue && q.Head != "" {
			head = v.indexOf(q.Head)
		}
	}
	if _, known := h.promised[head]; head < 0 || known {
		return
	}
	// What was started behind it in this very round does not count.
	running := slices.DeleteFunc(slices.Clone(v.running), func(a *attempt) bool {
		return slices.Contains(started, a) && (a.job > head || v.log[a.job].queue != v.log[head].queue)
	})
	slices.SortFunc(running, func(a, b *attempt) int { return int(a.end - b.end) })
	for i := range running {
		if i+1 < len(running) && running[i+1].end == running[i].end {
			continue
		}
		if h.site.hasRoom(h.queue, v.log[head].shape, running[i+1:]) {
			h.promised[head] = running[i].end
			return
		}
	}
	v.t.Fatalf("job %d %+v waits and has no room even when all has ended", head, v.log[head].shape)
}

// hasRoom looks at every environment and host in turn.
func (s site) hasRoom(queue string, shape batch.Shape, running []*attempt) bool {
	at := slices.IndexFunc(s.queues, func(q batch.Queue) bool { return q.Name == queue })
	for _, o := range s.queues[at].Environments {
		for _, e := range s.environments {
			if e.Name != o.Environment || !shape.Fits(s.environmentFree(e, running)) {
				continue
			}
			for _, h := range s.hosts {
				if serves(h, e) && shape.Fits(s.hostFree(h, running)) {
					return true
				}
			}
		}
	}
	return false
}

func serves(h batch.Host, e batch.Environment) bool {
	return slices.Contains(h.Environments, e.Name) || len(h.Environments) == 0 && h.Kind == e.Kind
}

func (s site) environmentFree(e batch.Environment, running []*attempt) batch.Shape {
	free := e.Max
	free.GPUs = 1 << 30
	if free.MemoryMiB == 0 {
		free.MemoryMiB = 1 << 30
	}
	for _, a := range running {
		if a.environment == e.Name {
			free = free.Minus(a.shape)
		}
	}
	return free
}

func (s site) hostFree(h batch.Host, running []*attempt) batch.Shape {
	free := h.Capacity
	for _, a := range running {
		if a.host == h.ID {
			free = free.Minus(a.shape)
		}
	}
	return free
}

// generateSite makes hosts of a few kinds in one or two environments, some of them shared, and a log of jobs that each
// fit on some host.
func generateSite(seed uint64, queues int) (s site, log []logged) {
	dice := rand.New(rand.NewPCG(seed, 11))
	s.environments = []batch.Environment{environmentOf("a", 1000*(8+dice.Int64N(60)))}
	order := []string{"a"}
	if dice.IntN(2) == 0 {
		s.environments = append(s.environments, environmentOf("b", 1000*(4+dice.Int64N(20))))
		order = []string{"b", "a"}
	}
	var largest []batch.Shape
	for i := range 2 + dice.IntN(8) {
		h := batch.Host{ID: "h" + string(rune('0'+i)), Kind: batch.EC2, Capacity: batch.Shape{
			MilliCPU: 1000 * (2 + dice.Int64N(7)), MemoryMiB: 512 * (1 + dice.Int64N(16)), GPUs: max(0, dice.Int64N(5)-2),
		}}
		if len(order) == 2 {
			h.Environments = [][]string{{"a"}, {"b"}, {"a", "b"}}[dice.IntN(3)]
		}
		s.hosts = append(s.hosts, h)
		if len(h.Environments) == 0 || slices.Contains(h.Environments, "a") {
			largest = append(largest, h.Capacity)
		}
	}
	if len(largest) == 0 { // a has to have a host
		s.hosts[0].Environments = []string{"a"}
		largest = append(largest, s.hosts[0].Capacity)
	}
	for i := range queues {
		s.queues = append(s.queues, queueOf([]string{"q", "low"}[i], int32(queues-i), false, order...))
	}
	lengths, at, backlog := dice.IntN(3), batch.Time(2000), dice.IntN(3)
	for range 160 {
		room := largest[dice.IntN(len(largest))]
		j := logged{at: at, runs: length(dice, lengths), queue: s.queues[dice.IntN(queues)].Name, shape: batch.Shape{
			MilliCPU: 500 * (1 + dice.Int64N(room.MilliCPU/500)), MemoryMiB: 256 * dice.Int64N(room.MemoryMiB/256+1),
		}}
		if room.GPUs > 0 && dice.IntN(2) == 0 {
			j.shape.GPUs = 1 + dice.Int64N(room.GPUs)
		}
		j.shape.MilliCPU = min(j.shape.MilliCPU, s.environments[0].Max.MilliCPU)
		log = append(log, j)
		if dice.IntN(4) > backlog {
			at = at.Add(time.Duration(dice.Int64N(int64(j.runs/time.Second)/4+2)) * time.Second)
		}
	}
	return s, log
}

func environmentOf(name string, milliCPU int64) batch.Environment {
	return batch.Environment{
		Name: name, UUID: name, Kind: batch.EC2, State: batch.Enabled, Health: batch.Valid, Max: batch.Shape{MilliCPU: milliCPU},
	}
}

// TestNoHeadIsDelayed: on many hosts of different sizes, with memory and GPUs, one environment or two with hosts in common,
// no head of the queue that is served first starts later than it would if nothing behind it, and nothing of a lower
// queue, were started from the moment it was blocked.
func TestNoHeadIsDelayed(t *testing.T) {
	for _, queues := range []int{1, 2} {
		blocked, early, filled := 0, 0, 0
		for seed := range uint64(long.Sample(manyHostLogs)) {
			s, log := generateSite(seed, queues)
			h := heads{site: s, queue: "q", promised: map[int]batch.Time{}}
			real := play(t, s, log, h.look)
			for i, promised := range h.promised {
				blocked++
				if real.starts[i] < promised {
					early++
				}
				if real.starts[i] > promised {
					t.Fatalf("seed %d, %d queues: job %d %+v was expected to start at %d when it became the head, and starts at %d", seed, queues, i, log[i].shape, promised, real.starts[i])
				}
			}
			for i := range log {
				if slices.ContainsFunc(real.starts[:i], func(before batch.Time) bool { return before > real.starts[i] }) {
					filled++
				}
			}
		}
		t.Logf("%d queues: %d blocked heads, none later than promised, %d earlier; %d jobs started before an older one", queues, blocked, early, filled)
	}
}

// TestNoHeadOfALowerQueueIsDelayed: what stands behind the head of the lowest of three queues delays neither that head
// nor those of the higher ones, although it waits beside places that are kept for them.
func TestNoHeadOfALowerQueueIsDelayed(t *testing.T) {
	const begin, together = batch.Time(2000), batch.Time(3000)
	blocked, filled, late := 0, 0, 0
	for seed := range uint64(long.Sample(8 * manyHostLogs)) {
		s, log := generateSite(seed, 1)
		order := s.queues[0].Environments
		s.queues = nil
		var story []logged
		for i, name := range []string{"run", "first", "second", "third"} {
			q := queueOf(name, int32(9-i), false)
			q.Environments = order
			s.queues = append(s.queues, q)
		}
		running := log[:8]
		for i := range running {
			running[i].at, running[i].queue = begin, "run"
		}
		at := play(t, s, running, nil).starts
		for i := range running {
			if at[i] == begin {
				story = append(story, running[i])
			}
		}
		heads := len(story) + 3
		for i, j := range log[8:40] {
			j.at, j.queue = together, s.queues[min(i+1, 3)].Name
			story = append(story, j)
		}
		without, with := play(t, s, story[:heads], nil), play(t, s, story, nil)
		for i := range heads {
			if without.starts[i] > together {
				blocked++
			}
			if with.starts[i] > without.starts[i] {
				late++
				t.Errorf("seed %d: job %d of queue %s starts at %d, without those behind the lowest head at %d", seed, i, story[i].queue, with.starts[i], without.starts[i])
			}
		}
		for i := heads; i < len(story); i++ {
			if with.starts[i] < with.starts[heads-1] {
				filled++
			}
		}
	}
	t.Logf("%d blocked heads, %d later than without; %d jobs started before the lowest head", blocked, late, filled)
}
