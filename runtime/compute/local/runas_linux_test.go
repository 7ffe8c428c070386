package local

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// testRange are ids that no account has.
var testRange = process.UserRange{First: 700_000, Last: 700_003}

// confinedBed is a driver whose processes run as others, over a state directory that is closed to them.
func confinedBed(t *testing.T, as process.RunAs) *bed {
	t.Helper()
	needRoot(t)
	options := testOptions(t, t.TempDir())
	options.RunAs = as
	if err := os.Chmod(options.StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"credentials.json", "master.key", "batchd.db"} {
		if err := os.WriteFile(filepath.Join(options.StateDir, name), []byte("secret"), 0o644); err != nil { // the directory alone must do
			t.Fatal(err)
		}
	}
	return bedOver(t, options)
}

// A range of user ids bounds how many processes run at once, where no other limit is lower.
func TestRoomOfARange(t *testing.T) {
	for _, c := range []struct {
		users  process.UserRange
		holder holder.Room
		want   holder.Room
	}{
		{users: testRange, want: holder.Room{Attempts: 4, Reason: "4 user ids (--run-as 700000-700003)"}},
		{users: testRange, holder: holder.Room{Attempts: 5, Reason: "a limit"}, want: holder.Room{Attempts: 4, Reason: "4 user ids (--run-as 700000-700003)"}},
		{users: testRange, holder: holder.Room{Attempts: 3, Reason: "a limit"}, want: holder.Room{Attempts: 3, Reason: "a limit"}},
		{users: process.UserRange{First: 700_000, Last: 700_000}, want: holder.Room{Attempts: 1, Reason: "1 user id (--run-as 700000-700000)"}},
		{holder: holder.Room{Attempts: 3, Reason: "a limit"}, want: holder.Room{Attempts: 3, Reason: "a limit"}},
		{},
	} {
		options := testOptions(t, t.TempDir())
		options.RunAs.Range = c.users
		d := New(options)
		d.link.limit = c.holder
		var got holder.Room
		for _, l := range d.limits() {
			got = holder.Room{Attempts: l.Attempts, Reason: l.Reason}
		}
		if got != c.want {
			t.Errorf("range %v, limits of the holder %+v: got %+v, want %+v", c.users, c.holder, got, c.want)
		}
	}
}

// firstWords waits until an attempt that runs has written so many words.
func (b *bed) firstWords(id batch.AttemptID, n int) []string {
	b.t.Helper()
	from := b.startedLog(id)
	for {
		if words := strings.Fields(b.output(batch.Exit{Attempt: id, Log: from})); len(words) >= n {
			return words[:n]
		}
	}
}

// TestAProcessIsConfined looks, from inside a job, at what it must not reach: the files of the runtime, the directory of another
// job that runs, that job's processes, and privileges.
func TestAProcessIsConfined(t *testing.T) {
	b := confinedBed(t, process.RunAs{Range: testRange})
	other := b.sh(`echo mine > secret; echo $$ $PWD; exec sleep 1000`)
	b.awaitStart(other)
	place := b.firstWords(other, 2)
	pid, directory := place[0], place[1]
	look := func(command string) string {
		e := b.exit(b.sh(command + " 2>&1"))
		return b.output(e)
	}
	for _, path := range []string{
		b.options.StateDir, b.options.StateDir + "/credentials.json", b.options.StateDir + "/master.key", b.options.StateDir + "/batchd.db",
		b.options.StateDir + "/scripts", b.options.StateDir + "/holder.sock",
		directory, directory + "/secret", filepath.Dir(directory), "/proc/" + pid + "/environ", "/proc/" + pid + "/cwd/secret",
	} {
		if said := look("{ cat " + path + " || ls " + path + "/; } && echo reached"); strings.Contains(said, "reached") || !strings.Contains(said, "Permission denied") {
			t.Errorf("%s: %s", path, said)
		}
	}
	if said := look("kill -9 " + pid); !strings.Contains(said, "not permitted") {
		t.Errorf("another job is killed: %s", said)
	}
	status := look(`grep -E '^(Groups|NoNewPrivs|CapEff|CapPrm):' /proc/self/status; id -u; id -g`)
	fields := strings.Fields(status)
	uid, err := strconv.ParseUint(fields[len(fields)-2], 10, 32)
	if err != nil || !testRange.Includes(uint32(uid)) || fields[len(fields)-1] != fields[len(fields)-2] {
		t.Errorf("the user is not one of the range: %s", status)
	}
	for _, want := range []string{"NoNewPrivs:\t1", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000"} {
		if !strings.Contains(status, want) {
			t.Errorf("status lacks %q: %s", want, status)
		}
	}
}

// TestWhatAConfinedProcessHas runs a script that leaves a result, as every job may.
func TestWhatAConfinedProcessHas(t *testing.T) {
	for _, as := range []process.RunAs{{User: "65534"}, {Range: testRange}} {
		b := confinedBed(t, as)
		id := b.run(batch.Container{Script: "echo \"[$1]\" > $BATCH_RESULT_FILE; echo kept > file; cat file; id -u", Command: []string{"5"}})
		e := b.code(id, 0)
		if said := b.output(e); string(e.Result) != "[5]\n" || !strings.HasPrefix(said, "kept\n") || strings.Contains(said, "\n0\n") {
			t.Errorf("%+v: result %q, output %q", as, e.Result, said)
		}
	}
}

// TestEachAttemptHasAUserForItself starts more attempts than the range has users.
func TestEachAttemptHasAUserForItself(t *testing.T) {
	b := confinedBed(t, process.RunAs{Range: testRange})
	ids := map[string]bool{}
	var running []batch.AttemptID
	for range 4 {
		id := b.sh("id -u; exec sleep 1000")
		b.awaitStart(id)
		running = append(running, id)
		ids[b.firstWords(id, 1)[0]] = true
	}
	if e := b.exit(b.sh("true")); e.Kind != batch.Refused || !strings.Contains(e.Reason, "--run-as") {
		t.Errorf("one more than there are users: %+v", e)
	}
	var stops []compute.Stop
	for _, id := range running {
		stops = append(stops, compute.Stop{Attempt: id})
	}
	if err := b.Stop(t.Context(), stops); err != nil {
		t.Fatal(err)
	}
	for _, id := range running {
		b.exit(id)
	}
	if len(ids) != len(running) {
		t.Errorf("4 attempts had the users %v", ids)
	}
	b.code(b.sh("true"), 0) // its user is free again
}

// TestAnotherUserIsRefused orders processes as users that a definition of before --run-as may still name.
func TestAnotherUserIsRefused(t *testing.T) {
	b := confinedBed(t, process.RunAs{User: "65534"})
	for _, user := range []string{"root", "0", "daemon", "65534:0"} {
		e := b.exit(b.run(batch.Container{Command: []string{"true"}, User: user}))
		if e.Kind != batch.FailedToStart || !strings.Contains(e.Reason, "--run-as") || !strings.Contains(e.Reason, strconv.Quote(user)) {
			t.Errorf("user %q: %+v", user, e)
		}
	}
	b.code(b.run(batch.Container{Command: []string{"true"}, User: "65534"}), 0)
}
