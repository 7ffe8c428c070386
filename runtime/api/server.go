package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/admission"
	"github.com/batchd/terraform-provider-batch/runtime/api/logs"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Options are what a server is made of. The fields up to Guard are required.
type Options struct {
	Engine        *engine.Engine
	Store         store.Readable
	Logs          joblog.Reader
	Place         batch.Place
	Authenticator auth.Authenticator
	Guard         auth.Guard
	// Keys are the access keys that the operations on keys make and revoke; nil refuses those.
	Keys     *auth.StoredKeys
	Version  string
	StateDir string
	// AWS is whether jobs of environments of an account run there.
	AWS       bool
	PID       int
	StartedAt time.Time
	Logger    *slog.Logger // nil discards
	// TrustJobs lets every key that may submit run what reaches the machine: processes, privileged containers, and those with
	// paths of the host in them. Otherwise only administrators do.
	TrustJobs bool
	// RunAs is the user, or the range of user ids, that processes run as. If it is empty they run as the runtime's own user;
	// otherwise every key that may submit may run processes.
	RunAs string
	// Doctor looks at the runtime and its machine; nil finds nothing.
	Doctor func(ctx context.Context) []wire.Check
	// Stop asks the process to end and returns at once; nil refuses.
	Stop func()
	// Events is where events are read; nil tells none.
	Events EventSource
	// Observe is told of every request that was answered, by the name that AWS's policies have for the operation; took is
	// 0 for what lasts until the caller goes. Nil is told nothing.
	Observe func(operation string, status int, took time.Duration)
	// Lease notes that somebody needs the runtime until release is called; nil notes nothing.
	Lease func() (release func())
}

// server answers requests.
type server struct {
	Options
	routes    map[string]route
	admission *admission.Admission
	denials   admission.Denials
	counts    *describe.Counts
	logs      *logs.Service
}

// New returns the handler of every operation. It is safe for concurrent use and starts nothing.
func New(o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Doctor == nil {
		o.Doctor = func(context.Context) []wire.Check { return nil }
	}
	if o.Lease == nil {
		o.Lease = func() func() { return func() {} }
	}
	s := &server{Options: o, counts: describe.NewCounts()}
	s.logs = &logs.Service{Engine: o.Engine, Store: o.Store, Logs: o.Logs, Place: o.Place, StartedAt: o.StartedAt}
	s.admission = admission.New(admission.Options{
		Lasts: func(r *http.Request) bool { return s.routes[key(r)].lasts }, Refuse: s.refuse, Valid: s.keyIsValid,
	})
	s.routes = s.table()
	operations := auth.Middleware(o.Guard, o.Authenticator, s.limit, s.refuse, s.admission.Bounded(http.HandlerFunc(s.dispatch)))
	handler := s.attend(s.admission.Paced(s.servedOnly(operations)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			s.health(w)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// keyIsValid returns an error for an access key that has been revoked, if the runtime keeps keys at all.
func (s *server) keyIsValid(ctx context.Context, accessKeyID string) error {
	if s.Keys == nil {
		return nil
	}
	_, ok, err := s.Keys.Lookup(ctx, accessKeyID)
	if err == nil && !ok {
		err = auth.UnknownKey(accessKeyID)
	}
	return err
}

// dispatch serves a request whose caller is known.
func (s *server) dispatch(w http.ResponseWriter, r *http.Request) {
	found, err := s.find(r)
	if err == nil {
		err = s.authorise(r, found.grant)
	}
	if err == nil {
		err = found.serve(w, r)
	}
	if err != nil {
		s.refuse(w, r, err)
	}
}

// health tells whether commands are accepted. Anybody may ask, so it does not say why not: the log does.
func (s *server) health(w http.ResponseWriter) {
	state := s.Engine.Health().State
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if state != engine.Working {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(string(state) + "\n")) // the caller has gone if this fails
		return
	}
	_, _ = w.Write([]byte("ok\n")) // as above
}
