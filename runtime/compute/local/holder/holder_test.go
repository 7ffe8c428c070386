//go:build linux || darwin

package holder

import (
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

func id(name string) batch.AttemptID { return batch.AttemptID{Job: batch.JobID(name), Number: 1} }

func testDirectory(t *testing.T) *directory {
	t.Helper()
	dir, err := openDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.close() })
	return dir
}

func TestJournalIsReadUpToATear(t *testing.T) {
	dir := testDirectory(t)
	zero := int32(0)
	j, err := newJournal(dir, "", []entry{{Op: opExit, Attempt: id("old"), Exit: &Exit{Attempt: id("old"), Kind: batch.Exited, Code: &zero, Result: []byte("1")}}})
	if err != nil {
		t.Fatal(err)
	}
	j.add(&entry{Op: opBegin, Attempt: id("lost"), At: 7, Base: "key", Log: batch.LogPosition{Segment: 1, Offset: 2}})
	j.add(&entry{Op: opRun, Attempt: id("lost"), PID: 1 << 30, Since: 1})
	j.add(&entry{Op: opBegin, Attempt: id("gone")})
	j.add(&entry{Op: opExit, Attempt: id("gone"), Exit: &Exit{Attempt: id("gone")}})
	j.add(&entry{Op: opForget, Attempt: id("gone")})
	if err := j.flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.file.WriteAt([]byte(`{"op":"begin","atte`), j.size); err != nil {
		t.Fatal(err)
	}
	if err := j.close(false); err != nil {
		t.Fatal(err)
	}
	end := batch.LogPosition{Segment: 2}
	exits, err := inherit(dir, end)
	if err != nil || len(exits) != 2 {
		t.Fatalf("exits %+v, %v", exits, err)
	}
	if e := exits[0]; e.Attempt != id("old") || e.Code == nil || *e.Code != 0 || string(e.Result) != "1" {
		t.Errorf("the kept exit is %+v", e)
	}
	e := exits[1]
	if e.Attempt != id("lost") || e.Kind != batch.Lost || e.BaseKey != "key" || e.StartedAt != 7 || e.Log.Span.From.Offset != 2 || e.Log.Span.To != end {
		t.Errorf("the lost exit is %+v", e)
	}
}

func TestJournalIsRemovedWhenNothingIsLeft(t *testing.T) {
	dir := testDirectory(t)
	j, err := newJournal(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !Left(dir.path) {
		t.Error("a holder that lives, or died, is seen by its journal")
	}
	if err := j.close(true); err != nil || Left(dir.path) {
		t.Errorf("after an end with nothing left there is a journal: %v", err)
	}
}

func TestJournalTriesAgain(t *testing.T) {
	dir := testDirectory(t)
	j, err := newJournal(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	file := j.file
	if j.file, err = os.OpenFile("/dev/full", os.O_WRONLY, 0); err != nil {
		t.Skip("no device that is always full:", err)
	}
	j.add(&entry{Op: opBegin, Attempt: id("a")})
	if j.flush() == nil {
		t.Error("a full disk must be told")
	}
	if err := j.file.Close(); err != nil {
		t.Fatal(err)
	}
	j.file = file
	if err := j.close(false); err != nil {
		t.Fatal(err)
	}
	if entries, err := readJournal(dir); err != nil || len(entries) != 2 || entries[1].Attempt != id("a") {
		t.Errorf("entries %+v, %v", entries, err)
	}
}

// TestAShortenedJournalHasWhatIsAboutToStart is of a journal that grows too long with the very lines that say what starts next: a
// holder that is killed after these starts must leave them to its successor.
func TestAShortenedJournalHasWhatIsAboutToStart(t *testing.T) {
	dir := testDirectory(t)
	h := &holder{dir: dir, log: slog.New(slog.DiscardHandler), attempts: map[batch.AttemptID]*attempt{}}
	var err error
	if h.logs, err = joblog.OpenWriter(LogsDir(dir.path), joblog.SeriesHolder); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.logs.Close() })
	if h.journal, err = newJournal(dir, "", nil); err != nil {
		t.Fatal(err)
	}
	h.journal.add(&entry{Op: opExit, Attempt: id("forgotten"), Exit: &Exit{Attempt: id("forgotten"), Result: make([]byte, compactBytes)}})
	h.journal.add(&entry{Op: opForget, Attempt: id("forgotten")})
	h.hold(&Start{Attempt: id("waits")})
	h.starting = append(h.starting, h.hold(&Start{Attempt: id("starts"), BaseKey: "key"}))
	h.settle()
	if h.compacted == 0 || h.journal.size > compactBytes {
		t.Fatalf("the journal was not shortened: it has %d bytes", h.journal.size)
	}
	exits, err := inherit(dir, h.logs.Here())
	if err != nil || len(exits) != 1 {
		t.Fatalf("the successor has the exits %+v, %v; want that of the attempt that was about to start", exits, err)
	}
	if e := exits[0]; e.Attempt != id("starts") || e.Kind != batch.Lost || e.BaseKey != "key" || e.StartedAt == 0 {
		t.Errorf("the successor has the exit %+v", e)
	}
}

