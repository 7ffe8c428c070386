package sqlstore

import (
	"context"
	"errors"
)

// errNotRemembered ends a try to answer from memory.
var errNotRemembered = errors.New("the answer is not in memory")

// view is what is read together: a session inside a transaction.
type view struct {
	store   *Store
	session *session // nil while all is answered from memory
	missed  bool     // something was asked that memory does not know
	age     uint64   // of the recent answers, before it began
	pinned  bool     // something was read, so its moment is settled
	failed  error    // the first read that failed
}

// viewKey is where a context has its view.
type viewKey struct{}

// viewOf returns the view of s in ctx; nil if there is none.
func (s *Store) viewOf(ctx context.Context) *view {
	if v, ok := ctx.Value(viewKey{}).(*view); ok && v.store == s {
		return v
	}
	return nil
}

// Together implements store.Reader.
func (s *Store) Together(ctx context.Context, f func(context.Context) error) error {
	if s.viewOf(ctx) != nil {
		return f(ctx)
	}
	if err := s.usable(ctx, "read from"); err != nil {
		return err
	}
	v := &view{store: s, age: s.recent.now()}
	said := f(context.WithValue(ctx, viewKey{}, v))
	if !v.missed {
		return said
	}
	v, said = &view{store: s, age: s.recent.now()}, nil
	err := s.read(ctx, "read from", func(r *session) error {
		v.session = r
		said = f(context.WithValue(ctx, viewKey{}, v))
		return v.failed
	})
	if said != nil {
		return said
	}
	return err
}

// pin settles which moment v, which ctx has, is of: that of the first read of its transaction. A recent answer must not
// come before it.
func (v *view) pin(ctx context.Context) error {
	if v.pinned || v.session == nil {
		return nil
	}
	return v.store.read(ctx, "read from", func(r *session) error {
		_, err := r.exec(brief(ctx), readNothing)
		return err
	})
}
