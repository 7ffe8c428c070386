package bundled

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/detach"
	"github.com/batchd/terraform-provider-batch/runtime/rendezvous"
)

// Argument is the first argument by which an executable is told to be the runtime; the rest
// are those of batchd.
const Argument = "batchd"

// Names in the state directory.
const (
	logFile       = "batchd.log"
	startLockFile = "start.lock"
)

// start runs this executable as the runtime of dir, detached from the caller and what ends
// it, and returns once it serves.
func (c Config) start(ctx context.Context, dir *rendezvous.Dir) error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the runtime's executable: %w", err)
	}
	log, err := os.OpenFile(dir.File(logFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the runtime's log: %w", err)
	}
	defer log.Close()
	begin, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("open the runtime's log: %w", err)
	}
	ready := dir.File("ready-" + rand.Text() + ".json")
	// Not CommandContext: the runtime outlives the call, and the caller.
	cmd := exec.Command(executable, Argument, "serve", "--state-dir", dir.Path(), "--listen", "127.0.0.1:0",
		"--ready-file", ready, "--log-file", dir.File(logFile), "--idle-timeout", c.idleTimeout().String(), fmt.Sprintf("--aws=%t", c.AWS))
	cmd.Dir, cmd.Env = dir.Path(), environment(os.Environ())
	cmd.Stdout, cmd.Stderr = log, log
	if err := detach.Start(cmd); err != nil {
		return fmt.Errorf("start the runtime: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // until the runtime ends, or the process does
	err = errors.Join(awaitReady(ctx, ready, ended), removeIfThere(ready))
	if err == nil {
		return nil
	}
	return fmt.Errorf("the batch runtime did not start: %w\n\nIts log, %s, ends with:\n%s", err, dir.File(logFile), tail(dir.File(logFile), begin))
}

// awaitReady returns when the ready file is there or the runtime has ended.
func awaitReady(ctx context.Context, ready string, ended <-chan error) error {
	err := poll(ctx, readyTimeout, func() (bool, error) {
		if info, err := os.Stat(ready); err == nil && info.Size() > 0 {
			return true, nil
		}
		select {
		case err := <-ended:
			if err == nil {
				err = errors.New("it ended at once")
			}
			return true, err
		default:
			return false, nil
		}
	})
	if errors.Is(err, errTookTooLong) {
		return fmt.Errorf("it does not serve after %s; it goes on starting, and the next run may find it", readyTimeout)
	}
	return err
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// environment returns the variables for the runtime: not those by which Terraform speaks to a
// plugin, nor those it is configured with, which may hold secrets.
func environment(all []string) []string {
	kept := make([]string, 0, len(all))
	for _, variable := range all {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "PLUGIN_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// tail returns the last lines of a log after an offset.
func tail(path string, from int64) string {
	file, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err.Error()
	}
	if size < from {
		from = 0 // it has been rotated
	}
	from = max(from, size-tailBytes)
	text, err := io.ReadAll(io.NewSectionReader(file, from, size-from))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

// lockStart takes the right to start or replace the runtime of dir, waiting for others.
func lockStart(ctx context.Context, dir *rendezvous.Dir) (unlock func() error, err error) {
	file, err := os.OpenFile(dir.File(startLockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the start lock: %w", err)
	}
	err = poll(ctx, lockTimeout, func() (bool, error) { return tryLock(file) })
	if errors.Is(err, errTookTooLong) {
		err = fmt.Errorf("another process has been starting the runtime of %s for %s; look at %s", dir.Path(), lockTimeout, dir.File(logFile))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file.Close, nil
}
