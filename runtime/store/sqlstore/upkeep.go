package sqlstore

import (
	"context"
	"errors"
	"time"
)

// upkeep keeps the database tidy, and forgets old lines of the transition log and of the audit log, off the path of
// commits, until the store is closed.
func (s *Store) upkeep() {
	defer s.done.Done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	pause := time.NewTimer(0)
	defer pause.Stop()
	var pruned time.Time
	for {
		select {
		case <-s.stop:
			return
		case <-pause.C:
		}
		select {
		case <-s.stop:
			return
		case <-s.dirty:
		}
		if !s.tokens.whole.Load() {
			if err := s.learnTokens(ctx); err != nil && !errors.Is(err, errClosed) {
				s.log.Error("the tokens of submissions could not be learnt; until that succeeds each one is looked for", "error", err)
			}
		}
		var err error
		if pruned, err = s.pruneIfDue(ctx, s.retention, pruned); err != nil && !errors.Is(err, errClosed) {
			s.log.Error("old lines of the transition log and of the audit log could not be forgotten; they grow until that succeeds", "error", err)
		}
		if err := s.database.Tidy(ctx, s.db, s.alone); err != nil {
			s.log.Error("store upkeep failed; the store takes more room than it needs until it succeeds", "error", s.explain("tidy", err))
		}
		pause.Reset(upkeepPause)
	}
}

// alone runs f while nobody commits.
func (s *Store) alone(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}
