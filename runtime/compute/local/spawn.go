//go:build linux || darwin

package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
	"github.com/batchd/terraform-provider-batch/runtime/detach"
)

// spawnTimeout is how long a holder may take to listen; it ends leftover processes first.
const spawnTimeout = 20 * time.Second

// holderSlack is how late the kernel may wake a thread of the holder that sleeps for a time. While anything happens, the thread with
// which the Go runtime watches the others sleeps for 20 µs at a time, and with the system's usual slack of 50 µs that took a
// fifth of the holder's CPU time.
const holderSlack = time.Millisecond

// errDeaf says that a holder runs which does not listen at its socket.
var errDeaf = errors.New("a holder of this state directory runs and does not listen")

// maxHolderLog is how large the holder's log file gets before a new holder begins a new one.
const maxHolderLog = 1 << 20

// spawn starts the holder of stateDir, in a session of its own, and connects to it. A holder that
// is about to end, or was started by another and does not listen yet, is waited for.
func spawn(ctx context.Context, stateDir string, command []string, around holder.Surroundings) (*holder.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, spawnTimeout)
	defer cancel()
	around.Limits = nil // the new holder has them from this process
	for {
		word, err := run(ctx, stateDir, command)
		if err != nil {
			return nil, fmt.Errorf("starting the holder (%s): %w", command[0], err)
		}
		client, err := holder.Dial(stateDir, around)
		if err == nil {
			return client, nil
		}
		if !strings.Contains(word, holder.ErrRuns.Error()) {
			return nil, fmt.Errorf("starting the holder: it said %q (its log is %s): %w", word, filepath.Join(stateDir, holder.LogName), err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (%w); if that lasts, end it, which ends the jobs that it runs: its process has %s open", errDeaf, ctx.Err(), filepath.Join(stateDir, holder.LockName))
		case <-time.After(firstPause):
		}
	}
}

// run starts the process and returns the line it says once it listens, or cannot.
func run(ctx context.Context, stateDir string, command []string) (string, error) {
	log, err := openLog(filepath.Join(stateDir, holder.LogName))
	if err != nil {
		return "", err
	}
	defer func() { _ = log.Close() }() // the holder has its own descriptor
	ready, theirs, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer func() { _ = ready.Close() }() // it was only read
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", log, log
	cmd.ExtraFiles = []*os.File{theirs} // becomes descriptor 3
	cmd.Env = append(os.Environ(), holder.ReadyVariable+"=3")
	err = process.WithSlack(holderSlack, func() error { return detach.Start(cmd) })
	err = errors.Join(err, theirs.Close())
	if err != nil {
		return "", err
	}
	// The holder outlives this driver; if it ends before this process does, it must not stay a zombie.
	go func() { _ = cmd.Wait() }()
	deadline := time.Now().Add(spawnTimeout)
	if d, ok := ctx.Deadline(); ok {
		deadline = d
	}
	if err := ready.SetReadDeadline(deadline); err != nil {
		return "", err
	}
	word, err := bufio.NewReader(ready).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("it ended or did not answer; its log is %s: %w", log.Name(), err)
	}
	return strings.TrimSpace(word), nil
}

func openLog(path string) (*os.File, error) {
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > maxHolderLog {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(path, flags, 0o600)
}
