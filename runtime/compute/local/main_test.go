//go:build linux || darwin

package local

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
)

// asHolder makes this test binary be a holder.
const asHolder = "be-a-holder"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == asHolder {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := holder.Run(ctx, holder.Options{StateDir: os.Args[2]})
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// testOptions are those of a driver over dir whose holder is this test binary.
func testOptions(t testing.TB, dir string) Options {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		StateDir: dir, HolderCommand: []string{exe, asHolder, dir}, Hostname: "test",
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// openDriver opens a driver over dir that is closed, and its holder ended, with the test.
func openDriver(t testing.TB, o Options) *Driver {
	t.Helper()
	d := New(o)
	if err := d.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := d.EndHolder(ctx); err != nil {
			t.Error(err)
		}
		if err := d.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return d
}

// next returns the next reports; it fails the test when none come.
func next(t testing.TB, d *Driver) []batch.Report {
	t.Helper()
	select {
	case said := <-d.Reports():
		return said
	case <-time.After(30 * time.Second):
		t.Fatal("no report came")
		return nil
	}
}
