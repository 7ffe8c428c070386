package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// A file system without free inodes is the machine's fault, also where a directory that is used again needs none.
func TestInodesUsedUp(t *testing.T) {
	needRoot(t)
	options := testOptions(t, t.TempDir())
	if err := unix.Mount("tmpfs", options.StateDir, "tmpfs", 0, "nr_inodes=200"); err != nil {
		t.Skip("no small file system can be mounted:", err)
	}
	t.Cleanup(func() {
		if err := unmount(options.StateDir); err != nil {
			t.Error(err)
		}
	})
	b := bedOver(t, options)
	b.code(b.sh("true"), 0)
	ballast := filepath.Join(options.StateDir, "ballast")
	if err := os.Mkdir(ballast, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := 0; os.WriteFile(filepath.Join(ballast, fmt.Sprint(i)), nil, 0o600) == nil; i++ {
		continue
	}
	var exit batch.Exit
	for exit.Kind != batch.Refused { // the file system is looked at once a second
		if exit = b.exit(b.sh("true")); exit.Kind == batch.Lost {
			t.Fatalf("exit %+v", exit)
		}
	}
	for range 3 {
		if exit = b.exit(b.sh("true")); exit.Kind != batch.Refused {
			t.Errorf("after one that was refused: exit %+v", exit)
		}
	}
	if reason := b.awaitFault(batch.Processes); !strings.Contains(reason, "inodes") {
		t.Errorf("reason %q", reason)
	}
	if err := os.RemoveAll(ballast); err != nil {
		t.Fatal(err)
	}
	b.awaitWell()
	b.code(b.sh("echo 1 > $BATCH_RESULT_FILE"), 0)
}
