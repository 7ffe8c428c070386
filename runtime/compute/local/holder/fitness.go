//go:build linux || darwin

package holder

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// fitness is whether processes can be started here. After one could not, for a cause of the machine, it is tried what every
// process needs, about once a second, until that works.
type fitness struct {
	reason  string        // why nothing can be started; empty if it can
	journal error         // why the journal cannot be written, without which nothing is started
	told    string        // the reason that the client was told last
	tryAt   time.Time     // when it is tried again
	wellAt  time.Time     // when it was found to be well last
	pause   time.Duration // until the first try: longer if a start failed soon after a try that worked
}

// why is why nothing is started; empty if it is.
func (f *fitness) why() string {
	if f.journal != nil {
		return "the holder's journal cannot be written: " + f.journal.Error()
	}
	return f.reason
}

// refuse notes that nothing can be started.
func (f *fitness) refuse(reason string, now time.Time) {
	if f.reason != "" {
		return
	}
	if now.Sub(f.wellAt) > 2*lastTrial {
		f.pause = 0
	}
	f.reason, f.pause = reason, min(max(2*f.pause, firstTrial), lastTrial)
	f.tryAt = now.Add(f.pause)
}

// try finds out whether processes can be started again, when that is due.
func (f *fitness) try(now time.Time, trial func() error) {
	if f.reason == "" || now.Before(f.tryAt) {
		return
	}
	if err := trial(); err != nil {
		f.reason, f.tryAt = err.Error(), now.Add(firstTrial)
		return
	}
	f.reason, f.wellAt = "", now
}

// blame says whose fault it is that a could not be started. An attempt in a directory of the holder's own is not to blame if that
// is gone.
func (h *holder) blame(a *attempt, err error) compute.Blame {
	if a.scratch == nil || a.order.Directory != "" {
		return process.BlameOf(err)
	}
	if !a.scratch.there() {
		return compute.OfMachine
	}
	return process.BlameOf(err)
}

// ofDirectory marks an error of making a directory ready, which is the machine's unless it says that it is the job's.
func ofDirectory(err error) error {
	var start *process.StartError
	if errors.As(err, &start) {
		return err
	}
	return process.OfMachine(err)
}

// notStarted is the exit of a, which could not be started.
func (h *holder) notStarted(a *attempt, err error) batch.Exit {
	reason := "CannotStartContainerError: " + err.Error()
	var refused *process.StartError
	if errors.As(err, &refused) {
		reason = refused.Reason
	}
	exit := h.blame(a, err).NotStarted(reason)
	if exit.Kind == batch.Refused {
		exit.Reason = err.Error()
		h.fitness.refuse(err.Error(), time.Now())
	}
	return exit
}

// refuseLane ends what waits in a lane after its host refused an attempt of it: the place of that is not known to be usable.
func (h *holder) refuseLane(name string, reason string) {
	next := h.lanes.leave(name)
	for ; next != nil; next = h.lanes.leave(name) {
		h.lanes.enter(name)
		h.end(next, batch.Exit{Kind: batch.Refused, Reason: reason})
	}
}

// trial does what the start of any process needs.
func (h *holder) trial() error {
	if err := h.scratch.try(); err != nil {
		return err
	}
	if err := tryDescriptors(); err != nil {
		return fmt.Errorf("opening files: %w", err)
	}
	if err := tryFork(); err != nil {
		return fmt.Errorf("starting a process: %w", err)
	}
	return nil
}

// try makes and removes a directory.
func (p *scratchPool) try() error {
	if err := p.openRoot(); err != nil {
		return err
	}
	if err := p.checkInodes(); err != nil {
		return err
	}
	if err := unix.Mkdirat(p.root, trialName, 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("making a scratch directory: %w", err)
	}
	_ = unix.Unlinkat(p.root, trialName, unix.AT_REMOVEDIR) // the next holder removes what stays
	return nil
}

// checkInodesAt checks the inodes unless there were enough shortly before.
func (p *scratchPool) checkInodesAt(now time.Time) error {
	if now.Before(p.inodesAt) {
		return nil
	}
	if err := p.checkInodes(); err != nil {
		return err
	}
	p.inodesAt = now.Add(inodesEvery)
	return nil
}

// checkInodes finds out whether attempts can make files. The start of one does not tell: a directory that is used again needs no
// inode. Want of space is noticed by the journal. A file system that counts no inodes (Btrfs) has enough.
func (p *scratchPool) checkInodes() error {
	var st unix.Statfs_t
	known := unix.Fstatfs(p.root, &st) == nil && st.Files > 0
	if !known || st.Ffree >= freeInodes {
		return nil
	}
	return process.OfMachine(fmt.Errorf("the file system of %s has %d free inodes of %d, and %d are needed: remove files, or serve from another file system", p.path, st.Ffree, st.Files, freeInodes))
}

// trialName is the name of a directory that is made to find out whether one can be made.
const trialName = "trial"

// tryDescriptors opens as many files as some attempts need.
func tryDescriptors() error {
	var opened []int
	defer func() {
		for _, fd := range opened {
			_ = unix.Close(fd)
		}
	}()
	for range trialFiles {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		opened = append(opened, fd)
	}
	return nil
}

// tryFork starts a process that ends at once.
func tryFork() error {
	pid, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", ":"}, &syscall.ProcAttr{Env: []string{}, Sys: &syscall.SysProcAttr{Setpgid: true}})
	if err != nil {
		if process.BlameOf(err) == compute.OfMachine {
			return err
		}
		return nil // there is no shell, and there was a process
	}
	_, _ = syscall.Wait4(pid, nil, 0, nil) // the reaper may have been faster
	return nil
}
