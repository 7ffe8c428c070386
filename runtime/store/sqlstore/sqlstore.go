package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Options say where a store is and how it works. Only Database is required.
type Options struct {
	// Database is where the rows are kept.
	Database Database
	// Readers is how many queries may run at once; 0: 4.
	Readers int
	// Retention is how much of the transition log and of the audit log is kept.
	Retention store.Retention
	// Log receives what goes wrong behind the commits; nil discards it.
	Log *slog.Logger
}

// Store is a store.Store in a SQL database: one connection that writes and a few that read.
type Store struct {
	reader    // answers queries, each of a moment of its own
	database  Database
	log       *slog.Logger
	db        *sql.DB
	retention store.Retention
	epoch     int64 // of this store as the writer

	mu     sync.Mutex // held while the writer writes
	closed bool
	writer *session // nil if its connection was lost
	roots  roots    // what the writer knows of submissions

	readers chan *session // nil entries are opened when needed
	trust   trust         // in what is remembered: recent answers and tokens
	recent  recent
	tokens  *tokens

	dirty chan struct{} // something was committed
	stop  chan struct{}
	done  sync.WaitGroup
}

var _ store.Store = (*Store)(nil)

// errClosed is what calls after Close return.
var errClosed = errors.New("it is closed")

// Open opens the store in a database as its writer, making or migrating it as needed, and starts its upkeep; Close ends
// that. Whoever had the store open before is deposed. Errors wrap store.ErrCorrupt when the database cannot be
// trusted, store.ErrFull when there is no room, [ErrNewer] when a later version wrote it.
func Open(ctx context.Context, options Options) (*Store, error) {
	s := &Store{database: options.Database, log: options.Log, retention: options.Retention.WithDefaults(), roots: roots{}, tokens: newTokens(), dirty: make(chan struct{}, 1), stop: make(chan struct{})}
	s.reader = reader{store: s}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.open(ctx); err != nil {
		if s.db != nil {
			_ = s.db.Close()
		}
		return nil, s.explain("open", err)
	}
	readers := options.Readers
	if readers <= 0 {
		readers = defaultReaders
	}
	s.readers = make(chan *session, readers)
	for range readers {
		s.readers <- nil
	}
	s.done.Add(1)
	go s.upkeep()
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.db, err = s.database.Open(ctx); err != nil {
		return err
	}
	s.db.SetMaxIdleConns(-1) // a session that is closed is gone, with its transaction
	if s.writer, err = openSession(ctx, s.db, s.database, s.database.Writer); err != nil {
		return err
	}
	if err := s.database.Lease(ctx, s.writer.conn, true); err != nil {
		return err
	}
	if err := s.writer.migrate(ctx); err != nil {
		return err
	}
	if err := s.database.Verify(ctx, s.writer.conn); err != nil {
		return err
	}
	if err := s.lead(ctx); err != nil {
		return err
	}
	return s.database.Watch()
}

// Close waits for what runs and closes the database. One that is not in its place it leaves as it is: the last session that closes
// would write to whatever is there.
func (s *Store) Close() error {
	s.mu.Lock()
	writer, closed := s.writer, s.closed
	s.writer, s.closed = nil, true
	s.mu.Unlock()
	if closed {
		return nil
	}
	close(s.stop)
	s.done.Wait()
	if s.database.Check() != nil {
		// The sessions stay open until the process ends.
		return s.db.Close()
	}
	var errs []error
	for range cap(s.readers) {
		if r := <-s.readers; r != nil {
			errs = append(errs, r.close())
		}
	}
	close(s.readers)
	if writer != nil {
		errs = append(errs, writer.close())
	}
	errs = append(errs, s.db.Close())
	if err := errors.Join(errs...); err != nil {
		return s.explain("close", err)
	}
	return nil
}

// usable returns why nothing can be read.
func (s *Store) usable(ctx context.Context, what string) error {
	if err := ctx.Err(); err != nil {
		return s.explain(what, err)
	}
	select {
	case <-s.stop:
		return s.explain(what, errClosed)
	default:
		return nil
	}
}

// withSession runs f in a transaction of a session that reads. Everything f reads is of one moment.
func (s *Store) withSession(ctx context.Context, what string, f func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return s.explain(what, err)
	}
	var r *session
	var open bool
	select {
	case r, open = <-s.readers:
	case <-ctx.Done():
		return s.explain(what, ctx.Err())
	}
	if !open {
		return s.explain(what, errClosed)
	}
	var next *session // none if f panics
	defer func() { s.readers <- next }()
	next, err := s.readWith(ctx, r, f)
	if err != nil {
		return s.explain(what, s.orGone(err))
	}
	return nil
}

