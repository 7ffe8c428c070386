package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/durable"
	"github.com/batchd/terraform-provider-batch/runtime/metadata"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// metadataFile holds where attempts ask about themselves: it must be found again by those that outlive the runtime.
const metadataFile = "metadata.json"

// metadataPlace is what that file says.
type metadataPlace struct {
	Port int    `json:"port"`
	Key  []byte `json:"key"` // what the paths of attempts are made with
}

const (
	// metadataKeyBytes is how long the key is.
	metadataKeyBytes = 32
	maxPort          = 1<<16 - 1
)

// metadataEndpoint is where attempts ask about themselves: on loopback, without TLS and without signatures, whatever the
// service itself does, because that is what jobs expect.
type metadataEndpoint struct {
	listener net.Listener
	handler  *metadata.Handler
}

// openMetadata listens where it did the last time. If that place is taken, running attempts do not find it again.
func (a *App) openMetadata(ctx context.Context) (metadataEndpoint, error) {
	place, err := readMetadataPlace(a.dir)
	if err != nil {
		return metadataEndpoint{}, err
	}
	before := place.Port
	if len(place.Key) != metadataKeyBytes {
		place.Key = make([]byte, metadataKeyBytes)
		_, _ = rand.Read(place.Key) // it never fails
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(before)))
	if err != nil && before != 0 {
		a.log.Warn("the port of the metadata endpoint is taken; jobs that run will not find their metadata", "port", before, "error", err)
		listener, err = config.Listen(ctx, "tcp4", "127.0.0.1:0")
	}
	if err != nil {
		return metadataEndpoint{}, fmt.Errorf("listening at the metadata endpoint: %w", err)
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		place.Port = address.Port
	}
	if place.Port != before {
		if err := writeMetadataPlace(a.dir, place); err != nil {
			return metadataEndpoint{}, errors.Join(err, listener.Close())
		}
	}
	handler := metadata.New(metadata.Options{Store: a.store, Place: a.place(), Logger: a.log, Key: place.Key, Base: "http://" + listener.Addr().String()})
	return metadataEndpoint{listener: listener, handler: handler}, nil
}

// readMetadataPlace returns what the file says. It is a convenience for attempts that outlive the runtime: one that is damaged
// counts as not there.
func readMetadataPlace(dir *rendezvous.Dir) (metadataPlace, error) {
	var place metadataPlace
	text, err := os.ReadFile(dir.File(metadataFile))
	if errors.Is(err, fs.ErrNotExist) {
		return place, nil
	}
	if err != nil {
		return place, fmt.Errorf("reading the address of the metadata endpoint: %w", err)
	}
	whole := json.Unmarshal(text, &place) == nil && len(place.Key) == metadataKeyBytes && place.Port > 0 && place.Port <= maxPort
	if !whole {
		place = metadataPlace{}
	}
	return place, nil
}

func writeMetadataPlace(dir *rendezvous.Dir, place metadataPlace) error {
	text, err := json.Marshal(place)
	if err == nil {
		err = durable.Replace(dir.File(metadataFile), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keeping the address of the metadata endpoint: %w", err)
	}
	return nil
}

// serveMetadata answers attempts until Stop.
func (a *App) serveMetadata() {
	server := newServer(a.metadata.handler, newConnections(maxMetadataConnections), a.log)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(a.metadata.listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("attempts cannot ask about themselves any more", "error", err)
		}
	}()
	a.later("metadata server", func(context.Context) error {
		err := server.Close()
		<-served
		return err
	})
}

// place is what ARNs are made of.
func (a *App) place() batch.Place {
	return batch.Place{Region: a.options.Region, Account: a.options.AccountID}
}
