package admission

import (
	"context"
	"net/http"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// Options are what the server says of its requests.
type Options struct {
	// Lasts reports whether a request is served for as long as its caller stays.
	Lasts func(r *http.Request) bool
	// Refuse answers a request with an error.
	Refuse func(w http.ResponseWriter, r *http.Request, err error)
	// Valid returns an error for an access key that has been revoked. If it is nil, keys are not checked again.
	Valid func(ctx context.Context, accessKeyID string) error
}

// Admission admits the requests of one server. It is safe for concurrent use.
type Admission struct {
	Options
	bodies  *room         // for the bytes of bodies, by their senders; see senderOf
	places  *room         // for requests that are served, by access key id
	lasting *room         // for requests that last, by access key id
	large   chan struct{} // holds a token for each request with a large body
	stays   stays
}

// New returns an Admission that has not admitted a request yet.
func New(o Options) *Admission {
	return &Admission{
		Options: o, bodies: newRoom(bodyRoom, senderRoom), places: newRoom(maxRequests, maxRequests/2),
		lasting: newRoom(maxLasting, maxLasting/2), large: make(chan struct{}, maxLargeRequests),
	}
}

// Bounded refuses requests beyond those that may be served at once, and serves few that are large.
func (a *Admission) Bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.IdentityOf(r.Context())
		among, lasts := a.places, a.Lasts(r)
		if lasts { // it holds a place for long, and costs nothing
			among = a.lasting
			// The request is here. A deadline that is still set would end it: the server reads on to see whether the caller stays.
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		}
		if !among.take(id.AccessKeyID, 1) {
			a.Refuse(w, r, &wire.Error{Code: wire.CodeTooManyRequests, StatusCode: http.StatusTooManyRequests, Message: "Too Many Requests"})
			return
		}
		defer among.give(id.AccessKeyID, 1)
		if lasts {
			ctx, leave := a.stays.begin(r.Context(), id.AccessKeyID)
			defer leave()
			if err := a.stillValid(ctx, id.AccessKeyID); err != nil {
				a.Refuse(w, r, err)
				return
			}
			r = r.WithContext(ctx)
		}
		if text, ok := auth.BodyOf(r); ok && len(text) > largeRequest {
			select {
			case a.large <- struct{}{}:
				defer func() { <-a.large }()
			case <-r.Context().Done():
				a.Refuse(w, r, r.Context().Err())
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// stillValid refuses a key that has been revoked. A request asks once it is among those that last: its key may have been
// revoked after its signature was checked and before [Admission.EndIfRevoked] could end it.
func (a *Admission) stillValid(ctx context.Context, accessKeyID string) error {
	if a.Valid == nil || accessKeyID == "" {
		return nil
	}
	return a.Valid(ctx, accessKeyID)
}

// EndIfRevoked ends the requests of a key that last, if it has been revoked.
func (a *Admission) EndIfRevoked(ctx context.Context, accessKeyID string) {
	if a.stillValid(ctx, accessKeyID) != nil {
		a.stays.end(accessKeyID)
	}
}
