package provider

import (
	"slices"
	"sync"
)

// handover is what the deletion of a job that is replaced leaves for the creation of its successor: Terraform calls
// both in one process and shows neither what the other was given.
type handover struct {
	// planned is that of the successor. Successors with equal ones are the same work, and each may have
	// what was left for another.
	planned fingerprint
	// key is the content key of the job that was replaced.
	key string
	// again says that the successor is to run every point.
	again bool
	// jobID is that job if it goes on or has succeeded, or empty; claim is the one on it that the successor gives up.
	jobID, claim string
	goesOn       bool
	// rerun says whether it was submitted to run every point.
	rerun bool
}

// handovers are those of one apply. The zero value is ready to use.
type handovers struct {
	mu   sync.Mutex
	left []handover
}

func (h *handovers) leave(one handover) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left = append(h.left, one)
}

// take returns what was left for a job of this fingerprint and content key, once; the zero handover if there is none. Where
// little was known in the plan, several may fit: one that was left by a job of the same key comes first.
func (h *handovers) take(is fingerprint, key string) handover {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.left, func(one handover) bool { return one.planned.fits(is) && one.key == key })
	if i < 0 {
		i = slices.IndexFunc(h.left, func(one handover) bool { return one.planned.fits(is) })
	}
	if i < 0 {
		return handover{}
	}
	one := h.left[i]
	h.left = slices.Delete(h.left, i, i+1)
	return one
}
