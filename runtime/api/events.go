package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// EventSource is where events are read.
type EventSource interface {
	// Read returns events of the lines of the transition log after one, those that are wanted.
	Read(ctx context.Context, after int64, f wire.EventFilter) (wire.EventPage, error)
	// Last returns the number of the last line and a channel that is closed when there is a later one.
	Last() (last int64, more <-chan struct{})
}

// eventsRequest is what the query of a request for events says.
type eventsRequest struct {
	after  int64 // -1: what happens from now on
	follow bool
	filter wire.EventFilter
}

// headerLastEvent is what a client that was cut off says it has seen.
const headerLastEvent = "Last-Event-ID"

// events tells what happens to jobs, as server-sent events whose ids are the numbers of lines of the transition log: a
// caller that is cut off can go on where it was. Pages are read from the store as fast as the caller takes them, so that
// nothing is kept in memory for a slow caller.
func (s *server) events(w http.ResponseWriter, r *http.Request) error {
	if s.Events == nil {
		return batch.Errorf(batch.InvalidRequest, "this runtime does not serve events")
	}
	q, err := s.parseEvents(r)
	if err != nil {
		return err
	}
	last, _ := s.Events.Last()
	switch {
	case q.after > last:
		return batch.Errorf(batch.InvalidRequest, "after: given %d; the last event so far has the number %d: this is not the log that you have read before, so read it from 0", q.after, last)
	case q.after < 0:
		q.after = last
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	stream := &eventStream{w: w, control: http.NewResponseController(w)}
	stream.progress(q.after) // who is cut off before anything is told goes on here
	s.tell(r.Context(), q, stream)
	return nil
}

// tell writes events until the caller goes, or all are told to one who does not follow. Once it has begun a failure can
// only end the answer: the caller comes back and goes on where it was.
func (s *server) tell(ctx context.Context, q eventsRequest, stream *eventStream) {
	beat := time.NewTicker(eventBeat)
	defer beat.Stop()
	for at := q.after; stream.err == nil; {
		_, more := s.Events.Last()
		page, err := s.Events.Read(ctx, at, q.filter)
		if err != nil {
			if ctx.Err() == nil {
				s.Logger.Error("a stream of events was ended", "after", at, "error", err)
			}
			panic(http.ErrAbortHandler) // the connection is closed: the caller must not take half an answer for a whole one
		}
		if page.Lost > 0 {
			stream.gap(wire.EventGap{After: at, Lost: page.Lost})
		}
		if page.Next != at {
			stream.events(page)
			at = page.Next
			continue
		}
		if !q.follow {
			return
		}
		stream.flush()
		select {
		case <-ctx.Done():
			return
		case <-more:
		case <-beat.C:
			stream.progress(at)
		}
	}
}

func (s *server) parseEvents(r *http.Request) (eventsRequest, error) {
	q := eventsRequest{after: -1, follow: true}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, &wire.FieldError{Field: "query", Given: "what is not a query of a URL", Allowed: "after, follow, children, job, queue and status"}
	}
	for name, values := range query {
		switch name {
		case "queue":
			q.filter.Queues = s.queueNames(values)
			continue
		case "status":
			q.filter.Statuses = values
			continue
		}
		if len(values) != 1 {
			return q, &wire.FieldError{Field: name, Given: strconv.Itoa(len(values)) + " values", Allowed: "one"}
		}
		value := values[0]
		switch name {
		case "after":
			q.after, err = lineNumber(name, value)
		case "follow":
			q.follow, err = yesOrNo(name, value)
		case "children":
			q.filter.Children, err = yesOrNo(name, value)
		case "job":
			q.filter.Job = string(s.jobID(value))
		default:
			err = &wire.FieldError{Field: wire.Brief(name), Given: "a parameter that is not known", Allowed: "after, follow, children, job, queue and status"}
		}
		if err != nil {
			return q, err
		}
	}
	if seen := r.Header.Get(headerLastEvent); seen != "" { // newer than the query, which a client repeats as it was
		if q.after, err = lineNumber(headerLastEvent, seen); err != nil {
			return q, err
		}
	}
	return q, q.filter.Validate()
}

// queueNames are the names of job queues that were given by name or ARN.
func (s *server) queueNames(given []string) []string {
	queues := slices.Clone(given)
	for i, queue := range queues {
		queues[i] = s.Place.NameOf(batch.ResourceQueue, queue)
	}
	return queues
}

func lineNumber(field, value string) (int64, error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 {
		return 0, &wire.FieldError{Field: field, Given: strconv.Quote(wire.Brief(value)), Allowed: "the number of an event, or 0 for all that are kept"}
	}
	return n, nil
}

func yesOrNo(field, value string) (bool, error) {
	yes, err := strconv.ParseBool(value)
	if err != nil {
		return false, &wire.FieldError{Field: field, Given: strconv.Quote(wire.Brief(value)), Allowed: "true or false"}
	}
	return yes, nil
}

// eventStream writes server-sent events. After its first error, which is that the caller has gone, it does nothing.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

// events writes a page. Only the last event of a line carries its number: who is cut off between two of them is told both
// again.
func (s *eventStream) events(page wire.EventPage) {
	for i := range page.Events {
		number := page.Events[i].Batchd.Sequence
		if i+1 < len(page.Events) && page.Events[i+1].Batchd.Sequence == number {
			number = 0
		}
		s.event(number, "", &page.Events[i])
	}
	if len(page.Events) > 0 && page.Events[len(page.Events)-1].Batchd.Sequence == page.Next {
		return
	}
	s.progress(page.Next)
}

// event writes one event: with the number that a reader goes on after, unless it is 0, and the name, unless it is empty.
func (s *eventStream) event(number int64, name string, data any) {
	if s.err != nil {
		return
	}
	text, err := json.Marshal(data)
	if err != nil {
		s.err = err
		return
	}
	head := ""
	if number > 0 {
		head = "id: " + strconv.FormatInt(number, 10) + "\n"
	}
	if name != "" {
		head += "event: " + name + "\n"
	}
	s.write(head + "data: " + string(text) + "\n\n")
}

func (s *eventStream) gap(g wire.EventGap) { s.event(0, wire.EventNameGap, g) }

// progress lets a reader know that it is alive and, should it be cut off, where to go on.
func (s *eventStream) progress(at int64) {
	s.write("id: " + strconv.FormatInt(at, 10) + "\n\n")
}

func (s *eventStream) write(text string) {
	if s.err == nil {
		_, s.err = s.w.Write([]byte(text))
	}
}

func (s *eventStream) flush() {
	if s.err == nil {
		s.err = s.control.Flush()
	}
}
