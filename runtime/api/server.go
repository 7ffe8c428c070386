package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Options are what a server is made of.
type Options struct {
	Engine        *engine.Engine
	Store         store.Reader
	Logs          joblog.Reader
	Authenticator auth.Authenticator
	Guard         auth.Guard
	Place         batch.Place
	Version       string
	StateDir      string
	PID           int
	StartedAt     time.Time
	Logger        *slog.Logger
	// Doctor looks at the runtime and its machine.
	Doctor func(ctx context.Context) []wire.Check
	// Stop asks the process to end; it returns at once.
	Stop func()
	// Lease notes that somebody needs the runtime until release is called.
	Lease func() (release func())
}

// server answers requests.
type server struct {
	Options
	routes map[string]route // by method and path
}

// route is one operation.
type route struct {
	limit int64 // of the body, in bytes
	serve func(w http.ResponseWriter, r *http.Request) error
}

// New returns the handler of every operation.
func New(o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &server{Options: o}
	s.routes = s.table()
	operations := auth.Middleware(o.Guard, o.Authenticator, s.limit, s.answer, http.HandlerFunc(s.dispatch))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			s.health(w)
			return
		}
		operations.ServeHTTP(w, r)
	})
}

// table lists every operation at its path.
func (s *server) table() map[string]route {
	return map[string]route{
		"POST " + wire.PathCreateComputeEnvironment:    operation(wire.MaxBody, s.createComputeEnvironment),
		"POST " + wire.PathDescribeComputeEnvironments: operation(wire.MaxBody, s.describeComputeEnvironments),
		"POST " + wire.PathUpdateComputeEnvironment:    operation(wire.MaxBody, s.updateComputeEnvironment),
		"POST " + wire.PathDeleteComputeEnvironment:    operation(wire.MaxBody, s.deleteComputeEnvironment),
		"POST " + wire.PathCreateJobQueue:              operation(wire.MaxBody, s.createJobQueue),
		"POST " + wire.PathDescribeJobQueues:           operation(wire.MaxBody, s.describeJobQueues),
		"POST " + wire.PathUpdateJobQueue:              operation(wire.MaxBody, s.updateJobQueue),
		"POST " + wire.PathDeleteJobQueue:              operation(wire.MaxBody, s.deleteJobQueue),
		"POST " + wire.PathRegisterJobDefinition:       operation(wire.MaxRegisterBody, s.registerJobDefinition),
		"POST " + wire.PathDescribeJobDefinitions:      operation(wire.MaxBody, s.describeJobDefinitions),
		"POST " + wire.PathDeregisterJobDefinition:     operation(wire.MaxBody, s.deregisterJobDefinition),
		"POST " + wire.PathSubmitJob:                   operation(wire.MaxSubmitBody, s.submitJob),
		"POST " + wire.PathDescribeJobs:                operation(wire.MaxBody, s.describeJobs),
		"POST " + wire.PathListJobs:                    operation(wire.MaxBody, s.listJobs),
		"POST " + wire.PathCancelJob:                   operation(wire.MaxBody, s.cancelJob),
		"POST " + wire.PathTerminateJob:                operation(wire.MaxBody, s.terminateJob),
		"GET " + wire.PathTags:                         {wire.MaxBody, s.listTags},
		"POST " + wire.PathTags:                        operation(wire.MaxBody, s.tagResource),
		"DELETE " + wire.PathTags:                      {wire.MaxBody, s.untagResource},
		"POST " + wire.PathResults:                     operation(wire.MaxBody, s.results),
		"POST " + wire.PathLogs:                        operation(wire.MaxBody, s.logs),
		"GET " + wire.PathStatus:                       {wire.MaxBody, s.status},
		"GET " + wire.PathDoctor:                       {wire.MaxBody, s.doctor},
		"POST " + wire.PathStop:                        {wire.MaxBody, s.stop},
		"POST " + wire.PathLease:                       {wire.MaxBody, s.lease},
	}
}

// find returns the route of a request. An ARN in the path is one escaped segment.
func (s *server) find(r *http.Request) (route, bool) {
	path := r.URL.EscapedPath()
	if strings.HasPrefix(path, wire.PathTags) {
		path = wire.PathTags
	}
	found, ok := s.routes[r.Method+" "+path]
	return found, ok
}

func (s *server) limit(r *http.Request) int64 {
	found, ok := s.find(r)
	if !ok {
		return wire.MaxBody
	}
	return found.limit
}

func (s *server) dispatch(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(wire.HeaderRequestID, requestID(r.Context()))
	found, ok := s.find(r)
	if !ok {
		s.answer(w, r, &wire.Error{
			Code: wire.CodeUnknownOperation, StatusCode: http.StatusNotFound,
			Message: r.Method + " " + r.URL.Path + " is not an operation of this service",
		})
		return
	}
	if err := found.serve(w, r); err != nil {
		s.answer(w, r, err)
	}
}

func (s *server) health(w http.ResponseWriter) {
	h := s.Engine.Health()
	if h.State != engine.Working {
		http.Error(w, string(h.State)+": "+h.Cause, http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // the caller has gone if this fails
}
