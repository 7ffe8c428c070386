package sqlstore

import (
	"encoding/binary"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// noBase is what a submission's fields are compared with.
var noBase batch.Job

// baseOf returns what a child or node of root is assumed to be, where its own row says nothing.
func baseOf(root *batch.Job) *batch.Job {
	return &batch.Job{
		Name: root.Name, QueueID: root.QueueID, QueueName: root.QueueName,
		Definition: root.Definition, CreatedAt: root.CreatedAt,
	}
}

// packJob packs all of j but its id, seq and status, which are columns.
func packJob(into []byte, j, base *batch.Job) ([]byte, error) {
	c := codec{writing: true, data: into}
	c.job(j, base)
	return c.data, c.finish()
}

// unpackJob reads what packJob wrote; id, seq and status of j are left alone, and the id
// must be there already. Words that are known are not made again.
func unpackJob(data []byte, j, base *batch.Job, known words) error {
	c := codec{data: data, words: known}
	c.job(j, base)
	return c.finish()
}

func (c *codec) job(j, base *batch.Job) {
	c.word(1, &j.Name, base.Name)
	c.word(2, &j.QueueID, base.QueueID)
	c.word(3, &j.QueueName, base.QueueName)
	c.word(4, &j.Definition.Name, base.Definition.Name)
	number(c, 5, &j.Definition.Revision, base.Definition.Revision)
	number(c, 6, &j.Size, 0)
	c.word(7, &j.StatusReason, "")
	number(c, 8, &j.CreatedAt, base.CreatedAt)
	number(c, 9, &j.StartedAt, 0)
	number(c, 10, &j.StoppedAt, 0)
	number(c, 11, &j.Shape.MilliCPU, 0)
	number(c, 12, &j.Shape.MemoryMiB, 0)
	number(c, 13, &j.Shape.GPUs, 0)
	number(c, 14, &j.Retry.Attempts, 0)
	list(c, 15, &j.Retry.Rules)
	number(c, 16, &j.Timeout, 0)
	c.flag(17, &j.InContainer)
	list(c, 18, &j.DependsOn)
	c.flag(19, &j.Cancelled)
	c.flag(20, &j.Terminated)
	number(c, 21, &j.Attempt, 0)
	if present(c, 22, &j.Run) {
		c.run(j.Run)
	}
	if present(c, 34, &j.ExitCode) {
		number(c, 35, j.ExitCode, 0)
	}
	text(c, 36, &j.Reason, "")
	c.hexText(37, &j.ContentKey) // and 38
	text(c, 39, &j.ReusedFrom, "")
	own := j.Result.Job == j.ID
	if c.flag(40, &own); own {
		j.Result.Job = j.ID
	} else {
		text(c, 41, &j.Result.Job, "")
	}
	number(c, 42, &j.Result.Number, 0)
	if present(c, 43, &j.Array) {
		c.array(j.Array)
	}
	text(c, 64, &j.Token, "")
	c.word(65, &j.Share, "")
	number(c, 66, &j.Priority, 0)
	number(c, 67, &j.MaxConcurrency, 0)
	c.needs(68, &j.Needs)
	object(c, 69, &j.Nodes)
	number(c, 70, &j.BlockedAt, 0)
	number(c, 71, &j.AttemptsBefore, 0)
	if j.Run != nil {
		number(c, 72, &j.Run.Expected, 0)
		c.flag(73, &j.Run.Held)
		number(c, 74, &j.Run.Outcome, 0)
	}
	text(c, 75, &j.ResultError, "")
	c.flag(76, &j.FailOnResultError)
	if j.Array != nil {
		number(c, 77, &j.Array.ResultErrors, 0)
	}
	c.hexText(78, &j.Key) // and 79
	text(c, 80, &j.Joined, "")
	object(c, 81, &j.Sharing)
	object(c, 83, &j.Claims)
	if j.Array != nil {
		number(c, 84, &j.Array.Reused, 0)
	}
	number(c, 90, &j.Refusals.Back, 0)
	number(c, 91, &j.Refusals.Blamed, 0)
	if j.Run != nil {
		c.spanEnd(92, &j.Run.Log.Span)
		c.elsewhere(96, &j.Run.Log)
	}
	if !c.writing {
		takeOldResultError(j)
	}
}

func (c *codec) run(r *batch.Run) {
	c.word(23, &r.Environment, "")
	c.word(24, &r.Host, "")
	number(c, 25, &r.OrderedAt, 0)
	number(c, 26, &r.StartedAt, 0)
	c.flag(27, &r.Ahead)
	number(c, 28, &r.Stop, 0)
	text(c, 29, &r.StopReason, "")
	number(c, 30, &r.StoppingAt, 0)
	number(c, 31, &r.Log.Span.From.Segment, 0)
	number(c, 32, &r.Log.Span.From.Offset, 0)
	number(c, 33, &r.Order, 0)
}

// needs is a list that is empty or short: how many there are, and the resource and quantity of each.
func (c *codec) needs(tag byte, v *[]batch.Need) {
	switch {
	case !c.writing && c.take(tag):
		n := c.readUnsigned()
		if n > uint64(len(c.data)) {
			c.fail("field %d holds %d needs in %d bytes", tag, n, len(c.data))
			return
		}
		*v = make([]batch.Need, n)
		for i := range *v {
			(*v)[i] = batch.Need{Resource: c.words.of(c.readBytes()), Quantity: c.readNumber()}
		}
	case !c.writing:
		*v = nil
	case len(*v) > 0:
		c.data = binary.AppendUvarint(append(c.data, tag), uint64(len(*v)))
		for i := range *v {
			c.writeText((*v)[i].Resource)
			c.data = binary.AppendVarint(c.data, (*v)[i].Quantity)
		}
	}
}

// tagCounts is the tag of the first count of an array; there is room for 16.
const tagCounts = 44

func (c *codec) array(a *batch.Array) {
	for i := range a.Counts {
		number(c, tagCounts+byte(i), &a.Counts[i], 0)
	}
	number(c, 60, &a.Unborn.Status, 0)
	text(c, 61, &a.Unborn.StatusReason, "")
	number(c, 62, &a.Unborn.At, 0)
	c.flag(63, &a.Points)
}

// packAttempt packs all of a but its id.
func packAttempt(into []byte, a *batch.Attempt) ([]byte, error) {
	c := codec{writing: true, data: into}
	c.attempt(a)
	return c.data, c.finish()
}

func unpackAttempt(data []byte, a *batch.Attempt) error {
	c := codec{data: data}
	c.attempt(a)
	return c.finish()
}

func (c *codec) attempt(a *batch.Attempt) {
	text(c, 1, &a.Environment, "")
	text(c, 2, &a.Host, "")
	number(c, 3, &a.StartedAt, 0)
	number(c, 4, &a.StoppedAt, 0)
	text(c, 5, &a.StatusReason, "")
	text(c, 6, &a.Reason, "")
	if present(c, 7, &a.ExitCode) {
		number(c, 8, a.ExitCode, 0)
	}
	number(c, 9, &a.Log.Span.From.Segment, 0)
	number(c, 10, &a.Log.Span.From.Offset, 0)
	c.spanEnd(11, &a.Log.Span)
	number(c, 15, &a.Usage.CPUMillis, 0)
	number(c, 16, &a.Usage.MaxRSSKiB, 0)
	text(c, 17, &a.ImageDigest, "")
	text(c, 18, &a.ResultError, "")
	c.elsewhere(19, &a.Log)
	if !c.writing {
		if rest, problem := batch.SplitReason(a.Reason); problem != "" {
			a.Reason, a.ResultError = rest, problem
		}
	}
}

// spanEnd is where a span ends and how long it is: the tags from the given one on, four of them. They stand apart from where it
// begins, which is all that was once kept of an attempt that runs.
func (c *codec) spanEnd(tag byte, s *batch.LogSpan) {
	number(c, tag, &s.To.Segment, 0)
	number(c, tag+1, &s.To.Offset, 0)
	number(c, tag+2, &s.Bytes, 0)
	number(c, tag+3, &s.Dropped, 0)
}

// elsewhere is where a log is that is not in the segments of this machine: the tags from the given one on, four of them.
func (c *codec) elsewhere(tag byte, r *batch.LogRef) {
	text(c, tag, &r.Kind, batch.LogSegments)
	c.word(tag+1, &r.Stream.Account, "")
	c.word(tag+2, &r.Stream.Group, "")
	text(c, tag+3, &r.Stream.Name, "")
}

// takeOldResultError reads a row of before there was a field for it as it would be written now: it is no source of
// results either.
func takeOldResultError(j *batch.Job) {
	if rest, problem := batch.SplitReason(j.Reason); problem != "" {
		j.Reason, j.ResultError, j.ContentKey = rest, problem, ""
	}
}
