package sqlstore

import (
	"encoding/binary"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// A stored row of the transition log holds consecutive lines. Each is the submission
// (0 and its id, or 1 + its place among those named so far in the row), 1 + the index of
// the child, firstNode + that of the node or 0, the two statuses, and the time since the line
// before. The kind of the line is in the upper half of the first status.

// firstNode is what stands for node 0 of a submission: more than for any child.
const firstNode = 1 << 32

// What fits into the byte of the first status.
const (
	kindShift     = 4
	maxLineStatus = 1<<kindShift - 1
	maxLineKind   = 1<<(8-kindShift) - 1
)

func packLines(lines []batch.Transition) []byte {
	c := codec{writing: true, data: make([]byte, 0, 16*len(lines))}
	roots := map[batch.JobID]uint64{}
	var last batch.Time
	for i := range lines {
		line := &lines[i]
		root, index, isPart := line.Job.Part()
		place, known := roots[root]
		if !known {
			roots[root] = uint64(len(roots) + 1)
			c.data = binary.AppendUvarint(c.data, 0)
			c.writeText(string(root))
		} else {
			c.data = binary.AppendUvarint(c.data, place)
		}
		part := uint64(0)
		if isPart {
			part = uint64(index) + 1
		}
		if _, _, isNode := line.Job.SplitNode(); isNode {
			part = uint64(index) + firstNode
		}
		c.data = binary.AppendUvarint(c.data, part)
		c.data = append(c.data, byte(line.From)|byte(line.Kind)<<kindShift, byte(line.To))
		c.data = binary.AppendVarint(c.data, int64(line.At-last))
		last = line.At
	}
	return c.data
}

// unpackLines appends to into the lines of a row whose first line has number seq.
func unpackLines(into []batch.Transition, seq int64, lines int, data []byte) ([]batch.Transition, error) {
	c := codec{data: data}
	var roots []batch.JobID
	var last batch.Time
	for ; lines > 0 && c.err == nil; lines-- {
		place := c.readUnsigned()
		if place == 0 {
			roots = append(roots, batch.JobID(c.readBytes()))
			place = uint64(len(roots))
		}
		part := c.readUnsigned()
		if place > uint64(len(roots)) || len(c.data) < 2 {
			c.fail("a line of the transition log is cut off")
			break
		}
		line := batch.Transition{
			Seq: seq, Kind: batch.TransitionKind(c.data[0] >> kindShift), Job: roots[place-1],
			From: batch.Status(c.data[0] & maxLineStatus), To: batch.Status(c.data[1]),
		}
		switch {
		case part >= firstNode:
			line.Job = line.Job.Node(int32(part - firstNode))
		case part > 0:
			line.Job = line.Job.Child(int32(part - 1))
		}
		c.data = c.data[2:]
		last += batch.Time(c.readNumber())
		line.At = last
		into = append(into, line)
		seq++
	}
	return into, c.finish()
}

func (c *codec) readUnsigned() uint64 {
	v, n := binary.Uvarint(c.data)
	if n <= 0 {
		c.fail("a number is cut off")
		return 0
	}
	c.data = c.data[n:]
	return v
}
