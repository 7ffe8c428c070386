package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/retry"
)

const (
	// eventSilence is how long a stream of events may say nothing: the service says where it is every fifteen seconds.
	eventSilence = 50 * time.Second
	// maxEvent bounds one event, in bytes: a job may have an environment of many variables.
	maxEvent = 16 << 20
)

// EventsRequest says which events are wanted.
type EventsRequest struct {
	wire.EventFilter
	// After is the number of the last event that was seen, 0 for all that are kept; nil: what happens from now on.
	After *int64
	// Follow waits for what happens next; otherwise it ends when all has been told.
	Follow bool
}

func (q *EventsRequest) target() string {
	values := url.Values{"follow": {strconv.FormatBool(q.Follow)}}
	if q.After != nil {
		values.Set("after", strconv.FormatInt(*q.After, 10))
	}
	if q.Job != "" {
		values.Set("job", q.Job)
	}
	if q.Children {
		values.Set("children", "true")
	}
	values["queue"], values["status"] = q.Queues, q.Statuses
	return wire.PathEvents + "?" + values.Encode()
}

// Events calls tell with one event after the other until it returns an error, ctx ends or, without Follow, all are told. A
// stream that is cut off is taken up again where it was, so that no event is missed; one may be told twice. gap is
// called when events are not kept any more that should have been told.
func (c *Client) Events(ctx context.Context, q EventsRequest, tell func(*wire.Event) error, gap func(wire.EventGap)) error {
	for failures := 0; ; {
		before := q.After
		ended, err := c.eventStream(ctx, &q, tell, gap)
		var refused tellError
		switch {
		case errors.As(err, &refused):
			return refused.error
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case ended && !q.Follow:
			return nil
		case err != nil && !retryable(err):
			return err
		}
		if q.After != before {
			failures = 0
		}
		if failures++; backoffs(failures) > c.retryFor {
			return fmt.Errorf("%s: %w", wire.PathEvents, c.explain(err))
		}
		if err := retry.Pause(ctx, backoff.Jittered(failures)); err != nil {
			return err
		}
	}
}

// backoffs is about how long so many failures in a row take.
func backoffs(failures int) time.Duration { return time.Duration(failures) * longestDelay }

// tellError is what the caller of [Client.Events] ended it with.
type tellError struct{ error }

// errCutOff ends a stream that was to go on.
var errCutOff = fmt.Errorf("the stream of events was cut off: %w", context.DeadlineExceeded)

// eventStream reads one stream to its end. It returns true when the service has ended it in order.
func (c *Client) eventStream(ctx context.Context, q *EventsRequest, tell func(*wire.Event) error, gap func(wire.EventGap)) (bool, error) {
	r, err := newRequest(http.MethodGet, q.target(), nil)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(eventSilence, func() { cancel(errCutOff) })
	defer silence.Stop()
	response, err := c.send(ctx, r, 0)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 0, 64<<10), maxEvent)
	var number, name, data string
	for lines.Scan() {
		silence.Reset(eventSilence)
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			number = value
		case "event":
			name = value
		case "data":
			data = value
		case "":
			if err := dispatch(name, data, tell, gap); err != nil {
				return false, err
			}
			if seen, err := strconv.ParseInt(number, 10, 64); err == nil {
				q.After = &seen
			}
			number, name, data = "", "", ""
		}
	}
	if err := lines.Err(); err != nil {
		return false, errors.Join(errCutOff, err)
	}
	return true, nil
}

func dispatch(name, data string, tell func(*wire.Event) error, gap func(wire.EventGap)) error {
	if data == "" {
		return nil
	}
	if name == wire.EventNameGap {
		var g wire.EventGap
		if err := json.Unmarshal([]byte(data), &g); err != nil {
			return fmt.Errorf("a gap is not what this version understands: %w", err)
		}
		gap(g)
		return nil
	}
	var e wire.Event
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return fmt.Errorf("an event is not what this version understands: %w", err)
	}
	if err := tell(&e); err != nil {
		return tellError{err}
	}
	return nil
}
