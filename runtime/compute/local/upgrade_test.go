//go:build linux || darwin

package local

import (
	"bufio"
	"encoding/gob"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
)

// A holder of an earlier version serves what runs, and makes room for one of this version as soon as nothing does, although the
// runtime stays connected: what it does wrong is over then.
func TestEarlierHolderEndsWhenItIsIdle(t *testing.T) {
	options := testOptions(t, filepath.Join(t.TempDir(), "state"))
	b := bedOver(t, options)
	gate := filepath.Join(t.TempDir(), "gate")
	gated := `while [ ! -e ` + gate + ` ]; do sleep 0.01; done; `
	running := b.sh(gated + `exit 3`)
	b.awaitStart(running)
	old := b.holderPID()
	if err := b.link.close(); err != nil { // as if batchd was killed
		t.Fatal(err)
	}
	speakAsBefore(t, options.StateDir)
	b.link = newLink(options, b.say, b.faults, b.resized)
	if err := b.link.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := b.sh(gated + `exit 4`)
	b.awaitStart(second)
	if b.holderPID() != old {
		t.Fatal("the earlier holder was left while something ran in it")
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.code(running, 3)
	b.code(second, 4)
	awaitGone(t, strconv.Itoa(old))
	b.code(b.sh("exit 5"), 5)
	if b.holderPID() == old {
		t.Error("there is no new holder")
	}
	c, err := b.Census(t.Context())
	if err != nil || len(c.Attempts) != 3 {
		t.Fatalf("census %+v, %v", c, err)
	}
	for i, want := range []int32{3, 4, 5} {
		if e := c.Attempts[i].Exit; e.Kind != batch.Exited || e.Code == nil || *e.Code != want {
			t.Errorf("the successor knows %+v, want exit code %d", e, want)
		}
	}
}

// speakAsBefore makes the holder of a state directory one that says that it speaks version 1.
func speakAsBefore(t *testing.T, stateDir string) {
	t.Helper()
	socket, behind := filepath.Join(stateDir, "holder.sock"), filepath.Join(stateDir, "behind.sock")
	if err := os.Rename(socket, behind); err != nil {
		t.Fatal(err)
	}
	front, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = front.Close() })
	go func() {
		client, err := front.Accept()
		if err != nil {
			return
		}
		front.SetUnlinkOnClose(false) // the name is the successor's by then
		_ = front.Close()
		server, err := net.Dial("unix", behind)
		if err != nil {
			t.Error(err)
			return
		}
		go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
		defer func() { _ = client.Close() }()
		answersAsBefore(gob.NewDecoder(bufio.NewReader(server)), gob.NewEncoder(client))
	}()
}

// answersAsBefore hands on what a holder says until it ends.
func answersAsBefore(from *gob.Decoder, to *gob.Encoder) {
	var hello holder.Hello
	if from.Decode(&hello) != nil || to.Encode(holder.Hello{Protocol: 1, Oldest: 1, PID: hello.PID}) != nil {
		return
	}
	for {
		var r holder.Response
		if from.Decode(&r) != nil || to.Encode(&r) != nil {
			return
		}
	}
}
