package logtest

import (
	"context"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// Kind is the kind of the logs that a [Remote] reads.
const Kind batch.LogKind = "logtest"

// Ref is the reference to the log of an attempt in a [Remote].
func Ref(attempt batch.AttemptID) batch.LogRef {
	return batch.LogRef{Kind: Kind, Stream: batch.LogStream{Account: "account", Group: "/group", Name: attempt.String()}}
}

// Remote reads the logs of attempts from a service that keeps a stream for each.
type Remote struct{ service *service }

var _ joblog.Reader = (*Remote)(nil)

// NewRemote returns the reader of a service that has no streams.
func NewRemote() *Remote {
	return &Remote{&service{streams: map[string][]event{}, places: map[string]place{}}}
}

// Write adds a line to the log of an attempt.
func (r *Remote) Write(attempt batch.AttemptID, at batch.Time, text string) {
	r.service.put(Ref(attempt).Stream.Name, event{at: at, text: text, visible: true})
}

// WriteLate adds a line that nobody sees before Arrive is called.
func (r *Remote) WriteLate(attempt batch.AttemptID, at batch.Time, text string) {
	r.service.put(Ref(attempt).Stream.Name, event{at: at, text: text})
}

// Arrive makes every line visible.
func (r *Remote) Arrive() { r.service.arrive() }

// Page implements [joblog.Reader]. It asks the service until it answers lines, or the token that it was given.
func (r *Remote) Page(_ context.Context, q joblog.PageQuery) (joblog.Page, error) {
	if q.At.Token == "" && !q.At.IsZero() {
		return joblog.Page{}, joblog.ErrPosition
	}
	ask := request{stream: q.Log.Ref.Stream.Name, token: q.At.Token, backward: q.Backward, window: q.Window, limit: q.Limit}
	for {
		got, err := r.service.get(ask)
		if err != nil {
			return joblog.Page{}, err
		}
		lines := linesOf(got.events)
		if fits := q.Fit(lines); fits < len(lines) { // the service has no token within a page
			ask.limit = fits
			continue
		}
		next := got.end
		if q.Backward {
			next = got.start
		}
		if len(lines) == 0 && next != ask.token {
			ask.token = next
			continue
		}
		return joblog.Page{
			Lines: lines, Start: joblog.Position{Token: got.start}, End: joblog.Position{Token: got.end}, Next: joblog.Position{Token: got.end},
			Ended: q.Log.Stopped != 0 && got.last,
		}, nil
	}
}

func linesOf(events []event) []joblog.Line {
	var lines []joblog.Line
	for _, e := range events {
		lines = append(lines, joblog.Line{At: e.at, Text: e.text})
	}
	return lines
}

// Unfinished implements [joblog.Reader]: the service takes whole lines.
func (r *Remote) Unfinished(context.Context, joblog.Log, joblog.Position) (joblog.Line, error) {
	return joblog.Line{}, nil
}

// Merge implements [joblog.Reader].
func (r *Remote) Merge(ctx context.Context, q joblog.MergeQuery) (joblog.Merged, error) {
	return joblog.MergePages(ctx, r.Page, q)
}
