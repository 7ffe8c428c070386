package sqlstore

import (
	"context"
	"errors"
	"time"
)

// upkeep moves what is committed from the write-ahead log into the file, and forgets old lines of
// the transition log and of the audit log, off the path of commits, until the store is closed.
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
		if err := s.tidy(ctx, maxLogPages); err != nil {
			s.log.Error("store upkeep failed; the log beside the store grows until it succeeds", "error", s.explain("tidy", err))
		}
		pause.Reset(checkpointPause)
	}
}

// tidy runs one checkpoint, which waits for nobody. Only if the log is as long as the
// longest it may be, the little that was committed meanwhile is moved while commits are held back, because the
// log starts over only when all of it has been moved.
func (s *Store) tidy(ctx context.Context, longest int64) error {
	return s.files.write(&s.files.database, func() error { return s.checkpoint(ctx, longest) })
}

func (s *Store) checkpoint(ctx context.Context, longest int64) error {
	session, err := openSession(ctx, s.db, upkeepPragmas)
	if err != nil {
		return err
	}
	defer func() { _ = session.close() }()
	pages, err := session.checkpoint(ctx)
	if err != nil || pages < longest {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := session.checkpoint(ctx); err != nil {
		return err
	}
	return s.files.write(&s.files.log, func() error { return session.vacuum(ctx) })
}

// checkpoint moves what it can without waiting and returns how many pages the log has.
func (s *session) checkpoint(ctx context.Context) (pages int64, err error) {
	var busy, moved int64
	_, err = s.one(ctx, "PRAGMA wal_checkpoint(PASSIVE)", nil, &busy, &pages, &moved)
	return pages, err
}

// vacuum gives a few unused pages back to the file system, if there are many.
func (s *session) vacuum(ctx context.Context) error {
	var free int64
	if _, err := s.one(ctx, "PRAGMA freelist_count", nil, &free); err != nil || free < maxFreePages {
		return err
	}
	_, err := s.exec(ctx, vacuumStatement)
	return err
}
