package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/durable"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// Ready is what the ready file holds.
type Ready struct {
	Endpoint string `json:"endpoint"`
	PID      int    `json:"pid"`
	Version  string `json:"version"`
}

// Endpoint returns the URL at which the runtime is called from this machine.
func (a *App) Endpoint() string {
	scheme := "http://"
	if a.certificate != nil {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(a.listener.Addr().String())
	if err != nil {
		return scheme + a.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + net.JoinHostPort(host, port)
}

func (a *App) runtime() rendezvous.Runtime {
	r := rendezvous.Runtime{
		Endpoint: a.Endpoint(), PID: os.Getpid(), Version: Version, StartedAt: a.startedAt.UTC(),
		Region: a.options.Region, AccountID: a.options.AccountID,
	}
	if a.certificate != nil {
		r.Certificate = a.certificate.certFile
	}
	return r
}

// sayReady writes the ready file, whole at once.
func (a *App) sayReady() error {
	if a.options.ReadyFile == "" {
		return nil
	}
	text, err := json.Marshal(Ready{Endpoint: a.Endpoint(), PID: os.Getpid(), Version: Version})
	if err != nil {
		return fmt.Errorf("ready file: %w", err)
	}
	if err := durable.Replace(a.options.ReadyFile, append(text, '\n')); err != nil {
		return fmt.Errorf("writing the ready file %s: %w", a.options.ReadyFile, err)
	}
	return nil
}

// authenticator returns who says who is calling.
func (a *App) authenticator() auth.Authenticator {
	if a.options.Auth == AuthOff {
		a.log.Warn("authentication is off: every process of this machine may run commands as this user")
		return auth.Anonymous{}
	}
	return auth.NewSigV4(a.keys, time.Now)
}

// withMetrics serves metrics at /metrics and everything else with next.
func withMetrics(metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" {
			metrics.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guard accepts the names under which the service is called: those given, those of its certificate, that of the
// address, and if it listens everywhere, those of this machine.
func (a *App) guard() auth.Guard {
	var names func() []string
	hosts := slices.Clone(a.options.Hosts)
	if a.certificate != nil {
		names = a.certificate.names
	}
	host, _, err := net.SplitHostPort(a.options.Listen)
	if err != nil || host == "" {
		host = "0.0.0.0"
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsUnspecified() {
		return auth.Guard{Hosts: append(hosts, host), Names: names}
	}
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		a.log.Warn("the addresses of this machine are not known; name those in use as hosts", "error", err)
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok {
			hosts = append(hosts, network.IP.String())
		}
	}
	return auth.Guard{Hosts: hosts, Names: names}
}

// endLeases ends the connections that only hold a lease, or follow events, when the runtime stops: they would not end by
// themselves.
func (a *App) endLeases(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != wire.PathLease && r.URL.Path != wire.PathEvents {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			select {
			case <-a.closing:
				cancel()
			case <-ctx.Done():
			}
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
