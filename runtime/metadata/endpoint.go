package metadata

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/durable"
)

const (
	// keyBytes is how long the key is that paths are made with.
	keyBytes = 32
	maxPort  = 1<<16 - 1
)

// Endpoint is a handler and where it is to be served: on loopback, without TLS and without signatures, whatever the service itself does,
// because that is what jobs expect.
type Endpoint struct {
	*Handler
	Listener net.Listener
}

// place is what the file of an endpoint says: it must be found again by attempts that outlive the runtime.
type place struct {
	Port int    `json:"port"`
	Key  []byte `json:"key"` // what the paths of attempts are made with
}

// Listen returns an endpoint at the place that file names, with the same paths; it makes Key and Base of o. Without a file, or with a
// damaged one, it chooses a place and writes the file. If the port is taken it chooses another one, and attempts that run do not find
// the endpoint again.
func Listen(ctx context.Context, file string, o Options) (*Endpoint, error) {
	at, err := readPlace(file)
	if err != nil {
		return nil, err
	}
	before := at.Port
	if before == 0 {
		at.Key = make([]byte, keyBytes)
		_, _ = rand.Read(at.Key) // it never fails
	}
	handler := New(o)
	listen := o.Listener
	if listen == nil {
		listen = new(net.ListenConfig).Listen
	}
	listener, err := listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(before)))
	if err != nil && before != 0 {
		handler.Logger.Warn("the port of the metadata endpoint is taken; jobs that run will not find their metadata", "port", before, "error", err)
		listener, err = listen(ctx, "tcp4", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listening at the metadata endpoint: %w", err)
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		at.Port = address.Port
	}
	if at.Port != before {
		if err := writePlace(file, at); err != nil {
			return nil, errors.Join(err, listener.Close())
		}
	}
	handler.Key, handler.Base = at.Key, "http://"+listener.Addr().String()
	return &Endpoint{Handler: handler, Listener: listener}, nil
}

// readPlace returns what the file says. It is a convenience for attempts that outlive the runtime: one that is damaged
// counts as not there.
func readPlace(file string) (place, error) {
	var at place
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return place{}, nil
	}
	if err != nil {
		return place{}, fmt.Errorf("reading the address of the metadata endpoint: %w", err)
	}
	whole := json.Unmarshal(text, &at) == nil && len(at.Key) == keyBytes && at.Port > 0 && at.Port <= maxPort
	if !whole {
		at = place{}
	}
	return at, nil
}

func writePlace(file string, at place) error {
	text, err := json.Marshal(at)
	if err == nil {
		err = durable.Replace(file, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keeping the address of the metadata endpoint: %w", err)
	}
	return nil
}
