package store

import "context"

// OfOneMoment answers q by f, which reads all that it answers from the reader that it is given: else a job may have SUCCEEDED in
// one part of an answer and run in another.
func OfOneMoment[Q, A any](ctx context.Context, s Readable, q Q, f func(context.Context, Reader, Q) (A, error)) (answer A, err error) {
	err = s.Together(ctx, func(r Reader) error {
		answer, err = f(ctx, r, q)
		return err
	})
	return answer, err
}
