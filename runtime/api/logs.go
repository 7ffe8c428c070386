package api

import (
	"context"
	"net/http"

	"github.com/batchd/terraform-provider-batch/runtime/api/logs"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// headerTarget names the call of a service that has one path.
const headerTarget = "X-Amz-Target"

// jobLogs answers lines of the output of a job.
func (s *server) jobLogs(ctx context.Context, _ call, q *wire.LogsRequest) (wire.LogsResponse, error) {
	return s.logs.OfJob(ctx, q)
}

// logsOperation makes a route of a call of CloudWatch Logs.
func logsOperation[Q, A any](g grant, serve logs.Operation[Q, A]) route {
	return route{grant: g, serve: func(w http.ResponseWriter, r *http.Request) error {
		if err := auth.CheckContentType(r, logs.MediaType); err != nil {
			return err
		}
		body, err := read(r, wire.MaxBody)
		if err != nil {
			return err
		}
		answer, err := serve.Answer(r.Context(), callerOf(r), body)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", logs.MediaType)
		_, _ = w.Write(answer) // the caller has gone if this fails
		return nil
	}}
}
