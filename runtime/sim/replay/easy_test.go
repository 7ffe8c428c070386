package replay

import (
	"cmp"
	"slices"
	"testing"

	"github.com/batchd/terraform-provider-batch/internal/long"
)

// easy is EASY backfilling on one host, written slowly and without the scheduler (Lifka, "The ANL/IBM SP scheduling system",
// 1995; Mu'alem and Feitelson, 2001). It returns the jobs' starts in milliseconds after the first submission, and, for those that came to
// be first in the queue and had to wait, when they would have started had nothing been backfilled from then on.
func easy(w *Workload, vcpus Milli, backfill bool) (starts []int64, promised map[int]int64) {
	type held struct {
		end   int64
		vcpus Milli
	}
	starts, promised = make([]int64, len(w.Jobs)), map[int]int64{}
	var running []held
	var waiting []int
	free, next, now := vcpus, 0, int64(0)
	start := func(i int) {
		starts[i] = now
		free -= w.Jobs[i].VCPUs
		running = append(running, held{now + w.Jobs[i].DurationMs, w.Jobs[i].VCPUs})
	}
	submitted := func(i int) int64 { return w.Jobs[i].SubmittedAt - w.Jobs[0].SubmittedAt }
	for next < len(w.Jobs) || len(waiting) > 0 {
		now = 1 << 62
		if next < len(w.Jobs) {
			now = submitted(next)
		}
		for _, r := range running {
			now = min(now, r.end)
		}
		running = slices.DeleteFunc(running, func(r held) bool {
			if r.end == now {
				free += r.vcpus
			}
			return r.end == now
		})
		for ; next < len(w.Jobs) && submitted(next) == now; next++ {
			waiting = append(waiting, next)
		}
		for len(waiting) > 0 && w.Jobs[waiting[0]].VCPUs <= free {
			start(waiting[0])
			waiting = waiting[1:]
		}
		if len(waiting) == 0 {
			continue
		}
		// When the head is expected to start, and what is left beside it then.
		slices.SortFunc(running, func(a, b held) int { return cmp.Compare(a.end, b.end) })
		shadow, left := now, free
		for i := 0; left < w.Jobs[waiting[0]].VCPUs; i++ {
			shadow, left = running[i].end, left+running[i].vcpus
			for i+1 < len(running) && running[i+1].end == shadow {
				i++
				left += running[i].vcpus
			}
		}
		if _, old := promised[waiting[0]]; !old {
			promised[waiting[0]] = shadow
		}
		if !backfill {
			continue
		}
		left -= w.Jobs[waiting[0]].VCPUs
		waiting = slices.DeleteFunc(waiting, func(i int) bool {
			j := &w.Jobs[i]
			before := now+j.DurationMs <= shadow
			if i == waiting[0] || j.VCPUs > free || !before && j.VCPUs > left {
				return false
			}
			if !before {
				left -= j.VCPUs
			}
			start(i)
			return true
		})
	}
	return starts, promised
}

// TestEasy holds the scheduler against the slow twin, start by start, and every head against what it was promised: with exact
// durations it starts no later than had nothing been backfilled while it was first. (Against a whole run without backfill
// that holds for no one: a job may be overtaken before it is first.)
func TestEasy(t *testing.T) {
	const vcpus = 16
	logs, heads := long.Sample(60), 0
	for seed := range int64(logs) {
		w := generated(seed, 250, vcpus)
		for _, backfill := range []bool{true, false} {
			o := playIn(t, Simple(hosts(1, vcpus, 10_000), "").WithBackfill(backfill), w, Options{Exact: true, Heads: true})
			want, promised := easy(w, vcpus*1000, backfill)
			for i, s := range o.Starts() {
				if s.AtMs != want[i] {
					t.Fatalf("seed %d, backfill %t: job %d (%s vCPUs, %d s, submitted at %d s) started at %d s; the twin says %d s", seed, backfill,
						i, w.Jobs[i].VCPUs, w.Jobs[i].DurationMs/1000, (w.Jobs[i].SubmittedAt-w.Jobs[0].SubmittedAt)/1000, s.AtMs/1000, want[i]/1000)
				}
				promise, head := promised[i]
				if head != s.Head || head && s.AtMs > promise {
					t.Errorf("seed %d, backfill %t: job %d is a head: %t (the twin: %t), started at %d ms, promised %d ms", seed, backfill, i, s.Head, head, s.AtMs, promise)
				}
				if head && backfill {
					heads++
				}
			}
		}
	}
	t.Logf("%d logs of 250 jobs: with backfilling %d heads were held back, none longer than promised", logs, heads)
}

// TestBackfillHelps wants it to be worth its name on the same logs.
func TestBackfillHelps(t *testing.T) {
	logs, all, without, with := long.Sample(10), Shift{}, int64(0), int64(0)
	for seed := range int64(logs) {
		c, err := CompareBackfill(Simple(hosts(1, 16, 10_000), ""), generated(seed, 250, 16), Options{Exact: true})
		must(t, err)
		d := c.Difference
		if d.MeanWaitMs >= 0 || d.MeanWait >= 10_000 || d.Jobs.Earlier == 0 || d.Jobs.Earlier+d.Jobs.Same+d.Jobs.Later != 250 {
			t.Errorf("seed %d: %+v, want a smaller mean wait and all 250 jobs counted", seed, d)
		}
		if c.With.Backfill != "on" || c.Without.Backfill != "off" {
			t.Errorf("the reports say that backfill was %s and %s", c.With.Backfill, c.Without.Backfill)
		}
		without, with = without+c.Without.Wait.Mean, with+c.With.Wait.Mean
		all.Earlier, all.Same, all.Later = all.Earlier+d.Jobs.Earlier, all.Same+d.Jobs.Same, all.Later+d.Jobs.Later
	}
	t.Logf("%d logs of 250 jobs: mean wait %d s without backfilling, %d s with it; %d jobs started earlier, %d later, %d at the same time",
		logs, without/int64(logs)/1000, with/int64(logs)/1000, all.Earlier, all.Later, all.Same)
}
