package lane_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched/lane"
)

var key = lane.Key{Environment: "e", Host: "h", Shape: batch.Shape{MilliCPU: 1000, MemoryMiB: 512}}

// TestThoseThatWaitKeepTheirOrder holds a lane against a list.
func TestThoseThatWaitKeepTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lanes := lane.New[int]()
		l := lanes.Make(key)
		var want []int
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			j := rapid.IntRange(0, 9).Draw(t, "job")
			without := slices.DeleteFunc(slices.Clone(want), func(other int) bool { return other == j })
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				l.Withdraw(j)
				want = without
			case 1:
				if len(want) > 0 {
					if got := l.Next(); got != want[0] {
						t.Fatalf("%d is next, want %d", got, want[0])
					}
					want = want[1:]
				}
			default:
				l.Wait(j)
				want = append(without, j)
			}
			if !slices.Equal(l.Ahead(), want) {
				t.Fatalf("%v wait, want %v", l.Ahead(), want)
			}
		}
		if got := lanes.AheadIn("e"); !slices.Equal(got, want) || len(lanes.AheadIn("other")) > 0 {
			t.Fatalf("%v wait in the environment, want %v", got, want)
		}
	})
}

// TestHowManyWaitFollowsFromThePace: about 150 ms of the work of a lane, at most 256.
func TestHowManyWaitFollowsFromThePace(t *testing.T) {
	for name, c := range map[string]struct {
		holding int
		ran     []time.Duration
		want    int
	}{
		"nothing has ended":       {4, nil, 0},
		"nothing runs":            {0, []time.Duration{time.Millisecond}, 0},
		"attempts of 10 ms":       {4, []time.Duration{10 * time.Millisecond}, 60},
		"short ones":              {4, []time.Duration{time.Millisecond}, 256},
		"shorter than a clock":    {1, []time.Duration{0}, 256},
		"long ones":               {4, []time.Duration{time.Minute}, 0},
		"an eighth of a new pace": {8, []time.Duration{80 * time.Millisecond, 160 * time.Millisecond}, 13},
	} {
		t.Run(name, func(t *testing.T) {
			lanes := lane.New[int]()
			l := lanes.Make(key)
			l.Holding = c.holding
			for _, ran := range c.ran {
				l.Learn(ran)
			}
			if got := l.Lacks(); got != c.want {
				t.Fatalf("it lacks %d, want %d", got, c.want)
			}
			if l.Wait(1); l.Lacks() != c.want-1 && c.holding > 0 {
				t.Errorf("with one that waits it lacks %d, want %d", l.Lacks(), c.want-1)
			}
		})
	}
	if n := (*lane.Lane[int])(nil).Lacks(); n != 0 {
		t.Errorf("a lane that there is not lacks %d", n)
	}
}

// TestALaneIsDrainedUntilNothingWaits there; nothing is to wait in it meanwhile.
func TestALaneIsDrainedUntilNothingWaits(t *testing.T) {
	lanes := lane.New[int]()
	l := lanes.Make(key)
	l.Holding = 1
	l.Learn(time.Millisecond)
	if lanes.Drain(l); l.Lacks() == 0 {
		t.Error("a lane in which nothing waits is drained")
	}
	l.Wait(7)
	lanes.Drain(l)
	lanes.Drain(l)
	for range 2 { // it may take several rounds
		if got := lanes.Draining(); !slices.Equal(got, []int{7}) || l.Lacks() != 0 {
			t.Fatalf("%v are to be taken back, it lacks %d", got, l.Lacks())
		}
	}
	l.Withdraw(7)
	if got := lanes.Draining(); len(got) > 0 || l.Lacks() != 150 {
		t.Errorf("%v are to be taken back, it lacks %d", got, l.Lacks())
	}
}

// TestALaneWithNothingInItIsForgotten, and its pace with it.
func TestALaneWithNothingInItIsForgotten(t *testing.T) {
	lanes := lane.New[int]()
	l := lanes.Make(key)
	l.Wait(1)
	if lanes.Tidy(l); lanes.Find(key) != l || lanes.Make(key) != l || len(lanes.Sorted()) != 1 {
		t.Error("a lane in which something waits is forgotten")
	}
	l.Next()
	if lanes.Tidy(l); lanes.Find(key) != nil {
		t.Error("an empty lane is kept")
	}
	if name := key.String(); name != l.Name || name != "e/1000/512/0/false@h" {
		t.Errorf("the lane is called %s", name)
	}
}
