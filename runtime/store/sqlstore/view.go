package sqlstore

import (
	"context"
	"errors"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// reader answers the queries of store.Reader. That of a [Store] reads each answer in a transaction of its own, one that
// [Store.Together] hands out reads all of them in one.
type reader struct {
	store *Store
	view  *view // nil: each answer has a transaction of its own
}

var _ store.Reader = reader{}

// view is a transaction that several answers are read in.
type view struct {
	session *session // nil once it has ended
	age     uint64   // of the recent answers before it began
	failed  error    // the first read that failed
}

// errEnded is what a reader returns that is used after the call that it was handed to.
var errEnded = errors.New("what is read together has ended")

// Together implements store.Readable.
func (s *Store) Together(ctx context.Context, f func(store.Reader) error) error {
	v := &view{age: s.recent.now()}
	var said error
	err := s.withSession(ctx, "read from", func(r *session) error {
		// The first statement settles which moment the transaction is of. A recent answer must not come before it.
		if _, err := r.exec(brief(ctx), readNothing); err != nil {
			return err
		}
		v.session = r
		defer func() { v.session = nil }()
		said = f(reader{store: s, view: v})
		return v.failed
	})
	if said != nil {
		return said
	}
	return err
}

// read runs f in the transaction of the view, or in one of its own.
func (s reader) read(ctx context.Context, what string, f func(*session) error) error {
	v := s.view
	if v == nil {
		return s.store.withSession(ctx, what, f)
	}
	err := ctx.Err()
	switch {
	case err != nil:
		return s.store.explain(what, err)
	case v.session == nil:
		return s.store.explain(what, errEnded)
	}
	if err = f(v.session); err == nil {
		return nil
	}
	err = s.store.orGone(err)
	if v.failed == nil {
		v.failed = err
	}
	return s.store.explain(what, err)
}

// age is that of the recent answers that may be used and given.
func (s reader) age() uint64 {
	if s.view != nil {
		return s.view.age
	}
	return s.store.recent.now()
}
