package engine

import (
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// smallSetback is how far the wall clock may be behind for the clock to stand still until it has caught up.
const smallSetback = time.Second

// clock gives times that never go back. When the wall clock is set back a little, it stands still; when it
// is set back far, it goes on from where it was at the pace of the monotonic clock.
type clock struct {
	read     func() time.Time
	lastRead time.Time
	last     time.Time
}

// newClock returns a clock that starts no earlier than atLeast, which is what the rows say it was.
func newClock(read func() time.Time, atLeast time.Time) *clock {
	now := read()
	c := &clock{read: read, lastRead: now, last: now.Round(0)}
	if atLeast.After(c.last) {
		c.last = atLeast
	}
	return c
}

// newest returns the latest moment that rows which are not ended speak of: a runtime that starts again
// after its wall clock was set back goes on from there.
func newest(s batch.Snapshot) time.Time {
	var last batch.Time
	for _, h := range s.Hosts {
		last = max(last, h.SeenAt)
	}
	for _, u := range s.Shares {
		last = max(last, u.AsOf)
	}
	for i := range s.Jobs {
		j := &s.Jobs[i]
		last = max(last, j.CreatedAt, j.StartedAt, j.BlockedAt)
		if j.Run != nil {
			last = max(last, j.Run.OrderedAt, j.Run.StartedAt, j.Run.StoppingAt)
		}
	}
	return last.Std()
}

// now returns the time, never before what it returned last.
func (c *clock) now() time.Time {
	read := c.read()
	elapsed := max(read.Sub(c.lastRead), 0)
	c.lastRead = read
	wall := read.Round(0)
	switch {
	case wall.After(c.last):
		c.last = wall
	case c.last.Sub(wall) > smallSetback:
		c.last = c.last.Add(elapsed)
	}
	return c.last
}

// split returns a moment, in whole milliseconds, that is after everything that was decided so far and not
// after anything that will be.
func (c *clock) split() time.Time {
	c.last = c.now().Truncate(time.Millisecond).Add(time.Millisecond)
	return c.last
}
