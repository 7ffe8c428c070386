package dockerengine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"time"

	"github.com/docker/docker/api/types/container"
)

// tell tells the output of the container to its end, a line or a part of a long line at a time.
func (r *run) tell(ctx context.Context) {
	body, err := r.engine.daemon.ContainerLogs(ctx, r.id, container.LogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: true})
	if err != nil {
		return
	}
	defer func() { _ = body.Close() }()
	frames := bufio.NewReader(body)
	for {
		at, text, err := readFrame(frames)
		if err != nil {
			return
		}
		r.watch.Line(at, text)
	}
}

// readFrame reads a piece of output as the daemon sends it: the number of its stream, three bytes of zero, its length, and then its time
// and its text.
func readFrame(frames io.Reader) (at time.Time, text string, err error) {
	var header [8]byte
	if _, err := io.ReadFull(frames, header[:]); err != nil {
		return at, "", err
	}
	frame := make([]byte, binary.BigEndian.Uint32(header[4:]))
	if _, err := io.ReadFull(frames, frame); err != nil {
		return at, "", err
	}
	stamp, line, _ := bytes.Cut(frame, []byte{' '})
	at, err = time.Parse(time.RFC3339Nano, string(stamp))
	return at, string(bytes.TrimSuffix(line, []byte{'\n'})), err
}
