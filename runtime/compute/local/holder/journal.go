//go:build linux || darwin

package holder

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// journal is what a holder leaves to its successor, should it be killed: lines of JSON that
// say what began, ended and was forgotten. It is never synced: it must survive the process, not the machine.
type journal struct {
	dir    *directory
	groups string // of the first line
	file   *os.File
	size   int64
	buf    []byte // entries not written yet
}

// entry is one line of the journal.
type entry struct {
	Op entryOp `json:"op"`
	// Boot names the boot of the machine that pids belong to, and Directory the state directory that the journal was
	// written in. Groups is the directory of the control groups that attempts run in.
	Boot      string    `json:"boot,omitempty"`
	Directory *Identity `json:"directory,omitempty"`
	Groups    string    `json:"groups,omitempty"`

	Attempt batch.AttemptID `json:"attempt,omitzero"`
	// PID and Since (milliseconds since boot, when it was about to start) name a process.
	PID   int   `json:"pid,omitempty"`
	Since int64 `json:"since,omitempty"`

	At   batch.Time        `json:"at,omitempty"`
	Log  batch.LogPosition `json:"log,omitzero"`
	Base string            `json:"base,omitempty"`
	Exit *Exit             `json:"exit,omitempty"`
}

type entryOp string

const (
	opBoot   entryOp = "boot"   // the first line
	opBegin  entryOp = "begin"  // the attempt is about to be started
	opRun    entryOp = "run"    // it runs as PID
	opExit   entryOp = "exit"   // it ended
	opForget entryOp = "forget" // its exit is not wanted any more
)

// newJournal writes a journal that holds entries in place of the one that is there.
func newJournal(dir *directory, groups string, entries []entry) (*journal, error) {
	j := &journal{dir: dir, groups: groups}
	return j, j.rewrite(entries)
}

// add takes e into the next flush.
func (j *journal) add(e *entry) {
	line, err := json.Marshal(e)
	if err != nil {
		panic("holder: a journal entry does not marshal: " + err.Error())
	}
	j.buf = append(append(j.buf, line...), '\n')
}

// flush writes what was added. What cannot be written is tried again with the next flush.
func (j *journal) flush() error {
	if len(j.buf) == 0 {
		return nil
	}
	if _, err := j.file.WriteAt(j.buf, j.size); err != nil {
		return fmt.Errorf("writing the holder's journal: %w", errors.Join(err, j.file.Truncate(j.size)))
	}
	j.size += int64(len(j.buf))
	j.buf = j.buf[:0]
	return nil
}

// rewrite replaces the journal by one that holds entries alone.
func (j *journal) rewrite(entries []entry) error {
	file, err := j.dir.root.OpenFile(journalName+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("making the holder's journal: %w", err)
	}
	next := journal{dir: j.dir, groups: j.groups, file: file}
	next.add(&entry{Op: opBoot, Boot: bootID(), Directory: &j.dir.id, Groups: j.groups})
	for i := range entries {
		next.add(&entries[i])
	}
	err = next.flush()
	if err == nil {
		err = j.dir.root.Rename(journalName+".new", journalName)
	}
	if err != nil {
		return fmt.Errorf("making the holder's journal: %w", errors.Join(err, file.Close()))
	}
	if j.file != nil {
		_ = j.file.Close() // its successor holds everything
	}
	*j = next
	return nil
}

// close ends the use of the journal and removes it if there is nothing to tell a successor.
func (j *journal) close(empty bool) error {
	err := errors.Join(j.flush(), j.file.Close())
	if empty {
		err = errors.Join(err, j.dir.root.RemoveAll(journalName))
	}
	return err
}

// readJournal returns the entries of a journal up to the first that is torn.
func readJournal(dir *directory) ([]entry, error) {
	file, err := dir.root.Open(journalName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the journal of the last holder: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	var entries []entry
	for lines := bufio.NewReaderSize(file, 1<<20); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the journal of the last holder: %w", err)
		}
		var e entry
		if json.Unmarshal(line, &e) != nil {
			return entries, nil //nolint:nilerr // what follows a torn line was never relied on
		}
		entries = append(entries, e)
	}
}
