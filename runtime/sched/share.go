package sched

import (
	"cmp"
	"fmt"
	"math/bits"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// share is what one share identifier of one queue holds and has used. Use is settled when what is held changes and
// at no other time, so the row written then says everything: a share made from it has the same keys for ever.
type share struct {
	name   string
	weight int64 // of the policy, see [weights.assign]
	held   int64 // milliCPU that its attempts hold; changed by hold and restore only
	ahead  int64 // milliCPU of its attempts that wait at a driver for a place
	jobs   int   // submissions that are not ended
	decay  decay
	usage  int64 // decayed use at asOf, in milliCPU times milliseconds
	asOf   batch.Time
	slot   int // where its row is in the delta of this round, if it is there
}

func newShare(name string, d decay) *share {
	return &share{name: name, weight: batch.DefaultWeight, decay: d}
}

// loadShare makes the share of a row. What it holds is given back by restore.
func loadShare(row batch.ShareUsage, d decay) *share {
	s := newShare(row.Share, d)
	s.usage, s.asOf = row.Usage, row.AsOf
	return s
}

// row is the row of s in that queue, to be written when hold or retune was called.
func (s *share) row(queueID string) batch.ShareUsage {
	return batch.ShareUsage{QueueID: queueID, Share: s.name, Usage: s.usage, AsOf: s.asOf}
}

// use is what s has used, decayed to at. A share that has held nothing for a whole window has used nothing: whether
// it was forgotten meanwhile makes no difference.
func (s *share) use(at batch.Time) int64 {
	at = max(at, s.asOf)
	if s.held == 0 && int64(at-s.asOf) >= s.decay.window {
		return 0
	}
	return s.decay.use(s.usage, s.held, s.asOf, at)
}

// settle brings the use of s up to at.
func (s *share) settle(at batch.Time) {
	if at > s.asOf {
		s.usage, s.asOf = s.use(at), at
	}
}

// hold changes by delta what the attempts of s hold.
func (s *share) hold(at batch.Time, delta int64) {
	if delta == 0 {
		return
	}
	s.settle(at)
	s.restore(delta)
}

// restore is hold for attempts that were live when s was loaded: they have been held since its row was written.
func (s *share) restore(delta int64) {
	s.held += delta
	if s.held < 0 {
		panic(fmt.Sprintf("sched: share %s holds %d thousandths of a vCPU", s.name, s.held))
	}
}

// retune changes how fast use is forgotten from now on.
func (s *share) retune(at batch.Time, d decay) {
	if d != s.decay {
		s.settle(at)
		s.decay = d
	}
}

// active reports whether s counts among the active shares of its queue: it has jobs, or use that still counts.
func (s *share) active(at batch.Time) bool { return s.jobs > 0 || s.use(at) > 0 }

// shareKey says how much a share has had of what its weight gives it, as a number of 128 bits. The lowest is served first.
type shareKey struct{ hi, lo uint64 }

func (k shareKey) compare(o shareKey) int {
	return cmp.Or(cmp.Compare(k.hi, o.hi), cmp.Compare(k.lo, o.lo))
}

// key is the weight of s times the larger of what it has used and what its use will come to if it goes on holding
// what it holds now, attempts that wait for a place included.
//
// The second divides a burst before anything has been used, and keeps a share that comes back from taking
// everything until its use has caught up. It is not added to the first: at the moment of choice a share has just lost an
// attempt, so the sum would count it as smaller than it is, by as much for a share of one attempt as for a
// share of hundreds, and small shares would get up to twice what is theirs.
func (s *share) key(at batch.Time) shareKey {
	_, into := s.decay.locate(max(at, s.asOf))
	hi, lo := bits.Mul64(uint64(s.weight), uint64(max(s.use(at), s.decay.level(s.held+s.ahead, into))))
	return shareKey{hi, lo}
}

// reservedMilliCPU is what a policy keeps free of total for shares that are not active: percent of it to the
// power of the number of active shares, rounded down.
func reservedMilliCPU(total int64, percent int32, active int) int64 {
	for i := 0; i < active && total > 0; i++ {
		total = total * int64(percent) / 100
	}
	if percent == 0 {
		return 0
	}
	return total
}

// checkShare refuses a submission whose share identifier its queue does not take. Fair says whether the queue has
// a fair-share policy, known whether the share is one of its active ones.
func checkShare(queue string, fair bool, identifier string, known bool, active int) error {
	switch {
	case fair && identifier == "":
		return batch.Errorf(batch.InvalidRequest, "shareIdentifier must be specified. Job queue %s has a fair-share policy", queue)
	case !fair && identifier != "":
		return batch.Errorf(batch.InvalidRequest, "shareIdentifier: given %q, but job queue %s has no fair-share policy; leave it out, or submit to a queue that has one", identifier, queue)
	case fair && !known && active >= batch.MaxShares:
		return batch.Errorf(batch.InvalidRequest, "shareIdentifier: %q would be one too many: job queue %s has %d active share identifiers, at most %d are allowed; use one of them, or wait until the jobs of one have ended and its use has decayed", identifier, queue, active, batch.MaxShares)
	default:
		return nil
	}
}
