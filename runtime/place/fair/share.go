package fair

import (
	"cmp"
	"fmt"
	"math/bits"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Share is what one share identifier of one queue holds and has used. Use is settled when what is held changes and
// at no other time, so the row written then says everything: a share made from it has the same keys for ever.
type Share struct {
	Name   string
	Weight int64 // in its policy, see [Weights.Assign]
	Ahead  int64 // milliCPU of its attempts that wait at a driver for a place
	Jobs   int   // submissions that are not ended
	held   int64 // milliCPU that its attempts hold; changed by Hold and Restore only
	decay  Decay
	usage  int64 // decayed use at asOf, in milliCPU times milliseconds
	asOf   batch.Time
}

// New returns a share that has held and used nothing until at.
func New(name string, d Decay, at batch.Time) *Share {
	return &Share{Name: name, Weight: batch.DefaultWeight, decay: d, asOf: at}
}

// Load returns the share of a row. What its attempts hold is given back by [Share.Restore].
func Load(row batch.ShareUsage, d Decay) *Share {
	s := New(row.Share, d, row.AsOf)
	s.usage = row.Usage
	return s
}

// Row is the row of s in that queue, to be written when [Share.Hold] or [Share.Retune] was called.
func (s *Share) Row(queueID string) batch.ShareUsage {
	return batch.ShareUsage{QueueID: queueID, Share: s.Name, Usage: s.usage, AsOf: s.asOf}
}

// Held is how many milliCPU the attempts of s hold.
func (s *Share) Held() int64 { return s.held }

// AsOf is when the use of s was settled last.
func (s *Share) AsOf() batch.Time { return s.asOf }

// use is what s has used, decayed to at. A share that has held nothing for a whole window has used nothing: whether
// it was forgotten meanwhile makes no difference.
func (s *Share) use(at batch.Time) int64 {
	at = max(at, s.asOf)
	if s.held == 0 && int64(at-s.asOf) >= s.decay.window {
		return 0
	}
	return s.decay.use(s.usage, s.held, s.asOf, at)
}

// settle brings the use of s up to at.
func (s *Share) settle(at batch.Time) {
	if at > s.asOf {
		s.usage, s.asOf = s.use(at), at
	}
}

// Hold changes by delta what the attempts of s hold.
func (s *Share) Hold(at batch.Time, delta int64) {
	if delta == 0 {
		return
	}
	s.settle(at)
	s.Restore(delta)
}

// Restore is [Share.Hold] for attempts that were live when s was loaded: they have been held since its row was written.
func (s *Share) Restore(delta int64) {
	s.held += delta
	if s.held < 0 {
		panic(fmt.Sprintf("fair: share %s holds %d thousandths of a vCPU", s.Name, s.held))
	}
}

// Retune changes how fast use is forgotten from now on.
func (s *Share) Retune(at batch.Time, d Decay) {
	if d != s.decay {
		s.settle(at)
		s.decay = d
	}
}

// Active reports whether s counts among the active shares of its queue: it has jobs, or use that still counts.
func (s *Share) Active(at batch.Time) bool { return s.Jobs > 0 || s.use(at) > 0 }

// Key says how much a share has had of what its weight gives it, as a number of 128 bits. The lowest is served first.
type Key struct{ hi, lo uint64 }

// Compare orders keys; the lowest is served first.
func (k Key) Compare(o Key) int {
	return cmp.Or(cmp.Compare(k.hi, o.hi), cmp.Compare(k.lo, o.lo))
}

// Key is the weight of s times the larger of what it has used and what its use will come to if it goes on holding
// what it holds now, attempts that wait for a place included.
//
// The second divides a burst before anything has been used, and keeps a share that comes back from taking
// everything until its use has caught up. It is not added to the first: at the moment of choice a share has just lost an
// attempt, so the sum would count it as smaller than it is, by as much for a share of one attempt as for a
// share of hundreds, and small shares would get up to twice what is theirs.
func (s *Share) Key(at batch.Time) Key {
	_, into := s.decay.locate(max(at, s.asOf))
	hi, lo := bits.Mul64(uint64(s.Weight), uint64(max(s.use(at), s.decay.level(s.held+s.Ahead, into))))
	return Key{hi, lo}
}

// Reserved is what a policy keeps free of total, in milliCPU for shares that are not active: percent of it to the
// power of the number of active shares, rounded down.
func Reserved(total int64, percent int32, active int) int64 {
	for i := 0; i < active && total > 0; i++ {
		total = total * int64(percent) / 100
	}
	if percent == 0 {
		return 0
	}
	return total
}
