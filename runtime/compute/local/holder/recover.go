//go:build linux || darwin

package holder

import (
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// Container reasons of attempts that are lost.
const (
	lostReason = "the process that watched this attempt was killed; the attempt was ended and its outcome is unknown"
	copyReason = "the state directory is a copy: the attempt belongs to the runtime of the original and goes on there, and its outcome is not known here"
)

// legacy is what a holder that died left of one attempt.
type legacy struct {
	began entry // opBegin
	run   entry // opRun; zero if it was killed between the two
	exit  *Exit
}

// inherit reads what the last holder of a state directory left, ends what still runs of it and returns the
// exits to keep, in the order in which their attempts began. end is the position that closes the logs of lost ones.
func inherit(dir *directory, end batch.LogPosition) ([]batch.Exit, error) {
	entries, err := readJournal(dir)
	if err != nil {
		return nil, err
	}
	left, order := fold(entries)
	var first entry
	if len(entries) > 0 {
		first = entries[0]
	}
	endProcesses(dir, &first, left)
	reason := lostReason
	if first.Directory != nil && !first.Directory.same(&dir.id) {
		reason = copyReason
	}
	var exits []batch.Exit
	for _, id := range order {
		l := left[id]
		if l == nil {
			continue
		}
		if l.exit == nil {
			l.exit = l.lost(end, reason)
		}
		exits = append(exits, l.exit.unpack())
		delete(left, id) // an attempt that was forgotten and came again is in the order twice
	}
	return exits, nil
}

// fold returns what the entries amount to, and the attempts in order.
func fold(entries []entry) (map[batch.AttemptID]*legacy, []batch.AttemptID) {
	left := map[batch.AttemptID]*legacy{}
	var order []batch.AttemptID
	of := func(id batch.AttemptID) *legacy {
		if left[id] == nil {
			left[id] = &legacy{}
			order = append(order, id)
		}
		return left[id]
	}
	for _, e := range entries {
		switch e.Op {
		case opBegin:
			of(e.Attempt).began = e
		case opRun:
			of(e.Attempt).run = e
		case opExit:
			of(e.Attempt).exit = e.Exit
		case opForget:
			delete(left, e.Attempt)
		case opBoot:
		}
	}
	return left, order
}

func (l *legacy) lost(end batch.LogPosition, reason string) *Exit {
	span := batch.LogSpan{From: l.began.Log, To: end}
	return &Exit{
		Attempt: l.began.Attempt, Kind: batch.Lost, StartedAt: l.began.At, StoppedAt: batch.At(time.Now()),
		Reason: reason, Log: span, BaseKey: l.began.Base,
	}
}

// endProcesses ends what still runs of a state directory, and waits until it is gone: what lies in its control groups,
// what carries its mark, and the processes of the journal. The first two need no journal. The pids in a journal mean something
// only in the boot, and for the directory, that it was written in: that of a copy names processes of the original. A journal
// that does not say its directory is of an earlier version, whose processes carry the mark.
func endProcesses(dir *directory, first *entry, left map[batch.AttemptID]*legacy) {
	ours := first.Op == opBoot && first.Boot == bootID() && first.Directory != nil && first.Directory.same(&dir.id)
	groups := ""
	if ours {
		groups = first.Groups
	}
	process.EndGroups(dir.id.mark(), groups, recoverTimeout)
	for deadline := time.Now().Add(recoverTimeout); ; time.Sleep(recoverTimeout / 1000) {
		leftover := process.Marked(dir.isMark)
		for _, l := range left {
			if ours && l.exit == nil && l.run.PID > 0 && isProcess(l.run.PID, l.run.Since) {
				leftover = append(leftover, l.run.PID)
			}
		}
		if len(leftover) == 0 || time.Now().After(deadline) {
			return
		}
		for _, pid := range leftover {
			_ = syscall.Kill(-pid, syscall.SIGKILL) // one that just ended is what is wanted
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// isMark reports whether a result file is one of this state directory: its directory, or for another user the one above, has the
// mark in its name. Scratch directories had numbers for names before.
func (d *directory) isMark(resultFile string) bool {
	dir := filepath.Dir(resultFile)
	for _, named := range []string{dir, filepath.Dir(dir)} {
		if strings.Contains(filepath.Base(named), d.id.mark()+"-") {
			return true
		}
	}
	_, err := strconv.Atoi(filepath.Base(dir))
	return err == nil && filepath.Dir(dir) == filepath.Join(d.path, scratchName)
}
