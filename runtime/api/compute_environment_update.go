package api

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/document"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) updateComputeEnvironment(ctx context.Context, c call, q *wire.UpdateComputeEnvironmentRequest) (wire.ComputeEnvironmentResponse, error) {
	name := s.Place.NameOf(batch.ResourceEnvironment, q.ComputeEnvironment)
	err := revise("compute environment "+name, func() error {
		next, err := s.revisedEnvironment(ctx, name, q)
		if err != nil {
			return err
		}
		_, err = engine.Do(ctx, s.Engine, sched.UpdateEnvironment{Caller: c.caller, Environment: next})
		return err
	})
	return s.environmentAnswer(name), err
}

// revisedEnvironment returns what is stored of the compute environment with that name, changed as q asks for, if that is allowed.
func (s *server) revisedEnvironment(ctx context.Context, name string, q *wire.UpdateComputeEnvironmentRequest) (batch.Environment, error) {
	found, err := s.Store.Environments(ctx, store.NameQuery{Names: []string{name}})
	if err != nil {
		return batch.Environment{}, err
	}
	if len(found) == 0 {
		return batch.Environment{}, batch.Errorf(batch.NotFound, "compute environment %s does not exist", name)
	}
	current, err := s.environmentDetail(found[0])
	if err != nil {
		return batch.Environment{}, err
	}
	if err := q.ValidateFor(&current); err != nil {
		return batch.Environment{}, err
	}
	d, err := document.OfEnvironment(&found[0])
	if err != nil {
		return batch.Environment{}, err
	}
	q.ApplyTo(&d)
	next, err := document.Environment(d)
	next.UUID, next.Revision = found[0].UUID, found[0].Revision
	return next, err
}
