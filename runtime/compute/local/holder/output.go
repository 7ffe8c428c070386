//go:build linux || darwin

package holder

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// output carries what a process writes from its pipe into the log. Most processes end before
// anything else happens: their pipe is read once, at the end. One that lives longer gets
// a goroutine that reads as it writes.
type output struct {
	fd     int // read end of the pipe; does not block
	stream *joblog.Stream
	file   *os.File // the same, known to the runtime's poller; nil without a goroutine
	quiet  bool     // nobody can write to the pipe any more; set by finish
}

// buffers are lent to whoever reads, so that silent processes hold none.
var buffers = sync.Pool{New: func() any { b := make([]byte, readBytes); return &b }}

// follow reads until the process closed its output or wrap is called, and then calls done.
func (o *output) follow(done func()) {
	o.file = os.NewFile(uintptr(o.fd), "output")
	go func() {
		defer done()
		conn, err := o.file.SyscallConn()
		for err == nil && !o.quiet {
			err = conn.Read(func(uintptr) bool { return o.read(o.stream.Write) != 0 })
		}
		o.finish()
	}()
}

// wrap makes the goroutine of follow read what is left, and end.
func (o *output) wrap() { _ = o.file.SetReadDeadline(time.Unix(1, 0)) } // pipes have deadlines

// finish reads what lies in the pipe and closes it.
func (o *output) finish() {
	for n := 0; n < maxLastOutput && !o.quiet; {
		got := o.read(o.stream.WriteNow)
		if got <= 0 {
			break
		}
		n += got
	}
	if o.file != nil {
		_ = o.file.Close() // it was only read
		return
	}
	_ = syscall.Close(o.fd)
}

// read passes one piece of output to write. It returns its length; 0 if there is nothing now; -1
// and quiet at the end.
func (o *output) read(write func([]byte)) int {
	buf, _ := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for {
		n, err := syscall.Read(o.fd, *buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return 0
		case err != nil || n == 0:
			o.quiet = true
			return -1
		}
		write((*buf)[:n])
		return n
	}
}
