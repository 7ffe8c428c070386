package sqlstore

import (
	"database/sql"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// A part is a child of an array or a node of a multi-node job. Both are rows of the table
// child under keys of the same form; what they are called follows from their root.

// partCount returns how many parts root has.
func partCount(root *batch.Job) int32 {
	switch {
	case root.Nodes != nil:
		return root.Nodes.Count
	case root.Array != nil:
		return root.Size
	}
	return 0
}

// partID names the part of root at index.
func partID(root *batch.Job, index int32) batch.JobID {
	if root.Nodes != nil {
		return root.ID.Node(index)
	}
	return root.ID.Child(index)
}

// partIndex returns the index of the part that id names; ok is false if it names none of root, to which it leads.
func partIndex(root *batch.Job, id batch.JobID) (index int32, ok bool) {
	if root.Nodes != nil {
		_, index, ok = id.SplitNode()
	} else {
		_, index, ok = id.Split()
	}
	return index, ok && index < partCount(root)
}

// synthesise returns what the part of root at index is while it has no row.
func synthesise(root *batch.Job, index int32) batch.Job {
	if root.Nodes != nil {
		return root.SynthesiseNode(index)
	}
	return root.Synthesise(index)
}

// family is what the rows of parts need to be whole.
type family struct {
	root *batch.Job
	base *batch.Job // what a part is assumed to be
}

func familyOf(root *batch.Job) family { return family{root: root, base: baseOf(root)} }

// part makes a child or node from its row.
func (f family) part(index int32, status batch.Status, data []byte, known words) (batch.Job, error) {
	part := batch.Job{ID: partID(f.root, index), Seq: f.root.Seq, Status: status}
	if err := unpackJob(data, &part, f.base, known); err != nil {
		return batch.Job{}, fmt.Errorf("job %s: %w", part.ID, err)
	}
	return part, nil
}

// families are the submissions that have parts, by number.
type families map[int64]family

func (f families) add(j batch.Job) {
	if partCount(&j) > 0 {
		f[j.Seq] = familyOf(&j)
	}
}

// scan reads a part from its columns job, status and data.
func (f families) scan(rows *sql.Rows, known words) (batch.Job, error) {
	var k key
	var status batch.Status
	var data sql.RawBytes
	if err := rows.Scan(&k, &status, &data); err != nil {
		return batch.Job{}, err
	}
	return f.part(k, status, data, known)
}

func (f families) part(k key, status batch.Status, data []byte, known words) (batch.Job, error) {
	seq, index := splitKey(k)
	of, ok := f[seq]
	if !ok {
		return batch.Job{}, fmt.Errorf("%w: submission %d has no parts, but there is a row of part %d", store.ErrCorrupt, seq, index)
	}
	return of.part(index, status, data, known)
}
