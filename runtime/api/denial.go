package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// deny returns a denial in AWS's words, and has it in the audit log. resource is "job-queue/high", or empty if
// the denial is not about one.
func (s *server) deny(ctx context.Context, caller batch.Caller, action, resource, why string) error {
	arn := "*"
	if kind, name, ok := cutResource(resource); ok {
		if arn = s.Place.ARN(kind, name); strings.HasPrefix(name, "arn:") {
			arn = name // of what is elsewhere
		}
	}
	s.recordDenial(ctx, s.denials.of(caller.Who), caller, action, resource)
	return &auth.Error{
		Code: auth.CodeAccessDenied, StatusCode: http.StatusForbidden,
		Message: fmt.Sprintf("User: arn:aws:iam::%s:user/%s is not authorized to perform: %s on resource: %s because %s", s.Place.Account, caller.Who, action, arn, why),
	}
}

// denials bounds how many denials are written down: of each access key by itself and of all others together, so that nobody
// fills the disk, and nobody hides among strangers or behind another's noise.
type denials struct {
	unknown bucket
	mu      sync.Mutex
	known   map[string]*bucket // by access key
	uses    int64              // how often one was asked for
}

// of is the bucket of a caller who is known. Of many, the one that was denied something longest ago gives way.
func (d *denials) of(who string) *bucket {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.known[who]
	if b == nil {
		if len(d.known) >= maxDenied {
			delete(d.known, d.quietest())
		}
		if d.known == nil {
			d.known = map[string]*bucket{}
		}
		b = &bucket{}
		d.known[who] = b
	}
	d.uses++
	b.last = d.uses
	return b
}

// quietest is the caller who was denied something longest ago.
func (d *denials) quietest() (who string) {
	oldest := d.uses
	for other, b := range d.known {
		if b.last <= oldest {
			who, oldest = other, b.last
		}
	}
	return who
}

// recordDenial writes the audit line of a denial, if there is room in its bucket; else it is counted, and the
// next line tells how many were. It does so even if the caller has gone meanwhile.
func (s *server) recordDenial(ctx context.Context, b *bucket, caller batch.Caller, action, resource string) {
	ok, dropped := b.take(time.Now())
	if !ok {
		return
	}
	lines := []registry.RecordDenial{{Caller: caller, Action: cmp.Or(action, "unknown"), Resource: resource}}
	if dropped > 0 {
		lines = append(lines, registry.RecordDenial{Caller: batch.Caller{Who: itself}, Action: "DenialsNotRecorded", Resource: strconv.FormatInt(dropped, 10)})
	}
	for _, line := range lines {
		if _, err := engine.Do(context.WithoutCancel(ctx), s.Engine, sched.Keep{Command: line}); err != nil {
			s.Logger.Warn("a denial is not in the audit log", "who", caller.Who, "source", caller.Source, "action", line.Action, "error", err)
		}
	}
}

// itself is who acts when the runtime does.
const itself = "batchd"

// bucket lets denialBurst through at once and then one each denialEvery. The zero bucket is full.
type bucket struct {
	mu      sync.Mutex
	used    int
	last    int64     // the use of denials at which it was asked for; guarded there
	since   time.Time // when used last went down
	dropped int64
}

// take takes one, and says how many could not since the last that could.
func (b *bucket) take(now time.Time) (ok bool, dropped int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if back := min(int(now.Sub(b.since)/denialEvery), b.used); back > 0 {
		b.used -= back
		b.since = b.since.Add(time.Duration(back) * denialEvery)
	}
	if b.used == 0 {
		b.since = now
	}
	if b.used >= denialBurst {
		b.dropped++
		return false, 0
	}
	b.used++
	dropped, b.dropped = b.dropped, 0
	return true, dropped
}

// cutResource takes "job-queue/high" apart.
func cutResource(resource string) (kind, name string, ok bool) {
	kind, name, ok = batch.ParseARN("arn:aws:batch:::" + resource)
	return kind, name, ok
}
