package admission

import "sync"

// room is a number of units that requests share. No more than most units are taken at once, and no more than each under one
// name, so that no caller keeps the others out. The empty name may take all of them: it stands for the callers of a runtime
// without authentication.
type room struct {
	most, each int64
	mu         sync.Mutex
	taken      int64
	of         map[string]int64 // taken, by name
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
