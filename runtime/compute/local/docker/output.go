package docker

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

// follow copies what a's container says into its log, from where that ends until the container
// ends or the daemon goes away. It reports whether the daemon went away, or the connection to it.
func (r *Runner) follow(ctx context.Context, a *attempt) (away bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.setCut(a, cancel)
	defer r.setCut(a, nil)
	err := r.copyOutput(ctx, a, true)
	if err == nil || ctx.Err() != nil {
		return false
	}
	r.logger.Info("reading a container's output", "attempt", a.attempt, "error", err)
	return lost(err)
}

func (r *Runner) setCut(a *attempt, cut context.CancelFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.cut = cut
}

// readRest copies what an ended container said and follow did not get: a daemon may end the
// stream of a follower before its last lines.
func (r *Runner) readRest(ctx context.Context, a *attempt) {
	for range outputTries {
		err := within(ctx, createTimeout, func(ctx context.Context) error { return r.copyOutput(ctx, a, false) })
		if err == nil || ctx.Err() != nil || errdefs.IsNotFound(err) || errdefs.IsConflict(err) { // a conflict: being removed
			return
		}
		r.logger.Warn("reading a container's output", "attempt", a.attempt, "error", err)
		if retry.Pause(ctx, reconnectWait) != nil {
			return
		}
	}
}

func (r *Runner) copyOutput(ctx context.Context, a *attempt, follow bool) error {
	from := a.recent.replay()
	body, err := r.daemon.ContainerLogs(ctx, a.container, container.LogsOptions{
		ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: follow, Since: from.since(),
	})
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	return readFrames(bufio.NewReaderSize(body, 2*maxFrameBytes), func(at batch.Time, text []byte) {
		if text = from.rest(text); len(text) > 0 {
			a.stream.WriteAt(text, at)
			a.recent.add(at, len(text))
		}
	})
}

// readFrames tells the pieces of output of both streams to their end. Where a line of one stream comes between the parts
// of a long line of the other, it ends that line: it gets a newline of its own, at the time of the part before it, so that
// what is read again from a time on is the same.
func readFrames(r io.Reader, tell func(at batch.Time, text []byte)) error {
	var buffer []byte
	var last frame
	for {
		f, err := readFrame(r, &buffer)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if last.open && f.stream != last.stream {
			tell(last.at, []byte{'\n'})
		}
		tell(f.at, f.text)
		last = f
	}
}

// frame is a piece of output.
type frame struct {
	stream byte // 1: standard output, 2: standard error
	at     batch.Time
	text   []byte
	open   bool // its line goes on in another frame
}

// frameHeader is the stream's number, three bytes of zero, and the length.
const frameHeader = 8

// readFrame reads one piece of output: at most a line. The last piece of a stream may lack its newline; it gets one, so
// that it does not run into a line of the other stream. Its text is valid until the next call.
func readFrame(r io.Reader, buffer *[]byte) (frame, error) {
	var header [frameHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return frame{}, err // io.EOF at a frame's border only
	}
	size := binary.BigEndian.Uint32(header[4:])
	if size > maxFrame {
		return frame{}, fmt.Errorf("a frame of %d bytes, at most %d are expected", size, maxFrame)
	}
	if int(size) > cap(*buffer) {
		*buffer = make([]byte, size, size+1)
	}
	whole := (*buffer)[:size]
	if _, err := io.ReadFull(r, whole); err != nil {
		return frame{}, fmt.Errorf("a torn frame: %w", io.ErrUnexpectedEOF)
	}
	stamp, text, _ := bytes.Cut(whole, []byte{' '})
	moment, err := time.Parse(time.RFC3339Nano, string(stamp))
	if err != nil {
		return frame{}, fmt.Errorf("a frame without its time: %w", err)
	}
	open := len(text) == 0 || text[len(text)-1] != '\n'
	if open && len(text) < maxFrameBytes {
		text, open = append(text, '\n'), false
	}
	return frame{header[0], batch.At(moment), text, open}, nil
}

// replay says where reading goes on in output that is partly recorded: the daemon repeats what is not older than
// at, and the first skip bytes of that are known. The daemon's times may go back a little between
// its two streams, so the last moment alone would not tell what is known.
type replay struct {
	at   batch.Time
	skip int64
}

func (p replay) since() string {
	if p.at == 0 {
		return ""
	}
	return unixTime(p.at)
}

// unixTime is t as the daemon takes times: seconds since 1970 with their fraction.
func unixTime(t batch.Time) string { return fmt.Sprintf("%d.%03d", t/1000, t%1000) }

// rest returns what is new of the next piece.
func (p *replay) rest(text []byte) []byte {
	known := min(p.skip, int64(len(text)))
	p.skip -= known
	return text[known:]
}

// resume finds out from the log itself how much it holds of the output of a, which an earlier batchd started.
func (r *Runner) resume(ctx context.Context, a *attempt) {
	if a.stream != nil {
		return
	}
	var err error
	if a.stream, err = r.log.Resume(ctx, a.attempt, a.log, a.recent.add); err == nil {
		return
	}
	if ctx.Err() == nil {
		r.logger.Error("the log of a container cannot be continued; it is begun anew", "attempt", a.attempt, "error", err)
	}
	a.stream, a.recent = r.log.Stream(a.attempt), recent{}
}

// recent is the pieces of output of the last moment before the newest one.
type recent struct {
	newest batch.Time
	pieces []piece
}

type piece struct {
	at    batch.Time
	bytes int
}

func (c *recent) add(at batch.Time, bytes int) {
	c.newest = max(c.newest, at)
	if n := len(c.pieces); n > 0 && c.pieces[n-1].at == at {
		c.pieces[n-1].bytes += bytes
		return
	}
	c.pieces = append(c.pieces, piece{at, bytes})
	if len(c.pieces) >= 4*replayed { // twice what can be recent when times do not go back
		c.trim()
	}
}

func (c *recent) trim() {
	kept := c.pieces[:0]
	for _, p := range c.pieces {
		if p.at >= c.newest-replayed {
			kept = append(kept, p)
		}
	}
	c.pieces = kept
}

func (c *recent) replay() replay {
	if c.newest == 0 {
		return replay{}
	}
	c.trim()
	from := replay{at: c.newest - replayed}
	for _, p := range c.pieces {
		from.skip += int64(p.bytes)
	}
	return from
}
