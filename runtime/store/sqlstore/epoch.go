package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// lead makes this store the writer of its database: it takes the lease and the next epoch. The epoch is durable before
// anything is written under it, so that two writers never have the same one.
func (s *Store) lead(ctx context.Context) error {
	err := s.writer.inTransaction(ctx, s.database.BeginWrite(), func(w *session) error {
		if _, err := w.exec(ctx, nextEpoch); err != nil {
			return err
		}
		found, err := w.one(ctx, currentEpoch, nil, &s.epoch)
		if err == nil && !found {
			err = fmt.Errorf("%w: it does not say which epoch it is in", store.ErrCorrupt)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("take the lease of the writer: %w", err)
	}
	s.trust.renew(time.Now())
	return nil
}

// Epoch implements store.Writer.
func (s *Store) Epoch() int64 { return s.epoch }

// holds returns an error that wraps store.ErrDeposed unless the store is in that epoch. In a transaction that writes it
// keeps the next writer from beginning before the transaction has ended.
func (s *session) holds(ctx context.Context, query string, epoch int64) error {
	var now int64
	if _, err := s.one(ctx, query, nil, &now); err != nil {
		return err
	}
	if now != epoch {
		return deposed(epoch, now)
	}
	return nil
}

func deposed(epoch, now int64) error {
	return fmt.Errorf("%w: its epoch is %d and the store is in epoch %d", store.ErrDeposed, epoch, now)
}

// connect opens the connection that writes again, if it was lost. The epoch tells whether there was another writer meanwhile. If there was none,
// but somebody has the lease, it is the next writer, or the server has not noticed that the connection is lost: the caller tries
// again later. The lock of the writer is held.
func (s *Store) connect(ctx context.Context) error {
	if s.writer != nil {
		return nil
	}
	if err := s.database.Check(); err != nil {
		return err
	}
	w, err := openSession(ctx, s.db, s.database, s.database.Writer)
	if err != nil {
		return err
	}
	if err = w.holds(ctx, currentEpoch, s.epoch); err == nil {
		err = s.database.Lease(ctx, w.conn, false)
	}
	if err != nil {
		return errors.Join(err, w.close())
	}
	s.writer = w
	return nil
}

// dropIfLost gives the connection that writes up if it does not answer, and reports whether it did. The lock of the writer is held.
func (s *Store) dropIfLost(ctx context.Context) bool {
	if s.writer.conn.PingContext(ctx) == nil {
		return false
	}
	_ = s.writer.close()
	s.writer = nil
	return true
}

// orDeposed adds to err, which says that another program wrote to the database, that it was the next writer, if so. It looks in a
// transaction that writes, because the next writer's first one may be under way. The lock of the writer is held.
func (s *Store) orDeposed(err error) error {
	if !errors.Is(err, store.ErrGone) || s.writer == nil {
		return err
	}
	var now int64
	failed := s.writer.inTransaction(context.Background(), s.database.BeginWrite(), func(w *session) error {
		_, err := w.one(context.Background(), currentEpoch, nil, &now)
		return err
	})
	if failed != nil || now <= s.epoch {
		return err
	}
	return errors.Join(deposed(s.epoch, now), err)
}

// trust says how long what a store remembers may be used without looking. While a store is the writer it knows every
// change, because it made it. Whether it still is the writer it finds out with every commit and, when there are none,
// with a read that begins after trustInterval. A store that was deposed is never trusted again.
type trust struct {
	until atomic.Int64
	over  atomic.Bool // the store was deposed
}

// start is what times of trust are counted from, so that they are monotonic.
var start = time.Now()

// renew is called when the store was found to be the writer, with a time before it began to look.
func (t *trust) renew(at time.Time) { t.until.Store(int64(at.Add(trustInterval).Sub(start))) }

// end is called when a transaction that writes failed: the writer may have been deposed.
func (t *trust) end(err error) {
	if errors.Is(err, store.ErrDeposed) {
		t.over.Store(true)
	}
	t.until.Store(0)
}

func (t *trust) holds() bool { return int64(time.Since(start)) < t.until.Load() && !t.over.Load() }

// confirm renews the trust, if it has ended, by a look at the epoch in the transaction of r. That another store is the
// writer is no error of a read: it only ends the use of memory.
func (s *Store) confirm(r *session) error {
	if s.trust.holds() {
		return nil
	}
	var now int64
	at := time.Now()
	if _, err := r.one(context.Background(), currentEpoch, nil, &now); err != nil {
		return err
	}
	if now == s.epoch {
		s.trust.renew(at)
	}
	return nil
}
