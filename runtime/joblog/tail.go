package joblog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// tail returns the last n lines of a span. Of an attempt that still runs it leaves out a last line that read would hold back. It reads
// backwards from the end, a block at a time, and returns about MaxReadBytes of text at most.
func (d *Dir) tail(ctx context.Context, attempt batch.AttemptID, from, to batch.LogPosition, n int) ([]Line, error) {
	if from.IsZero() || n <= 0 {
		return nil, nil
	}
	b := backward{dir: d.path, tag: tagOf(attempt), from: from, to: to, lines: n}
	if err := b.collect(ctx); err != nil {
		return nil, err
	}
	a := assembler{limit: math.MaxInt}
	var end batch.LogPosition
	for i, p := range slices.Backward(b.found) {
		if i == len(b.found)-1 {
			a.next = batch.LogPosition{Segment: p.segment, Offset: p.start}
		}
		a.add(p.record, p.segment)
		a.bytes = 0 // collect has bounded it
		end = batch.LogPosition{Segment: p.segment, Offset: p.start + int64(len(p.payload))}
	}
	a.finish(end, !to.IsZero())
	return a.lines[max(0, len(a.lines)-n):], nil
}

// backward collects an attempt's records from the end of its log.
type backward struct {
	dir      string
	tag      uint64
	from, to batch.LogPosition // zero to: the end of what is there
	lines    int               // how many are wanted

	found    []located // last first
	newlines int
	bytes    int
}

type located struct {
	record
	segment int64
}

func (b *backward) enough() bool { return b.newlines > b.lines || b.bytes > MaxReadBytes }

func (b *backward) collect(ctx context.Context) error {
	numbers, err := segments(b.dir)
	if err != nil {
		return err
	}
	for _, n := range slices.Backward(numbers) {
		in := n >= b.from.Segment && seriesOf(n) == seriesOf(b.from.Segment) && (b.to.IsZero() || n <= b.to.Segment)
		if !in || b.enough() {
			continue
		}
		if err := b.segment(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// segment collects from one segment, last block first.
func (b *backward) segment(ctx context.Context, n int64) error {
	file, err := os.Open(segmentPath(b.dir, n))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a log segment: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("reading a log segment: %w", err)
	}
	first, end := int64(0), info.Size()
	if n == b.from.Segment {
		first = b.from.Offset
	}
	if n == b.to.Segment {
		end = min(end, b.to.Offset)
	}
	for at := end; at > first && !b.enough(); {
		block := (at - 1) - (at-1)%blockBytes
		if err := b.block(ctx, file, n, block, first, end, info.Size()); err != nil {
			return err
		}
		at = block
	}
	return nil
}

// block collects the records between first and end, which may lie inside one, of the block at offset.
func (b *backward) block(ctx context.Context, file *os.File, segment, offset, first, end, size int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	content := make([]byte, min(blockBytes, size-offset))
	n, err := file.ReadAt(content, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading a log segment: %w", err)
	}
	content = content[:n]
	var here []located
	for at := 0; at < n; {
		r, length, ok := parseRecord(content[at:], offset+int64(at))
		if !ok || r.start >= end {
			break
		}
		at += length
		r.payload = r.payload[:min(int64(len(r.payload)), end-r.start)]
		if r.tag == b.tag && r.start >= first {
			here = append(here, located{r, segment})
		}
	}
	for _, r := range slices.Backward(here) {
		if b.enough() {
			break
		}
		b.found = append(b.found, r)
		b.newlines += bytes.Count(r.payload, []byte{'\n'})
		b.bytes += len(r.payload)
	}
	return nil
}
