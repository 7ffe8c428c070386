package dockerengine

import (
	"io"
	"net/http"

	"github.com/google/uuid"
)

// metadataVariable is the variable in which a container finds its endpoint.
const metadataVariable = "ECS_CONTAINER_METADATA_URI_V4"

// Metadata serves the part of the task metadata endpoint (version 4) that says what a container uses: GET /{key}/stats, where the key is in the
// container's own variable. The statistics are those of Docker, as with the ECS agent. It is to be served at the URL of the options.
func (e *Engine) Metadata() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{key}/stats", func(w http.ResponseWriter, r *http.Request) {
		id, known := e.keyed(r.PathValue("key"))
		if !known {
			http.NotFound(w, r)
			return
		}
		stats, err := e.daemon.ContainerStatsOneShot(r.Context(), id)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer func() { _ = stats.Body.Close() }()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, stats.Body) // a container that has gone needs no answer
	})
	return mux
}

// newKey is the key of a container that is about to be created, and its variables with the one that says it.
func (e *Engine) newKey(environment []string) (key string, with []string) {
	if e.metadata == "" {
		return "", environment
	}
	key = uuid.NewString()
	return key, append(environment[:len(environment):len(environment)], metadataVariable+"="+e.metadata+"/"+key)
}

// keep notes which container has a key.
func (e *Engine) keep(key, id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keys[key] = id
}

func (e *Engine) keyed(key string) (id string, known bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	id, known = e.keys[key]
	return id, known && key != ""
}
