package admission

import (
	"strconv"
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	var b Bucket
	now := time.Unix(1000, 0)
	take := func(n int) (through int, dropped int64) {
		for range n {
			ok, d := b.Take(now)
			if ok {
				through++
			}
			dropped += d
		}
		return through, dropped
	}
	for _, step := range []struct {
		pause   time.Duration
		n, want int
		dropped int64
	}{
		{0, denialBurst + 50, denialBurst, 0},
		{denialEvery - 1, 10, 0, 0},
		{1, 5, 1, 60},
		{3 * denialEvery, 2, 2, 4},
		{0, 2, 1, 0},
		{10 * denialEvery * denialBurst, denialBurst + 1, denialBurst, 1},
	} {
		now = now.Add(step.pause)
		if through, dropped := take(step.n); through != step.want || dropped != step.dropped {
			t.Errorf("after %s: %d of %d got through and %d were told of, want %d and %d", step.pause, through, step.n, dropped, step.want, step.dropped)
		}
	}
}

// TestDenialsAreBounded has more keys denied than buckets are kept: those that were denied something last have theirs still.
func TestDenialsAreBounded(t *testing.T) {
	var d Denials
	who := func(i int) string { return strconv.Itoa(i) }
	loud := d.Of(who(0))
	for i := range maxDenied {
		d.Of(who(i))
	}
	d.Of(who(0))
	for i := range 3 {
		d.Of(who(maxDenied + i))
	}
	if len(d.known) != maxDenied || d.Of(who(0)) != loud {
		t.Errorf("%d buckets are kept, want %d; the one that was used meanwhile: %t", len(d.known), maxDenied, d.Of(who(0)) == loud)
	}
	for i := range 3 {
		if d.known[who(i+1)] != nil {
			t.Errorf("the bucket of key %d, which was denied something long ago, is kept", i+1)
		}
	}
}
