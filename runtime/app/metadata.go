package app

import (
	"context"
	"errors"
	"net/http"
)

// metadataFile is the name of the file that says where attempts ask about themselves.
const metadataFile = "metadata.json"

// serveMetadata answers attempts until Stop.
func (a *App) serveMetadata() {
	server := newServer(a.metadata, newConnections(maxMetadataConnections), a.log)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(a.metadata.Listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("attempts cannot ask about themselves any more", "error", err)
		}
	}()
	a.later("metadata server", func(context.Context) error {
		err := server.Close()
		<-served
		return err
	})
}