// readWith runs f on r, or on a new session if r is nil, and returns the session to use
// next time. A session that failed is not used again.
func (s *Store) readWith(ctx context.Context, r *session, f func(*session) error) (_ *session, err error) {
	used := r != nil
	if !used {
		// A new session finds the database by its name.
		if err := s.database.Check(); err != nil {
			return nil, err
		}
		// The session outlives this call; its preparation is short.
		if r, err = openSession(context.WithoutCancel(ctx), s.db, s.database, s.database.Reader); err != nil {
			return nil, err
		}
	}
	begun, whole := false, false
	defer func() {
		if !whole {
			_ = r.close()
		}
	}()
	err = r.inTransaction(ctx, s.database.BeginRead(), func(r *session) error {
		begun = true
		if err := s.confirm(r); err != nil {
			return err
		}
		return f(r)
	})
	if err != nil && used && !begun {
		return s.readWith(ctx, nil, f) // its connection was lost since it was used last
	}
	if err != nil {
		return nil, err
	}
	whole = true
	return r, nil
}

// explain says what was done to which database, and wraps the sentinel that err means.
func (s *Store) explain(what string, err error) error {
	return fmt.Errorf("%s store %s: %w", what, s.database, s.database.Explain(err))
}

// Commit implements store.Writer. It returns only when the rows are on disk.
func (s *Store) Commit(ctx context.Context, delta *batch.Delta) error {
	if err := ctx.Err(); err != nil {
		return s.explain("commit to", err)
	}
	if delta.Empty() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return s.explain("commit to", errClosed)
	}
	if len(s.roots) > maxKnownRoots {
		clear(s.roots)
	}
	for i := range delta.Jobs {
		if token := delta.Jobs[i].Token; token != "" {
			s.tokens.add(token)
		}
	}
	// Once begun it is not interrupted: that would only make its outcome unknown.
	err := s.recent.change(delta, func() error {
		return s.write(context.WithoutCancel(ctx), func(w *session) error {
			return (&commit{session: w, roots: s.roots, pack: make([]byte, 0, 1024)}).write(delta)
		})
	})
	if err != nil {
		clear(s.roots)
		return s.explain("commit to", err)
	}
	s.changed()
	return nil
}

// write runs f in a transaction that writes, as long as this store is the writer.
func (s *Store) write(ctx context.Context, f func(*session) error) error {
	at := time.Now()
	landed, err := s.tryWrite(ctx, f)
	if errors.Is(err, errNotBegun) {
		landed, err = s.tryWrite(ctx, f)
	}
	if err == nil {
		s.trust.renew(at)
		return nil
	}
	err = s.orDeposed(err)
	s.trust.end(err)
	if landed && errors.Is(err, store.ErrDeposed) {
		return nil // the next writer came after it
	}
	return err
}

// errNotBegun is wrapped by the error of a transaction that could not begin, because the connection was lost before it.
var errNotBegun = errors.New("the connection that writes was lost")

// tryWrite is write, once. Landed reports whether the transaction was committed.
func (s *Store) tryWrite(ctx context.Context, f func(*session) error) (landed bool, err error) {
	if err := s.connect(ctx); err != nil {
		return false, err
	}
	begun := false
	err = s.database.Write(func() error {
		err := s.writer.inTransaction(ctx, s.database.BeginWrite(), func(w *session) error {
			begun = true
			if err := w.holds(ctx, currentEpoch+s.database.ForShare(), s.epoch); err != nil {
				return err
			}
			return f(w)
		})
		landed = err == nil
		return err
	})
	if err != nil && s.dropIfLost(ctx) && !begun {
		err = fmt.Errorf("%w: %w", errNotBegun, err)
	}
	return landed, err
}

// Check returns an error that wraps store.ErrGone if the database is not in its place, and one that wraps
// store.ErrDeposed if this store is not the writer. [Store.Commit] looks by itself; Check is for the time between commits.
func (s *Store) Check(ctx context.Context) error {
	if err := s.database.Check(); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.explain("look at", s.orDeposed(err))
	}
	if s.trust.holds() {
		return nil
	}
	return s.read(ctx, "look at", func(r *session) error { return r.holds(ctx, currentEpoch, s.epoch) })
}

// orGone adds to err that the database is not in its place, if so: that explains any other error.
func (s *Store) orGone(err error) error {
	if gone := s.database.Check(); gone != nil {
		return errors.Join(gone, err)
	}
	return err
}

// changed wakes the upkeep.
func (s *Store) changed() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}
