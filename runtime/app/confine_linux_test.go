package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/app"
)

// onThisMachine are the options of a runtime over this machine, with a state directory below /tmp.
func onThisMachine(t *testing.T) app.Options {
	t.Helper()
	o := options(t)
	o.Driver, o.Logs = nil, nil
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.HolderCommand = []string{executable, holderWord, o.StateDir}
	return o
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("this test needs root")
	}
}

// TestASubmitterIsNotAnAdministrator has the holder of a key for one queue look for the secrets of the runtime from inside a job.
func TestASubmitterIsNotAnAdministrator(t *testing.T) {
	needRoot(t)
	o := onThisMachine(t)
	o.RunAs = "700000-700099"
	a := start(t, o)
	admin := dial(t, o.StateDir)
	secrets := ""
	for _, name := range []string{"credentials.json", "master.key", "batchd.db", "batchd.db-wal", "holder.journal", "scratch", "logs", "installation"} {
		secrets += " " + filepath.Join(o.StateDir, name)
	}
	furnish(t, admin, "/bin/sh", "-c", "for f in"+secrets+"; do { cat $f || ls $f/; } 2>/dev/null && echo reached $f; done; id -u")
	key, err := admin.CreateKey(t.Context(), &wire.CreateKeyRequest{Role: wire.RoleSubmitter, Queues: []string{"work"}})
	if err != nil {
		t.Fatal(err)
	}
	submitter := as(t, a.Endpoint(), key)
	submitted, err := submitter.SubmitJob(t.Context(), &wire.SubmitJobRequest{JobName: "curious", JobQueue: "work", JobDefinition: "task"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if job, err := submitter.Wait(ctx, submitted.JobID, nil); err != nil || job.Status != wire.StatusSucceeded {
		t.Fatalf("job = %+v, %v", job, err)
	}
	logs, err := submitter.Logs(ctx, &wire.LogsRequest{JobID: submitted.JobID})
	if err != nil || len(logs.Events) != 1 || !strings.HasPrefix(logs.Events[0].Message, "7000") {
		t.Errorf("the job saw %+v, %v; want nothing but its user", logs, err)
	}
	checks, err := admin.Doctor(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks.Checks {
		if (c.Name == "process jobs" || c.Name == "roles") && c.Status != wire.CheckOK {
			t.Errorf("doctor: %+v", c)
		}
	}
}

// TestRunAsThatConfinesNothing starts with users from whom the state directory would not be safe.
func TestRunAsThatConfinesNothing(t *testing.T) {
	needRoot(t)
	open := filepath.Join(t.TempDir(), "open")
	theirs := filepath.Join(t.TempDir(), "theirs")
	for _, dir := range []string{open, theirs} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(theirs, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ as, dir, want string }{
		{"root", "", "root"},
		{"0", "", "root"},
		{"nobody-of-that-name", "", `--run-as: user "nobody-of-that-name" is unknown`},
		{"65534:0", "", "without a group"},
		{"100-200", "", "from 65536"},
		{"365535-300000", "", "the smaller first"},
		{"300000-9999999999", "", "from 65536"},
		{"65534", filepath.Join(open, "state"), "everybody may change"},
		{"65534", filepath.Join(theirs, "state"), "belongs to user 65534"},
	} {
		o := onThisMachine(t)
		o.RunAs = test.as
		if test.dir != "" {
			o.StateDir = test.dir
		}
		if _, err := app.New(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--run-as") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// TestTheKeyOfTheCertificateIsKeptFromJobs serves with a key that every user of the machine can read.
func TestTheKeyOfTheCertificateIsKeptFromJobs(t *testing.T) {
	needRoot(t)
	for mode, fits := range map[os.FileMode]bool{0o600: true, 0o640: true, 0o644: false, 0o604: false} {
		o := onThisMachine(t)
		o.RunAs, o.TLSCert, o.TLSKey = "700000-700009", filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
		certify(t, o.TLSCert, o.TLSKey, 1, "localhost")
		if err := os.Chmod(o.TLSKey, mode); err != nil {
			t.Fatal(err)
		}
		a, err := app.New(t.Context(), o)
		if err == nil {
			stop(t, a)
		}
		if fits != (err == nil) || err != nil && !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}
