package api

import (
	"context"
	"net/http"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// status says what this runtime is and does, all of it of one moment: that of the store.
func (s *server) status(w http.ResponseWriter, r *http.Request) error {
	counts, err := s.Store.Counts(r.Context())
	if err != nil {
		return err
	}
	answer := wire.StatusResponse{
		Version: s.Version, PID: s.PID, StateDirectory: s.StateDir, AWS: s.AWS, Region: s.Place.Region, AccountID: s.Place.Account,
		StartedAt: s.StartedAt.UnixMilli(), Jobs: map[string]int64{}, Running: counts[batch.Starting] + counts[batch.Running],
	}
	for _, status := range batch.Statuses() {
		answer.Jobs[status.String()] = counts[status]
	}
	return write(w, answer)
}

func (s *server) doctor(w http.ResponseWriter, r *http.Request) error {
	return write(w, wire.DoctorResponse{Checks: s.Doctor(r.Context())})
}

// stop asks the runtime to end. Attempts go on running. It ends too if that cannot be written down, as when the store is full.
func (s *server) stop(w http.ResponseWriter, r *http.Request) error {
	if s.Stop == nil {
		return batch.Errorf(batch.InvalidRequest, "this runtime cannot be stopped over the API")
	}
	caller := callerOf(r)
	s.Logger.Info("asked to stop", "who", caller.Who, "source", caller.Source)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), recordPatience)
	defer cancel()
	if _, err := engine.Do(ctx, s.Engine, sched.Keep{Command: registry.RecordStop{Caller: caller}}); err != nil {
		s.Logger.Warn("that the runtime was asked to stop is not in the audit log", "who", caller.Who, "source", caller.Source, "error", err)
	}
	err := write(w, wire.Empty{})
	s.Stop()
	return err
}

// lease keeps the runtime from ending for idleness while the connection is open.
func (s *server) lease(w http.ResponseWriter, r *http.Request) error {
	release := s.Lease()
	defer release()
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/plain")
	beat := time.NewTicker(leaseBeat)
	defer beat.Stop()
	for {
		if _, err := w.Write([]byte("\n")); err != nil {
			return nil //nolint:nilerr // the caller has gone: that is how a lease ends
		}
		if err := control.Flush(); err != nil {
			return nil //nolint:nilerr // as above
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-beat.C:
		}
	}
}
