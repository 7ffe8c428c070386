package metadata

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Options are what a handler is made of.
type Options struct {
	Store  store.Readable
	Place  batch.Place
	Logger *slog.Logger // nil discards
	// Listener is what [Listen] listens with; nil: TCP.
	Listener func(ctx context.Context, network, address string) (net.Listener, error)
	// Key is what the paths are made with. With the same key they stay the same after a restart.
	Key []byte
	// Base is the URL that is served, without a slash at its end.
	Base string
}

// Handler answers attempts. Each attempt has a path of its own, which other attempts cannot guess. The path is made from the
// attempt's id and the key alone, so that the service stores nothing and a path is valid after a restart. A Handler is safe
// for concurrent use.
type Handler struct{ Options }

const (
	// prefix leads the paths of metadata.
	prefix = "/v4/"
	// ofTask ends the path of what is said of a task, not of its container.
	ofTask = "/task"
	// markBytes is how many bytes of the hash a path has.
	markBytes = 16
)

// New returns a handler.
func New(o Options) *Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Handler{o}
}

// URL returns where an attempt finds out about itself.
func (h *Handler) URL(a batch.AttemptID) string { return h.Base + prefix + h.token(a) }

// token is the task id of an attempt and a mark that only the key makes.
func (h *Handler) token(a batch.AttemptID) string {
	id := describe.TaskID(a)
	mac := hmac.New(sha256.New, h.Key)
	_, _ = mac.Write([]byte(id)) // a hash does not fail
	return id + "-" + hex.EncodeToString(mac.Sum(nil)[:markBytes])
}

// parse returns whose path a token is.
func (h *Handler) parse(token string) (batch.AttemptID, bool) {
	at := strings.LastIndexByte(token, '-')
	if at < 0 {
		return batch.AttemptID{}, false
	}
	a, ok := describe.ParseTaskID(token[:at])
	return a, ok && hmac.Equal([]byte(h.token(a)), []byte(token))
}

// ServeHTTP answers what is known of the attempt whose path it is, and 404 to everything else.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.URL.Path, prefix)
	token, whole := strings.CutSuffix(token, ofTask)
	a, known := h.parse(token)
	if !ok || !known || r.Method != http.MethodGet || (auth.Guard{}).Check(r) != nil {
		http.NotFound(w, r)
		return
	}
	found, err := h.find(r.Context(), a)
	switch {
	case err != nil:
		h.Logger.Error("metadata of an attempt cannot be read", "attempt", a.String(), "error", err)
		http.Error(w, "the metadata cannot be read now", http.StatusInternalServerError)
	case found == nil:
		http.NotFound(w, r)
	case whole:
		write(w, h.task(found))
	default:
		write(w, h.container(found))
	}
}

func write(w http.ResponseWriter, answer any) {
	text, err := json.Marshal(answer)
	if err != nil { // it is made of plain values
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text) // the caller has gone if this fails
}
