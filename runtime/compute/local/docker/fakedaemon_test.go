package docker

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/client"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

const (
	fakeContainer = "0123456789abcdef"
	fakeAPI       = "1.51"
)

// logged is a line in the daemon's log of a container.
type logged struct {
	at   time.Time
	text string
}

// fakeDaemon serves the part of Docker's API that the end of a container needs, over connections in memory, so that a test decides
// in which order things happen. It has one container, which runs from the beginning and has said "first"; "last" is what it says
// before it ends. A daemon that is killed loses its events, and what it had not read of the output of an ended container.
type fakeDaemon struct {
	labels   map[string]string // of the container; set before the daemon answers
	starting func()            // what happens when the daemon is asked to start it
	stuck    bool              // it is dead, and the daemon cannot remove it

	mu        sync.Mutex
	changed   chan struct{} // closed at the next change
	server    *http.Server  // nil while no daemon is there
	listener  *pipeListener
	events    []events.Message // which the daemon remembers
	log       []logged
	startedAt time.Time
	endedAt   time.Time // zero while the container runs
	code      int       // with which it ended
	unread    bool      // the daemon has not read "last" and can
	inspected bool      // inspect says exited
	finished  bool      // streams of output end
}

func newFakeDaemon() *fakeDaemon {
	d := &fakeDaemon{changed: make(chan struct{}), startedAt: time.Now()}
	d.remember("create")
	d.log = []logged{{time.Now(), "first\n"}}
	return d
}

// change changes d, and wakes who waits for that.
func (d *fakeDaemon) change(how func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	how()
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *fakeDaemon) remember(action events.Action) {
	d.events = append(d.events, events.Message{
		Type: events.ContainerEventType, Action: action, Actor: events.Actor{ID: fakeContainer}, TimeNano: time.Now().UnixNano(),
	})
}

// lose ends all connections. If the daemon is killed, its memory is gone, too.
func (d *fakeDaemon) lose(killed bool) {
	d.mu.Lock()
	server := d.server
	d.server, d.listener = nil, nil
	if killed {
		d.events = nil
		d.unread = false
	}
	d.mu.Unlock()
	_ = server.Close()
}

// answer has the daemon take connections.
func (d *fakeDaemon) answer() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listener = &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	d.server = &http.Server{Handler: d.handler(), ReadHeaderTimeout: time.Minute}
	go func(s *http.Server, l net.Listener) { _ = s.Serve(l) }(d.server, d.listener)
}

// end ends the container after its last line. A daemon that is there, or that cannot be reached only, reads it before it tells of the end.
func (d *fakeDaemon) end(read bool) {
	d.change(func() { d.endedAt, d.unread = time.Now(), read })
}

// read writes the last line down if that is possible.
func (d *fakeDaemon) read() {
	if d.unread {
		d.unread = false
		d.log = append(d.log, logged{d.endedAt, "last\n"})
	}
}

func (d *fakeDaemon) die() {
	d.change(func() {
		d.read()
		d.remember(events.ActionDie)
	})
}

func (d *fakeDaemon) finish() {
	d.change(func() {
		d.read()
		d.finished = true
	})
}

func (d *fakeDaemon) tell() {
	d.change(func() {
		d.read()
		d.inspected = true
	})
}

// client is a client of d.
func (d *fakeDaemon) client(t *testing.T) daemon {
	t.Helper()
	c, err := client.NewClientWithOpts(client.WithHost("tcp://fake:2375"), client.WithAPIVersionNegotiation(),
		client.WithDialContext(func(ctx context.Context, _, _ string) (net.Conn, error) {
			d.mu.Lock()
			l := d.listener
			d.mu.Unlock()
			if l == nil {
				return nil, syscall.ECONNREFUSED
			}
			return l.dial(ctx)
		}))
	if err != nil {
		t.Fatal(err)
	}
	return daemon{c}
}

func (d *fakeDaemon) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/_ping", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", fakeAPI) })
	mux.HandleFunc("/version", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, map[string]string{"Version": "fake"}) })
	mux.HandleFunc("/events", d.serveEvents)
	mux.HandleFunc("/containers/json", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, []container.Summary{{ID: fakeContainer, Labels: d.labels, State: d.state().Status}})
	})
	mux.HandleFunc("/containers/"+fakeContainer+"/json", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, container.InspectResponse{ContainerJSONBase: &container.ContainerJSONBase{ID: fakeContainer, State: d.state()}})
	})
	mux.HandleFunc("/containers/"+fakeContainer+"/logs", d.serveOutput)
	mux.HandleFunc("/images/", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, map[string]string{"Id": "sha256:fake"}) })
	mux.HandleFunc("/containers/create", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, container.CreateResponse{ID: fakeContainer})
	})
	mux.HandleFunc("PUT /containers/"+fakeContainer+"/archive", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/containers/"+fakeContainer+"/start", func(http.ResponseWriter, *http.Request) { d.starting() })
	mux.HandleFunc("DELETE /containers/"+fakeContainer, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"message":"driver \"overlay2\" failed to remove root filesystem: device or resource busy"}`, http.StatusInternalServerError)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // any other request is answered "not found"
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/v"+fakeAPI)
		mux.ServeHTTP(w, r)
	})
}

func answerJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func (d *fakeDaemon) state() *container.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := &container.State{Status: container.StateRunning, Running: true, StartedAt: d.startedAt.Format(time.RFC3339Nano)}
	if d.inspected {
		s.Status, s.Running, s.FinishedAt, s.ExitCode = container.StateExited, false, d.endedAt.Format(time.RFC3339Nano), d.code
	}
	if d.stuck {
		s.Status, s.Running = container.StateDead, false
	}
	return s
}

// serveEvents gives the events up to a time, or those that come.
func (d *fakeDaemon) serveEvents(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	known, changed := d.events, d.changed
	d.mu.Unlock()
	if until := r.FormValue("until"); until != "" {
		for _, e := range known {
			if unixTime(batch.At(time.Unix(0, e.TimeNano))) <= until { // both have ten digits before the point and three behind
				_ = json.NewEncoder(w).Encode(e)
			}
		}
		return
	}
	_ = http.NewResponseController(w).Flush()
	for sent := len(known); ; {
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		}
		d.mu.Lock()
		known, changed = d.events, d.changed
		d.mu.Unlock()
		for ; sent < len(known); sent++ {
			_ = json.NewEncoder(w).Encode(known[sent])
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// serveOutput gives the log of the container from a time, and what is added to it until its stream ends, if that is asked for.
func (d *fakeDaemon) serveOutput(w http.ResponseWriter, r *http.Request) {
	since, follow := r.FormValue("since"), r.FormValue("follow") == "1"
	for sent := 0; ; {
		d.mu.Lock()
		lines, changed, last := d.log, d.changed, !follow || d.finished
		d.mu.Unlock()
		for ; sent < len(lines); sent++ {
			if unixTime(batch.At(lines[sent].at)) >= since {
				writeFrame(w, lines[sent])
			}
		}
		_ = http.NewResponseController(w).Flush()
		if last {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		}
	}
}

func writeFrame(w io.Writer, l logged) {
	text := l.at.Format(time.RFC3339Nano) + " " + l.text
	_, _ = w.Write(append(binary.BigEndian.AppendUint32([]byte{1, 0, 0, 0}, uint32(len(text))), text...))
}