func TestLanes(t *testing.T) {
	l := lanes{}
	hold := func(name string, ahead bool) *attempt {
		return &attempt{order: Start{Attempt: id(name), Lane: "lane", Ahead: ahead}, state: compute.WaitingAhead}
	}
	if l.mustWait(hold("a", false)) || l.mustWait(hold("b", true)) {
		t.Fatal("nothing runs, so nothing waits")
	}
	l.enter("lane")
	first, second, third := hold("1", true), hold("2", true), hold("3", true)
	if l.mustWait(hold("c", false)) || !l.mustWait(first) || !l.mustWait(second) || !l.mustWait(third) {
		t.Fatal("only those ahead wait")
	}
	first.state = compute.Ended
	if got := l.leave("lane"); got != second {
		t.Errorf("next is %+v", got)
	}
	l.enter("lane")
	if !l.withdraw(third) || l.withdraw(third) {
		t.Error("one can be withdrawn once")
	}
	if got := l.leave("lane"); got != nil || len(l) != 0 {
		t.Errorf("next is %+v, lanes %+v", got, l)
	}
}

func TestIdleHolderIsOver(t *testing.T) {
	h := &holder{attempts: map[batch.AttemptID]*attempt{}, around: &Surroundings{}}
	now := time.Now()
	if h.over(now) || h.over(now.Add(IdleExit-1)) {
		t.Error("too early")
	}
	if !h.over(now.Add(IdleExit)) {
		t.Error("nobody needs it")
	}
	ended := &attempt{state: compute.Ended}
	h.attempts[id("a")] = ended
	if h.over(now.Add(KeptExit - 1)) {
		t.Error("an exit is held longer than nothing")
	}
	if !h.over(now.Add(KeptExit)) {
		t.Error("an exit that nobody asks for is in the journal")
	}
	h.failing = true
	if h.over(now.Add(KeptExit)) || !h.idleFrom.IsZero() {
		t.Error("an exit may not be in the journal")
	}
	h.failing = false
	for _, state := range []compute.PresenceState{compute.Running, compute.WaitingAhead} {
		ended.state = state
		if h.over(now) || h.over(now.Add(2*KeptExit)) {
			t.Errorf("an attempt is %v", state)
		}
	}
	clear(h.attempts)
	h.client = &session{}
	if h.over(now.Add(3*IdleExit)) || !h.idleFrom.IsZero() {
		t.Error("a client is there")
	}
}

func TestAbandonedHolder(t *testing.T) {
	h := &holder{dir: testDirectory(t)}
	if err := os.WriteFile(filepath.Join(h.dir.path, socketName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if h.abandoned() {
		t.Error("its socket is there")
	}
	if err := os.Remove(filepath.Join(h.dir.path, socketName)); err != nil {
		t.Fatal(err)
	}
	if h.abandoned() {
		t.Error("the state directory is there, so that the holder can listen again")
	}
	if err := os.RemoveAll(h.dir.path); err != nil {
		t.Fatal(err)
	}
	if !h.abandoned() {
		t.Error("nobody can come")
	}
}

func TestPresenceTravels(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _ = near.Close() }()
	zero := int32(0)
	for _, code := range []*int32{nil, &zero} {
		p := compute.Presence{Attempt: id("a"), State: compute.Ended, Exit: batch.Exit{Attempt: id("a"), Kind: batch.Exited, Code: code, Result: []byte(`{}`)}}
		sent := make(chan error, 1)
		go func() { sent <- newCodec(near).send(&Response{Done: 1, Events: []Presence{pack(p)}}) }()
		var r Response
		if err := newCodec(far).receive(&r); err != nil {
			t.Fatal(err)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		want, _ := json.Marshal(p)
		got, _ := json.Marshal(r.Events[0].Unpack())
		if string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestProtocolsThatDoNotMatch(t *testing.T) {
	for _, c := range []struct {
		hello Hello
		ok    bool
	}{
		{Hello{Protocol: Protocol, Oldest: 1}, true},
		{Hello{Protocol: Protocol + 3, Oldest: 1}, true},
		{Hello{Protocol: Protocol + 3, Oldest: Protocol + 1, PID: 42}, false},
		{Hello{Protocol: oldestProtocol - 1}, false},
	} {
		err := c.hello.check("running holder")
		if (err == nil) != c.ok || err != nil && !strings.Contains(err.Error(), "running holder (pid") {
			t.Errorf("%+v: %v", c.hello, err)
		}
	}
}
