package admission

import "sync"

// room is what requests share: so much in all, and so much of it for each of those that take it, so that none keeps
// the others out. Who has no name is alone, and may have it all.
type room struct {
	most, each int64
	mu         sync.Mutex
	taken      int64
	of         map[string]int64 // by who has taken it
}

func newRoom(most, each int64) *room { return &room{most: most, each: each, of: map[string]int64{}} }

func (r *room) take(who string, n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken+n > r.most || who != "" && r.of[who]+n > r.each {
		return false
	}
	r.taken += n
	r.of[who] += n
	return true
}

func (r *room) give(who string, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= n
	if r.of[who] -= n; r.of[who] <= 0 {
		delete(r.of, who)
	}
}
