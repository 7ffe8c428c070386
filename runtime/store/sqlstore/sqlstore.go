package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Options say where a store is and how it works. Only Path is required.
type Options struct {
	// Path is the database file. It is made, readable by its owner only, if it does not
	// exist; its directory must exist.
	Path string
	// Readers is how many queries may run at once; 0: 4.
	Readers int
	// Retention is how much of the transition log and of the audit log is kept.
	Retention store.Retention
	// Beside names further files that must stay in their places while the store is open, such as the lock of its directory.
	Beside []string
	// Log receives what goes wrong behind the commits; nil discards it.
	Log *slog.Logger
}

// Store is a store.Store in a SQLite file: one connection that writes, a few that
// read, one that keeps the write-ahead log short.
type Store struct {
	path      string
	log       *slog.Logger
	db        *sql.DB
	retention store.Retention
	files     *files // those that must stay in their places

	mu     sync.Mutex // held while the writer writes
	writer *session   // nil once closed
	roots  roots      // what the writer knows of submissions

	readers chan *session // nil entries are opened when needed
	recent  recent
	tokens  *tokens

	dirty chan struct{} // something was committed
	stop  chan struct{}
	done  sync.WaitGroup
}

var _ store.Store = (*Store)(nil)

// errClosed is what calls after Close return.
var errClosed = errors.New("it is closed")

// Open opens the store at options.Path, making or migrating it as needed, and starts
// its upkeep; Close ends that. Errors wrap store.ErrCorrupt when the file cannot be
// trusted, store.ErrFull when there is no room, [ErrNewer] when a later version wrote it.
func Open(ctx context.Context, options Options) (*Store, error) {
	if options.Path == "" {
		return nil, errors.New("open store: no path given; name the database file")
	}
	path, err := filepath.Abs(options.Path)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", options.Path, err)
	}
	s := &Store{path: path, log: options.Log, retention: options.Retention.WithDefaults(), roots: roots{}, tokens: newTokens(), dirty: make(chan struct{}, 1), stop: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.open(ctx, options.Beside); err != nil {
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

func (s *Store) open(ctx context.Context, beside []string) error {
	size, err := prepareFile(s.path)
	if err != nil {
		return err
	}
	if s.db, err = sql.Open(driverName, dataSource(s.path)); err != nil {
		return err
	}
	s.db.SetMaxIdleConns(-1) // a session that is closed is gone, with its transaction
	if s.writer, err = openSession(ctx, s.db, writerPragmas); err != nil {
		return err
	}
	if err := s.writer.migrate(ctx, migrations); err != nil {
		return err
	}
	if s.files, err = openFiles(s.path, beside); err != nil {
		return err
	}
	if size > 0 && size <= checkedBytes {
		return s.writer.quickCheck(ctx)
	}
	return nil
}

// Close waits for what runs, moves what is committed into the one file and closes it. If the files are not in their places it
// leaves them as they are: the last session that closes would write to whatever is there.
func (s *Store) Close() error {
	s.mu.Lock()
	writer := s.writer
	s.writer = nil
	s.mu.Unlock()
	if writer == nil {
		return nil
	}
	close(s.stop)
	s.done.Wait()
	if s.files.check() != nil {
		// The last session that closes would write the log into whatever is there. They stay open until the process ends.
		return s.db.Close()
	}
	var errs []error
	for range cap(s.readers) {
		if r := <-s.readers; r != nil {
			errs = append(errs, r.close())
		}
	}
	close(s.readers)
	errs = append(errs, writer.close(), s.db.Close())
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

// read runs f on a connection of its own, or on that of the view in ctx. Everything f reads is of one moment.
func (s *Store) read(ctx context.Context, what string, f func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return s.explain(what, err)
	}
	if v := s.viewOf(ctx); v != nil {
		if v.session == nil {
			v.missed = true
			return errNotRemembered
		}
		v.pinned = true
		if err := f(v.session); err != nil {
			err = s.orGone(err)
			if v.failed == nil {
				v.failed = err
			}
			return s.explain(what, err)
		}
		return nil
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
	if r == nil {
		// A new session finds the file by its name.
		if err := s.files.check(); err != nil {
			return nil, err
		}
		// The session outlives this call; its preparation is short.
		if r, err = openSession(context.WithoutCancel(ctx), s.db, readerPragmas); err != nil {
			return nil, err
		}
	}
	whole := false
	defer func() {
		if !whole {
			_ = r.close()
		}
	}()
	if err = r.inTransaction(ctx, beginRead, f); err != nil {
		return nil, err
	}
	whole = true
	return r, nil
}

// explain says what was done to which file, and wraps the sentinel that err means.
func (s *Store) explain(what string, err error) error {
	return fmt.Errorf("%s store %s: %w", what, s.path, classify(s.path, err))
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
	if s.writer == nil {
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
	err := s.files.write(&s.files.log, func() error {
		return s.recent.change(delta, func() error {
			return s.writer.inTransaction(context.WithoutCancel(ctx), beginWrite, func(w *session) error {
				return (&commit{session: w, roots: s.roots, pack: make([]byte, 0, 1024)}).write(delta)
			})
		})
	})
	if err != nil {
		clear(s.roots)
		return s.explain("commit to", err)
	}
	s.changed()
	return nil
}

// Check returns an error that wraps store.ErrGone if the files of the store are not in their places. [Store.Commit] looks
// by itself; Check is for the time between commits.
func (s *Store) Check() error {
	if err := s.files.check(); err != nil {
		return s.explain("look at", err)
	}
	return nil
}

// orGone adds to err that the files of the store are not in their places, if so: that explains any other error.
func (s *Store) orGone(err error) error {
	if gone := s.files.check(); gone != nil {
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
