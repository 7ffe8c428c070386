//go:build linux || darwin

package holder

import (
	"syscall"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// lostReason is the container reason of attempts whose holder died.
const lostReason = "the process that watched this attempt was killed; the attempt was ended and its outcome is unknown"

// legacy is what a holder that died left of one attempt.
type legacy struct {
	began entry // opBegin
	run   entry // opRun; zero if it was killed between the two
	exit  *batch.Exit
}

// inherit reads what the last holder of stateDir left, ends what still runs of it and returns the
// exits to keep, in the order in which their attempts began. end is the position that closes the logs of lost ones.
func inherit(stateDir string, end batch.LogPosition) ([]batch.Exit, error) {
	entries, err := readJournal(stateDir)
	if err != nil {
		return nil, err
	}
	left, order := fold(entries)
	sameBoot := len(entries) > 0 && entries[0].Boot == bootID()
	if sameBoot {
		endProcesses(stateDir, left)
	}
	var exits []batch.Exit
	for _, id := range order {
		l := left[id]
		if l == nil {
			continue
		}
		if l.exit == nil {
			l.exit = l.lost(end)
		}
		exits = append(exits, *l.exit)
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

func (l *legacy) lost(end batch.LogPosition) *batch.Exit {
	span := batch.LogSpan{From: l.began.Log, To: end}
	return &batch.Exit{
		Attempt: l.began.Attempt, Kind: batch.Lost, StartedAt: l.began.At, StoppedAt: batch.At(time.Now()),
		Reason: lostReason, Log: span, BaseKey: l.began.Base,
	}
}

// endProcesses kills the process groups of attempts that were running, and every other process
// that carries the result file of this state directory in its environment, and waits until they are gone.
func endProcesses(stateDir string, left map[batch.AttemptID]*legacy) {
	deadline := time.Now().Add(recoverTimeout)
	for {
		groups := strays(stateDir)
		for _, l := range left {
			if l.exit == nil && l.run.PID > 0 && isProcess(l.run.PID, l.run.Since) {
				groups = append(groups, l.run.PID)
			}
		}
		if len(groups) == 0 || time.Now().After(deadline) {
			return
		}
		for _, pid := range groups {
			_ = syscall.Kill(-pid, syscall.SIGKILL) // one that just ended is what is wanted
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(recoverTimeout / 1000)
	}
}
