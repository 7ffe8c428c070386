package api

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// ofOneMoment answers q by f, which reads all that it answers from the reader that it is given: else a job may have SUCCEEDED in
// one part of an answer and run in another.
func ofOneMoment[Q, A any](ctx context.Context, s store.Readable, q Q, f func(context.Context, store.Reader, Q) (A, error)) (answer A, err error) {
	err = s.Together(ctx, func(r store.Reader) error {
		answer, err = f(ctx, r, q)
		return err
	})
	return answer, err
}
