package store

import (
	"context"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// RecordQuery selects rows of one kind that are stored as records, by name.
type RecordQuery struct {
	New   func() batch.Recorded // returns an empty row of that kind
	Scope string                // see [batch.Record]
	NameQuery
}

// Kind is the kind of the rows that q selects.
func (q *RecordQuery) Kind() string { return q.New().Record().Kind }

// Records is what [Named] and [Within] need of a [Reader].
type Records interface {
	Records(ctx context.Context, q RecordQuery) ([]batch.Recorded, error)
}

// recorded is what R is, if a pointer to it is stored as a record.
type recorded[R any] interface {
	*R
	batch.Recorded
}

// Named returns nouns that are stored as records, for example Named[batch.Consumable](ctx, reader, query).
func Named[R any, P recorded[R]](ctx context.Context, r Records, q NameQuery) ([]R, error) {
	return Within[R, P](ctx, r, "", q)
}

// Within is Named for nouns whose names are unique within a scope, such as the quota shares of a job queue.
func Within[R any, P recorded[R]](ctx context.Context, r Records, scope string, q NameQuery) ([]R, error) {
	found, err := r.Records(ctx, RecordQuery{New: func() batch.Recorded { return P(new(R)) }, Scope: scope, NameQuery: q})
	if err != nil {
		return nil, err
	}
	rows := make([]R, len(found))
	for i, row := range found {
		of, ok := row.(P)
		if !ok {
			return nil, fmt.Errorf("the store answers a query about %T with a row of %T", of, row)
		}
		rows[i] = *of
	}
	return rows, nil
}
