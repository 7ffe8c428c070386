package bundled

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// Variables that tell the fake runtime how to behave.
const (
	envVersion = "FAKE_VERSION" // its version; default testVersion
	envBusy    = "FAKE_BUSY"    // it has a job that runs
	envBroken  = "FAKE_BROKEN"  // it fails to start, with this line in its log
)

const testVersion = "1.2.0"

// TestMain is the fake runtime when this test binary is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == Argument {
		if err := serveFake(os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if is, err := standIn(os.Args[1:]); is {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serveFake is a runtime that keeps the rules of a state directory and of leases, and runs nothing.
func serveFake(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	stateDir := flags.String("state-dir", "", "")
	listen := flags.String("listen", "", "")
	ready := flags.String("ready-file", "", "")
	flags.String("log-file", "", "")
	idle := flags.Duration("idle-timeout", 0, "")
	aws := flags.Bool("aws", false, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if broken := os.Getenv(envBroken); broken != "" {
		return errors.New(broken)
	}
	for _, variable := range os.Environ() {
		if slices.Contains(environment([]string{variable}), variable) {
			continue
		}
		return fmt.Errorf("%s was handed down", variable)
	}
	dir, err := rendezvous.Open(*stateDir)
	if err != nil {
		return err
	}
	lock, err := dir.Lock()
	if err != nil {
		return err
	}
	if _, err := dir.Credentials(); err != nil {
		return err
	}
	listener, err := dir.Listen(context.Background(), nil, *listen)
	if err != nil {
		return err
	}
	f := &fake{idle: *idle, aws: *aws, version: os.Getenv(envVersion), stop: make(chan struct{})}
	if f.version == "" {
		f.version = testVersion
	}
	f.timer = time.AfterFunc(f.idle, f.end)
	server := &http.Server{Handler: f.routes(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-f.stop
		_ = server.Shutdown(context.Background()) // after the answer to the call that stops it
	}()
	self := rendezvous.Runtime{Endpoint: "http://" + listener.Addr().String(), PID: os.Getpid(), Version: f.version, StartedAt: time.Now(), Region: "us-east-1"}
	if err := dir.WriteRuntime(self); err != nil {
		return err
	}
	text, err := json.Marshal(self)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*ready, text, 0o600); err != nil {
		return err
	}
	_ = server.Serve(listener)
	<-ended
	return errors.Join(dir.RemoveRuntime(), lock.Unlock())
}

type fake struct {
	idle    time.Duration
	aws     bool
	version string
	stop    chan struct{}
	once    sync.Once
	mu      sync.Mutex
	leases  int
	timer   *time.Timer
}

func (f *fake) end() { f.once.Do(func() { close(f.stop) }) }

func (f *fake) hold(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.leases += n; f.leases == 0 {
		f.timer.Reset(f.idle)
	} else {
		f.timer.Stop()
	}
}

func (f *fake) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathStatus, func(w http.ResponseWriter, _ *http.Request) {
		status := wire.StatusResponse{Version: f.version, PID: os.Getpid(), AWS: f.aws, Jobs: map[string]int64{"SUCCEEDED": 3}}
		if os.Getenv(envBusy) != "" {
			status.Jobs["RUNNING"], status.Running = 1, 1
		}
		_ = json.NewEncoder(w).Encode(status)
	})
	mux.HandleFunc("POST "+wire.PathStop, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("{}"))
		f.end()
	})
	mux.HandleFunc("POST "+wire.PathLease, func(w http.ResponseWriter, r *http.Request) {
		f.hold(1)
		defer f.hold(-1)
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte("\n"))
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		select {
		case <-r.Context().Done():
		case <-f.stop:
		}
	})
	return mux
}
