package holder

import (
	"bufio"
	"encoding/gob"
	"fmt"
	"io"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local/process"
)

// Protocol is the version spoken here. Gob frames messages and passes over fields it does not know,
// so a field may be added without a new version; the version grows when an old holder would
// do the wrong thing. Version 2 gives jobs the surroundings of the runtime that orders them, not those of the
// holder; a holder of version 1 is used until it ends.
const Protocol = 2

// oldestProtocol is the oldest version that can still be spoken to.
const oldestProtocol = 1

// Hello is the first message of each side.
type Hello struct {
	Protocol int
	Oldest   int // version that the sender can still speak
	PID      int
	// Surroundings are those of the jobs that the client will order; version 1 does not know them.
	Surroundings *Surroundings
	// Directory is the state directory that the holder serves and Identity which one that is; version 1 does not say.
	Directory string
	Identity  Identity
	Room      Room // of a holder; version 1 does not say
}

// Identity says which state directory it is, whatever its path: a copy has another one, and one that was moved has the
// same.
type Identity struct {
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	// Installation is the id that the runtime keeps in the directory; empty before its first start.
	Installation string `json:"installation,omitempty"`
}

// Surroundings is what a job gets from the runtime that orders its start, unless it says otherwise. The holder is often
// older than that runtime, so its own count only for a runtime that does not send any.
type Surroundings struct {
	// Environment holds the variables "NAME=value" that a job has if it does not set them.
	Environment []string
	// Umask is the file mode creation mask. The bits of the owner are not taken.
	Umask int
	// TimerSlack is how late timers may be, see prctl(2); 0 is the system's default.
	TimerSlack time.Duration
	// Limits are the resource limits. They cannot be set for one process on its way, so a holder with other limits makes
	// room for a new one as soon as nothing runs. Empty: it does not matter.
	Limits []Limit
}

// Limit is a resource limit, see setrlimit(2).
type Limit struct {
	Resource   int
	Soft, Hard uint64
}

// Room is how many attempts the limits of a holder allow at once, and which limit says so; 0 if none can be read.
type Room struct {
	Attempts int32
	Reason   string
}

// NewRoom is the room of a holder that is started by this process.
func NewRoom() Room {
	attempts, reason := process.Room()
	return Room{Attempts: attempts, Reason: reason}
}

// check says whether the other side can be talked to; who names it.
func (h *Hello) check(who string) error {
	if h.Protocol < oldestProtocol || h.Oldest > Protocol {
		return fmt.Errorf("the %s (pid %d) speaks protocol %d to %d and this batchd %d to %d: let what runs end, or end it with the batchd that started it, and start again",
			who, h.PID, h.Oldest, h.Protocol, oldestProtocol, Protocol)
	}
	return nil
}

// Request is a message to the holder. Its parts are done in the order of the fields.
type Request struct {
	Seq      uint64 // echoed in Response.Done
	Starts   []Start
	Stops    []compute.Stop
	Forget   []batch.AttemptID
	Census   bool
	Shutdown bool // end what runs, then the holder
}

// Start is everything the holder needs to run one attempt. See [compute.Start].
type Start struct {
	Attempt     batch.AttemptID
	Lane        string
	Ahead       bool
	Command     []string
	Script      string // SHA-256 of its text, found at ScriptPath; empty for none
	Environment []string
	Directory   string // empty: a fresh one
	User        string
	// Users is a range of user ids of which the attempt has one for itself, in place of User; zero: none. Version 1 does not
	// know it, nor Confined.
	Users process.UserRange
	// Confined processes cannot gain privileges by what they execute.
	Confined  bool
	MemoryMiB int64
	Grace     time.Duration
	BaseKey   string
}

// Response is a message from the holder.
type Response struct {
	// Done is the Seq of the last request done.
	Done uint64
	// Events are attempts that started or ended, in order.
	Events []Presence
	Census *Census
	// Fault is why no process can be started; empty if one can. FaultChanged is set if that is news.
	Fault        string
	FaultChanged bool
}

// Census answers Request.Census.
type Census struct {
	Seq      uint64 // of the request
	Attempts []Presence
}

// codec carries messages over a connection. Reading and writing may happen at the same time.
type codec struct {
	out *bufio.Writer
	enc *gob.Encoder
	dec *gob.Decoder
}

func newCodec(c io.ReadWriter) *codec {
	out := bufio.NewWriterSize(c, 64<<10)
	return &codec{out: out, enc: gob.NewEncoder(out), dec: gob.NewDecoder(bufio.NewReaderSize(c, 64<<10))}
}

func (c *codec) send(message any) error {
	if err := c.enc.Encode(message); err != nil {
		return err
	}
	return c.out.Flush()
}

func (c *codec) receive(message any) error { return c.dec.Decode(message) }
