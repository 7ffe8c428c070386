package admission

import (
	"sync"
	"time"
)

// Denials bounds the rate at which denials are written to the audit log. Each access key has a bucket, and all unknown callers
// share one: no caller can fill the disk, or use up the bucket of a key so that denials of that key are not written. The zero
// Denials has all of its buckets full.
type Denials struct {
	unknown Bucket
	mu      sync.Mutex
	known   map[string]*Bucket // by access key
	uses    int64              // how often one was asked for
}

// OfStrangers is the bucket that all unknown callers share.
func (d *Denials) OfStrangers() *Bucket { return &d.unknown }

// Of is the bucket of an access key. If there are too many buckets, the one that was used longest ago is dropped.
func (d *Denials) Of(who string) *Bucket {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.known[who]
	if b == nil {
		if len(d.known) >= maxDenied {
			delete(d.known, d.quietest())
		}
		if d.known == nil {
			d.known = map[string]*Bucket{}
		}
		b = &Bucket{}
		d.known[who] = b
	}
	d.uses++
	b.last = d.uses
	return b
}

// quietest is the access key whose bucket was used longest ago.
func (d *Denials) quietest() (who string) {
	oldest := d.uses
	for other, b := range d.known {
		if b.last <= oldest {
			who, oldest = other, b.last
		}
	}
	return who
}

// Bucket lets denialBurst through at once and then one each denialEvery. The zero Bucket is full.
type Bucket struct {
	mu      sync.Mutex
	used    int
	last    int64     // the use of Denials at which it was asked for; guarded there
	since   time.Time // when used last went down
	dropped int64
}

// Take takes one, and says how many could not since the last that could.
func (b *Bucket) Take(now time.Time) (ok bool, dropped int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if back := min(int(now.Sub(b.since)/denialEvery), b.used); back > 0 {
		b.used -= back
		b.since = b.since.Add(time.Duration(back) * denialEvery)
	}
	if b.used == 0 {
		b.since = now
	}
	if b.used >= denialBurst {
		b.dropped++
		return false, 0
	}
	b.used++
	dropped, b.dropped = b.dropped, 0
	return true, dropped
}
